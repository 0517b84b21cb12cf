"""What the retrievers `bm25s` and `rank-bm25` share: all snippets in memory, and every query scored by the package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from harness.records import Ranking, Snippet
from harness.retrieval.protocol import check_depth
from harness.retrieval.source import Analyser, source_digest

Identity = Mapping[str, str | float]


def identity_of(
    name: str,
    parameters: Mapping[str, str | float],
    package_version: str,
    snippets: Sequence[Snippet],
    analyser: Analyser,
) -> Identity:
    """Return what decides a package's rankings: its parameters and version, the tokeniser and what was indexed."""
    return {
        "retriever": name,
        **parameters,
        "package_version": package_version,
        **analyser.identity(),
        "source_digest": source_digest(snippets),
    }


class PackageBM25(ABC):
    """Searches query by query. `snippet_ids` are in the order in which the package has the snippets."""

    def __init__(self, snippet_ids: Sequence[str], identity: Identity, analyser: Analyser) -> None:
        self._snippet_ids, self._identity, self._analyser = snippet_ids, identity, analyser

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query; fewer where fewer share a word with it."""
        check_depth(k)
        return [self._ranking(self._analyser.terms(query), k) for query in queries]

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`: the package scores each query anew."""
        return self.search(variants, k)

    def identity(self) -> Identity:
        """Parameters, the package's version, tokeniser and what was indexed."""
        return self._identity

    @abstractmethod
    def _ranking(self, tokens: Sequence[str], k: int) -> Ranking: ...
