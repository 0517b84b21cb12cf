"""The embedded index against bm25s, variant by variant: the same scores but for rounding, the same best ten but for ties.

bm25s, like Lucene since version 8, leaves out the factor (k1 + 1) for "lucene" and "robertson", and so does the index. The
index rounds every impact to 2**-12, so a score may differ by half of that for each word of the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.records import Snippet
from harness.retrieval.bm25 import VARIANTS, Variant, Weighting, build_postings
from harness.retrieval.bm25s_package import BM25SRetriever
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.source import word_analyser
from harness.words.text.normalise import tokenise
from tests.retrieval.test_retrievers import squad
from tests.retrieval.texts import zipf_texts

ENGLISH = word_analyser("en")

TOLERANCE = 2e-3
K = 10


def index_of(documents: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75) -> ImpactIndex:
    ids = tuple(map(str, range(len(documents))))
    return ImpactIndex(
        **vars(build_postings(documents, Weighting(k1=k1, b=b))), snippet_ids=ids, source_digest="", analyser=ENGLISH
    )


def bm25s_scores(
    documents: Sequence[Sequence[str]], queries: Sequence[Sequence[str]], k1: float, b: float
) -> list[NDArray[np.float32]]:
    import bm25s

    model = bm25s.BM25(method="lucene", k1=k1, b=b)
    model.index([list(document) for document in documents], show_progress=False)
    return [model.get_scores(list(query)) for query in queries]


def assert_agreement(documents: Sequence[Sequence[str]], queries: Sequence[Sequence[str]], k1: float, b: float) -> None:
    index = index_of(documents, k1, b)
    for query, expected in zip(queries, bm25s_scores(documents, queries, k1, b), strict=True):
        np.testing.assert_allclose(index.scores(query) / 4096, expected, rtol=0, atol=TOLERANCE)
        ordinals, scores = index.search(query, K)
        # Ties aside: every snippet that is found has, at its rank, the score that bm25s has at that rank.
        best = np.sort(expected[expected > TOLERANCE])[::-1][:K]
        np.testing.assert_allclose(scores[: len(best)] / 4096, best, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(expected[ordinals][: len(best)], best, rtol=0, atol=2 * TOLERANCE)


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.9, 0.4), (2.0, 1.0)])
def test_agrees_on_words_that_follow_zipf(k1: float, b: float) -> None:
    random = np.random.default_rng(11)
    weights = np.arange(1, 3001) ** -1.07
    words = np.array([f"w{number}" for number in range(3000)])
    documents = [
        words[random.choice(3000, length, p=weights / weights.sum())].tolist()
        for length in random.integers(5, 80, 2000)
    ]
    queries = [random.choice(documents[random.integers(2000)], 8, replace=True).tolist() for _ in range(100)]
    assert_agreement(documents, queries, k1, b)


def test_agrees_on_paragraphs_and_spoken_questions(outside_data: Path) -> None:
    paragraphs, questions = squad(outside_data / "noiseqa" / "xquad-asr-natural.json")
    documents = [tokenise(text, "en") for text in paragraphs.values()]
    known = {word for document in documents for word in document}
    # bm25s refuses a query of which it knows no word.
    queries = [tokens for text, _ in questions.values() if known.intersection(tokens := tokenise(text, "en"))]
    assert len(queries) > 1_100
    assert_agreement(documents, queries, 1.2, 0.75)


PARAMETERS: dict[Variant, dict[str, float]] = {
    "lucene": {"k1": 1.2, "b": 0.75},
    "robertson": {"k1": 0.9, "b": 0.4},
    "atire": {"k1": 1.2, "b": 0.75},
    "bm25l": {"k1": 1.5, "b": 0.75, "delta": 0.5},
    "bm25+": {"k1": 1.2, "b": 0.6, "delta": 1.0},
}


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str]]:
    """2,000 documents whose words follow Zipf's law, and 2,000 queries of up to eight words, some of them unknown."""
    documents = zipf_texts(2000, 80, 3000, seed=23)
    queries = [f"{text} unknown" if n % 2 else text for n, text in enumerate(zipf_texts(2000, 8, 3000, seed=24))]
    return documents, queries


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_agrees_on_two_thousand_random_queries(
    variant: Variant, texts: tuple[list[str], list[str]]
) -> None:
    """Half of 2**-12 for each of eight words is 0.00098: every snippet's score within 0.001, found or not."""
    documents, queries = ([tokenise(text, "en") for text in part] for part in texts)
    import bm25s

    model = bm25s.BM25(method=variant, **PARAMETERS[variant])
    model.index(documents, show_progress=False)
    ids = tuple(map(str, range(len(documents))))
    postings = build_postings(documents, Weighting(variant, **PARAMETERS[variant]))
    index = ImpactIndex(**vars(postings), snippet_ids=ids, source_digest="", analyser=ENGLISH)
    assert int(index.max_impacts.max()) * 8 < 2**24
    for query in queries:
        expected = model.get_scores(query)
        floor = index.floor(query)
        np.testing.assert_allclose((index.scores(query) + floor) / 4096, expected, rtol=0, atol=1e-3)
        ordinals, scores = index.search(query, K)
        best = np.sort(expected)[::-1][: len(scores)]
        np.testing.assert_allclose((scores + floor) / 4096, best, rtol=0, atol=1e-3)
        np.testing.assert_allclose(expected[ordinals], best, rtol=0, atol=2e-3)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_package_as_a_retriever_ranks_as_the_index_does(
    variant: Variant, texts: tuple[list[str], list[str]]
) -> None:
    documents, queries = texts
    snippets = [Snippet(id=str(number), text=text) for number, text in enumerate(documents)]
    package = BM25SRetriever.build(
        snippets, {"method": variant, **{"delta": 0.5, **PARAMETERS[variant]}}, None, language="en"
    )
    index = ImpactRetriever.build(snippets, {"variant": variant, **PARAMETERS[variant]}, None, language="en")
    asked = queries[:200]
    for own, other in zip(index.search(asked, K), package.search(asked, K), strict=True):
        # A word in half of the documents or more weighs nothing by Robertson's idf: no hit here, one of score 0 there.
        hits = [score for score in other.scores if score > 0]
        np.testing.assert_allclose(own.scores[: len(hits)], hits[: len(own.scores)], rtol=0, atol=1e-3)
