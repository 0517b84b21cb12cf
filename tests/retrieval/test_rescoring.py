"""Searching for many variants at once finds exactly what searching for each alone finds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.records import Snippet
from harness.retrieval import rescoring
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.protocol import RETRIEVERS
from harness.retrieval.rescoring import rescore
from tests.retrieval.test_impact_index import WORDS, documents, index_of, zipf_index

queries = st.lists(st.lists(st.sampled_from([*WORDS, "unheard"]), max_size=7), max_size=12)


def assert_equal_to_search(index: ImpactIndex, variants: Sequence[Sequence[str]], k: int) -> None:
    ranked = rescore(index, variants, k)
    assert len(ranked.starts) == len(variants) + 1
    for row, variant in enumerate(variants):
        ordinals, scores = index.search(variant, k)
        span = slice(ranked.starts[row], ranked.starts[row + 1])
        assert ranked.ordinals[span].tolist() == ordinals.tolist()
        assert ranked.scores[span].tolist() == scores.tolist()


def mixtures(text: Sequence[str], n_regions: int, random: np.random.Generator) -> list[list[str]]:
    """Every mixture of a reference and a hypothesis with `n_regions` substituted or deleted words."""
    reference = [str(word) for word in random.choice(text, 10)]
    places = random.choice(10, n_regions, replace=False).tolist()
    errors = {
        place: [f"w{int(1.3 ** random.uniform(0, 32))}" for _ in range(random.integers(0, 3))] for place in places
    }
    options = [([word], errors[place]) if place in errors else ([word],) for place, word in enumerate(reference)]
    return [[word for words in mixture for word in words] for mixture in product(*options)]


@given(documents, queries, st.integers(1, 30))
def test_few_snippets_with_many_ties(texts: list[list[str]], variants: list[list[str]], k: int) -> None:
    assert_equal_to_search(index_of(texts), variants, k)


@pytest.mark.parametrize(("n_snippets", "exponent"), [(40, 1.1), (700, 0.8), (6_000, 1.1), (6_000, 1.6)])
@pytest.mark.parametrize("k", [1, 3, 10, 300])
def test_all_subsets_of_error_regions(n_snippets: int, exponent: float, k: int) -> None:
    index, texts = zipf_index(n_snippets, seed=n_snippets, exponent=exponent)
    random = np.random.default_rng(k)
    for _ in range(12):
        variants = mixtures(texts[random.integers(n_snippets)], int(random.integers(0, 7)), random)
        assert_equal_to_search(index, variants, k)


@pytest.mark.parametrize("limit", ["_SEEDS", "_MOST_CANDIDATES", "_BLOCK", "_PROBE", "_LONG", "_EXACT_IN_FLOAT32"])
@pytest.mark.parametrize("value", [1, 50])
def test_no_limit_changes_a_ranking(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """Weak bounds, few candidates, small blocks, early and late lookups: slower ways to the same rankings."""
    monkeypatch.setattr(rescoring, limit, value)
    index, texts = zipf_index(3_000, seed=8)
    random = np.random.default_rng(9)
    for k in (1, 10):
        for _ in range(6):
            assert_equal_to_search(index, mixtures(texts[random.integers(3_000)], 5, random), k)


def test_copies_of_a_snippet_rank_by_ordinal() -> None:
    index = index_of([["alpha", "beta"], ["gamma"], ["alpha", "delta"]] * 3_000)
    variants = [["alpha"], ["beta"], ["alpha", "beta"], ["delta", "beta"], ["gamma"], [], ["unheard"]]
    for k in (1, 10):
        assert_equal_to_search(index, variants, k)


def test_a_variant_that_loops_is_scored_exactly() -> None:
    index, texts = zipf_index(2_000, seed=9)
    looping = [*texts[0], *["w400"] * 3_000]
    assert_equal_to_search(index, [texts[0], looping, texts[0][:3]], 10)
    longest = [index.vocabulary[index.max_impacts.argmax()]]
    assert_equal_to_search(index, [longest * 60_000, ["w1"] * 900_000, texts[0]], 10)
    with pytest.raises(UsageError, match="too long"):
        rescore(index, [texts[0], longest * 1_000_000], 10)


@pytest.mark.parametrize("name", ["bm25", "rank-bm25"])
def test_every_retriever_keeps_the_promise(name: str) -> None:
    snippets = [Snippet(id=f"s{n}", text=f"word{n % 7} of snippet {n % 3} about {n % 5}") for n in range(60)]
    retriever = RETRIEVERS.get(name).build(snippets, {}, None, language="en")
    variants = ["Word3 of snippet 2", "word3 of the snippet two", "", "nothing known", "about 4, about 4"]
    for k in (1, 5):
        assert retriever.search_variants(variants[0], variants, k) == retriever.search(variants, k)
    assert retriever.search_variants("", [], 3) == []


def test_k_must_be_positive() -> None:
    with pytest.raises(UsageError, match="k is 0"):
        ImpactRetriever(index_of([["alpha"]])).search_variants("alpha", ["alpha"], 0)
