"""What the intervals and tests promise, kept or broken in a thousand simulated suites of known truth.

100 questions, four recordings each. Some questions are hard for everyone who asks them, so their recordings succeed and
fail together; a method that takes recordings for independent must then be too sure of itself.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.analysis.significance import mapsswe, mcnemar_exact, sign_flip_rates
from harness.analysis.statistics import bootstrap_weights, percentile_intervals, resampled_ratios, share_intervals
from harness.records import AlignedWord

SUITES, QUESTIONS, RECORDINGS = 1000, 100, 4
RATE = 0.7
WORDS = 9

pytestmark = pytest.mark.slow


def chances(generator: np.random.Generator, rate: float, *shape: int) -> NDArray[np.float64]:
    """A question's own chance of success, from a beta distribution with this mean and intraclass correlation 1/2."""
    return generator.beta(rate, 1 - rate, shape)


def covered(tops: NDArray[np.float64], bottoms: NDArray[np.float64], truth: float) -> float:
    """The share of suites (columns) whose interval holds the truth; rows are what is drawn."""
    drawn = resampled_ratios(tops, bottoms, bootstrap_weights(len(tops), seed=7))
    found = percentile_intervals(drawn)
    return float(np.mean((found.low <= truth) & (truth <= found.high)))


def test_the_interval_of_a_rate_holds_the_truth_if_questions_are_drawn() -> None:
    generator = np.random.default_rng(1)
    hits = generator.binomial(1, chances(generator, RATE, QUESTIONS, 1, SUITES), (QUESTIONS, RECORDINGS, SUITES))
    of_questions = hits.sum(axis=1).astype(float)
    assert 0.93 <= covered(of_questions, np.full_like(of_questions, RECORDINGS), RATE) <= 0.97
    of_recordings = hits.reshape(-1, SUITES).astype(float)
    assert covered(of_recordings, np.ones_like(of_recordings), RATE) < 0.90


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("recordings", [1, RECORDINGS])
@pytest.mark.parametrize("questions", [48, 250])
def test_the_interval_of_a_share_holds_the_truth_from_edge_to_edge(
    questions: int, recordings: int, correlation: float
) -> None:
    generator = np.random.default_rng(5)
    shape = (questions, 2 * SUITES)
    for truth in (0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 0.95, 0.99):
        spread = 1 / correlation - 1 if correlation else 0.0
        chance = generator.beta(truth * spread, (1 - truth) * spread, shape) if correlation else np.full(shape, truth)
        hits = generator.binomial(recordings, chance).astype(float)
        found = share_intervals(hits, np.full_like(hits, recordings))
        assert 0.93 <= np.mean((found.low <= truth) & (truth <= found.high)) <= 0.995, truth


def test_the_interval_of_a_sum_over_a_sum_holds_the_truth() -> None:
    """Word errors of questions of 4 to 14 words, where long questions are no worse than short ones."""
    generator = np.random.default_rng(2)
    words = np.broadcast_to(generator.integers(4, 15, (QUESTIONS, 1, SUITES)), (QUESTIONS, RECORDINGS, SUITES))
    wrong = generator.binomial(words, chances(generator, 1 - RATE, QUESTIONS, 1, SUITES))
    tops, bottoms = wrong.sum(axis=1).astype(float), words.sum(axis=1).astype(float)
    assert 0.93 <= covered(tops, bottoms, 1 - RATE) <= 0.97
    apart = [part.reshape(-1, SUITES).astype(float) for part in (wrong, words)]
    assert covered(apart[0], apart[1], 1 - RATE) < 0.90


def test_flipping_questions_raises_no_more_false_alarms_than_it_says() -> None:
    """Two backends, equally good, with hard questions of their own: McNemar's test on recordings sees differences."""
    generator = np.random.default_rng(3)
    shape = (2, QUESTIONS, RECORDINGS, SUITES)
    hits = generator.binomial(1, chances(generator, RATE, 2, QUESTIONS, 1, SUITES), shape)
    tops = hits.sum(axis=2).astype(float)
    flipped = sign_flip_rates(tops, np.full_like(tops, RECORDINGS), seed=7, resamples=2000)
    assert 0.03 <= np.mean(flipped <= 0.05) <= 0.07
    only = [((hits[arm] == 1) & (hits[1 - arm] == 0)).sum(axis=(0, 1)) for arm in (0, 1)]
    assert np.mean([mcnemar_exact(int(b), int(c)) <= 0.05 for b, c in zip(*only, strict=True)]) > 0.15


@pytest.mark.parametrize(("recordings", "low", "high"), [(1, 0.02, 0.11), (RECORDINGS, 0.15, 1.0)])
def test_mapsswe_wants_one_recording_of_each_question(recordings: int, low: float, high: float) -> None:
    """The share of false alarms at 0.05 in 300 suites whose two backends are equally good.

    Words of a question hang together a little (intraclass correlation 0.1), which costs MAPSSWE some of its level even
    with one recording (0.08 of 400 suites); with four it is lost (0.23), while flipping questions keeps to it (0.05).
    """
    generator = np.random.default_rng(4)
    hit, wrong = AlignedWord("hit", "a", "a"), AlignedWord("substitution", "a", "b")
    alarms = 0
    for _ in range(300):
        chance = generator.beta(0.2 * 9, 0.8 * 9, (2, QUESTIONS, 1, 1))
        errors = generator.binomial(1, chance, (2, QUESTIONS, recordings, WORDS)).reshape(2, -1, WORDS)
        found = mapsswe(*([[wrong if one else hit for one in line] for line in arm.tolist()] for arm in errors))
        alarms += found.p_value is not None and found.p_value <= 0.05
    assert low <= alarms / 300 <= high
