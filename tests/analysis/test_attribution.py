"""Attribution against a count by hand, and its intervals against a bootstrap written out as loops."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import harness
from harness.analysis.attribution import (
    GROUPS,
    INSERTED,
    MISRECOGNISED,
    ONE_SIDED,
    Attribution,
    attribute,
    document_frequency_group,
    phone_distance_group,
)
from harness.analysis.statistics import bootstrap_weights
from harness.analysis.word_costs import word_costs
from harness.records import Sample
from harness.words.rarity import Rarity
from harness.words.sounds.phones import phone_distance
from tests.analysis.samples import failed, questions_of, sample
from tests.conftest import WriteSuite

CELL = ("b", "clean", "bm25")
DOCUMENT_FREQUENCIES = {"medawar": 2, "peter": 20, "what": 90, "did": 70, "the": 99, "okapi": 1, "river": 5}
# One lost to its name, one lost to its name and its verb together, one kept in spite of two errors, one with a word
# added, one whose recording failed.
SAMPLES = (
    sample(
        "q1", "what did peter medawar study", "what did peter mad dog or study", "lost", [1.0], ["rare_entity"],
        [(2, 4)], breaks=[0], restored_by=[0],
    ),
    sample(
        "q2", "where does the okapi live", "where does the copy leave", "lost", [1.0], ["rare_entity"], [(3, 4)], breaks=[0],
        restored_by=[0],
    ),
    sample(
        "q3", "which river does the okapi drink", "which liver does the copy drink", "lost", [0.25, 0.75],
        ["content", "rare_entity"], [(4, 5)], breaks=[1], restored_by=[0, 1],
    ),
    sample("q4", "what is the river called", "what was the river", "kept", [0.0, 0.0], ["function", "content"], breaks=[1]),
    sample("q5", "who was the king", "who was the great king", "gained", [-1.0], ["content"]),
    sample("q6", "who saw rome", "who saw rome", "kept"),
    failed("q7", "who saw the okapi", [(3, 4)]),
)  # fmt: skip
ORDER = {f"q{number}": number - 1 for number in range(1, 8)}
WEIGHTS = bootstrap_weights(len(ORDER), seed=3, resamples=500)


def rows_of(samples: tuple[Sample, ...]) -> dict[tuple[str, str], Attribution]:
    found = attribute(samples, CELL, ORDER, WEIGHTS, DOCUMENT_FREQUENCIES, Rarity("en"))
    return {(row.by, row.group): row for row in found}


def test_counts_by_hand() -> None:
    rows = rows_of(SAMPLES)
    names = rows["class", "rare_entity"]
    assert (names.regions, names.injected, names.repaired, names.lost) == (3, 3, 3, 2.75)
    assert names.region_share.value == pytest.approx(3 / 7)
    assert names.loss_share.value == pytest.approx(2.75 / 3)
    assert names.leverage.value == pytest.approx(2.75 / 3 / (3 / 7))
    assert (names.break_rate.value, names.repair_rate.value) == (1.0, 1.0)
    content = rows["class", "content"]
    assert (content.regions, content.injected, content.repaired, content.lost) == (3, 2, 1, 0.25)
    assert (content.break_rate.value, content.repair_rate.value) == (0.5, 1.0)
    function = rows["class", "function"]
    assert (function.break_rate.value, function.repair_rate.value) == (0.0, None)
    assert ("class", "rare_other") not in rows


def test_groups_by_hand() -> None:
    regions = {key: row.regions for key, row in rows_of(SAMPLES).items() if key[0] != "class"}
    assert regions == {
        ("notation", MISRECOGNISED): 7,
        ("band", "(0,2)"): 3, ("band", ">=5"): 3, ("band", INSERTED): 1,
        ("kind", "split"): 1, ("kind", "substitution"): 4, ("kind", "deletion"): 1, ("kind", "insertion"): 1,
        ("phone_distance", "[0,.25)"): 3, ("phone_distance", "[.25,.5)"): 1, ("phone_distance", "[.5,.75)"): 1,
        ("phone_distance", ONE_SIDED): 2,
        ("document_frequency", "0"): 3, ("document_frequency", "1-3"): 2, ("document_frequency", "4-15"): 1,
        ("document_frequency", INSERTED): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("frequency", "group"),
    [
        (0, "0"),
        (1, "1-3"),
        (3, "1-3"),
        (4, "4-15"),
        (15, "4-15"),
        (16, "16-63"),
        (63, "16-63"),
        (64, "64+"),
        (9999, "64+"),
    ],
)
def test_document_frequency_groups(frequency: int, group: str) -> None:
    assert document_frequency_group(frequency) == group


@given(st.floats(0, 1))
def test_quarters(distance: float) -> None:
    group = phone_distance_group(distance)
    low, high = (float(edge) for edge in group[1:-1].split(","))
    assert low <= distance < high or (distance == 1 and group == "[.75,1]")


def test_intervals_against_a_bootstrap_in_loops() -> None:
    """Question by question and resample by resample; quantiles as SciPy's percentile bootstrap takes them. Shares of regions
    have intervals that hold at 0 and 1.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for drawn in WEIGHTS:
        regions, names, lost, by_names = (0.0,) * 4
        for question, index in ORDER.items():
            for one in (s for s in SAMPLES if s.question_id == question and s.status == "ok"):
                outcome = one.retrieval["bm25"]
                found = outcome.counterfactual
                for region in range(len(found.shapley) if found else 0):
                    named = one.region_classes[region] == "rare_entity"
                    regions, names = regions + drawn[index], names + drawn[index] * named
                    if outcome.fate == "lost":
                        lost += drawn[index] * found.shapley[region]
                        by_names += drawn[index] * found.shapley[region] * named
        shares["loss_share"] += [by_names / lost] if lost else []
        shares["leverage"] += [by_names / lost / (names / regions)] if lost and names else []
    row = rows_of(SAMPLES)["class", "rare_entity"]
    for name in ("region_share", "break_rate"):
        estimate = getattr(row, name)
        assert 0 <= estimate.ci_low < estimate.value <= estimate.ci_high <= 1
    for name, values in shares.items():
        estimate = getattr(row, name)
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975]))), name
    assert row.leverage.ci_low < row.leverage.value < row.leverage.ci_high


WORDS = st.lists(
    st.sampled_from(["the", "river", "okapi", "medawar", "of", "szymborska", "city"]), min_size=1, max_size=5
)


@st.composite
def any_sample(draw: st.DrawFn) -> Sample:
    reference, hypothesis = draw(WORDS), draw(WORDS)
    bare = sample("q1", " ".join(reference), " ".join(hypothesis), "kept")
    n_regions = len(bare.error_regions)
    values = draw(st.lists(st.integers(-4, 4), min_size=n_regions, max_size=n_regions))
    return sample(
        draw(st.sampled_from(sorted(ORDER))), " ".join(reference), " ".join(hypothesis), draw(st.sampled_from(["lost", "kept"])),
        [value / 4 for value in values],
        draw(st.lists(st.sampled_from(GROUPS["class"]), min_size=n_regions, max_size=n_regions)),
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(any_sample(), max_size=8))
def test_every_grouping_holds_every_region_once(samples: list[Sample]) -> None:
    rows = attribute(samples, CELL, ORDER, WEIGHTS, DOCUMENT_FREQUENCIES, Rarity("en"))
    n_regions = sum(len(one.error_regions) for one in samples)
    lost = sum(sum(s.retrieval["bm25"].counterfactual.shapley) for s in samples if is_lost(s))
    for by in GROUPS if n_regions else ():
        mine = [row for row in rows if row.by == by]
        assert [row.group for row in mine] == sorted((row.group for row in mine), key=GROUPS[by].index)
        assert sum(row.regions for row in mine) == n_regions
        assert sum(row.lost for row in mine) == pytest.approx(lost, abs=1e-6)
        assert sum(row.region_share.value or 0 for row in mine) == pytest.approx(1)
        assert sum(row.injected for row in mine) == n_regions
        if lost > 0:
            assert sum(row.loss_share.value or 0 for row in mine) == pytest.approx(1, abs=1e-6)
    assert bool(rows) == bool(n_regions)


def is_lost(one: Sample) -> bool:
    return one.retrieval["bm25"].fate == "lost" and one.retrieval["bm25"].counterfactual is not None


def test_without_counterfactuals_there_is_nothing_to_attribute() -> None:
    assert attribute([SAMPLES[5], SAMPLES[6]], CELL, ORDER, WEIGHTS, {}, Rarity("en")) == ()
    assert attribute([], CELL, ORDER, WEIGHTS, {}, Rarity("en")) == ()
    assert attribute(SAMPLES, ("b", "clean", "dense"), ORDER, WEIGHTS, {}, Rarity("en")) == ()


def test_words_that_cost_answers() -> None:
    """Two rare words in one region share its Shapley value; a sample without a counterfactual adds to the counts only."""
    together = sample(
        "q1", "did szymborska medawar meet", "did some more meet", "lost", [1.0], ["rare_entity"], restored_by=[0]
    )
    unjudged = sample("q0", "the okapi", "the copy", "lost")
    samples = [together, *SAMPLES[1:], unjudged]
    costs = word_costs(samples, CELL, questions_of(samples), {}, "en")
    found = {cost.word: cost for cost in costs}
    assert [cost.word for cost in costs] == ["okapi", "szymborska", "medawar"]
    assert found["szymborska"].shapley == found["medawar"].shapley == 0.5
    assert (found["okapi"].shapley, found["okapi"].recoverable, found["okapi"].n_reference) == (1.75, 2, 3)
    distances = [
        phone_distance(["okapi", "live"], ["copy", "leave"], "en"),
        *[phone_distance(["okapi"], ["copy"], "en")] * 2,
    ]
    assert found["okapi"].phone_distance == pytest.approx(sum(distances) / 3)


def test_a_run_agrees_with_the_rows_that_its_samples_are_summed_into(write_suite: WriteSuite, tmp_path: Path) -> None:
    """Shares, leverage and break rates are worked out a second time, from sample records, on another way to the summary."""
    summary = harness.run(
        write_suite(), backends=["replay:vendor"], retrievers=["bm25", "rank-bm25"], out=tmp_path
    ).summary
    figures = {
        (r.retriever, r.metric): (r.value, r.ci_low, r.ci_high)
        for r in summary.rows
        if r.group == "all" and r.source != "reference"
    }
    names = [row for row in summary.attribution if (row.by, row.group) == ("class", "rare_entity")]
    assert [row.retriever for row in names] == ["bm25", "rank-bm25"]
    for row in names:
        for estimate, metric, of in (
            (row.loss_share, "loss_share_rare", row.retriever),
            (row.region_share, "region_share_rare", None),
            (row.leverage, "leverage_rare", row.retriever),
            (row.break_rate, "inject_break_rate_rare", row.retriever),
        ):
            assert (estimate.value, estimate.ci_low, estimate.ci_high) == pytest.approx(figures[of, metric], abs=1e-6)
    by_documents = {
        row.group: row.regions
        for row in summary.attribution
        if row.by == "document_frequency" and row.retriever == "bm25"
    }
    assert by_documents == {"1-3": 4}  # medawar and ljubljana, in one snippet each, by two voices
