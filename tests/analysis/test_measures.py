"""What one sample adds to each measure, where the outcome has degrees, and where answers are lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.attribution import attribute
from harness.analysis.measures import Measure, contributions
from harness.analysis.statistics import bootstrap_weights
from harness.records import Counterfactual, RetrievalOutcome, Sample, WordClass
from harness.words.rarity import Rarity
from tests.analysis.samples import NOTHING, failed, sample

CLASSES: tuple[WordClass, ...] = ("rare_entity", "content")


def by_degrees(from_reference: float, inject_one: tuple[float, ...], class_repair: float = 0.0) -> Sample:
    """Two errors of a sample that reaches the outcome (rr@10) from the reference to this degree, from the hypothesis not."""
    counterfactual = Counterfactual(
        "rr@10", 0.0, from_reference,
        repair_one=(0.0, 0.0),
        inject_one=inject_one,
        shapley=(from_reference / 2, from_reference / 2),
        shapley_error=(),
        smallest_repairs=((0, 1),),
        class_repair={"rare_entity": class_repair, "not_rare_entity": 0.0},
    )  # fmt: skip
    made = sample("q1", "where does the okapi live", "where does a okra live", "lost", classes=CLASSES)
    outcome = RetrievalOutcome(NOTHING, NOTHING, {"rr@10": from_reference}, {"rr@10": 0.0}, "lost", (), counterfactual)
    regions = (replace(made.error_regions[0], reference_end=3), replace(made.error_regions[0], reference_start=3))
    return replace(made, error_regions=regions, region_classes=CLASSES, retrieval={"bm25": outcome})


def added(one: Sample, name: str, source: str = "", retriever: str = "bm25") -> tuple[float, float]:
    (counted,) = [
        (top, bottom)
        for group, measure, top, bottom in contributions(one, ["all"], Rarity("en"))
        if (group, measure) == ("all", Measure(name, retriever, source))
    ]
    return counted


def test_an_injected_error_breaks_what_it_loses_and_not_what_it_moves_down() -> None:
    moved_down = by_degrees(1.0, (0.0, 1 / 3))
    assert added(moved_down, "inject_break_rate_rare") == (1, 1)
    assert added(moved_down, "inject_break_rate_content") == added(moved_down, "inject_break_rate_other") == (0, 1)


def test_errors_are_injected_wherever_the_reference_reaches_the_outcome_to_any_degree() -> None:
    at_rank_2 = by_degrees(0.5, (0.0, 0.5))
    assert added(at_rank_2, "inject_break_rate_rare") == (1, 1)
    assert added(at_rank_2, "inject_break_rate_content") == (0, 1)
    never = by_degrees(0.0, (0.0, 0.0))
    assert not [
        m for _, m, _, _ in contributions(never, ["all"], Rarity("en")) if m.metric.startswith("inject_break_rate")
    ]


def test_attribution_breaks_by_the_same_rule() -> None:
    weights = bootstrap_weights(1, seed=3, resamples=10)
    for one, broken in ((by_degrees(1.0, (0.0, 1 / 3)), 0.0), (by_degrees(0.5, (0.5, 0.0)), 1.0)):
        rows = attribute([one], ("b", "clean", "bm25"), {"q1": 0}, weights, {}, Rarity("en"))
        (content,) = [row for row in rows if (row.by, row.group) == ("class", "content")]
        assert (content.injected, content.break_rate.value) == (1, broken)


@pytest.mark.parametrize(("reached", "returns"), [(0.5, 1.0), (1 / 3, 0.0)])
def test_a_class_of_words_returns_what_it_makes_as_good_as_the_reference_did(reached: float, returns: float) -> None:
    assert added(by_degrees(0.5, (0.0, 0.0), class_repair=reached), "class_repair_rare") == (returns, 1)


@pytest.mark.parametrize(
    ("from_reference", "from_hypothesis", "in_reach", "lost", "gained", "retrieval_error", "reader_error"),
    [
        (1, 0, 0, 1, 0, 1, 0),
        (1, 0, 1, 1, 0, 0, 1),
        (1, 1, 1, 0, 0, 0, 0),
        (0, 1, 1, 0, 1, 0, 0),
        (0, 0, 0, 0, 0, 0, 0),
    ],
)
def test_a_lost_answer_is_a_retrieval_error_or_a_reader_error(
    from_reference: float,
    from_hypothesis: float,
    in_reach: float,
    lost: float,
    gained: float,
    retrieval_error: float,
    reader_error: float,
) -> None:
    outcome = RetrievalOutcome(
        NOTHING, NOTHING, {"exact_match": from_reference}, {"exact_match": from_hypothesis, "answer_in_reach": in_reach}
    )
    one = replace(sample("q1", "who saw rome", "who saw rome", "kept"), retrieval={"bm25": outcome})
    assert [
        added(one, name)[0]
        for name in ("answers_lost", "answers_gained", "retrieval_error_rate", "reader_error_rate")
    ] == [lost, gained, retrieval_error, reader_error]  # fmt: skip


@pytest.mark.parametrize(
    ("from_reference", "from_hypothesis", "lost", "retained"),
    [(1, 1, 0, (1, 1)), (1, 0, 1, (0, 1)), (0, 1, 0, None), (0, 0, 0, None), (1, None, 1, (0, 1))],
)
def test_an_answer_in_the_first_snippets_is_lost_or_retained(
    from_reference: float, from_hypothesis: float | None, lost: float, retained: tuple[float, float] | None
) -> None:
    """`None`: the sample failed, and nothing was retrieved."""
    after = {} if from_hypothesis is None else {"has_answer@5": from_hypothesis}
    one = sample("q1", "where does the okapi live", "where does a okapi live", "kept")
    outcome = RetrievalOutcome(NOTHING, NOTHING, {"has_answer@5": from_reference}, after)
    one = replace(one, retrieval={"bm25": outcome})
    assert added(one, "has_answer_lost@5") == (lost, 1)
    names = {measure.metric for _, measure, _, _ in contributions(one, ["all"], Rarity("en"))}
    assert ("has_answer_retained@5" in names) == (retained is not None)
    if retained is not None:
        assert added(one, "has_answer_retained@5") == retained


@pytest.mark.parametrize(
    ("read", "right", "reach"), [(1, 1, (1, 1)), (1, 0, (0, 1)), (0, 1, None), (0, 0, None), (None, 1, None)]
)
def test_the_reach_counts_answers_that_were_shown(
    read: float | None, right: float, reach: tuple[float, float] | None
) -> None:
    """`None`: a judge reads, or the sample is of an earlier version; an answer that was not shown can be right by chance."""
    of = {"exact_match": right, "match_any_notation": 1.0} | ({} if read is None else {"answer_read": read})
    one = sample("q1", "where does the okapi live", "where does a okapi live", "kept")
    one = replace(one, retrieval={"bm25": RetrievalOutcome(NOTHING, NOTHING, of, of)})
    names = {measure.metric for _, measure, _, _ in contributions(one, ["all"], Rarity("en"))}
    assert ("reach" in names) == (reach is not None)
    if reach is not None:
        assert added(one, "reach", "reference") == reach
    strict = {**of, "answer_read": 0.0, "answer_read_any_notation": 1.0, "exact_match": 0.0}
    one = replace(one, retrieval={"bm25": RetrievalOutcome(NOTHING, NOTHING, strict, strict)})
    assert added(one, "reach_any_notation", "reference") == (1, 1)


def test_retained_counts_what_the_reference_reaches() -> None:
    kept, lost = (sample("q1", "who saw rome", "who saw rome", fate) for fate in ("kept", "lost"))
    assert (added(kept, "retained"), added(lost, "retained")) == ((1, 1), (0, 1))
    for fate in ("gained", "never"):
        one = sample("q1", "who saw rome", "who saw rome", fate)
        assert not [m for _, m, _, _ in contributions(one, ["all"], Rarity("en")) if m.metric == "retained"]


def test_every_word_of_a_failed_sample_is_an_error() -> None:
    assert added(failed("q7", "who saw the okapi"), "wer", "hypothesis", "") == (4, 4)
