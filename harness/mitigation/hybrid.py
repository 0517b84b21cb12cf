"""The repair `hybrid`: by words and by sound, both added up as standard scores of their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import msgspec

from harness.mitigation.corpus import Corpus, Searches
from harness.mitigation.protocol import UNSET, MitigationSpec, Repaired, Setting, read_options
from harness.records import Transcript
from harness.retrieval.fusion import Fusion


class HybridOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `hybrid`."""

    beside: Annotated[str, msgspec.Meta(description="the retriever that is added, as on a command line")] = "phonetic"
    weight: Annotated[float, msgspec.Meta(description="what it counts beside the run's own retriever", gt=0)] = 1.0
    depth: Annotated[int, msgspec.Meta(description="how many snippets of each are added up", ge=10, le=10_000)] = 100


class Hybrid:
    """Adds the scores of another retriever to those of the run's own."""

    option_type: ClassVar[type[HybridOptions]] = HybridOptions
    grid: Sequence[Setting] = UNSET

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        self._options, self._corpus = read_options(spec, type(self).option_type), corpus
        corpus.prepare(self._options.beside)
        self._fusion = Fusion("weighted", (1.0, self._options.weight), depth=self._options.depth)

    def identity(self) -> Mapping[str, str | float]:
        """Return the options, and what determines the other retriever's rankings."""
        beside = self._corpus.identity(self._options.beside)
        return {**msgspec.to_builtins(self._options), **{f"beside.{key}": value for key, value in beside.items()}}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return the fused ranking of each transcript."""
        depth = max(k, self._options.depth)
        queries = [self._corpus.query(transcript.text) for transcript in transcripts]
        by_words = base.search(queries, depth)
        beside = self._corpus.search_by(self._options.beside, [query.text for query in queries], depth)
        return [self._fusion.ranking(both, self._corpus.ordinals, k) for both in zip(by_words, beside, strict=True)]
