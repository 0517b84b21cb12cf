"""The clustered bootstrap of a whole summary, and of one interval, against `scipy.stats.bootstrap`.

    pytest benchmarks/test_bootstrap_speed.py --benchmark-only -s

1,000 questions, 10,000 resamples, 1,250 columns: as many figures as one backend's groups and metrics make. SciPy draws the
same clusters for one figure at a time; the ratio printed is its time for one interval over ours for one, on average.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.stats import bootstrap

from harness.analysis.statistics import bootstrap_weights, percentile_intervals, resampled_ratios

N_QUESTIONS, N_COLUMNS, N_RESAMPLES = 1_000, 1_250, 10_000
Columns = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def columns() -> Columns:
    """Errors and words per question, (N_QUESTIONS, N_COLUMNS) each."""
    random = np.random.default_rng(3)
    words = random.integers(5, 15, (N_QUESTIONS, N_COLUMNS)).astype(np.float64)
    return random.binomial(words.astype(int), 0.2).astype(np.float64), words


def ours(errors: NDArray[np.float64], words: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    intervals = percentile_intervals(resampled_ratios(errors, words, bootstrap_weights(N_QUESTIONS, 7, N_RESAMPLES)))
    return intervals.low, intervals.high


def scipys(errors: NDArray[np.float64], words: NDArray[np.float64]) -> tuple[float, float]:
    interval = bootstrap(
        (errors, words),
        lambda tops, bottoms, axis: tops.sum(axis) / bottoms.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=N_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(7),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def test_whole_summary(benchmark: BenchmarkFixture, columns: Columns) -> None:
    low, high = benchmark.pedantic(lambda: ours(*columns), rounds=3)
    begun = perf_counter()
    theirs = [scipys(columns[0][:, column], columns[1][:, column]) for column in range(3)]
    one_of_theirs = (perf_counter() - begun) / 3
    one_of_ours = benchmark.stats.stats.median / N_COLUMNS
    ratio = one_of_theirs / one_of_ours
    print(f"\none interval: scipy.stats.bootstrap takes {ratio:.0f} times as long")
    benchmark.extra_info["times as fast as scipy.stats.bootstrap"] = round(ratio)
    np.testing.assert_allclose([low[:3], high[:3]], np.transpose(theirs), atol=2e-3)
