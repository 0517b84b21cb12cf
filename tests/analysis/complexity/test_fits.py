"""Lines and broken lines: against SciPy and statsmodels, and on points whose answer is known."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import linregress, t

from harness.analysis.complexity.fits import bends, fit_line, r_squared

X = np.arange(10.0)
RISE_AND_KNEE = np.array([0.38, 0.43, 0.49, 0.58, 0.65, 0.72, 0.74, 0.74, 0.70, 0.70])


def test_a_line_is_that_of_scipy() -> None:
    line, theirs = fit_line(X, RISE_AND_KNEE), linregress(X, RISE_AND_KNEE)
    assert line is not None
    assert (line.slope, line.intercept) == pytest.approx((theirs.slope, theirs.intercept))
    assert line.r2 == pytest.approx(theirs.rvalue**2)
    assert (line.ci_high - line.ci_low) / 2 == pytest.approx(t.ppf(0.975, 8) * theirs.stderr)
    assert line.residuals == pytest.approx(RISE_AND_KNEE - theirs.intercept - theirs.slope * X)


def test_a_line_and_its_interval_are_those_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    fitted = api.OLS(RISE_AND_KNEE, api.add_constant(X)).fit()
    line = fit_line(X, RISE_AND_KNEE)
    assert line is not None
    assert (line.ci_low, line.ci_high) == pytest.approx(tuple(fitted.conf_int()[1]))
    assert line.r2 == pytest.approx(fitted.rsquared)


def test_the_broken_line_has_the_smallest_sum_of_squares_of_all_knees() -> None:
    def rest(knee: float) -> float:
        design = np.column_stack([np.ones(10), X, np.maximum(X - knee, 0)])
        return float(((RISE_AND_KNEE - design @ np.linalg.lstsq(design, RISE_AND_KNEE, rcond=None)[0]) ** 2).sum())

    best = minimize_scalar(rest, bounds=(4, 7), method="bounded")
    line = fit_line(X, RISE_AND_KNEE)
    assert line is not None
    assert line.broken is not None
    assert line.broken.knee == pytest.approx(best.x, abs=0.05)
    assert line.broken.r2 == pytest.approx(1 - best.fun / ((RISE_AND_KNEE - RISE_AND_KNEE.mean()) ** 2).sum(), abs=1e-4)
    assert line.broken.slope_before > 0 > line.broken.slope_after
    # AICc = n ln(RSS / n) + 2k + 2k(k + 1) / (n - k - 1), with 3 and with 5 parameters and 10 points: 10 and 25 beside the logarithm
    straight = float(((np.array(line.residuals)) ** 2).sum())
    assert line.broken.aicc_gain == pytest.approx(10 * log(straight / rest(line.broken.knee)) + 10 - 25)
    assert line.broken.better


def test_a_knee_is_where_it_was_put() -> None:
    y = np.minimum(X, 6.0) * 0.1
    line = fit_line(X, y)
    assert line is not None
    assert line.broken is not None
    assert line.broken.knee == pytest.approx(6.0)
    assert (line.broken.slope_before, line.broken.slope_after) == pytest.approx((0.1, 0.0), abs=1e-9)
    assert line.broken.better


def test_a_straight_course_is_not_broken_by_noise() -> None:
    """Two more parameters always fit closer; AICc prefers the line for nearly all courses that have no knee."""
    rng = np.random.default_rng(3)
    lines = [fit_line(X, 0.05 * X + 0.02 * rng.normal(size=10)) for _ in range(200)]
    broken = [line.broken for line in lines if line is not None and line.broken is not None]
    assert len(broken) == 200
    assert sum(each.better for each in broken) < 20
    assert all(each.r2 >= line.r2 - 1e-12 for line, each in zip(lines, broken, strict=True) if line is not None)


def test_what_cannot_be_fitted_is_not() -> None:
    assert fit_line(X, np.full(10, 0.5)) is None
    assert fit_line(np.full(10, 3.0), X) is None
    assert fit_line(X[:2], X[:2]) is None
    assert fit_line(X, np.where(X == 3, np.nan, X)) is None
    exact = fit_line(X, 2 * X + 1)
    assert exact is not None
    assert exact.broken is None
    assert (exact.slope, exact.intercept, exact.r2) == pytest.approx((2, 1, 1))
    few = fit_line(X[:6], RISE_AND_KNEE[:6])
    assert few is not None
    assert few.broken is None


@given(st.integers(0, 2**32 - 1))
def test_r_squared_of_many_rows_is_that_of_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 5, 8))
    y[4] = 1.0
    r2 = r_squared(x, y)
    assert r2[:4] == pytest.approx([linregress(a, b).rvalue ** 2 for a, b in zip(x[:4], y[:4], strict=True)])
    assert np.isnan(r2[4])


def test_how_far_a_course_bends_is_what_the_knee_explains() -> None:
    rows = np.stack([RISE_AND_KNEE, RISE_AND_KNEE[::-1], 3 * RISE_AND_KNEE + X, 2 * X + 1])
    for row, bent in zip(rows[:3], bends(X, rows)[:3], strict=True):
        line = fit_line(X, row)
        assert line is not None
        assert line.broken is not None
        assert bent == pytest.approx((line.broken.r2 - line.r2) * ((row - row.mean()) ** 2).sum())
    assert bends(X, rows)[2] == pytest.approx(9 * bends(X, rows)[0]), "a line added does not bend a course"
    assert bends(X, rows)[3] == pytest.approx(0.0, abs=1e-12)
    assert bends(X[:6], rows[:, :6]).tolist() == [0.0] * 4
