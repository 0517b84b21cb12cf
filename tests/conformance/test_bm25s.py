"""The embedded index against bm25s (method "lucene"): the same scores but for rounding, the same best ten but for ties.

bm25s, like Lucene since version 8, leaves out the factor (k1 + 1), and so does the index. The index rounds every impact
to 2**-12, so a score may differ by half of that for each word of the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.retrieval.bm25 import Weighting, build_postings
from harness.retrieval.impact_index import ImpactIndex
from harness.words.normalise import tokenise
from tests.retrieval.test_retrievers import squad

TOLERANCE = 2e-3
K = 10


def index_of(documents: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75) -> ImpactIndex:
    ids = tuple(map(str, range(len(documents))))
    return ImpactIndex(**vars(build_postings(documents, Weighting(k1=k1, b=b))), snippet_ids=ids, source_digest="")


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
    documents = [tokenise(text) for text in paragraphs.values()]
    known = {word for document in documents for word in document}
    # bm25s refuses a query of which it knows no word.
    queries = [tokens for text, _ in questions.values() if known.intersection(tokens := tokenise(text))]
    assert len(queries) > 1_100
    assert_agreement(documents, queries, 1.2, 0.75)
