"""Search by meaning: the snippets whose embeddings lie closest to the query's, by cosine, all of them compared.

Scores are cosines of embeddings in fixed point (see `encoder`), rounded to six decimals, and the ranking is that of the rounded
scores: so it does not depend on how many queries are asked at once, and snippets of equal text stand in their own order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import IndexError_
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.index_files import (
    MANIFEST,
    REBUILD,
    EmbeddingManifest,
    damaged_files,
    read_array,
    read_manifest,
    read_strings,
    write_arrays,
)
from harness.retrieval.protocol import check_depth, read_options
from harness.retrieval.ranking import ranked
from harness.retrieval.source import SourceDigest, indexed_text, language_identity, source_digest
from harness.words.encoder import DEFAULT_MODEL, Encoder
from harness.words.languages import primary
from harness.words.text.normalise import tokenise

_DIGITS: Final = 6
_AT_ONCE: Final = 2**24  # scores
_DEFAULTS: Final = {"model": DEFAULT_MODEL, "device": "cpu", "query_prefix": "", "snippet_prefix": ""}


@dataclass(frozen=True, eq=False)
class EmbeddingIndex:
    """The embeddings of snippets, with their names: float32[n_snippets, n_dimensions], each of length 1."""

    embeddings: NDArray[np.float32]
    snippet_ids: tuple[str, ...]
    source_digest: str
    encoder: Mapping[str, str]  # the encoder's identity

    @classmethod
    def build(cls, snippets: Iterable[Snippet], encoder: Encoder) -> Self:
        """Return the index of `snippets`, which are read once and not kept."""
        digest, ids = SourceDigest(), []

        def texts() -> Iterator[str]:
            for snippet in snippets:
                digest.add(snippet)
                ids.append(snippet.id)
                yield indexed_text(snippet)

        blocks = list(encoder.snippets(texts()))
        embeddings = np.concatenate([np.zeros((0, encoder.dimensions), np.float32), *blocks])
        return cls(embeddings, tuple(ids), digest.hexdigest(), encoder.identity)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the index in `folder`, mapped into memory. Raises `IndexError_` if it is absent or damaged."""
        manifest = read_manifest(folder, EmbeddingManifest)
        shape = manifest.n_snippets, manifest.dimensions
        return cls(
            embeddings=read_array(folder, manifest, "embeddings", np.float32, *shape),
            snippet_ids=read_strings(folder, manifest, "snippet_ids", manifest.n_snippets),
            source_digest=manifest.source_digest,
            encoder=manifest.encoder,
        )

    def save(self, folder: Path) -> None:
        """Write the index to `folder`, whole or not at all, in place of an index that is there."""
        manifest = EmbeddingManifest(
            source_digest=self.source_digest,
            n_snippets=len(self.snippet_ids),
            encoder=dict(self.encoder),
            dimensions=self.embeddings.shape[1],
        )
        write_arrays(folder, manifest, {"embeddings": self.embeddings}, {"snippet_ids": self.snippet_ids})

    @staticmethod
    def verify(folder: Path) -> list[str]:
        """Read every byte of the index in `folder` and return what is wrong with it; empty if nothing is."""
        try:
            if damaged := damaged_files(folder, read_manifest(folder, EmbeddingManifest)):
                return damaged
            index = EmbeddingIndex.open(folder)
        except IndexError_ as error:
            return [str(error)]
        lengths = np.linalg.norm(index.embeddings, axis=1)
        checks = {
            "embeddings that are not of length 1": bool((np.abs(lengths - 1) < 1e-3).all()),
            "snippet ids that occur twice": len(set(index.snippet_ids)) == len(index.snippet_ids),
        }
        return [problem for problem, holds in checks.items() if not holds]

    @staticmethod
    def info(folder: Path) -> dict[str, object]:
        """Return the manifest of the index in `folder`, and `size_bytes` in all. Raises `IndexError_` without a sound one."""
        manifest = read_manifest(folder, EmbeddingManifest)
        known = {name: value for name, value in asdict(manifest).items() if value is not None}
        return {**known, "size_bytes": sum(file.size_bytes for file in manifest.files.values())}


class DenseRetriever:
    """Options: `model` (sentence-transformers/all-MiniLM-L6-v2), `device` (cpu), `query_prefix` and `snippet_prefix`."""

    name = "dense"

    def __init__(self, index: EmbeddingIndex, encoder: Encoder, language: str) -> None:
        self.index, self.encoder_in_use, self.language = index, encoder, primary(language)
        self._exact = index.embeddings.astype(np.float64).T  # (n_dimensions, n_snippets)
        self._ordinals = np.arange(len(index.snippet_ids))

    @classmethod
    def encoder(cls, options: Mapping[str, OptionValue]) -> Encoder:
        """Return the model that the options ask for, loaded. Raises `UsageError` and `MissingDependency`."""
        _, texts = read_options(cls.name, options, {}, _DEFAULTS)
        return Encoder.load(texts["model"], texts["device"], texts["query_prefix"], texts["snippet_prefix"])

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Open the embeddings in `index_dir`, or make and keep them there, one folder for each model.

        Raises `IndexError_` if `index_dir` itself is an index, but of other snippets or another model.
        """
        encoder = cls.encoder(options)
        if index_dir is None:
            return cls(EmbeddingIndex.build(snippets, encoder), encoder, language)
        source = source_digest(snippets)
        folder = index_dir
        if not (index_dir / MANIFEST).exists():
            folder = index_dir / _made_of(source, encoder.identity)
            if not (folder / MANIFEST).exists():
                EmbeddingIndex.build(snippets, encoder).save(folder)
        index = EmbeddingIndex.open(folder)
        for what, stored, expected in (
            ("snippets", index.source_digest, source),
            *((f"encoder ({key})", index.encoder.get(key, "?"), value) for key, value in encoder.identity.items()),
        ):
            if stored != expected:
                problem = f"built from other {what}: stored {stored[:40]!r}, expected {expected[:40]!r}. {REBUILD}"
                raise IndexError_(problem, file=folder)
        return cls(index, encoder, language)

    @classmethod
    def write_index(
        cls, snippets: Iterable[Snippet], options: Mapping[str, OptionValue], folder: Path, *, language: str
    ) -> None:
        """Write the embeddings of `snippets`, whose texts are read once and not kept, to `folder`."""
        EmbeddingIndex.build(snippets, cls.encoder(options)).save(folder)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query; none for a query without a word."""
        check_depth(k)
        texts = [" ".join(tokenise(query, self.language)) for query in queries]
        step = max(1, _AT_ONCE // max(len(self._ordinals), 1))
        return [ranking for at in range(0, len(texts), step) for ranking in self._rankings(texts[at : at + step], k)]

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`; a text that was asked before is not encoded again."""
        return self.search(variants, k)

    def identity(self) -> Mapping[str, str | float]:
        """Return the model, its weights and packages, and what was indexed."""
        own = {"retriever": self.name, **self.index.encoder, "source_digest": self.index.source_digest}
        return own | language_identity(self.language)

    def _rankings(self, texts: Sequence[str], k: int) -> list[Ranking]:
        empty = Ranking((), ())
        asked = [text for text in texts if text]
        if not asked or not len(self._ordinals):
            return [empty] * len(texts)
        scores = np.round(self.encoder_in_use.queries(asked) @ self._exact, _DIGITS)  # (n_asked, n_snippets)
        rankings = iter([ranked(self.index.snippet_ids, self._ordinals, row, k) for row in scores])
        return [next(rankings) if text else empty for text in texts]


def _made_of(source: str, encoder: Mapping[str, str]) -> str:
    """A folder's name: the digest of what the embeddings are made of."""
    parts = "\n".join([source, *(f"{key}={value}" for key, value in sorted(encoder.items()))])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
