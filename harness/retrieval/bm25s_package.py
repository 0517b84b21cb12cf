"""The package bm25s as it is (Lu, arXiv:2407.03618): a baseline, and the oracle of the impact index.

A snippet is a hit if it shares a word with the query, whatever its score. Scores are the package's own floats, summed in the
order of the query's words; with `bm25l` and `bm25+` they hold what a word adds to snippets that lack it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import MissingDependency, UsageError
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.bm25 import VARIANTS
from harness.retrieval.package_bm25 import Identity, PackageBM25, identity_of
from harness.retrieval.protocol import read_options
from harness.retrieval.ranking import ranked
from harness.retrieval.source import Analyser, indexed_text, word_analyser

if TYPE_CHECKING:
    from bm25s import BM25

_NUMBERS: Final = {"k1": 1.5, "b": 0.75, "delta": 0.5}  # the package's own


class BM25SRetriever(PackageBM25):
    """Options: `method` (lucene, robertson, atire, bm25l or bm25+), `k1` (1.5), `b` (0.75), `delta` (0.5). Kept in memory."""

    name = "bm25s"

    def __init__(self, model: BM25 | None, snippet_ids: Sequence[str], identity: Identity, analyser: Analyser) -> None:
        super().__init__(snippet_ids, identity, analyser)
        self._model = model

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Read all `snippets` into memory; `index_dir` is not used. Raises `MissingDependency` without the package."""
        numbers, texts = read_options(cls.name, options, _NUMBERS, {"method": "lucene"})
        if texts["method"] not in VARIANTS:
            raise UsageError(f"unknown method {texts['method']!r} of bm25s. Known: {', '.join(VARIANTS)}.")
        try:
            import bm25s
        except ImportError as error:
            raise MissingDependency("retriever 'bm25s'", "bm25s", "pip install 'spoken-qa-harness[bm25s]'") from error
        analyser = word_analyser(language)
        documents = [analyser.terms(indexed_text(snippet)) for snippet in snippets]
        model = None
        if any(documents):  # without a word the package fails
            model = bm25s.BM25(**numbers, **texts, backend="numpy")
            model.index(documents, show_progress=False)
        parameters: dict[str, str | float] = {name: value for name, value in numbers.items() if value is not None}
        identity = identity_of(cls.name, parameters | texts, bm25s.__version__, snippets, analyser)
        return cls(model, [snippet.id for snippet in snippets], identity, analyser)

    def _ranking(self, tokens: Sequence[str], k: int) -> Ranking:
        terms = self._model.get_tokens_ids(tokens) if self._model is not None else []
        if self._model is None or not terms:
            return Ranking((), ())
        hits = np.unique(np.concatenate([self._postings(term)[0] for term in terms]))
        return ranked(self._snippet_ids, hits, self._model.get_scores_from_ids(terms)[hits], k)

    def _postings(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        matrix = self._model.scores  # type: ignore[union-attr]
        span = slice(matrix["indptr"][term], matrix["indptr"][term + 1])
        return matrix["indices"][span], matrix["data"][span]
