"""Fusion: ranks by hand, and the same numbers as the package ranx's definitions give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.records import OptionValue, Ranking
from harness.retrieval.hybrid import HybridRetriever
from tests.retrieval.test_retrievers import SNIPPETS

IDS = ("a", "b", "c", "d")


@dataclass
class Fixed:
    """A retriever that finds the same whatever is asked."""

    ranking: Ranking
    name = "fixed"

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        return [Ranking(self.ranking.snippet_ids[:k], self.ranking.scores[:k])] * len(queries)

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        return self.search(variants, k)

    def identity(self) -> Mapping[str, str | float]:
        return {"retriever": "fixed"}


def fused(first: Mapping[str, float], second: Mapping[str, float], **options: OptionValue) -> HybridRetriever:
    parts = {
        label: Fixed(Ranking(tuple(scores), tuple(scores.values()))) for label, scores in (("x", first), ("y", second))
    }
    return HybridRetriever.fuse(parts, {"of": "x+y", **options}, IDS)  # type: ignore[arg-type]


FIRST, SECOND = {"a": 9.0, "b": 5.0, "c": 1.0}, {"c": 0.8, "d": 0.4, "b": 0.2}


def test_reciprocal_ranks_by_hand() -> None:
    (ranking,) = fused(FIRST, SECOND, method="rrf").search(["?"], 10)
    expected = {"a": 1 / 61, "b": 1 / 62 + 1 / 63, "c": 1 / 63 + 1 / 61, "d": 1 / 62}
    assert ranking.snippet_ids == ("c", "b", "a", "d")
    assert ranking.scores == pytest.approx([expected[identity] for identity in ranking.snippet_ids], abs=1e-9)


def test_normalised_scores_by_hand() -> None:
    (ranking,) = fused(FIRST, SECOND, method="weighted", normalise="minmax", weights="0.7+0.3").search(["?"], 10)
    expected = {"a": 0.7, "b": 0.7 * 0.5, "c": 0.3, "d": 0.3 / 3}
    assert ranking.snippet_ids == ("a", "b", "c", "d")
    assert ranking.scores == pytest.approx(list(expected.values()), abs=1e-9)
    (ranking,) = fused(FIRST, SECOND).search(["?"], 2)  # the default
    # The first part's scores have mean 5 and deviation (32/3)**0.5; what it does not name counts as its last.
    first = {"a": 4 / (32 / 3) ** 0.5, "b": 0.0, "c": -4 / (32 / 3) ** 0.5, "d": -4 / (32 / 3) ** 0.5}
    spread = ((0.8 - 1.4 / 3) ** 2 + (0.4 - 1.4 / 3) ** 2 + (0.2 - 1.4 / 3) ** 2) ** 0.5 / 3**0.5
    second = {"c": (0.8 - 1.4 / 3) / spread, "d": (0.4 - 1.4 / 3) / spread, "b": (0.2 - 1.4 / 3) / spread}
    second["a"] = second["b"]
    totals = sorted(((first[i] + second[i], i) for i in IDS), reverse=True)[:2]
    assert list(zip(ranking.scores, ranking.snippet_ids, strict=True)) == [(pytest.approx(s), i) for s, i in totals]


def test_scores_left_as_they_are_by_hand() -> None:
    (ranking,) = fused(FIRST, SECOND, normalise="raw", weights="1+10").search(["?"], 10)
    assert dict(zip(ranking.snippet_ids, ranking.scores, strict=True)) == {"a": 9.0, "c": 9.0, "b": 7.0, "d": 4.0}
    assert ranking.snippet_ids == ("a", "c", "b", "d")


def test_a_snippet_below_the_last_of_a_full_list_counts_as_its_last() -> None:
    (ranking,) = fused(FIRST, SECOND, normalise="raw", weights="1+10", depth=2).search(["?"], 2)
    # The parts list a 9, b 5 and c 8, d 4: c and d count 5 in the first, a and b 4 in the second.
    assert list(zip(ranking.snippet_ids, ranking.scores, strict=True)) == [("a", 13.0), ("c", 13.0)]


def test_equal_scores_stand_in_the_order_of_the_snippets() -> None:
    (ranking,) = fused({"d": 1.0}, {"a": 7.0}).search(["?"], 10)
    assert ranking.snippet_ids == ("a", "d")
    assert ranking.scores[0] == ranking.scores[1]


scores = st.dictionaries(st.sampled_from(IDS), st.floats(-5, 5), max_size=4).map(
    lambda scores: dict(sorted(scores.items(), key=lambda item: -item[1]))
)


@given(scores, scores, st.sampled_from(["rrf", "weighted"]), st.sampled_from(["minmax", "raw", "z"]))
@example(
    {"a": 2.2e-308, "b": 0.0}, {}, "weighted", "z"
)  # squares of such differences are 0, and so was their deviation
@example({"a": 5e-324, "b": -5e-324}, {"c": 1.0, "d": 1.0}, "weighted", "z")
@example({"a": 5e-324, "b": 0.0}, {"c": 1.7e308, "d": -1.7e308}, "weighted", "minmax")
def test_every_snippet_of_either_part_is_ranked_by_score(
    first: dict[str, float], second: dict[str, float], method: str, normalise: str
) -> None:
    hybrid = fused(first, second, method=method, normalise=normalise)
    (ranking,) = hybrid.search(["?"], 10)
    assert set(ranking.snippet_ids) == {*first, *second}
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)


@pytest.mark.parametrize("normalise", ["minmax", "z"])
@pytest.mark.parametrize("scale", [2.0**-1060, 2.0**-600, 2.0**1000])
def test_the_unit_of_the_scores_says_nothing(normalise: str, scale: float) -> None:
    scaled = {identity: scale * score for identity, score in FIRST.items()}
    usual, other = (fused(first, SECOND, method="weighted", normalise=normalise) for first in (FIRST, scaled))
    assert usual.search(["?"], 10) == other.search(["?"], 10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "two or more"),
        ({"of": "bm25"}, "two or more"),
        ({"of": "bm25+bm25"}, "two or more"),
        ({"of": "bm25+rank-bm25", "method": "vote"}, "Known: rrf, weighted"),
        ({"of": "bm25+rank-bm25", "normalise": "rank"}, "Known: minmax, raw, z"),
        ({"of": "bm25+rank-bm25", "weights": "1"}, "2 numbers"),
        ({"of": "bm25+rank-bm25", "weights": 1}, "2 numbers"),
        ({"of": "bm25+rank-bm25", "weights": "1+-1"}, "2 numbers"),
        ({"of": "bm25+rank-bm25", "depth": 0}, "depth 1 or more"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, OptionValue], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        HybridRetriever.build(SNIPPETS, options, None, language="en")


def test_real_parts_variants_and_identity() -> None:
    hybrid = HybridRetriever.build(SNIPPETS, {"of": "bm25,phonetic", "method": "weighted"}, None, language="en")
    variants = ["what did peter mad dog or study", "the dog", ""]
    assert hybrid.search(variants, 3) == hybrid.search_variants("what did peter medawar study", variants, 3)
    assert hybrid.search([""], 3) == [Ranking((), ())]
    assert hybrid.identity()["phonetic.retriever"] == "phonetic"
