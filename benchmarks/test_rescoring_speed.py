"""Search with repaired transcripts: all variants at once against a search for each, in one run.

    pytest benchmarks/test_rescoring_speed.py                                      100,000 snippets
    RESCORING_SNIPPETS=1000000 OPENBLAS_NUM_THREADS=1 pytest -s benchmarks/test_rescoring_speed.py   some minutes, 5 GB

Snippets are 30 words that follow Zipf's law (exponent 1.07, 200,000 words). A question has 16 words of one snippet, 8 of
which were recognised as one or two others, drawn by frequency; its variants are all 256 mixtures of the two. Both engines get
texts or words and give back the best snippets; the index answers all variants of a question in one call, bm25s (numba)
and rank_bm25 one after the other, as they would be asked. Times are per variant. They are printed and compared, never
asserted; that the rankings are equal is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from time import perf_counter

import bm25s
import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from rank_bm25 import BM25Okapi

from harness.retrieval.bm25 import build_postings
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.source import word_analyser

ENGLISH = word_analyser("en")

N_SNIPPETS = int(os.environ.get("RESCORING_SNIPPETS", "100000"))
N_WORDS, LENGTH, N_QUESTIONS, N_REFERENCE, N_WRONG = 200_000, 30, 12, 16, 8
_LETTERS = str.maketrans("0123456789", "abcdefghij")  # digits would become words


@dataclass(frozen=True)
class Corpus:
    terms: NDArray[np.int64]  # (N_SNIPPETS, LENGTH): numbers of words
    names: list[str]
    variants: list[list[list[str]]]  # by question, then variant: words

    def documents(self) -> Iterator[list[str]]:
        return ([self.names[term] for term in row] for row in self.terms.tolist())

    def sample(self, per_question: int) -> list[list[str]]:
        """Some variants of every question, spread from the transcript to the reference."""
        return [variants[i] for variants in self.variants for i in range(0, 256, 256 // per_question)]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    random = np.random.default_rng(0)
    weights = np.arange(1, N_WORDS + 1) ** -1.07
    weights /= weights.sum()
    terms = random.choice(N_WORDS, size=(N_SNIPPETS, LENGTH), p=weights)
    names = [f"w{term}".translate(_LETTERS) for term in range(N_WORDS)]
    questions = []
    for source in terms[random.integers(0, N_SNIPPETS, N_QUESTIONS)]:
        reference = random.choice(source, N_REFERENCE, replace=False)
        rarity = np.log(reference + 2.0) ** 2  # rarer words are substituted more often
        wrong = set(random.choice(N_REFERENCE, N_WRONG, replace=False, p=rarity / rarity.sum()).tolist())
        options = [
            ([[word]] if place not in wrong else [random.choice(N_WORDS, random.integers(1, 3), p=weights), [word]])
            for place, word in enumerate(reference)
        ]
        questions.append([[names[word] for words in mixture for word in words] for mixture in product(*options)])
    return Corpus(terms, names, questions)


@pytest.fixture(scope="module")
def retriever(corpus: Corpus) -> ImpactRetriever:
    ids = tuple(map(str, range(N_SNIPPETS)))
    return ImpactRetriever(
        ImpactIndex(**vars(build_postings(corpus.documents())), snippet_ids=ids, source_digest="", analyser=ENGLISH)
    )


@pytest.fixture(scope="module")
def seconds_of_others(corpus: Corpus) -> dict[tuple[str, int], float]:
    """Seconds per variant, by engine and depth."""
    model = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
    model.index((corpus.terms.tolist(), {name: term for term, name in enumerate(corpus.names)}), show_progress=False)
    seconds: dict[tuple[str, int], float] = {}
    for k in (1, 10):
        sample = corpus.sample(16)
        model.retrieve([sample[0]], k=k, show_progress=False)  # compiled before the clock runs
        start = perf_counter()
        for variant in sample:
            model.retrieve([variant], k=k, show_progress=False)
        seconds["bm25s", k] = (perf_counter() - start) / len(sample)
    if N_SNIPPETS <= 100_000:
        okapi, sample = BM25Okapi(list(corpus.documents())), corpus.sample(1)[:4]
        for k in (1, 10):
            start = perf_counter()
            for variant in sample:
                okapi.get_top_n(variant, range(N_SNIPPETS), n=k)
            seconds["rank_bm25", k] = (perf_counter() - start) / len(sample)
    return seconds


@pytest.mark.parametrize("k", [1, 10])
def test_all_variants_at_once(
    benchmark: BenchmarkFixture,
    corpus: Corpus,
    retriever: ImpactRetriever,
    seconds_of_others: dict[tuple[str, int], float],
    k: int,
) -> None:
    texts = [[" ".join(words) for words in variants] for variants in corpus.variants]
    n_variants = sum(map(len, texts))
    benchmark.group = f"{n_variants} variants over {N_SNIPPETS:,} snippets"

    def all_questions() -> int:
        return sum(len(retriever.search_variants(variants[0], variants, k)) for variants in texts)

    assert benchmark.pedantic(all_questions, rounds=3, warmup_rounds=1) == n_variants
    ours = benchmark.stats.stats.mean / n_variants
    for (engine, depth), theirs in sorted(seconds_of_others.items()):
        if depth == k:
            benchmark.extra_info[f"times faster than {engine}"] = round(theirs / ours)
            print(
                f"\n{N_SNIPPETS:,} snippets, top {k}: {ours * 1e6:.1f} us a variant, {engine} {theirs * 1e3:.2f} ms: "
                f"{theirs / ours:.0f} times faster"
            )


@pytest.mark.parametrize("k", [1, 10])
def test_rankings_equal_single_searches(corpus: Corpus, retriever: ImpactRetriever, k: int) -> None:
    step = 1 if N_SNIPPETS <= 100_000 else 16
    for variants in corpus.variants:
        texts = [" ".join(words) for words in variants]
        assert retriever.search_variants(texts[0], texts, k)[::step] == retriever.search(texts[::step], k)
