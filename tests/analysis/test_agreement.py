"""Two retrievers over the same transcripts, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.agreement import agreements, compare_retrievers
from harness.analysis.comparisons import outcomes_of
from harness.analysis.measures import contributions
from harness.analysis.rules import Rules
from harness.analysis.significance import mcnemar_exact
from harness.analysis.statistics import bootstrap_weights
from harness.records import Fate, Sample
from harness.words.rarity import Rarity
from tests.analysis.samples import failed, sample

CELL = ("b", "clean")
# bm25's fate and dense's, question by question
FATES: list[tuple[Fate, Fate]] = [
    ("lost", "kept"), ("lost", "kept"), ("lost", "lost"), ("lost", "never"), ("lost", "gained"),
    ("kept", "lost"), ("kept", "kept"), ("kept", "never"), ("never", "gained"), ("gained", "kept"),
]  # fmt: skip


def both(question: str, fates: tuple[Fate, Fate]) -> Sample:
    one, other = (sample(question, "what is it", "what was it", fate) for fate in fates)
    return replace(one, retrieval={"bm25": one.retrieval["bm25"], "dense": other.retrieval["bm25"]})


SAMPLES = [both(f"q{number}", fates) for number, fates in enumerate(FATES)]
ORDER = {f"q{number}": number for number in range(len(FATES))}
WEIGHTS = bootstrap_weights(len(FATES), 7)


def test_who_loses_what_and_who_saves_it() -> None:
    lexical, dense = agreements(SAMPLES, CELL, ORDER)
    assert (lexical.a, lexical.b, dense.a, dense.b) == ("bm25", "dense", "dense", "bm25")
    assert lexical.n == 10
    assert (lexical.lost_a, lexical.lost_only_a, lexical.lost_only_b, lexical.lost_both, lexical.kept_both) == (
        5,
        2,
        1,
        1,
        1,
    )
    assert (dense.lost_a, dense.lost_only_a, dense.lost_only_b, dense.lost_both) == (2, 1, 2, 1)
    assert lexical.rescued.value == pytest.approx(3 / 5)  # kept twice, gained once
    assert lexical.harmed.value == pytest.approx(2 / 4)  # of kept, kept, kept and gained
    assert lexical.harmed_reference.value == pytest.approx(3 / 8)  # never twice, gained once
    assert lexical.rescued.ci_low is not None
    assert lexical.rescued.ci_low <= lexical.rescued.value <= (lexical.rescued.ci_high or 0)


def test_one_retriever_has_nothing_to_agree_with() -> None:
    alone = [sample("q0", "what is it", "what was it", "lost")]
    assert agreements(alone, CELL, {"q0": 0}) == ()


def test_a_failed_recording_is_lost_to_both() -> None:
    lost = failed("q0", "what is it")
    lost = replace(lost, retrieval={**lost.retrieval, "dense": lost.retrieval["bm25"]})
    found = agreements([lost], CELL, {"q0": 0})[0]
    assert (found.n, found.lost_a, found.lost_both, found.rescued.value) == (1, 1, 1, 0.0)
    assert found.harmed.value is None


def test_retrievers_are_compared_pair_by_pair() -> None:
    outcomes = {s.utterance_id: outcomes_of(contributions(s, ["all"], Rarity("en"))) for s in SAMPLES}
    question_of = {s.utterance_id: s.question_id for s in SAMPLES}
    found = {(c.metric, c.source): c for c in compare_retrievers(outcomes, question_of, CELL, WEIGHTS, 7, Rules())}
    reference, hypothesis, lost = found["hit@1", "reference"], found["hit@1", "hypothesis"], found["lost", None]
    assert {(c.a, c.b, c.backend, c.condition) for c in found.values()} == {("bm25", "dense", *CELL)}
    assert (reference.delta, hypothesis.delta, lost.delta) == (
        pytest.approx(-0.2),
        pytest.approx(0.2),
        pytest.approx(-0.3),
    )
    assert reference.test == hypothesis.test == lost.test == "mcnemar"
    assert hypothesis.p_value == pytest.approx(mcnemar_exact(2, 4))
    assert all(c.p_holm is not None and c.p_value is not None and c.p_holm >= c.p_value for c in found.values())


def test_one_retriever_is_compared_with_none() -> None:
    outcomes = {"u": outcomes_of(contributions(sample("q", "what is", "what was", "kept"), ["all"], Rarity("en")))}
    assert compare_retrievers(outcomes, {"u": "q"}, CELL, bootstrap_weights(1, 7), 7, Rules()) == ()
