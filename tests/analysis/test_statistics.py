"""The clustered bootstrap against SciPy's and against first principles."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap
from scipy.stats import t as student_t
from statsmodels.stats.proportion import proportion_confint

from harness.analysis.statistics import (
    bootstrap_weights,
    exact,
    percentile_intervals,
    ratio_intervals,
    resampled_ratios,
    share_intervals,
)


def test_every_resample_draws_as_many_clusters_as_there_are() -> None:
    weights = bootstrap_weights(37, seed=1, resamples=500)
    assert weights.shape == (500, 37)
    assert (weights.sum(axis=1) == 37).all()
    assert weights.mean() == pytest.approx(1.0)
    assert (bootstrap_weights(37, seed=1, resamples=500) == weights).all()
    assert (bootstrap_weights(37, seed=2, resamples=500) != weights).any()


def test_the_interval_of_a_ratio_agrees_with_scipy() -> None:
    generator = np.random.default_rng(5)
    tops, bottoms = generator.poisson(2, 200).astype(float), generator.integers(5, 15, 200).astype(float)
    weights = bootstrap_weights(200, seed=3)
    ours = percentile_intervals(resampled_ratios(tops[:, None], bottoms[:, None], weights))
    theirs = bootstrap(
        (tops, bottoms), lambda a, b, axis: a.sum(axis) / b.sum(axis), paired=True, vectorized=True,
        n_resamples=10_000, method="percentile", rng=np.random.default_rng(4),
    ).confidence_interval  # fmt: skip
    assert ours.low[0] == pytest.approx(theirs.low, abs=0.004)
    assert ours.high[0] == pytest.approx(theirs.high, abs=0.004)


def test_a_column_without_denominator_has_no_interval() -> None:
    weights = bootstrap_weights(4, seed=3)
    found = percentile_intervals(resampled_ratios(np.ones((4, 1)), np.zeros((4, 1)), weights))
    assert np.isnan(found.low).all()
    one_question = np.array([[1.0], [0], [0], [0]])
    found = percentile_intervals(resampled_ratios(one_question, one_question, weights))
    assert (found.low[0], found.high[0]) == (1.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(0, 2**32 - 1))
def test_sums_are_exact_in_any_order(values: list[float], seed: int) -> None:
    rounded = exact(np.array(values))
    shuffled = np.random.default_rng(seed).permutation(rounded)
    assert rounded.sum() == shuffled.sum() == sum(sorted(rounded.tolist()))
    assert np.abs(rounded - np.array(values)).max() < 1e-6


def test_many_columns_at_once_have_the_intervals_they_have_alone() -> None:
    generator = np.random.default_rng(9)
    bottoms = generator.integers(0, 2, (40, 150)).astype(float)
    tops = bottoms * generator.integers(0, 2, (40, 150))
    tops[:, 100:], bottoms[:, 100:] = tops[:, :50], bottoms[:, :50]  # repeated columns
    weights = bootstrap_weights(40, seed=1, resamples=1_000)
    together = ratio_intervals(tops, bottoms, weights)
    alone = percentile_intervals(resampled_ratios(tops, bottoms, weights))
    np.testing.assert_array_equal(together.low, alone.low)
    np.testing.assert_array_equal(together.high, alone.high)


def test_resamples_without_a_denominator_are_left_aside() -> None:
    generator = np.random.default_rng(2)
    resampled = generator.random((1_000, 6))
    resampled[generator.random(resampled.shape) < 0.4] = np.nan
    resampled[:, 4] = np.nan
    resampled[1:, 5], resampled[0, 5] = np.nan, 0.25
    found = percentile_intervals(resampled)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column of nothing but NaN
        expected = np.nanquantile(resampled, [0.025, 0.975], axis=0)
    np.testing.assert_allclose([found.low, found.high], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("yes", "n"), [(0, 24), (24, 24), (0, 9), (1, 1), (0, 1)])
def test_shares_at_the_edges_are_never_certain(yes: int, n: int) -> None:
    found = share_intervals(np.repeat([[1.0], [0.0]], [yes, n - yes], axis=0), np.ones((n, 1)))
    expected = binomtest(yes, n).proportion_ci(0.95, "exact")
    assert (found.low[0], found.high[0]) == pytest.approx((expected.low, expected.high))
    assert found.high[0] - found.low[0] > 0.1


def test_shares_of_recordings_that_go_together_count_as_one_each() -> None:
    """Four recordings of each of 50 questions, all four alike: as good as one recording of each."""
    one = np.repeat([[1.0], [0.0]], [15, 35], axis=0)
    single, fourfold = share_intervals(one, np.ones((50, 1))), share_intervals(4 * one, np.full((50, 1), 4.0))
    low, high = proportion_confint(0.3 * 49, 49, method="beta")  # m - 1 outcomes have the variance of m clusters
    assert (single.low[0], single.high[0]) == pytest.approx((low, high))
    # Korn & Graubard: the quantiles of t for the outcomes and for the clusters correct the effective size.
    size = 49 * (student_t.ppf(0.975, 199) / student_t.ppf(0.975, 49)) ** 2
    low, high = proportion_confint(0.3 * size, size, method="beta")
    assert (fourfold.low[0], fourfold.high[0]) == pytest.approx((low, high))


@pytest.mark.parametrize("alike", [0.0, 4.0])
def test_shares_of_recordings_that_are_all_alike_count_as_one_each(alike: float) -> None:
    """Four recordings of each of 24 questions, all yes or all no: as good as 24, since no spread between questions is seen."""
    fourfold = share_intervals(np.full((24, 1), alike), np.full((24, 1), 4.0))
    expected = binomtest(24 if alike else 0, 24).proportion_ci(0.95, "exact")
    assert (fourfold.low[0], fourfold.high[0]) == pytest.approx((expected.low, expected.high))


def test_shares_of_nothing_have_no_interval() -> None:
    found = share_intervals(np.zeros((3, 1)), np.zeros((3, 1)))
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30).filter(
        lambda pairs: any(n for _, n in pairs)
    )
)
def test_shares_lie_inside_their_interval(pairs: list[tuple[int, int]]) -> None:
    tops = np.array([[min(yes, n)] for yes, n in pairs], dtype=np.float64)
    bottoms = np.array([[n] for _, n in pairs], dtype=np.float64)
    found = share_intervals(tops, bottoms)
    share = tops.sum() / bottoms.sum()
    assert 0 <= found.low[0] <= share + 1e-12
    assert share - 1e-12 <= found.high[0] <= 1
    assert found.low[0] < found.high[0]
