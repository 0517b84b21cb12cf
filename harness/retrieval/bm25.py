"""BM25 as fixed-point integers: from tokens to the postings of an impact index.

    impact(t, d) = round(2**12 * idf(t) * tf(t, d)) - round(2**12 * idf(t) * absent)

`idf` and the saturated term frequency `tf` are those of a variant (Kamphuis et al., ECIR 2020, table 1), with norm = 1 - b +
b * length / average length and f the number of times that the term occurs:

    lucene       ln(1 + (N - df + 0.5) / (df + 0.5))        f / (f + k1 * norm)
    robertson    ln((N - df + 0.5) / (df + 0.5)), from 0    f / (f + k1 * norm)
    atire        ln(N / df)                                 (k1 + 1) * f / (f + k1 * norm)
    bm25l        ln((N + 1) / (df + 0.5))                   (k1 + 1) * (f / norm + delta) / (k1 + f / norm + delta)
    bm25+        ln((N + 1) / df)                           (k1 + 1) * f / (f + k1 * norm) + delta

Lucene's idf is always positive, and the constant factor (k1 + 1), which changes no order, is left out, as Lucene does.
In BM25L and BM25+ (Lv & Zhai, SIGIR and CIKM 2011) a word adds something to snippets that lack it, `absent`: the same to
all, so it changes no order either. It is taken off the impacts and added to a score by its query (`ImpactIndex.floors`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError

FIXED_POINT_BITS: Final = 12
DEFAULT_K1: Final = 1.2
DEFAULT_B: Final = 0.75


Variant = Literal["lucene", "robertson", "atire", "bm25l", "bm25+"]
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)
DEFAULT_DELTA: Final = {"bm25l": 0.5, "bm25+": 1.0}  # those of the papers


@dataclass(frozen=True, slots=True)
class Weighting:
    """A variant of BM25 and its parameters. `delta` is `None` where the variant has none, and its
    paper's value where it has one and nothing is given. Raises `UsageError` for invalid parameters."""

    variant: Variant = "lucene"
    k1: float = DEFAULT_K1
    b: float = DEFAULT_B
    delta: float | None = None

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise UsageError(f"unknown BM25 variant {self.variant!r}. Known: {', '.join(VARIANTS)}.")
        if not (0.0 <= self.k1 < float("inf") and 0.0 <= self.b <= 1.0):
            raise UsageError(f"BM25 with k1={self.k1}, b={self.b}: k1 must be 0 or more, b between 0 and 1.")
        if self.variant not in DEFAULT_DELTA:
            if self.delta is not None:
                raise UsageError(f"BM25 variant {self.variant!r} has no delta; {' and '.join(DEFAULT_DELTA)} have one.")
        elif self.delta is None:
            object.__setattr__(self, "delta", DEFAULT_DELTA[self.variant])
        elif not 0.0 < self.delta < float("inf"):
            raise UsageError(f"BM25 variant {self.variant!r} with delta={self.delta}: delta must be above 0.")

    def inverse_document_frequency(self, n_snippets: int, df: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the idf of each term, float64[n_terms], natural logarithm. `df` is int32[n_terms], at least 1."""
        frequencies = df.astype(np.float64)
        if self.variant == "lucene":
            return np.log(1.0 + (n_snippets - frequencies + 0.5) / (frequencies + 0.5))
        if self.variant == "robertson":
            return np.log(np.maximum((n_snippets - frequencies + 0.5) / (frequencies + 0.5), 1.0))
        if self.variant == "atire":
            return np.log(n_snippets / frequencies)
        return np.log((n_snippets + 1.0) / (frequencies + (0.5 if self.variant == "bm25l" else 0.0)))

    def saturated(self, frequencies: NDArray[np.int32], relative_lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the saturated term frequency of each posting, float64[n_postings]. `relative_lengths` is overwritten."""
        norms = relative_lengths  # (n_postings,)
        norms *= self.b
        norms += 1.0 - self.b
        if self.variant == "bm25l":
            shifted = frequencies / norms + (self.delta or 0.0)
            return (self.k1 + 1.0) * shifted / (self.k1 + shifted)
        norms *= self.k1
        norms += frequencies
        np.divide(frequencies, norms, out=norms)
        if self.variant in ("atire", "bm25+"):
            norms *= self.k1 + 1.0
        if self.variant == "bm25+":
            norms += self.delta or 0.0
        return norms

    @property
    def absent(self) -> float:
        """The saturated term frequency of a term that does not occur."""
        if self.delta is None:
            return 0.0
        return self.delta if self.variant == "bm25+" else (self.k1 + 1.0) * self.delta / (self.k1 + self.delta)

    @property
    def most(self) -> float:
        """The upper bound of the saturated term frequency, less `absent`."""
        if self.variant == "bm25l":
            return self.k1 + 1.0 - self.absent
        return 1.0 if self.variant in ("lucene", "robertson") else self.k1 + 1.0


def fixed_point(weights: NDArray[np.float64]) -> NDArray[np.int32]:
    """`round(2**12 * weights)`; `weights` is overwritten."""
    weights *= 2.0**FIXED_POINT_BITS
    return np.rint(weights, out=weights).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Postings:
    """Which snippets hold a term, and what the term adds to their scores; one column per term.

    The snippets of term `t` are `ordinals[indptr[t]:indptr[t + 1]]`, ascending. A posting whose impact rounds to zero
    (a term in nearly every snippet) is left out: it can change no score. `document_frequencies` counts it all the same.
    """

    vocabulary: tuple[str, ...]  # sorted
    indptr: NDArray[np.int64]  # [n_terms + 1]
    ordinals: NDArray[np.int32]  # [n_postings]
    impacts: NDArray[np.int32]  # [n_postings], all > 0
    max_impacts: NDArray[np.int32]  # [n_terms], the largest impact of each term, 0 where it has no posting
    document_frequencies: NDArray[np.int32]  # [n_terms]
    average_length: float  # tokens per snippet
    weighting: Weighting


def build_postings(documents: Iterable[Sequence[str]], weighting: Weighting | None = None) -> Postings:
    """Return the postings of `documents`, each a sequence of tokens; read once, in order, and not kept.

    Memory: four bytes per token while reading.
    """
    weighting = weighting or Weighting()
    vocabulary, terms, lengths = _read(documents)
    indptr, ordinals, frequencies = _by_term(terms, lengths, len(vocabulary))
    average_length = float(lengths.mean()) if len(lengths) else 0.0
    document_frequencies = np.diff(indptr).astype(np.int32)

    idf = weighting.inverse_document_frequency(len(lengths), document_frequencies)
    # Where every snippet is empty there is no posting either, and no length to divide by.
    relative_lengths = lengths / average_length if average_length else np.ones(len(lengths))
    weights = weighting.saturated(frequencies, relative_lengths[ordinals])  # (n_postings,)
    weights *= np.repeat(idf, document_frequencies)
    impacts = fixed_point(weights)
    if weighting.absent:
        impacts -= np.repeat(fixed_point(idf * weighting.absent), document_frequencies)

    indptr, ordinals, impacts = _without_zeros(indptr, ordinals, impacts)
    return Postings(
        vocabulary=vocabulary,
        indptr=indptr,
        ordinals=ordinals,
        impacts=impacts,
        max_impacts=max_by_term(indptr, impacts),
        document_frequencies=document_frequencies,
        average_length=average_length,
        weighting=weighting,
    )


def max_by_term(indptr: NDArray[np.int64], impacts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the largest impact of each term, int32[n_terms]; 0 for a term without postings."""
    largest = np.zeros(len(indptr) - 1, np.int32)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        largest[filled] = np.maximum.reduceat(impacts, indptr[filled])
    return largest


def _read(documents: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int64]]:
    """Return the sorted vocabulary, every token as its place there (int32[n_tokens]), and the documents' lengths."""
    numbers: dict[str, int] = {}  # by first occurrence
    stream, lengths = array("i"), array("q")
    for tokens in documents:
        lengths.append(len(tokens))
        stream.extend([numbers.setdefault(token, len(numbers)) for token in tokens])
    vocabulary = sorted(numbers)
    places = np.empty(len(vocabulary), np.int32)
    places[[numbers[term] for term in vocabulary]] = np.arange(len(vocabulary), dtype=np.int32)
    terms = places[np.frombuffer(stream, np.int32)] if len(stream) else np.zeros(0, np.int32)
    return tuple(vocabulary), terms, np.array(lengths, np.int64)


def _by_term(
    terms: NDArray[np.int32], lengths: NDArray[np.int64], n_terms: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """`indptr`, `ordinals` and term frequencies of the tokens, grouped by term."""
    from scipy.sparse import csr_array

    starts = np.concatenate(([0], np.cumsum(lengths)))
    matrix = csr_array((np.ones(len(terms), np.int32), terms, starts), shape=(len(lengths), n_terms)).tocsc()
    matrix.sum_duplicates()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data


def _without_zeros(
    indptr: NDArray[np.int64], ordinals: NDArray[np.int32], impacts: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    kept = impacts > 0
    if kept.all():
        return indptr, ordinals, impacts
    kept_before = np.concatenate(([0], np.cumsum(kept)))  # [n_postings + 1]
    return kept_before[indptr], ordinals[kept], impacts[kept]
