"""The table of metrics against a list of its own: directions, tests, units, families, and what the spec changes in the words."""

from __future__ import annotations

import pytest

from harness.analysis.metrics import compared, metric, ordered
from harness.analysis.rules import Rules
from harness.errors import UnknownName

LOWER = (
    "wer", "common_wer", "rare_wer", "cer", "false_rare_insertions", "runaway_rate", "runaway_insertions", "lost",
    "answers_lost", "retrieval_error_rate", "reader_error_rate", "answer_error_rate", "real_time_factor", "processor_rtf",
    "latency_p50", "latency_p99", "has_answer_lost@1", "has_answer_lost@10",
)  # fmt: skip
HIGHER = (
    "entity_recall", "hit@1", "hit@5", "hit@10", "rr@10", "ndcg@10", "has_answer@5", "gained", "retained", "exact_match",
    "f1", "answers_gained", "answer_in_reach", "answer_support", "has_answer@1", "has_answer@10", "has_answer_retained@5",
)  # fmt: skip
NEITHER = (
    "kept", "never", "refusal_rate", "region_share_rare", "loss_share_rare", "leverage_rare", "inject_break_rate_rare",
    "inject_break_rate_other", "one_repair_share", "repair_2_share", "class_repair_rare", "bias_listed", "bias_own_sent",
)  # fmt: skip


@pytest.mark.parametrize(("names", "better"), [(LOWER, "lower"), (HIGHER, "higher"), (NEITHER, None)])
def test_which_direction_is_better(names: tuple[str, ...], better: str | None) -> None:
    assert {name: metric(name).better for name in names} == dict.fromkeys(names, better)


def test_how_differences_are_tested() -> None:
    tests = {
        "wer": "mapsswe", "rare_wer": "sign-flip", "entity_recall": "sign-flip", "hit@1": "mcnemar", "hit@5": "mcnemar",
        "rr@10": "sign-flip", "has_answer@5": "mcnemar", "lost": "mcnemar", "retained": "sign-flip", "exact_match": "mcnemar",
        "f1": "sign-flip", "answers_lost": "mcnemar", "reader_error_rate": "mcnemar", "runaway_rate": "mcnemar",
        "has_answer_lost@5": "mcnemar", "has_answer_retained@5": "sign-flip",
    }  # fmt: skip
    assert {name: metric(name).test for name in tests} == tests


def test_units() -> None:
    units = {
        "wer": "rate", "entity_recall": "share", "false_rare_insertions": "count", "hit@1": "share", "rr@10": "score",
        "exact_match": "share", "f1": "rate", "retained": "share", "loss_share_rare": "rate", "region_share_rare": "share",
        "leverage_rare": "ratio", "real_time_factor": "ratio", "latency_p90": "seconds", "bias_sent": "mean",
    }  # fmt: skip
    assert {name: metric(name).unit for name in units} == units


def test_what_is_lost_belongs_to_the_outcome() -> None:
    by_hits, by_answers = Rules("hit@5"), Rules("answer")
    assert [metric("lost", rules).family for rules in (by_hits, by_answers)] == ["retrieval", "answer"]
    assert [metric("lost", rules).heading for rules in (by_hits, by_answers)] == ["hits lost", "answers lost"]
    assert [metric("retained", rules).of for rules in (by_hits, by_answers)] == [
        "hits from the reference", "answers from the reference",
    ]  # fmt: skip
    assert "among the first 5" in metric("lost", by_hits).meaning
    assert "matches an accepted one exactly" in metric("lost", by_answers).meaning
    assert metric("lost", Rules("rr@10")).heading == "hits lost"


@pytest.mark.parametrize(("rank", "place"), [(1, "at rank 1"), (5, "among the first 5")])
def test_what_is_lost_by_text_is_a_retrieved_answer(rank: int, place: str) -> None:
    rules = Rules(f"has_answer@{rank}")
    assert (rules.metric, rules.noun, rules.reads) == (f"has_answer@{rank}", "retrieved answers", False)
    lost = metric("lost", rules)
    assert (lost.family, lost.heading) == ("retrieval", "retrieved answers lost")
    assert f"(a snippet with an accepted answer {place})" in lost.meaning
    assert metric(f"has_answer@{rank}", rules).main
    assert place in metric(f"has_answer_lost@{rank}").meaning


def test_the_meaning_of_rare_follows_the_threshold() -> None:
    assert "Zipf under 3, less than once in a million words" in metric("rare_wer").meaning
    other = metric("rare_wer", Rules(rare_threshold=4.5)).meaning
    assert "Zipf under 4.5, fewer than 31.6 in a million words" in other
    assert "once in a million" not in other


def test_guessed_names_are_called_guessed() -> None:
    assert metric("entity_recall").of == "entity mentions"
    guessed = metric("entity_recall", Rules(guessed_names=True))
    assert guessed.of == "guessed entity mentions"
    assert "guessed entity mentions" in guessed.meaning


def test_what_backends_are_compared_in_holds_the_outcome() -> None:
    recognition = ("wer", "common_wer", "rare_wer", "entity_recall", "false_rare_insertions")
    rest = ("has_answer@5", "lost", "exact_match", "f1")
    assert compared(Rules()) == (*recognition, "hit@1", *rest)
    assert compared(Rules("hit@5")) == (*recognition, "hit@1", "hit@5", *rest)
    assert compared(Rules("answer")) == (*recognition, "hit@1", *rest)
    assert compared(Rules("has_answer@10")) == (*recognition, "hit@1", "has_answer@5", "has_answer@10", *rest[1:])


def test_metrics_stand_in_the_order_of_the_table() -> None:
    names = ["real_time_factor", "lost", "hit@5", "exact_match", "wer", "hit@1", "rare_wer"]
    assert [found.name for found in ordered(names, Rules())] == [
        "wer", "rare_wer", "hit@1", "hit@5", "lost", "exact_match", "real_time_factor",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["hit@0", "hit@11", "hit@", "werr", "class_repair_nothing", "has_answer"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(UnknownName, match=name):
        metric(name)
