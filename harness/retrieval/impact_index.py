"""The embedded BM25: sums of fixed-point integers, so that scores depend on nothing but the words.

A score is a sum of integers: the same for any order of the query's words, any number of threads, and any engine that
adds the same impacts, in float32 too as long as it stays below 2**24 (some 300 words over a million snippets).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import IndexError_, UsageError
from harness.records import Snippet
from harness.retrieval.bm25 import FIXED_POINT_BITS, Postings, Weighting, build_postings, fixed_point, max_by_term
from harness.retrieval.index_files import (
    MANIFEST,
    REBUILD,
    ImpactManifest,
    damaged_files,
    read_array,
    read_manifest,
    read_strings,
    write_arrays,
)
from harness.retrieval.protocol import check_depth
from harness.retrieval.source import Analyser, SourceDigest, indexed_text

SCALE: Final = float(2**FIXED_POINT_BITS)
SCORE_LIMIT: Final = 2**31  # scores are int32


class QueryTerm(NamedTuple):
    """A distinct word of a query: the most that it can add to a score, how often it occurs, and its number."""

    bound: int
    times: int
    term: int


@dataclass(frozen=True, eq=False)
class ImpactIndex(Postings):
    """Postings with the names of their snippets. Built by `build`, kept by `save`, mapped into memory by `open`."""

    snippet_ids: tuple[str, ...]  # by ordinal
    source_digest: str
    analyser: Analyser
    folder: Path | None = None

    @classmethod
    def build(cls, snippets: Iterable[Snippet], analyser: Analyser, weighting: Weighting | None = None) -> Self:
        """Return the index of `snippets`, which are read once and not kept."""
        digest, ids = SourceDigest(), []

        def documents() -> Iterator[list[str]]:
            for snippet in snippets:
                digest.add(snippet)
                ids.append(snippet.id)
                yield analyser.terms(indexed_text(snippet))

        postings = build_postings(documents(), weighting)
        return cls(**vars(postings), snippet_ids=tuple(ids), source_digest=digest.hexdigest(), analyser=analyser)

    @classmethod
    def open(cls, folder: Path, analyser: Analyser) -> Self:
        """Return the index in `folder`, mapped into memory. Raises `IndexError_` if it is absent or damaged.

        Every byte is read once in a process, to compare digests; whether its parts agree, `verify` tells.
        """
        manifest = read_manifest(folder, ImpactManifest)
        if manifest.fixed_point_bits != FIXED_POINT_BITS:
            problem = f"impacts of {manifest.fixed_point_bits} bits, expected {FIXED_POINT_BITS}. {REBUILD}"
            raise IndexError_(problem, file=folder)
        if manifest.tokeniser != analyser.name:
            problem = f"built with tokeniser {manifest.tokeniser}, this is tokeniser {analyser.name}. {REBUILD}"
            raise IndexError_(problem, file=folder / MANIFEST, field="tokeniser")
        if manifest.language != analyser.language:
            problem = f"built for texts in {manifest.language!r}, expected {analyser.language!r}. {REBUILD}"
            raise IndexError_(problem, file=folder / MANIFEST, field="language")
        try:
            weighting = Weighting(manifest.idf, manifest.k1, manifest.b, manifest.delta)
        except UsageError as error:
            raise IndexError_(f"{error} {REBUILD}", file=folder / MANIFEST, field="idf") from error
        return cls(
            vocabulary=read_strings(folder, manifest, "vocabulary", manifest.n_terms),
            indptr=read_array(folder, manifest, "indptr", np.int64, manifest.n_terms + 1),
            ordinals=read_array(folder, manifest, "ordinals", np.int32, manifest.n_postings),
            impacts=read_array(folder, manifest, "impacts", np.int32, manifest.n_postings),
            max_impacts=read_array(folder, manifest, "max_impacts", np.int32, manifest.n_terms),
            document_frequencies=read_array(folder, manifest, "document_frequencies", np.int32, manifest.n_terms),
            average_length=manifest.average_length,
            weighting=weighting,
            snippet_ids=read_strings(folder, manifest, "snippet_ids", manifest.n_snippets),
            source_digest=manifest.source_digest,
            analyser=analyser,
            folder=folder,
        )

    def save(self, folder: Path) -> None:
        """Write the index to `folder`, whole or not at all, in place of an index that is there."""
        manifest = ImpactManifest(
            idf=self.weighting.variant,
            fixed_point_bits=FIXED_POINT_BITS,
            k1=self.weighting.k1,
            b=self.weighting.b,
            delta=self.weighting.delta,
            average_length=self.average_length,
            tokeniser=self.analyser.name,
            language=self.analyser.language,
            source_digest=self.source_digest,
            n_snippets=self.n_snippets,
            n_terms=len(self.vocabulary),
            n_postings=len(self.ordinals),
        )
        names = ("indptr", "ordinals", "impacts", "max_impacts", "document_frequencies")
        strings = {"vocabulary": self.vocabulary, "snippet_ids": self.snippet_ids}
        write_arrays(folder, manifest, {name: getattr(self, name) for name in names}, strings)

    @staticmethod
    def verify(folder: Path, analyser: Analyser) -> list[str]:
        """Read every byte of the index in `folder` and return what is wrong with it; empty if nothing is."""
        try:
            manifest = read_manifest(folder, ImpactManifest)
            return damaged_files(folder, manifest) or ImpactIndex.open(folder, analyser)._inconsistencies()
        except IndexError_ as error:
            return [str(error)]

    @staticmethod
    def info(folder: Path) -> dict[str, object]:
        """Return the manifest of the index in `folder`, and `size_bytes` in all. Raises `IndexError_` without a sound one."""
        manifest = read_manifest(folder, ImpactManifest)
        known = {name: value for name, value in asdict(manifest).items() if value is not None}
        return {**known, "size_bytes": sum(file.size_bytes for file in manifest.files.values())}

    @property
    def n_snippets(self) -> int:
        """How many snippets are indexed."""
        return len(self.snippet_ids)

    def require(self, source_digest: str) -> None:
        """Raise `IndexError_` unless the index was built from the snippets with this digest (`SourceDigest`)."""
        if self.source_digest != source_digest:
            raise IndexError_(
                f"built from other snippets: found source digest {self.source_digest[:12]}, expected "
                f"{source_digest[:12]}. {REBUILD}",
                file=self.folder,
                field="source_digest",
            )

    # ---- searching -------------------------------------------------------------------------------------------------

    def query_terms(self, tokens: Iterable[str]) -> list[QueryTerm]:
        """Return the distinct words of a query that add to any score, those that can add most first.

        Raises `UsageError` for a query so long that its scores might not fit (some 40,000 words).
        """
        counts = Counter(self.numbers[token] for token in tokens if token in self.numbers)
        terms = [QueryTerm(times * int(self.max_impacts[term]), times, term) for term, times in counts.items()]
        if sum(term.bound for term in terms) >= SCORE_LIMIT:
            raise UsageError(f"a query of {counts.total()} known words is too long: its scores may reach 2**31.")
        return sorted((term for term in terms if term.bound), reverse=True)

    def postings(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the ordinals (ascending, distinct) and impacts of one term, int32[n_postings of the term] each."""
        span = slice(self.indptr[term], self.indptr[term + 1])
        return self.ordinals[span], self.impacts[span]

    def scores(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """Return the score of every snippet, int32[n_snippets]. A word that occurs twice in the query counts twice."""
        scores = np.zeros(self.n_snippets, np.int32)
        for term in self.query_terms(tokens):
            self._add(scores, term)
        return scores

    def search(self, tokens: Iterable[str], k: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the ordinals and scores of the best `k` snippets: score descending, then ordinal ascending.

        Snippets with score 0 are left out, so there may be fewer than `k`. Equal to ranking all of `scores`, but common
        words are only looked up for the snippets that can still be among the best (MaxScore, Turtle & Flood 1995;
        exact, as the bounds are integers).
        """
        check_depth(k)
        terms = self.query_terms(tokens)
        scores = np.zeros(self.n_snippets, np.int32)
        remaining = sum(term.bound for term in terms)  # the most that the words to come can add
        threshold = 0  # at least k snippets score this much
        n_added = n_touched = 0
        for term in terms:
            ordinals, _ = self.postings(term.term)
            # A snippet without any word so far cannot be among the best. Short postings are still cheaper to add than to probe.
            if remaining < threshold and len(ordinals) > n_touched:
                break
            self._add(scores, term)
            threshold = max(threshold, _bound_of_kth(scores[ordinals], k))
            remaining -= term.bound
            n_added += 1
            n_touched += len(ordinals)
        candidates = np.flatnonzero(scores >= max(threshold - remaining, 1)).astype(np.int32)
        totals = scores[candidates]
        for term in terms[n_added:]:
            totals += np.int32(term.times) * self.impacts_at(term.term, candidates)
            threshold = max(threshold, _bound_of_kth(totals, k))
            remaining -= term.bound
            kept = totals >= threshold - remaining
            candidates, totals = candidates[kept], totals[kept]
        return _best(candidates, totals, k)

    def _add(self, scores: NDArray[np.int32], term: QueryTerm) -> None:
        ordinals, impacts = self.postings(term.term)
        np.add.at(scores, ordinals, impacts if term.times == 1 else impacts * np.int32(term.times))

    def impacts_at(self, term: int, snippets: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return a term's impact in each of these snippets, int32[n_snippets]; 0 where it does not occur. It needs postings."""
        ordinals, impacts = self.postings(term)
        places = np.searchsorted(ordinals, snippets)
        # Past the end, `clip` takes the last posting, which cannot match.
        present = ordinals.take(places, mode="clip") == snippets
        impacts_here: NDArray[np.int32] = impacts.take(places, mode="clip") * present
        return impacts_here

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each term, its place in the vocabulary."""
        return {term: number for number, term in enumerate(self.vocabulary)}

    @cached_property
    def _ordinals(self) -> dict[str, int]:
        return {snippet_id: ordinal for ordinal, snippet_id in enumerate(self.snippet_ids)}

    # ---- what a score is made of -----------------------------------------------------------------------------------

    @cached_property
    def floors(self) -> NDArray[np.int32]:
        """What each term adds to the snippets that lack it, int32[n_terms]: 0 but in BM25L and BM25+."""
        idf = self.weighting.inverse_document_frequency(self.n_snippets, self.document_frequencies)
        return fixed_point(idf * self.weighting.absent)

    def floor(self, tokens: Iterable[str]) -> int:
        """Return what the words of a query add to the score of every snippet, which `scores` and `search` leave out."""
        if not self.weighting.absent:
            return 0
        return sum(int(self.floors[self.numbers[token]]) for token in tokens if token in self.numbers)

    # ---- checking --------------------------------------------------------------------------------------------------

    def _inconsistencies(self) -> list[str]:
        """Return what is inconsistent in the index, one line each."""
        counts = np.diff(self.indptr)  # [n_terms]
        if self.indptr[0] != 0 or self.indptr[-1] != len(self.ordinals) or (counts < 0).any():
            return [f"indptr does not rise from 0 to {len(self.ordinals)}, the number of postings"]
        # The step from one posting to the next is positive but where a new term begins.
        rising = np.diff(self.ordinals) > 0
        begins = self.indptr[1:-1][(self.indptr[1:-1] > 0) & (self.indptr[1:-1] < len(self.ordinals))]
        rising[begins - 1] = True
        idf = self.weighting.inverse_document_frequency(self.n_snippets, np.maximum(self.document_frequencies, 1))
        limits = np.rint(SCALE * self.weighting.most * idf) + bool(self.weighting.absent)  # both parts are rounded
        in_range = (self.ordinals >= 0) & (self.ordinals < self.n_snippets)
        checks = {
            "ordinals outside the snippets": in_range.all(),
            "ordinals that do not rise within a term": rising.all(),
            "impacts that are not positive": (self.impacts > 0).all(),
            "max_impacts that are not the largest impacts": (
                self.max_impacts == max_by_term(self.indptr, self.impacts)
            ).all(),
            "impacts above what their term's document frequency allows": (self.max_impacts <= limits).all(),
            "document frequencies below the number of postings": (self.document_frequencies >= counts).all(),
            "document frequencies above the number of snippets": (self.document_frequencies <= self.n_snippets).all(),
            "a vocabulary that is not sorted and distinct": all(
                left < right for left, right in zip(self.vocabulary, self.vocabulary[1:], strict=False)
            ),
            "snippet ids that occur twice": len(set(self.snippet_ids)) == self.n_snippets,
        }
        return [problem for problem, holds in checks.items() if not holds]


def _bound_of_kth(scores: NDArray[np.int32], k: int) -> int:
    """A number that at least `k` of `scores` reach: their k-th largest, or one close below it. 0 if there are fewer.

    Of many scores, only the largest of each of some groups is looked at: the k-th largest of these is reached by k
    different scores, and finding it costs one pass (0.1 ms per million) where a partition of all costs 9 ms.
    """
    n_groups = 16 * k
    if len(scores) > 4 * n_groups:
        depth = len(scores) // n_groups
        scores = scores[: depth * n_groups].reshape(depth, n_groups).max(axis=0)  # (n_groups,)
    return int(np.partition(scores, -k)[-k]) if len(scores) >= k else 0


def _best(
    ordinals: NDArray[np.int32], scores: NDArray[np.int32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the best `k` of snippets with positive `scores`, in total order: score descending, then ordinal ascending."""
    kept = scores >= _bound_of_kth(scores, k)
    # One number per snippet carries the whole order: the score in the upper 32 bits, less the ordinal.
    keys = (scores[kept].astype(np.int64) << 32) - ordinals[kept]
    if len(keys) > k:
        keys = np.partition(keys, len(keys) - k)[-k:]
    keys = np.sort(keys)[::-1]
    best_scores = (keys + (2**32 - 1)) >> 32
    return ((best_scores << 32) - keys).astype(np.int32), best_scores.astype(np.int32)
