"""Search for many queries at once that share most of their words.

All subsets of eight error regions are 256 queries, but they hold some twenty distinct words between them. So the
postings of a word are read once for all variants, and what is known of one variant bounds the others:

1. One joint score per snippet, an upper bound on its score for every variant: each word counts as often as in the
   variant that has it most often. Rare words first; common ones only while that is cheaper than what follows.
2. A floor for each variant: its k-th best score among a few snippets of high joint score, the seeds. A snippet whose
   joint score, with all that the words to come could add, stays below the floor of every variant is out.
3. The few that remain are scored exactly for all variants by one product, (n_variants, n_terms) @ (n_terms,
   n_candidates), of integers.

This is MaxScore (Turtle & Flood 1995) for a family of queries. Every bound is an integer, so the rankings are those of
a search for each variant alone, ties included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from harness.retrieval.impact_index import ImpactIndex

_SEEDS: Final = 64  # and 16 more for each rank that is asked for
_LONG: Final = 16  # a posting list longer than 1/16 of the snippets is added only if needed
_PROBE: Final = 32  # looking up one candidate costs as much as adding 32 postings (60 ns against 2 ns)
_MOST_CANDIDATES: Final = 2**15
_BLOCK: Final = 2**22  # scores held at once
_EXACT_IN_FLOAT32: Final = 2**24


@dataclass(frozen=True, eq=False)
class RankedLists:
    """Ranked snippets of many queries: those of query `i` stand at `[starts[i]:starts[i + 1]]`, best first."""

    starts: NDArray[np.int64]  # [n_queries + 1]
    ordinals: NDArray[np.int64]
    scores: NDArray[np.int64]


def rescore(index: ImpactIndex, queries: Sequence[Sequence[str]], k: int) -> RankedLists:
    """Return the best `k` snippets of each query, given as tokens: exactly what `index.search` returns for each alone.

    Fast where the queries share most of their words. Raises `UsageError` for a query that is too long.
    """
    family = _Family.of(index, queries, k)
    candidates, within = family.candidates() if family.fits() else (np.zeros(0, np.int32), np.zeros(len(queries), bool))
    parts = [*family.scored(candidates, np.flatnonzero(within))]
    for row in np.flatnonzero(~within).tolist():
        ordinals, scores = index.search(queries[row], k)
        parts.append(np.array([np.full(len(ordinals), row), ordinals, scores], dtype=np.int64))
    rows, ordinals, scores = np.concatenate([np.zeros((3, 0), np.int64), *parts], axis=1)
    order = np.lexsort((ordinals, -scores, rows))
    starts = np.searchsorted(rows[order], np.arange(len(queries) + 1))
    order = order[np.arange(len(order)) - starts[rows[order]] < k]
    starts = np.searchsorted(rows[order], np.arange(len(queries) + 1))
    return RankedLists(starts, ordinals[order], scores[order])


@dataclass(frozen=True, eq=False)
class _Family:
    """Queries as counts of their words: the words with the fewest postings first."""

    index: ImpactIndex
    k: int
    terms: NDArray[np.int64]  # [n_terms]
    counts: NDArray[np.int64]  # (n_queries, n_terms)
    lengths: NDArray[np.int64]  # [n_terms], the number of postings, ascending
    weights: NDArray[np.int32]  # [n_terms], the largest count of each
    rest: NDArray[np.int64]  # (n_queries, n_terms + 1): the most that the terms from each place on can add

    @classmethod
    def of(cls, index: ImpactIndex, queries: Sequence[Sequence[str]], k: int) -> Self:
        places: defaultdict[str, int] = defaultdict(count().__next__)  # of the distinct words, as they come
        sizes = np.fromiter(map(len, queries), np.int64, len(queries))
        columns = np.fromiter(map(places.__getitem__, chain.from_iterable(queries)), np.int64, int(sizes.sum()))
        terms = np.array([index.numbers.get(word, -1) for word in places], dtype=np.int64)
        rows = np.repeat(np.arange(len(queries)), sizes)
        counts = np.bincount(rows * len(terms) + columns, minlength=len(queries) * len(terms))
        counts = counts.reshape(len(queries), len(terms))
        lengths = np.where(terms < 0, 0, index.indptr[terms + 1] - index.indptr[terms])
        order = np.lexsort((terms, lengths))
        order = order[lengths[order] > 0]
        terms, counts, lengths = terms[order], counts[:, order], lengths[order]
        most = counts * index.max_impacts[terms].astype(np.int64)
        rest = np.zeros((len(queries), len(terms) + 1), np.int64)
        rest[:, :-1] = most[:, ::-1].cumsum(axis=1)[:, ::-1]
        return cls(index, k, terms, counts, lengths, counts.max(axis=0, initial=0).astype(np.int32), rest)

    @property
    def n_seeds(self) -> int:
        """How many snippets are scored for the floors."""
        return _SEEDS + 16 * self.k

    def fits(self) -> bool:
        """Return whether joint scores fit into 32 bits: some 30,000 words."""
        most = self.weights * self.index.max_impacts[self.terms].astype(np.int64)
        return int(most.sum()) < np.iinfo(np.int32).max

    def candidates(self) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Snippets, ascending, and bool[n_queries]: which queries find all of their best `k` among them.

        The other queries have no floor, or one so low that too many snippets could reach it.
        """
        joint = np.zeros(self.index.n_snippets, np.int32)  # what the terms so far add at most, in any query
        floor, added = self._add_short(joint)
        bounded = floor > 0
        threshold = self._threshold(floor, bounded, added)
        kept = np.flatnonzero(joint >= threshold).astype(np.int32) if bounded.any() else np.zeros(0, np.int32)
        for column in range(added, len(self.terms)):
            joint[kept] += self.weights[column] * self.index.impacts_at(int(self.terms[column]), kept)
            threshold = self._threshold(floor, bounded, column + 1)
            kept = kept[joint[kept] >= threshold]
        if len(kept) > 4 * self.n_seeds:  # better seeds than before, as more terms are known
            floor = np.maximum(floor, self._kth_best(kept[_seeds(joint[kept], self.n_seeds)]))
            threshold = self._threshold(floor, bounded, len(self.terms))
            kept = kept[joint[kept] >= threshold]
        if len(kept) > _MOST_CANDIDATES:
            threshold = int(np.partition(joint[kept], -_MOST_CANDIDATES)[-_MOST_CANDIDATES]) + 1
            kept = kept[joint[kept] >= threshold]
        return kept, bounded & (floor >= threshold)

    def _add_short(self, joint: NDArray[np.int32]) -> tuple[NDArray[np.int64], int]:
        """Add terms to the joint scores until it is cheaper to look the others up for the snippets that remain.

        Returns the floors, int64[n_queries] (0: none), and how many terms were added.
        """
        floor = np.zeros(len(self.counts), np.int64)
        for column, (term, length) in enumerate(zip(self.terms.tolist(), self.lengths.tolist(), strict=True)):
            if length * _LONG > len(joint):
                if not floor.any():
                    floor = self._kth_best(_seeds(joint, self.n_seeds))
                threshold = self._threshold(floor, floor > 0, column)
                if threshold > 0 and np.count_nonzero(joint >= threshold) * _PROBE < length:
                    return floor, column
            ordinals, impacts = self.index.postings(term)
            weight = self.weights[column]
            np.add.at(joint, ordinals, impacts if weight == 1 else impacts * weight)
        return np.maximum(floor, self._kth_best(_seeds(joint, self.n_seeds))), len(self.terms)

    def _threshold(self, floor: NDArray[np.int64], bounded: NDArray[np.bool_], added: int) -> int:
        """Return the least joint score of the terms added so far with which a snippet can still reach the floor of a query.

        Of `bounded` queries; 0 if there are none.
        """
        return int((floor - self.rest[:, added])[bounded].min()) if bounded.any() else 0

    def scored(self, candidates: NDArray[np.int32], rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Rows, ordinals and scores, int64[3, n] each: for each of these queries, `k` snippets and all that could tie."""
        if not len(candidates) or not len(rows):
            return []
        impacts, parts = self._impacts(candidates), []
        size = max(1, _BLOCK // len(candidates))
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            scores = self.counts[block].astype(impacts.dtype) @ impacts  # (n_block, n_candidates)
            floor = _kth_largest(scores, self.k)
            row, column = np.nonzero(scores >= np.maximum(floor, 1)[:, None])
            parts.append(np.array([block[row], candidates[column], scores[row, column]], dtype=np.int64))
        return parts

    def _kth_best(self, seeds: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the k-th best score of each query among the seeds, int64[n_queries]; 0 where there are fewer."""
        impacts = self._impacts(seeds)
        return _kth_largest(self.counts.astype(impacts.dtype) @ impacts, self.k).astype(np.int64)

    def _impacts(self, snippets: NDArray[np.int32]) -> NDArray[np.floating]:
        """Return what each term adds to each snippet: float[n_terms, n_snippets], in a type that holds every score exactly."""
        exact = np.float32 if self.rest[:, 0].max(initial=0) < _EXACT_IN_FLOAT32 else np.float64
        impacts = np.empty((len(self.terms), len(snippets)), exact)
        for row, term in enumerate(self.terms.tolist()):
            impacts[row] = self.index.impacts_at(term, snippets)
        return impacts


def _kth_largest(scores: NDArray[np.floating], k: int) -> NDArray[np.floating]:
    """Of each row the k-th largest, float[n_rows]; 0 if rows are shorter than `k`."""
    if scores.shape[1] < k:
        return np.zeros(len(scores), scores.dtype)
    largest: NDArray[np.floating] = scores.max(axis=1) if k == 1 else np.partition(scores, -k, axis=1)[:, -k]
    return largest


def _seeds(joint: NDArray[np.int32], wanted: int) -> NDArray[np.int32]:
    """Some of the places with the highest joint scores, ascending.

    Of many, only the largest of each of some groups is looked at, which costs one pass.
    """
    n_groups = 16 * wanted
    depth = max(len(joint) // n_groups, 1)
    largest = joint if depth == 1 else joint[: depth * n_groups].reshape(depth, n_groups).max(axis=0)
    bound = np.partition(largest, -wanted)[-wanted] if len(largest) > wanted else 0
    places = np.flatnonzero(joint >= max(bound, 1))
    if len(places) > 2 * wanted:
        places = np.sort(places[np.argpartition(-joint[places], wanted)[:wanted]])
    return places.astype(np.int32)  # as ordinals are: to match another type, searchsorted would copy all postings
