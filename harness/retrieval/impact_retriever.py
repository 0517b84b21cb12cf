"""The retriever `bm25`: an impact index, opened, or built where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Final, Self, cast

import numpy as np
from numpy.typing import NDArray

from harness.errors import IndexError_
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.bm25 import DEFAULT_B, DEFAULT_K1, FIXED_POINT_BITS, Variant, Weighting
from harness.retrieval.impact_index import SCALE, ImpactIndex
from harness.retrieval.index_files import MANIFEST, REBUILD
from harness.retrieval.protocol import check_depth, read_options
from harness.retrieval.rescoring import rescore
from harness.retrieval.source import Analyser, source_digest
from harness.retrieval.stems import AUTO, analyser_of

_NUMBERS: Final = {"k1": DEFAULT_K1, "b": DEFAULT_B, "delta": None}


class ImpactRetriever:
    """Options: `variant` (lucene, robertson, atire, bm25l or bm25+), `k1` (1.2), `b` (0.75), `delta` for the last two, and
    `stemmer` (auto, snowball or none; see `stems`).

    Scores of the first two are BM25 scores without the factor (k1 + 1).
    """

    name: ClassVar[str] = "bm25"
    _texts: ClassVar[Mapping[str, str]] = {"variant": "lucene", "stemmer": AUTO}

    def __init__(self, index: ImpactIndex) -> None:
        self.index = index

    @classmethod
    def analyser(cls, language: str, options: Mapping[str, OptionValue]) -> Analyser:
        """Return how texts in a language become terms. Raises `UsageError` for a stemmer that there is not."""
        return analyser_of(language, cls._read(options)[1]["stemmer"])

    @classmethod
    def weighting(cls, options: Mapping[str, OptionValue]) -> Weighting:
        """Return the weighting that the options ask for. Raises `UsageError` for any that is unknown or invalid."""
        numbers, texts = cls._read(options)
        return Weighting(cast(Variant, texts["variant"]), **cast("dict[str, float]", numbers))

    @classmethod
    def _read(cls, options: Mapping[str, OptionValue]) -> tuple[dict[str, float | None], dict[str, str]]:
        return read_options(cls.name, options, _NUMBERS, cls._texts)

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Open the index in `index_dir`, or build it there; build it in memory without an `index_dir`.

        Raises `IndexError_` if the index in `index_dir` is of other snippets or of other parameters.
        """
        weighting, analyser = cls.weighting(options), cls.analyser(language, options)
        if index_dir is None:
            return cls(ImpactIndex.build(snippets, analyser, weighting))
        if not (index_dir / MANIFEST).exists():
            ImpactIndex.build(snippets, analyser, weighting).save(index_dir)
        index = ImpactIndex.open(index_dir, analyser)
        index.require(source_digest(snippets))
        if index.weighting != weighting:
            stored, expected = _described(index.weighting), _described(weighting)
            raise IndexError_(f"built with {stored}, expected {expected}. {REBUILD}", file=index_dir)
        return cls(index)

    @classmethod
    def write_index(
        cls, snippets: Iterable[Snippet], options: Mapping[str, OptionValue], folder: Path, *, language: str
    ) -> None:
        """Write the index of `snippets`, which are read once and not kept, to `folder`."""
        ImpactIndex.build(snippets, cls.analyser(language, options), cls.weighting(options)).save(folder)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query; fewer where fewer share a word with it."""
        return [self.search_terms(self.index.analyser.terms(query), k) for query in queries]

    def search_terms(self, terms: Sequence[str], k: int) -> Ranking:
        """Return the best `k` snippets of a query that is terms of the index already."""
        return self._ranking(*self.index.search(terms, k), self.index.floor(terms))

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`, but the postings of a word are read once for all variants: see `rescoring`."""
        check_depth(k)
        queries = [self.index.analyser.terms(variant) for variant in variants]
        ranked = rescore(self.index, queries, k)
        return [
            self._ranking(ranked.ordinals[a:b], ranked.scores[a:b], self.index.floor(query))
            for query, (a, b) in zip(queries, pairwise(ranked.starts.tolist()), strict=True)
        ]

    def identity(self) -> Mapping[str, str | float]:
        """Parameters, kind of impacts, tokeniser and what was indexed."""
        weighting = self.index.weighting
        return {
            "retriever": self.name,
            "k1": weighting.k1,
            "b": weighting.b,
            **({} if weighting.delta is None else {"delta": weighting.delta}),
            "idf": weighting.variant,
            "fixed_point_bits": FIXED_POINT_BITS,
            **self.index.analyser.identity(),
            "source_digest": self.index.source_digest,
        }

    def _ranking(self, ordinals: NDArray[np.integer], scores: NDArray[np.integer], floor: int) -> Ranking:
        ids = tuple(self.index.snippet_ids[ordinal] for ordinal in ordinals.tolist())
        return Ranking(snippet_ids=ids, scores=tuple(((scores + floor) / SCALE).tolist()))


def _described(weighting: Weighting) -> str:
    delta = "" if weighting.delta is None else f", delta={weighting.delta}"
    return f"{weighting.variant}, k1={weighting.k1}, b={weighting.b}{delta}"
