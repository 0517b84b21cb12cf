"""The logistic fit against SciPy's optimiser and a sandwich worked out by hand, and against a curve that was planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm
from statsmodels.discrete.discrete_model import Logit

from harness.analysis.dose_response import GRID, DoseResponse, dose_response
from harness.records import Sample
from harness.words.rarity import zipf
from tests.analysis.samples import failed, sample

# Words from every band, as names.
NAMES = (
    "okapi",
    "medawar",
    "szymborska",
    "ljubljana",
    "lusaka",
    "kigali",
    "vienna",
    "paris",
    "london",
    "water",
    "people",
)


def samples_of(outcomes: Sequence[tuple[int, bool]], recordings: int = 1) -> list[Sample]:
    """One question for each pair of name and loss, every one recorded so many times, all alike."""
    return [
        sample(f"q{number}", f"where is {NAMES[name]}", "where is it", "lost" if lost else "kept", entities=[(2, 3)])
        for number, (name, lost) in enumerate(outcomes)
        for _ in range(recordings)
    ]


def fit(samples: Sequence[Sample]) -> DoseResponse:
    return dose_response(samples, "b", "clean", "bm25", "en")


def planted(n: int, seed: int, slope: float) -> list[tuple[int, bool]]:
    generator = np.random.default_rng(seed)
    names = generator.integers(0, len(NAMES), n)
    risks = [1 / (1 + np.exp(-(0.5 + slope * zipf(NAMES[name], "en")))) for name in names]
    return [(int(name), bool(lost)) for name, lost in zip(names, generator.random(n) < risks, strict=True)]


def by_hand(samples: Sequence[Sample]) -> tuple[float, float, float, float]:
    """Odds ratio, interval and p: the likelihood by a general optimiser, then bread @ meat @ bread over questions."""
    x = np.array([[1.0, zipf(s.reference.split()[2], "en")] for s in samples])
    y = np.array([s.retrieval["bm25"].fate == "lost" for s in samples], dtype=float)
    found = minimize(
        lambda b: np.logaddexp(0, x @ b).sum() - y @ x @ b, np.zeros(2), method="BFGS", options={"gtol": 1e-9}
    )
    risk = 1 / (1 + np.exp(-x @ found.x))
    bread = np.linalg.inv(x.T @ (x * (risk * (1 - risk))[:, None]))
    questions = [s.question_id for s in samples]
    distinct = sorted(set(questions))
    scores = np.array([((y - risk)[:, None] * x)[[q == d for q in questions]].sum(axis=0) for d in distinct])
    n, groups = len(y), len(distinct)
    correction = groups / (groups - 1) * (n - 1) / (n - 2)
    slope, error = found.x[1], np.sqrt((correction * bread @ scores.T @ scores @ bread)[1, 1])
    return (
        float(np.exp(slope)), float(np.exp(slope - norm.ppf(0.975) * error)), float(np.exp(slope + norm.ppf(0.975) * error)),
        float(2 * norm.sf(abs(slope / error))),
    )  # fmt: skip


@pytest.mark.parametrize("recordings", [1, 3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_an_optimiser_and_a_sandwich_by_hand(seed: int, recordings: int) -> None:
    samples = samples_of(planted(120, seed, -0.4), recordings)
    found = fit(samples)
    assert (found.n_samples, found.n_questions, found.not_fitted) == (120 * recordings, 120, None)
    ours = found.odds_ratio, found.ci_low, found.ci_high, found.p_value
    assert ours == pytest.approx(by_hand(samples), rel=1e-4)


@pytest.mark.parametrize("recordings", [1, 2])
@pytest.mark.parametrize("slope", [-0.8, -0.4, 0.0, 0.3])
def test_against_statsmodels_to_the_last_digit_that_is_written(slope: float, recordings: int) -> None:
    samples = [*samples_of(planted(90, 4, slope), recordings), *samples_of(planted(40, 5, slope))]  # unequal clusters
    x = np.array([[1.0, zipf(s.reference.split()[2], "en")] for s in samples])
    lost = np.array([s.retrieval["bm25"].fate == "lost" for s in samples], dtype=float)
    theirs = Logit(lost, x).fit(disp=0, cov_type="cluster", cov_kwds={"groups": [s.question_id for s in samples]})
    interval = np.exp(theirs.conf_int()[1])
    found = fit(samples)
    ours = found.odds_ratio, found.ci_low, found.ci_high
    assert ours == pytest.approx((np.exp(theirs.params[1]), *interval), abs=2e-9, rel=1e-9)
    assert found.p_value == pytest.approx(theirs.pvalues[1], rel=1e-5)
    points = np.column_stack([np.ones(len(GRID)), GRID])
    assert [point.probability for point in found.curve] == pytest.approx(theirs.predict(points), abs=2e-9)


def test_recordings_of_one_question_are_no_new_evidence() -> None:
    """Each question recorded five times with the same outcome: the interval stays as wide as with one recording each."""
    once, often = (fit(samples_of(planted(150, 7, -0.5), recordings)) for recordings in (1, 5))
    assert once.odds_ratio == pytest.approx(often.odds_ratio)
    widths = [np.log(found.ci_high / found.ci_low) for found in (once, often) if found.ci_high and found.ci_low]
    assert widths[0] == pytest.approx(widths[1], rel=0.02)


def test_a_planted_slope_is_found_within_its_interval_19_times_in_20() -> None:
    found = [fit(samples_of(planted(200, seed, -0.6))) for seed in range(100)]
    covered = sum((f.ci_low or 0) <= np.exp(-0.6) <= (f.ci_high or 0) for f in found)
    assert 90 <= covered <= 99


def test_the_curve_falls_and_stays_inside_its_band() -> None:
    curve = fit(samples_of(planted(200, 5, -0.6))).curve
    assert tuple(point.zipf for point in curve) == GRID == tuple(np.arange(0, 6.5, 0.5))
    probabilities = [point.probability for point in curve]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= point.ci_low < point.probability < point.ci_high <= 1 for point in curve)


def test_who_has_a_say() -> None:
    """Without a name, or not reached from the text: no say. A recording that failed has lost the outcome."""
    counted = samples_of(planted(100, 5, -0.6))
    silent = [
        sample("x1", "where is it", "where is", "lost"),
        sample("x2", "where is paris", "where", "never", entities=[(2, 3)]),
    ]
    assert fit([*counted, *silent]) == fit(counted)
    assert fit([*counted, failed("x3", "where is paris", [(2, 3)])]).n_samples == 101


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([], "only 0 questions with a name lost the outcome"),
        ([(0, False)] * 40, "only 0 questions with a name lost"),
        ([(0, True)] * 40, "only 0 questions with a name kept"),
        ([(0, True)] * 9 + [(7, False)] * 40, "only 9 questions with a name lost"),
        ([(0, True)] * 20 + [(7, False)] * 20, "separates"),
        ([(0, False)] * 20 + [(7, True)] * 20, "separates"),
        ([(0, False)] * 20 + [(0, True), (7, True)] * 20, "separates"),
        ([(7, False)] * 20 + [(7, True)] * 20, "equally frequent"),
    ],
)
def test_what_cannot_be_fitted_says_why(outcomes: list[tuple[int, bool]], reason: str) -> None:
    found = fit(samples_of(outcomes))
    assert reason in (found.not_fitted or "")
    assert (found.odds_ratio, found.p_value, found.curve) == (None, None, ())


def test_two_frequencies_next_to_each_other_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No separation, but odds that would grow by a factor of e**200 a point: said, not shown."""
    close = {"okapi": 2.00, "medawar": 2.01, "where": 6.0, "is": 6.0}
    monkeypatch.setattr("harness.analysis.dose_response.zipf", lambda word, language: close[word])
    found = fit(samples_of([(0, True)] * 30 + [(0, False)] * 10 + [(1, False)] * 30 + [(1, True)] * 10))
    assert "diverges" in (found.not_fitted or "")
    assert found.curve == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(NAMES) - 1), st.booleans()), min_size=20, max_size=60), st.integers(1, 2))
def test_fitted_or_explained_without_a_warning(outcomes: list[tuple[int, bool]], recordings: int) -> None:
    found = fit(samples_of(outcomes, recordings))
    if found.not_fitted is None:
        assert 0 < (found.ci_low or 0) <= (found.odds_ratio or 0) <= (found.ci_high or 0) < np.inf
        assert 0 <= (found.p_value or 0) <= 1
    else:
        assert found.odds_ratio is None
