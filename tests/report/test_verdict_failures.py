"""What failed, caveats and sentences of differences: each rule of the verdict from both sides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.analysis.summary import Row
from harness.records import Failure
from harness.report.differences import difference_sentences
from harness.report.sections.answers import answers
from harness.report.verdict import verdict
from tests.conftest import GoldenRun
from tests.report.altered import changed, first, of, text_under, with_p, with_value

# ---- what failed?


def test_a_dead_backend_comes_first_with_its_reason_and_takes_no_part(golden_run: GoldenRun) -> None:
    found = first(of(golden_run, "dead_backend"))
    assert found.headline == "dead transcribed nothing. base or tiny: no significant difference in hit@1 (p = 0.065)."
    assert found.detail.startswith(
        "dead takes no part: all of its 30 samples failed (Rejected: POST http://127.0.0.1:8000/v1/audio/transcriptions: status "
        "404, expected 200; the server says: no such model)."
    )
    assert "dead" not in " ".join(finding.text for finding in found.findings)


def test_nothing_is_said_where_every_backend_is_dead(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "dead_backend"), row=lambda row: row if row.backend == "dead" else None)
    found = first(report)
    assert found.headline == "No backend transcribed anything."
    assert "all of its 30 samples failed (Rejected" in found.detail
    assert (found.findings, found.bias) == ((), None)


def test_two_dead_backends_are_counted(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "dead_backend"), row=lambda row: None if row.backend == "tiny" else row)
    found = first(report)
    assert found.headline.startswith("2 backends transcribed nothing. base loses 3 [1, 8] of the 30 hits")
    assert "tiny takes no part: it has no finished sample." in found.detail


def test_a_backend_is_dead_only_under_conditions_that_it_was_run_under(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")

    def not_quiet(row: Row) -> Row | None:
        return None if (row.backend, row.condition) == ("tiny+own10", "quiet") else row

    left_out = changed(report, row=not_quiet)  # all of its samples failed, and the spec leaves out what failed
    assert "tiny+own10 transcribed nothing." in verdict(left_out, "bm25", "quiet").headline
    assert "transcribed nothing" not in verdict(left_out, "bm25", "clean").headline
    (run,) = left_out.runs
    another = replace(run)
    another.__dict__["samples"] = {
        key: s for key, s in run.samples.items() if (s.backend, s.condition) != ("tiny+own10", "quiet")
    }
    not_run = replace(left_out, runs=(another,))
    assert "transcribed nothing" not in verdict(not_run, "bm25", "quiet").headline
    gone = changed(not_run, row=lambda row: None if row.backend == "tiny+oracle" else row)
    assert verdict(gone, "bm25", "quiet").detail.startswith("tiny+oracle takes no part: it has no finished sample")


def test_a_long_reason_is_cut_and_the_most_frequent_one_is_given(golden_run: GoldenRun) -> None:
    report = of(golden_run, "dead_backend")
    (run,) = report.runs
    store = dict(run.samples)
    keys = [key for key, sample in store.items() if sample.backend == "dead"]
    for key in keys[:3]:
        error = store[key].error
        assert error is not None
        store[key] = replace(store[key], error=replace(error, type="Rare", message="seldom"))
    for key in keys[3:]:
        error = store[key].error
        assert error is not None
        store[key] = replace(store[key], error=replace(error, message="long " * 100))
    changed_run = replace(run)
    changed_run.__dict__["samples"] = store
    detail = first(replace(report, runs=(changed_run,))).detail
    assert f"(Rejected: {('long ' * 32).rstrip()} ...)" in detail
    assert "seldom" not in detail


def test_samples_that_failed_are_told_with_the_reason(golden_run: GoldenRun) -> None:
    report = of(golden_run, "dead_backend")

    def revived(row: Row) -> Row:
        return replace(row, n_scored=2, n_error=28) if row.backend == "dead" else row

    assert text_under("What failed?", changed(report, row=revived)).startswith(
        "dead: 30 of 30 samples, most often Rejected: POST http://127.0.0.1:8000"
    )
    assert text_under("What failed?", of(golden_run, "tie")) == ""


def test_what_failed_under_one_condition_is_not_told_of_another(golden_run: GoldenRun) -> None:
    report = of(golden_run, "two_by_two")
    (run,) = report.runs
    failure = Failure("recognise", "Timeout", "no transcript after 60 s")
    failed = {
        key: replace(sample, status="error", error=failure) if sample.backend == "tiny" and n % 2 else sample
        for n, (key, sample) in enumerate(run.samples.items())
    }
    n = Counter(s.condition for s in failed.values() if s.error is not None)
    assert n["clean"] > 0 < n["quiet"]
    changed_run = replace(run)
    changed_run.__dict__["samples"] = failed
    report = changed(
        replace(report, runs=(changed_run,)), row=lambda row: replace(row, n_error=1) if row.backend == "tiny" else row
    )
    for condition in ("clean", "quiet"):
        (text,) = [f.text for f in verdict(report, "bm25", condition).findings if f.heading == "What failed?"]
        assert f"tiny: {n[condition]} of 48 samples, most often Timeout: no transcript after 60 s." in text


def test_answers_that_failed_are_counted(golden_run: GoldenRun) -> None:
    report = changed(of(golden_run, "answers"), row=with_value(0.1, "answer_error_rate", "tiny"))
    assert text_under("What failed?", report) == (
        "The answerer failed on 4 of 40 from the hypothesis (tiny); these count as not answered."
    )


def test_a_difference_in_runaway_transcripts_is_told_where_there_is_one(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    (wer,) = (c for c in report.summary.comparisons if c.metric == "wer")
    none_ran = replace(wer, metric="runaway_rate", delta=0.0, ci_low=0.0, ci_high=0.0)
    some_ran = replace(none_ran, delta=0.02, ci_high=0.05, p_holm=0.5)
    for c, told in ((none_ran, False), (some_ran, True)):
        sentence = next(difference_sentences(changed(report, comparisons=(*report.summary.comparisons, c)).figures))
        assert ("runaway rate" in sentence) is told


# ---- caveats


@pytest.mark.parametrize(("value", "warned"), [(0.499, True), (0.5, False)])
def test_of_a_run_of_an_earlier_version_a_reader_that_is_seldom_right_is_named(
    golden_run: GoldenRun, value: float, warned: bool
) -> None:
    before = changed(of(golden_run, "answers"), row=_of_an_earlier_version)
    report = changed(before, row=with_value(value, "exact_match", source="reference"))
    assert ("with so weak a reader, reader errors mean little" in text_under("Caveats", report)) is warned
    said = "the answerer is right for fewer than half of the reference texts" in " ".join(
        answers(report, "bm25").sentences
    )
    assert said is warned


def _of_an_earlier_version(row: Row) -> Row | None:
    """Runs of earlier versions do not tell what the reader was shown, and look for answers in the first five snippets only."""
    is_new = row.metric.startswith(("reach", "answer_read", "match_any", "has_answer_"))
    return None if is_new or row.metric in ("has_answer@1", "has_answer@10") else row


def test_guessed_names_are_said_to_be_guessed(golden_run: GoldenRun) -> None:
    report = of(golden_run, "guessed_names")
    assert "no entities in 40 questions: their names are guessed by a rule" in text_under("Caveats", report)
    assert "52 guessed entity mentions" in text_under("What does WER say?", report)
    assert text_under("Caveats", of(golden_run, "tie")) == ""


def test_a_possible_typo_is_named_and_never_a_bias_phrase(golden_run: GoldenRun) -> None:
    report = of(golden_run, "guessed_names")
    assert "count as rare words: mamel (mammal?), caracter (character?)." in text_under("Caveats", report)
    bias = first(report).bias
    assert bias is not None
    assert "mamel" not in bias.all
    word = next(w for w in report.summary.words if w.word == "palikir" and w.backend == "base")
    mention = replace(word, phrases=("mamel Palikir",))
    of_mention = first(changed(report, words=(mention,))).bias
    assert of_mention is not None
    assert of_mention.all == ("palikir",), "a mention with a typo in it is not given as a phrase"


# ---- differences


def test_differences_say_significance_with_p_and_nothing_of_what_is_equal(golden_run: GoldenRun) -> None:
    report = of(golden_run, "tie")
    assert list(difference_sentences(report.figures)) == [
        "base against tiny: WER -9.2 points [-10.6, -7.7], MAPSSWE, Holm-adjusted p < 0.001, significant; rare WER equal on every "
        "question; entity recall equal on every question.",
        "base against tiny: hit@1 equal on every question; hits lost equal on every question.",
    ]
    unsure = changed(report, comparison=with_p(0.05, "wer"))
    assert "Holm-adjusted p = 0.050, not significant" in next(difference_sentences(unsure.figures))
    untested = changed(report, comparison=with_p(None, "wer"))
    assert "WER -9.2 points [-10.6, -7.7], no test;" in next(difference_sentences(untested.figures))
