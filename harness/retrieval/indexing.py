"""Index folders of any kind: written ahead of a run, described, and checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.errors import IndexError_, UsageError
from harness.records import Snippet
from harness.retrieval.characters import character_analyser
from harness.retrieval.dense import EmbeddingIndex
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.index_files import EmbeddingManifest, ImpactManifest, index_kind, read_manifest
from harness.retrieval.kept_indexes import indexes_in, misplaced
from harness.retrieval.phonetic import phone_analyser
from harness.retrieval.protocol import RETRIEVERS, Indexing, RetrieverSpec
from harness.retrieval.source import word_analyser
from harness.retrieval.stems import stem_analysers


def write_index(snippets: Iterable[Snippet], spec: RetrieverSpec, folder: Path, *, language: str) -> dict[str, object]:
    """Write the index of snippets in `language` that this retriever searches; return its description.

    `snippets` are read once and not kept.

    Raises `UsageError` for a retriever that keeps no index, or for its options.
    """
    kind: object = RETRIEVERS.get(spec.name)
    if not isinstance(kind, Indexing):
        able = [name for name in RETRIEVERS if isinstance(RETRIEVERS.get(name), Indexing)]
        raise UsageError(f"the retriever {spec.name!r} keeps no index on disk. Those that do: {', '.join(able)}.")
    kind.write_index(snippets, spec.options, folder, language=language)
    return index_info(folder)


def index_info(folder: Path) -> dict[str, object]:
    """Return what an index holds, and what it was built from. Raises `IndexError_` if there is none."""
    return EmbeddingIndex.info(folder) if index_kind(folder) is EmbeddingManifest else ImpactIndex.info(folder)


def verify_kept(folder: Path) -> list[str]:
    """Return what is wrong with a folder of the cache: another's index, or a damaged one. A run builds it again."""
    problems = misplaced(folder)
    for index in indexes_in(folder):
        problems += verify_index(index)
    if not indexes_in(folder):
        problems.append(f"{folder}: holds no index that reads")
    return problems


def verify_index(folder: Path) -> list[str]:
    """Read every byte of an index and return what is wrong with it; empty if nothing is."""
    try:
        if index_kind(folder) is EmbeddingManifest:
            return EmbeddingIndex.verify(folder)
        manifest = read_manifest(folder, ImpactManifest)
    except IndexError_ as error:
        return [str(error)]
    language = manifest.language
    analysers = [word_analyser(language), *stem_analysers(language), phone_analyser(language)]
    analysers.append(character_analyser(language))
    return ImpactIndex.verify(folder, next((a for a in analysers if a.name == manifest.tokeniser), analysers[0]))
