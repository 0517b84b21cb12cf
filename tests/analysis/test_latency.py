"""Percentiles of recognition times against NumPy's, and intervals against a plain loop over resamples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.latency import LEVELS, latencies
from harness.analysis.statistics import bootstrap_weights

TIMES = st.lists(st.tuples(st.integers(0, 11), st.floats(0.001, 100)), min_size=1, max_size=60)


@given(times=TIMES)
def test_values_are_numpys_inverse_of_the_empirical_distribution(times: list[tuple[int, float]]) -> None:
    found = {name: value for name, value, _, _ in latencies(times, bootstrap_weights(12, 1, 20))}
    seconds = [time for _, time in times]
    for name, level in LEVELS.items():
        assert found[name] == np.quantile(seconds, level, method="inverted_cdf")


def test_intervals_draw_whole_questions() -> None:
    draw = np.random.default_rng(5)
    times = [(question, float(time)) for question in range(40) for time in draw.lognormal(size=3)]
    weights = bootstrap_weights(40, 9, 700)
    slow = np.empty((len(weights), len(LEVELS)))
    for row, drawn in enumerate(weights):
        sample = [time for question, time in times for _ in range(int(drawn[question]))]
        slow[row] = [np.quantile(sample, level, method="inverted_cdf") for level in LEVELS.values()]
    low, high = np.quantile(slow, [0.025, 0.975], axis=0)
    for column, (_, value, found_low, found_high) in enumerate(latencies(times, weights)):
        assert found_low <= value <= found_high
        assert (found_low, found_high) == pytest.approx((low[column], high[column]))


def test_no_times_no_rows_and_a_question_without_times_is_no_harm() -> None:
    weights = bootstrap_weights(3, 1, 50)
    assert list(latencies([], weights)) == []
    found = list(latencies([(1, 0.25), (1, 0.5)], weights))  # some resamples draw neither
    assert [value for _, value, _, _ in found] == [0.25, 0.5, 0.5]
    assert all(np.isfinite([low, high]).all() for _, _, low, high in found)
