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
from harness.retrieval.package_bm25 import Identity, PackageBM25, identity_of
from harness.retrieval.protocol import number_options
from harness.retrieval.ranking import ranked
from harness.retrieval.source import Analyser, indexed_text, word_analyser

if TYPE_CHECKING:
    from rank_bm25 import BM25Okapi

DEFAULTS: Final = {"k1": 1.5, "b": 0.75, "epsilon": 0.25}  # the package's own


class RankBM25Retriever(PackageBM25):
    """The retriever `rank-bm25`. Options: `k1` (1.5), `b` (0.75) and `epsilon` (0.25). Nothing is kept on disk."""

    name = "rank-bm25"

    def __init__(
        self, model: BM25Okapi | None, snippet_ids: Sequence[str], identity: Identity, analyser: Analyser
    ) -> None:
        super().__init__(snippet_ids, identity, analyser)
        self._model = model

    @classmethod
    def build(
        cls,
        snippets: Sequence[Snippet],
        options: Mapping[str, OptionValue],
        index_dir: Path | None,
        *,
        language: str,
    ) -> Self:
        """Read all `snippets` into memory; `index_dir` is not used."""
        from importlib.metadata import version

        from rank_bm25 import BM25Okapi

        parameters = number_options(cls.name, options, DEFAULTS)
        analyser = word_analyser(language)
        documents = [analyser.terms(indexed_text(snippet)) for snippet in snippets]
        identity = identity_of(cls.name, parameters, version("rank-bm25"), snippets, analyser)
        # Where there is no word at all the package divides by zero.
        model = BM25Okapi(documents, **parameters) if any(documents) else None
        return cls(model, [snippet.id for snippet in snippets], identity, analyser)

    def _ranking(self, tokens: Sequence[str], k: int) -> Ranking:
        if self._model is None:
            return Ranking((), ())
        words = frozenset(tokens)
        hits = np.array(
            [ordinal for ordinal, frequencies in enumerate(self._model.doc_freqs) if not words.isdisjoint(frequencies)],
            dtype=np.int64,
        )
        return ranked(self._snippet_ids, hits, self._model.get_scores(tokens)[hits], k)
