"""Several retrievers whose rankings are made into one (`fusion`). Each part hands over its best `depth` snippets of a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from harness.errors import UsageError
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.fusion import METHODS, NORMALISERS, WEIGHTED, Fusion, Z
from harness.retrieval.protocol import RETRIEVERS, Retriever, check_depth, parse_retriever, read_options


class HybridRetriever:
    """Options: `of` ("bm25+dense": labels of configured retrievers, or names), `method` (weighted, or rrf with
    its `k`, 60), `depth` (100), `normalise` (z, minmax or raw; see `fusion`), and `weights` ("0.7+0.3"; all equal unless set).
    """

    name = "hybrid"

    def __init__(self, parts: Mapping[str, Retriever], fusion: Fusion, snippet_ids: Sequence[str]) -> None:
        self._parts, self._fusion = parts, fusion
        self._ordinals = {snippet_id: ordinal for ordinal, snippet_id in enumerate(snippet_ids)}

    @classmethod
    def parts(cls, options: Mapping[str, OptionValue]) -> tuple[str, ...]:
        """Return the labels in `of`. Raises `UsageError` unless there are two or more different ones."""
        _, texts = _read(options)
        labels = _listed(texts["of"])
        if len(labels) < 2 or len(set(labels)) < len(labels):
            raise UsageError(
                f"retriever 'hybrid': option 'of' is {texts['of']!r}; two or more different retrievers were expected, "
                f"such as of=bm25+dense"
            )
        return labels

    @classmethod
    def fuse(
        cls, parts: Mapping[str, Retriever], options: Mapping[str, OptionValue], snippet_ids: Sequence[str]
    ) -> Self:
        """Return the retriever made of `parts`. Raises `UsageError` for invalid options."""
        numbers, texts = _read(options)
        weights = _weights(texts["weights"], len(parts))
        for option, choices in (("method", METHODS), ("normalise", NORMALISERS)):
            if texts[option] not in choices:
                raise UsageError(
                    f"retriever 'hybrid': option {option!r} is {texts[option]!r}. Known: {', '.join(choices)}."
                )
        k, depth = (value if value is not None else 0.0 for value in (numbers["k"], numbers["depth"]))
        if k < 0 or depth < 1 or depth != int(depth):
            raise UsageError(f"retriever 'hybrid' with k={k:g}, depth={depth:g}: k must be 0 or more, depth 1 or more.")
        return cls(parts, Fusion(texts["method"], weights, k, int(depth), texts["normalise"]), snippet_ids)

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Build the parts, too, each as it is named in `of`."""
        parts: dict[str, Retriever] = {}
        for label in cls.parts(options):
            spec = parse_retriever(label)
            folder = index_dir / str(len(parts)) if index_dir else None
            parts[label] = RETRIEVERS.get(spec.name).build(snippets, spec.options, folder, language=language)
        return cls.fuse(parts, options, [snippet.id for snippet in snippets])

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query."""
        return self._fused(lambda part, depth: part.search(queries, depth), k)

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`; the parts use what the variants share."""
        return self._fused(lambda part, depth: part.search_variants(base, variants, depth), k)

    def identity(self) -> Mapping[str, str | float]:
        """Return how the parts are fused, and the parts' own identities."""
        own: dict[str, str | float] = {
            "retriever": self.name,
            "method": self._fusion.method,
            "depth": self._fusion.depth,
            "weights": "+".join(f"{weight:g}" for weight in self._fusion.weights),
        }
        own |= {"k": self._fusion.k} if own["method"] == "rrf" else {"normalise": self._fusion.normalise}
        for label, part in self._parts.items():
            own |= {f"{label}.{key}": value for key, value in part.identity().items()}
        return own

    def _fused(self, search: Callable[[Retriever, int], list[Ranking]], k: int) -> list[Ranking]:
        check_depth(k)
        by_part = [search(part, max(k, self._fusion.depth)) for part in self._parts.values()]
        return [self._fusion.ranking(rankings, self._ordinals, k) for rankings in zip(*by_part, strict=True)]


def _read(options: Mapping[str, OptionValue]) -> tuple[dict[str, float | None], dict[str, str]]:
    given = {**options}
    if isinstance(weight := given.get("weights"), int | float):  # "1" alone reads as a number: one weight too few
        given["weights"] = str(weight)
    return read_options(
        HybridRetriever.name,
        given,
        {"k": 60.0, "depth": 100.0},
        {"of": "", "method": WEIGHTED, "normalise": Z, "weights": ""},
    )


def _listed(text: str) -> tuple[str, ...]:
    """Between commas where there are any, else between plus signs: labels may hold a plus."""
    return tuple(part for piece in text.split("," if "," in text else "+") if (part := piece.strip()))


def _weights(text: str, n_parts: int) -> tuple[float, ...]:
    if not text:
        return (1.0,) * n_parts
    try:
        weights = tuple(map(float, _listed(text)))
    except ValueError:
        weights = ()
    if len(weights) != n_parts or not all(0 <= weight < float("inf") for weight in weights) or not any(weights):
        raise UsageError(
            f"retriever 'hybrid': option 'weights' is {text!r}; {n_parts} numbers from 0 on were expected, such as "
            f"{'+'.join(['1'] * n_parts)}"
        )
    return weights
