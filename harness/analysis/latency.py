"""How long a user waits for a transcript: percentiles of the recognition time of one recording.

The mean hides the recordings that take ten times as long as the others, and those are the ones that people notice. Times
are of the recognition alone: no loading, no waiting in a queue, no failed tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.statistics import percentile_intervals
from harness.records import Seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = {"latency_p50": 0.50, "latency_p90": 0.90, "latency_p99": 0.99}
_CHUNK = 500  # resamples at once: 500 x 10,000 recordings of float64 are 40 MB


def latencies(
    times: Iterable[tuple[int, Seconds]], weights: NDArray[np.float64]
) -> Iterator[tuple[str, float, float, float]]:
    """Name, value and 95 % interval of each percentile; nothing where there are no times.

    `times` pairs the place of a recording's question with its recognition time; `weights`, float64[n_resamples,
    n_questions], says how often each resample draws each question, and with it all of its recordings. A percentile is the
    smallest time that at least that share of the recordings does not exceed (inverse of the empirical distribution; Hyndman
    & Fan 1996, type 1), which is always a time that was measured.
    """
    ordered = sorted(times, key=lambda pair: pair[1])
    if not ordered:
        return
    questions = np.array([question for question, _ in ordered])
    seconds = np.array([time for _, time in ordered])  # ascending
    levels = np.array(list(LEVELS.values()))
    values = seconds[_places(np.ones((1, len(seconds))), levels)[0]]
    resampled = np.full((len(weights), len(levels)), np.nan)
    for start in range(0, len(weights), _CHUNK):
        drawn = weights[start : start + _CHUNK, questions]  # (n_resamples, n_recordings)
        some = drawn.any(axis=1)
        resampled[start : start + _CHUNK][some] = seconds[_places(drawn[some], levels)]
    intervals = percentile_intervals(resampled)
    for name, value, low, high in zip(LEVELS, values, intervals.low, intervals.high, strict=True):
        yield name, float(value), float(low), float(high)


def _places(drawn: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where each level falls among recordings that are drawn so often: int64[n_resamples, n_levels].

    `drawn` is float64[n_resamples, n_recordings], the recordings ordered by time.
    """
    up_to = np.cumsum(drawn, axis=1)
    wanted = np.ceil(up_to[:, -1:] * levels - 1e-9)  # (n_resamples, n_levels), counted from 1
    return np.stack([(up_to < level[:, None]).sum(axis=1) for level in wanted.T], axis=1)
