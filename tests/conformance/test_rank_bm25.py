"""The retriever rank-bm25 gives the package's own scores, in an order of which the package leaves the ties open."""

from __future__ import annotations

import numpy as np
import pytest

from harness.records import Snippet
from harness.retrieval.rank_bm25 import RankBM25Retriever
from harness.words.text.normalise import tokenise

WORDS = (
    "okapi", "congo", "river", "flows", "through", "the", "of", "and", "a", "capital", "medawar", "graft", "seine",
    "paris", "danube", "piano",
)  # fmt: skip


def random_texts(n_texts: int, longest: int, seed: int) -> list[str]:
    """Texts in which the words in the middle of the list are common and those at its end are rare."""
    random = np.random.default_rng(seed)
    weights = 1 / (1 + np.abs(np.arange(len(WORDS)) - 6.0)) ** 2
    return [
        " ".join(random.choice(WORDS, random.integers(1, longest), p=weights / weights.sum())) for _ in range(n_texts)
    ]


@pytest.mark.parametrize(("options", "n_queries"), [({}, 2000), ({"k1": 0.9, "b": 0.4, "epsilon": 0.1}, 120)])
def test_scores_and_order_are_those_of_the_package(options: dict[str, float], n_queries: int) -> None:
    from rank_bm25 import BM25Okapi

    texts = random_texts(300, 25, seed=1)
    documents = [tokenise(text, "en") for text in texts]
    package = BM25Okapi(documents, **options)
    retriever = RankBM25Retriever.build(
        [Snippet(id=str(n), text=t) for n, t in enumerate(texts)], options, None, language="en"
    )
    queries = random_texts(n_queries, 7, seed=2)
    for query, ranking in zip(queries, retriever.search(queries, 10), strict=True):
        scores = package.get_scores(tokenise(query, "en"))
        ordinals = [int(snippet_id) for snippet_id in ranking.snippet_ids]
        assert list(ranking.scores) == scores[ordinals].tolist()
        sharing = [n for n, document in enumerate(documents) if set(document) & set(tokenise(query, "en"))]
        assert ordinals == sorted(sharing, key=lambda n: (-scores[n], n))[:10]
        top = package.get_top_n(tokenise(query, "en"), list(range(300)), n=10)
        if len(ordinals) == 10 and min(scores[ordinals]) > 0:
            assert scores[top].tolist() == list(ranking.scores)


def test_a_snippet_that_shares_only_a_common_word_is_still_a_hit() -> None:
    """Over very few snippets the package's scores may be zero or less."""
    snippets = [Snippet(id="a", text="the okapi"), Snippet(id="b", text="the seine"), Snippet(id="c", text="paris")]
    (ranking,) = RankBM25Retriever.build(snippets, {"epsilon": -1.0}, None, language="en").search(["the"], 10)
    assert ranking.snippet_ids == ("a", "b")
    assert max(ranking.scores) < 0
