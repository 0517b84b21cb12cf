"""Several retrievers' rankings made into one.

    rrf        sum over parts of weight / (k + rank)          reciprocal-rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009)
    weighted   sum over parts of weight * normalised score    (Fox & Shaw, TREC-2, CombSUM; Lee, SIGIR 1997)

Each part hands over its best `depth` snippets of a query. A snippet that a part does not list gets nothing from it: with
`weighted`, scores are normalised over the part's own list, to 0 at its last and 1 at its first (`minmax`), or to standard
scores (`z`), where a snippet that is not in the list counts as its last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.protocol import RETRIEVERS, Retriever, check_depth, parse_retriever, read_options

_METHODS: Final = ("rrf", "weighted")
_NORMALISERS: Final = ("minmax", "z")
_DIGITS: Final = 9  # of a fused score: equal sums of fractions shall be equal scores


class _Settings(NamedTuple):
    method: str
    k: float
    depth: int
    normalise: str
    weights: tuple[float, ...]


class HybridRetriever:
    """Options: `of` ("bm25+dense": labels of configured retrievers, or names), `method` (rrf), `k` (60), `depth` (100),
    `normalise` (minmax), and `weights` ("0.7+0.3"; all equal unless set).
    """

    name = "hybrid"

    def __init__(self, parts: Mapping[str, Retriever], settings: _Settings, snippet_ids: Sequence[str]) -> None:
        self._parts, self._settings = parts, settings
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
        for option, choices in (("method", _METHODS), ("normalise", _NORMALISERS)):
            if texts[option] not in choices:
                raise UsageError(
                    f"retriever 'hybrid': option {option!r} is {texts[option]!r}. Known: {', '.join(choices)}."
                )
        k, depth = (value if value is not None else 0.0 for value in (numbers["k"], numbers["depth"]))
        if k < 0 or depth < 1 or depth != int(depth):
            raise UsageError(f"retriever 'hybrid' with k={k:g}, depth={depth:g}: k must be 0 or more, depth 1 or more.")
        return cls(parts, _Settings(texts["method"], k, int(depth), texts["normalise"], weights), snippet_ids)

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
            "method": self._settings.method,
            "depth": self._settings.depth,
            "weights": "+".join(f"{weight:g}" for weight in self._settings.weights),
        }
        own |= {"k": self._settings.k} if own["method"] == "rrf" else {"normalise": self._settings.normalise}
        for label, part in self._parts.items():
            own |= {f"{label}.{key}": value for key, value in part.identity().items()}
        return own

    def _fused(self, search: Callable[[Retriever, int], list[Ranking]], k: int) -> list[Ranking]:
        check_depth(k)
        by_part = [search(part, max(k, self._settings.depth)) for part in self._parts.values()]
        return [self._ranking(rankings, k) for rankings in zip(*by_part, strict=True)]

    def _ranking(self, rankings: Sequence[Ranking], k: int) -> Ranking:
        candidates = _candidates(rankings)
        if not candidates:
            return Ranking((), ())
        scores = np.round(self._shares(rankings, candidates).sum(axis=0), _DIGITS)
        ordinals = np.array([self._ordinals[candidate] for candidate in candidates])
        order = np.lexsort((ordinals, -scores))[:k]
        return Ranking(tuple(candidates[place] for place in order.tolist()), tuple(scores[order].tolist()))

    def _shares(self, rankings: Sequence[Ranking], candidates: Sequence[str]) -> NDArray[np.float64]:
        """Return what each part adds to each candidate: float64[n_parts, n_candidates]."""
        place = {candidate: index for index, candidate in enumerate(candidates)}
        shares = np.zeros((len(rankings), len(candidates)))
        for row, (ranking, weight) in enumerate(zip(rankings, self._settings.weights, strict=True)):
            if not ranking.snippet_ids:
                continue
            values, otherwise = self._values(np.array(ranking.scores))
            shares[row] = weight * otherwise
            shares[row, [place[identity] for identity in ranking.snippet_ids]] = weight * values
        return shares

    def _values(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """One part's values of its ranked snippets, best first, float64[n_ranked], and of all others."""
        if self._settings.method == "rrf":
            return 1.0 / (self._settings.k + np.arange(1.0, len(scores) + 1.0, dtype=np.float64)), 0.0
        # Made large by a power of two, which changes no digit: squares of scores of 1e-300 would all be 0.
        scores = np.ldexp(scores, -np.frexp(np.abs(scores).max())[1])
        spread = scores.max() - scores.min()
        if self._settings.normalise == "minmax":
            # A list of one score, or of equal ones: each of them is a first.
            return ((scores - scores.min()) / spread if spread else np.ones(len(scores))), 0.0
        standard: NDArray[np.float64] = (scores - scores.mean()) / scores.std() if spread else np.zeros(len(scores))
        return standard, float(standard.min())


def _candidates(rankings: Sequence[Ranking]) -> list[str]:
    return list(dict.fromkeys(identity for ranking in rankings for identity in ranking.snippet_ids))


def _read(options: Mapping[str, OptionValue]) -> tuple[dict[str, float | None], dict[str, str]]:
    given = {**options}
    if isinstance(weight := given.get("weights"), int | float):  # "1" alone reads as a number: one weight too few
        given["weights"] = str(weight)
    return read_options(
        HybridRetriever.name,
        given,
        {"k": 60.0, "depth": 100.0},
        {"of": "", "method": "rrf", "normalise": "minmax", "weights": ""},
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
