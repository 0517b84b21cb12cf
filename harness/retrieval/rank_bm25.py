"""The package rank-bm25's `BM25Okapi` as it is: a baseline with another idf.

Its idf, `ln((N - df + 0.5) / (df + 0.5))`, is negative for a word in more than half of the snippets, and is then
replaced by `epsilon` times the mean idf. So scores may be zero or, over very few snippets, negative; the package
ranks every snippet, with or without a word of the query. Here a snippet is a hit if it shares a word with the query,
whatever its score; hits are in total order, score descending, then ordinal ascending. Scores are the package's own
floats, summed in the order of the query's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.protocol import check_depth, number_options
from harness.retrieval.source import indexed_text, source_digest
from harness.words.normalise import NORMALISER_VERSION, tokenise

if TYPE_CHECKING:
    from rank_bm25 import BM25Okapi

DEFAULTS: Final = {"k1": 1.5, "b": 0.75, "epsilon": 0.25}  # the package's own


class RankBM25Retriever:
    """The retriever `rank-bm25`. Options: `k1` (1.5), `b` (0.75) and `epsilon` (0.25). Nothing is kept on disk."""

    name = "rank-bm25"

    def __init__(
        self, model: BM25Okapi | None, snippet_ids: Sequence[str], identity: Mapping[str, str | float]
    ) -> None:
        self._model, self._snippet_ids, self._identity = model, snippet_ids, identity

    @classmethod
    def build(
        cls,
        snippets: Sequence[Snippet],
        options: Mapping[str, OptionValue],
        index_dir: Path | None,
    ) -> Self:
        """Read all `snippets` into memory; `index_dir` is not used."""
        from importlib.metadata import version

        from rank_bm25 import BM25Okapi

        parameters = number_options(cls.name, options, DEFAULTS)
        documents = [tokenise(indexed_text(snippet)) for snippet in snippets]
        identity: dict[str, str | float] = {
            "retriever": cls.name,
            **parameters,
            "package_version": version("rank-bm25"),
            "tokeniser": str(NORMALISER_VERSION),
            "source_digest": source_digest(snippets),
        }
        # Where there is no word at all the package divides by zero.
        model = BM25Okapi(documents, **parameters) if any(documents) else None
        return cls(model, [snippet.id for snippet in snippets], identity)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query; fewer where fewer share a word with it."""
        check_depth(k)
        return [self._ranking(tokenise(query), k) for query in queries]

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`: the package scores each query anew."""
        return self.search(variants, k)

    def identity(self) -> Mapping[str, str | float]:
        """Parameters, the package's version, tokeniser and what was indexed."""
        return self._identity

    def _ranking(self, tokens: Sequence[str], k: int) -> Ranking:
        if self._model is None:
            return Ranking((), ())
        words = frozenset(tokens)
        hits = np.array(
            [ordinal for ordinal, frequencies in enumerate(self._model.doc_freqs) if not words.isdisjoint(frequencies)],
            dtype=np.int64,
        )
        scores = self._model.get_scores(tokens)[hits]
        best = np.lexsort((hits, -scores))[:k]
        return Ranking(
            snippet_ids=tuple(self._snippet_ids[ordinal] for ordinal in hits[best].tolist()),
            scores=tuple(scores[best].tolist()),
        )
