"""Intervals that respect how the data came about: the question is the cluster.

All recordings of a question, by all voices, are drawn together, because their outcomes hang together.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 10_000
LEVEL = 0.95
_BLOCK = 64  # columns resampled at once
_CHUNK = 1_000  # resamples held at once: 1,000 x 1,000 questions of float64 are 8 MB


@dataclass(frozen=True, slots=True)
class Intervals:
    """Percentile intervals, float64[n_columns] each; NaN where no resample had a denominator."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def exact(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounds to multiples of 2**-20, so that every sum of them is exact in float64 and free of summation order.

    That makes the intervals the same bytes for any number of threads.
    """
    return np.round(values * 2.0**20) / 2.0**20


def one_thread() -> AbstractContextManager[Any]:
    """Keeps matrix products in this thread while it is entered.

    Those of a bootstrap are too small to share: threads that wait for one another's share took twice the processor time,
    and on a busy machine ten times the time.
    """
    limits: AbstractContextManager[Any] = _thread_pools().limit(limits=1, user_api="blas")
    return limits


@cache
def _thread_pools() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def bootstrap_weights(n_clusters: int, seed: int, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """How often each resample draws each cluster: float64[resamples, n_clusters], every row sums to `n_clusters`."""
    generator = np.random.default_rng(seed)
    draws = generator.integers(0, n_clusters, size=(resamples, n_clusters))
    draws += np.arange(resamples)[:, None] * n_clusters
    counts = np.bincount(draws.ravel(), minlength=resamples * n_clusters)
    return counts.reshape(resamples, n_clusters).astype(np.float64)


def resampled_ratios(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ratios of sums in each resample: float64[n_resamples, n_columns]; NaN where the denominator is 0.

    `numerators` and `denominators` are float64[n_clusters, n_columns], summed within clusters.
    """
    tops = exact(numerators)
    # Most columns of a group share their denominator: each distinct one is summed once.
    bottoms, column_of = np.unique(exact(denominators), axis=1, return_inverse=True)
    ratios = np.empty((len(weights), tops.shape[1]))
    with one_thread():
        for start in range(0, len(weights), _CHUNK):
            chunk = weights[start : start + _CHUNK]
            below = chunk @ bottoms
            below[below == 0] = np.nan
            np.divide(chunk @ tops, below[:, column_of], out=ratios[start : start + _CHUNK])
    return ratios


def percentile_intervals(resampled: NDArray[np.float64], level: float = LEVEL) -> Intervals:
    """Percentile bootstrap (Efron & Tibshirani 1993, ch. 13): the middle `level` of each column, NaN left aside.

    `resampled` is float64[n_resamples, n_columns].
    """
    tail = (1.0 - level) / 2
    low, high = np.full(resampled.shape[1], np.nan), np.full(resampled.shape[1], np.nan)
    by_column = np.ascontiguousarray(resampled.T)  # a column's resamples side by side: twice as fast to order
    whole = ~np.isnan(by_column).any(axis=1)
    if whole.any():
        low[whole], high[whole] = np.quantile(by_column[whole], [tail, 1.0 - tail], axis=1, overwrite_input=True)
    ordered = np.sort(by_column[~whole], axis=1)  # NaN comes last
    known = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    low[~whole], high[~whole] = (_quantile_of_first(ordered, known, level) for level in (tail, 1.0 - tail))
    return Intervals(low, high)


def _quantile_of_first(ordered: NDArray[np.float64], known: NDArray[np.int64], level: float) -> NDArray[np.float64]:
    """The quantile of the first `known` values of each ordered row, between neighbours as `np.quantile` does."""
    place = level * np.maximum(known - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    rows = np.arange(len(ordered))
    lower, upper = ordered[rows, below], ordered[rows, above]
    return lower + (upper - lower) * (place - below)


def ratio_intervals(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64], weights: NDArray[np.float64]
) -> Intervals:
    """`percentile_intervals(resampled_ratios(...))` for very many columns, without holding all of them resampled.

    Small groups repeat one another's columns, so each distinct column is worked out once, and one whose ratio is the same
    in every cluster not at all: no resample has another. A few at a time stay in the processor's cache.
    """
    both = np.concatenate([exact(numerators), exact(denominators)])  # (2 * n_clusters, n_columns)
    distinct, column_of = np.unique(both, axis=1, return_inverse=True)
    tops, bottoms = np.split(distinct, 2)
    above, below = tops.sum(axis=0), bottoms.sum(axis=0)
    with np.errstate(invalid="ignore"):
        low = np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
    high = low.copy()
    varied = np.flatnonzero((tops * below != bottoms * above).any(axis=0))
    for at in range(0, len(varied), _BLOCK):
        block = varied[at : at + _BLOCK]
        intervals = percentile_intervals(resampled_ratios(tops[:, block], bottoms[:, block], weights))
        low[block], high[block] = intervals.low, intervals.high
    return Intervals(low[column_of], high[column_of])


def share_intervals(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64], level: float = LEVEL
) -> Intervals:
    """Intervals of shares of yes/no outcomes, which hold at 0 and 1 too: none of 24 is [0, 0.14], never [0, 0].

    Both arrays are float64[n_clusters, n_columns]: outcomes that are yes, and outcomes, summed within clusters. The interval
    of Clopper and Pearson at the effective sample size (Korn & Graubard, Survey Methodology 24, 1998): the number of
    independent outcomes that would have the variance seen between clusters (linearised; Cochran 1977, 6.3), times
    (t(n - 1) / t(m - 1))^2 for n outcomes in m clusters, and n at most. Where all outcomes are alike no variance is seen,
    and each cluster counts as one outcome. NaN where there is no outcome.
    """
    from scipy.special import betaincinv, stdtrit

    tail = (1.0 - level) / 2
    n, m = denominators.sum(axis=0), (denominators > 0).sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = numerators.sum(axis=0) / n
        residuals = numerators - share * denominators
        variance = m / (m - 1) * (residuals**2).sum(axis=0) / n**2
        shrink = stdtrit(n - 1, 1 - tail) / stdtrit(m - 1, 1 - tail)
        size = np.minimum(n, share * (1 - share) / variance * shrink**2)
    size = np.where((m > 1) & (variance > 1e-18), size, m)
    yes = share * size
    with np.errstate(invalid="ignore"):
        low = np.where(yes > 0, betaincinv(yes, size - yes + 1, tail), 0.0)
        high = np.where(size - yes > 0, betaincinv(yes + 1, size - yes, 1 - tail), 1.0)
    low[n == 0] = high[n == 0] = np.nan
    return Intervals(low, high)


def outcome_intervals(
    yes_or_no: NDArray[np.bool_],
    numerators: NDArray[np.float64],
    denominators: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> Intervals:
    """`share_intervals` of the columns that are marked, bool[n_columns], and `ratio_intervals` of the others."""
    low, high = np.empty(len(yes_or_no)), np.empty(len(yes_or_no))
    for chosen, intervals in (
        (yes_or_no, share_intervals(numerators[:, yes_or_no], denominators[:, yes_or_no])),
        (~yes_or_no, ratio_intervals(numerators[:, ~yes_or_no], denominators[:, ~yes_or_no], weights)),
    ):
        low[chosen], high[chosen] = intervals.low, intervals.high
    return Intervals(low, high)


def six_digits(p_value: float) -> float:
    """How a p-value is written to files: digits that count, not decimals, since one of 1e-12 is not 0."""
    return float(f"{p_value:.6g}")


def rounded(value: float) -> float | None:
    """How a figure is written to files: nine decimals, and `None` for NaN."""
    return None if np.isnan(value) else round(float(value), 9)
