"""The repair `nbest`: search for all entries of a recogniser's N-best list, in one of three ways.

fusion   each entry is searched; ranks are fused by reciprocal ranks
best     each entry is searched; the entry whose first snippet scores highest is the query
union    one query of the distinct words of all entries

On the lists of pocketsphinx none of them helps: entries differ in common words, and the misrecognised name is in none of them
(see docs/research.md). It stands here since it is what people try first. A transcript without a list is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Annotated, ClassVar, Literal

import msgspec

from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import UNSET, MitigationSpec, Repaired, Setting, read_options
from harness.records import Ranking, Transcript
from harness.retrieval.fusion import Fusion


class NBestOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `nbest`."""

    method: Annotated[
        Literal["fusion", "best", "union"], msgspec.Meta(description="how the entries become one ranking")
    ] = "fusion"
    entries: Annotated[int, msgspec.Meta(description="how many entries are taken at most", ge=2, le=100)] = 10
    depth: Annotated[int, msgspec.Meta(description="how many snippets of each entry are fused", ge=10, le=10_000)] = 100


class NBest:
    """Searches for the entries of N-best lists."""

    option_type: ClassVar = NBestOptions
    grid: Sequence[Setting] = UNSET

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        self._options, self._corpus = read_options(spec, NBestOptions), corpus

    def identity(self) -> Mapping[str, str | float]:
        """Return the options."""
        options: dict[str, str | float] = msgspec.to_builtins(self._options)
        return options

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return what the entries of each transcript retrieve together; `None` for fewer than two different ones."""
        lists = [self._entries(transcript) for transcript in transcripts]
        if self._options.method == "union":
            return [_union(entries) if len(entries) > 1 else None for entries in lists]
        depth = max(k, self._options.depth) if self._options.method == "fusion" else max(k, 1)
        searched = [entries for entries in lists if len(entries) > 1]
        rankings = iter(base.search(list(chain.from_iterable(searched)), depth))
        return [self._one(entries, rankings, k) if len(entries) > 1 else None for entries in lists]

    def _entries(self, transcript: Transcript) -> list[WeightedQuery]:
        """Return the different entries of a list, the best text first."""
        texts = [transcript.text, *(entry.text for entry in transcript.nbest)]
        queries = dict.fromkeys(self._corpus.query(text) for text in texts)
        return [query for query in queries if query.words][: self._options.entries]

    def _one(self, entries: Sequence[WeightedQuery], rankings: Iterator[Ranking], k: int) -> Repaired:
        own = [next(rankings) for _ in entries]
        if self._options.method == "fusion":
            fusion = Fusion("rrf", (1.0,) * len(own), depth=self._options.depth)
            return fusion.ranking(own, self._corpus.ordinals, k)
        best = max(range(len(own)), key=lambda place: (own[place].scores[0] if own[place].scores else 0.0, -place))
        return entries[best]


def _union(entries: Sequence[WeightedQuery]) -> WeightedQuery:
    return WeightedQuery(tuple(dict.fromkeys(chain.from_iterable(entry.words for entry in entries))))
