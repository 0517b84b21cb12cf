"""BM25 as fixed-point integers: from tokens to the postings of an impact index.

    impact(t, d) = round(2**12 * idf(t) * tf / (tf + k1 * (1 - b + b * len(d) / avglen)))
    idf(t)       = ln(1 + (N - df + 0.5) / (df + 0.5))

This is Lucene's BM25 (Kamphuis et al., ECIR 2020, "Lucene (accurate)"): its idf is always positive, and the constant
factor (k1 + 1), which changes no order, is left out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError

FIXED_POINT_BITS: Final = 12
DEFAULT_K1: Final = 1.2
DEFAULT_B: Final = 0.75


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
    k1: float
    b: float


def inverse_document_frequency(n_snippets: int, document_frequencies: NDArray[np.int32]) -> NDArray[np.float64]:
    """Lucene's idf of each term (float64[n_terms]), natural logarithm."""
    frequencies = document_frequencies.astype(np.float64)
    return np.log(1.0 + (n_snippets - frequencies + 0.5) / (frequencies + 0.5))


def build_postings(documents: Iterable[Sequence[str]], *, k1: float = DEFAULT_K1, b: float = DEFAULT_B) -> Postings:
    """The postings of `documents`, each a sequence of tokens; read once, in order, and not kept.

    Memory: four bytes per token while reading. Raises `UsageError` if `k1` is below 0 or `b` outside [0, 1].
    """
    if not (0.0 <= k1 < float("inf") and 0.0 <= b <= 1.0):
        raise UsageError(f"BM25 with k1={k1}, b={b}: k1 must be 0 or more, b between 0 and 1.")
    vocabulary, terms, lengths = _read(documents)
    indptr, ordinals, frequencies = _by_term(terms, lengths, len(vocabulary))
    average_length = float(lengths.mean()) if len(lengths) else 0.0
    document_frequencies = np.diff(indptr).astype(np.int32)

    idf = inverse_document_frequency(len(lengths), document_frequencies)
    # Where every snippet is empty there is no posting either, and no length to divide by.
    relative_lengths = lengths / average_length if average_length else np.ones(len(lengths))
    weights = (k1 * (1.0 - b + b * relative_lengths))[ordinals]  # [n_postings]
    weights += frequencies
    np.divide(frequencies, weights, out=weights)
    weights *= np.repeat(idf, document_frequencies)
    weights *= 2.0**FIXED_POINT_BITS
    impacts = np.rint(weights, out=weights).astype(np.int32)

    indptr, ordinals, impacts = _without_zeros(indptr, ordinals, impacts)
    return Postings(
        vocabulary=vocabulary,
        indptr=indptr,
        ordinals=ordinals,
        impacts=impacts,
        max_impacts=max_by_term(indptr, impacts),
        document_frequencies=document_frequencies,
        average_length=average_length,
        k1=float(k1),
        b=float(b),
    )


def max_by_term(indptr: NDArray[np.int64], impacts: NDArray[np.int32]) -> NDArray[np.int32]:
    """The largest impact of each term, int32[n_terms]; 0 for a term without postings."""
    largest = np.zeros(len(indptr) - 1, np.int32)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        largest[filled] = np.maximum.reduceat(impacts, indptr[filled])
    return largest


def _read(documents: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int64]]:
    """The sorted vocabulary, every token as its place there (int32[n_tokens]), and the documents' lengths."""
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
