"""What a retriever is, and the names of those that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

from harness.errors import UsageError
from harness.records import OptionValue, Ranking, Snippet
from harness.registry import Registry


class Retriever(Protocol):
    """Ranks a suite's snippets for queries. `name` is the name in the registry."""

    name: str

    @classmethod
    def build(cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None) -> Self:
        """A retriever over `snippets`. In `index_dir`, where given, an index may be kept and found again.

        Raises `UsageError` for an option that it does not have, `IndexError_` for a kept index of something else.
        """
        ...

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """At most `k` snippets for each query, in the order of the queries. Raw and normalised text rank alike."""
        ...

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Exactly `search(variants, k)`, for variants of the query `base` that share most words with it.

        A retriever may use what they share; one that cannot returns `self.search(variants, k)`.
        """
        ...

    def identity(self) -> Mapping[str, str | float]:
        """Everything that determines the rankings: parameters, versions, digests. Equal identity, equal results."""
        ...


RETRIEVERS: Registry[type[Retriever]] = Registry(
    "retriever",
    "harness.retrievers",
    {
        "bm25": "harness.retrieval.impact_index:ImpactRetriever",
        "rank-bm25": "harness.retrieval.rank_bm25:RankBM25Retriever",
    },
)


def number_options(
    retriever: str, options: Mapping[str, OptionValue], defaults: Mapping[str, float]
) -> dict[str, float]:
    """`defaults` with the numbers of `options` in their place. Raises `UsageError` for any other name or type."""
    for name, value in options.items():
        if name not in defaults:
            raise UsageError(f"retriever {retriever!r} has no option {name!r}. Known: {', '.join(sorted(defaults))}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"retriever {retriever!r}: option {name!r} is {value!r}; a number was expected.")
    return {name: float(options.get(name, default)) for name, default in defaults.items()}


def check_depth(k: int) -> None:
    """Raises `UsageError` unless `k` asks for at least one snippet."""
    if k < 1:
        raise UsageError(f"k is {k}; a search returns at least 1 snippet, so k must be 1 or more.")
