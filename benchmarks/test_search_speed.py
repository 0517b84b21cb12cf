"""Plain top-10 search against bm25s (numba) and rank_bm25: the same snippets, the same queries, one thread, one run.

    pytest benchmarks/test_search_speed.py -m "not slow"      5,000 and 100,000 snippets
    pytest benchmarks/test_search_speed.py -m slow            1,000,000 snippets, without rank_bm25; some minutes, 4 GB

The table has one group per size; the figures in brackets are the ratios. Snippets are 30 words that follow Zipf's law
(exponent 1.07, 200,000 words), queries 8 words of one snippet. Every engine gets words, not numbers, and gives back
ordinals and scores. Times are compared, never asserted; that both engines' results are equal is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from rank_bm25 import BM25Okapi

from harness.retrieval.bm25 import build_postings
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.source import word_analyser

ENGLISH = word_analyser("en")

K, N_WORDS, LENGTH, N_QUERIES = 10, 200_000, 30, 40
Search = Callable[[Sequence[str]], NDArray[np.floating]]  # a query to its best scores, descending


@dataclass(frozen=True)
class Corpus:
    terms: NDArray[np.int64]  # (n_snippets, LENGTH): numbers of words
    queries: list[list[str]]

    def documents(self) -> Iterator[list[str]]:
        return ([f"w{term}" for term in row] for row in self.terms.tolist())


@pytest.fixture(
    scope="module",
    params=[5_000, 100_000, pytest.param(1_000_000, marks=pytest.mark.slow)],
    ids=lambda n_snippets: f"{n_snippets:,} snippets",
)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    random = np.random.default_rng(0)
    weights = np.arange(1, N_WORDS + 1) ** -1.07
    terms = random.choice(N_WORDS, size=(request.param, LENGTH), p=weights / weights.sum())
    sources = terms[random.integers(0, len(terms), N_QUERIES)]
    return Corpus(terms, [[f"w{term}" for term in random.choice(row, 8, replace=False)] for row in sources])


def impact_index(corpus: Corpus) -> Search:
    ids = tuple(map(str, range(len(corpus.terms))))
    index = ImpactIndex(**vars(build_postings(corpus.documents())), snippet_ids=ids, source_digest="", analyser=ENGLISH)
    return lambda query: index.search(query, K)[1] / 4096


def bm25s_numba(corpus: Corpus) -> Search:
    model = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
    model.index((corpus.terms.tolist(), {f"w{term}": term for term in range(N_WORDS)}), show_progress=False)
    return lambda query: model.retrieve([query], k=K, show_progress=False).scores[0]


def rank_bm25(corpus: Corpus) -> Search:
    if len(corpus.terms) > 100_000:
        pytest.skip("rank_bm25 takes a second a query and gigabytes of memory here")
    model, ordinals = BM25Okapi(list(corpus.documents())), range(len(corpus.terms))
    return lambda query: np.array(model.get_top_n(query, ordinals, n=K))


@pytest.mark.parametrize("engine", [impact_index, bm25s_numba, rank_bm25])
def test_top_ten(benchmark: BenchmarkFixture, corpus: Corpus, engine: Callable[[Corpus], Search]) -> None:
    search = engine(corpus)
    search(corpus.queries[0])  # compiled, mapped and cached before the clock runs
    benchmark.group = f"{N_QUERIES} queries over {len(corpus.terms):,} snippets"
    rounds = 1 if engine is rank_bm25 else 5
    results = benchmark.pedantic(lambda: [search(query) for query in corpus.queries], rounds=rounds)
    assert len(results) == N_QUERIES


def test_both_give_the_same_results(corpus: Corpus) -> None:
    ours, theirs = impact_index(corpus), bm25s_numba(corpus)
    for query in corpus.queries:
        np.testing.assert_allclose(ours(query), theirs(query), rtol=0, atol=2e-3)
