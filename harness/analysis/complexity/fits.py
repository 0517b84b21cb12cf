"""A line and a broken line by least squares, and which of them fits better."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_POINTS: Final = 7  # AICc of five parameters is undefined for fewer
_KNEES = 200  # places that are tried for a knee
_EXACT = 1e-12  # of the total sum of squares: nothing is left to explain
_LINE, _BROKEN = 3, 5  # parameters, the variance among them


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """Two straight parts that meet at `knee`: slopes before and after it, R2, and by how much AICc is lower than the line's.

    `better`: it is lower at all. AICc counts the two further parameters, so a broken line is not better for being freer.
    """

    knee: float
    slope_before: float
    slope_after: float
    r2: float
    aicc_gain: float
    better: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line by least squares. The interval of the slope is Student's at 95 %, for independent points.

    `residuals` are value minus line; `r2` is the share of the variance that the line explains. `broken` is `None` where
    no broken line can be fitted: with fewer than 7 points, or where the line leaves nothing to explain.
    """

    slope: float
    ci_low: float
    ci_high: float
    intercept: float
    r2: float
    residuals: tuple[float, ...]
    broken: BrokenLine | None = None


def fit_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> Line | None:
    """Fit y on x, float64[n_points] each; `None` with fewer than 3 points, or where x or y does not vary."""
    n = len(x)
    if n < 3 or not _varies(x) or not _varies(y):
        return None
    centred, total = x - x.mean(), float(((y - y.mean()) ** 2).sum())
    spread = float((centred**2).sum())
    slope = float((centred * y).sum()) / spread
    residuals = y - y.mean() - slope * centred
    rest = float((residuals**2).sum())
    half = _student_975(n - 2) * (rest / (n - 2) / spread) ** 0.5
    return Line(
        slope, slope - half, slope + half, float(y.mean() - slope * x.mean()), 1 - rest / total, tuple(map(float, residuals)),
        _fit_broken(x, y, rest, total),
    )  # fmt: skip


def r_squared(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R2 of the line in each row, float64[n_rows] of float64[n_rows, n_points]; NaN where x or y does not vary."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    xx, yy, xy = (x * x).sum(axis=1), (y * y).sum(axis=1), (x * y).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        r2: NDArray[np.float64] = xy * xy / (xx * yy)
    return np.where((xx > _EXACT) & (yy > _EXACT), r2, np.nan)


def bends(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the best knee lowers the sum of squares of a line, float64[n_rows] of float64[n_rows, n_points]."""
    knees = _Knees.of(x)
    return np.zeros(len(y)) if knees is None else knees.gains(y).max(axis=0)


@dataclass(frozen=True)
class _Knees:
    """Every knee that is tried on the same points: `beyond` are the bends, `bent` what they add to a line, both
    float64[n_knees, n_points].
    """

    places: NDArray[np.float64]
    beyond: NDArray[np.float64]
    bent: NDArray[np.float64]

    @classmethod
    def of(cls, x: NDArray[np.float64]) -> _Knees | None:
        """Try a grid of knees with two distinct points on either side at least; `None` where there are too few points."""
        distinct = np.unique(x)
        if len(x) < FEWEST_POINTS or len(distinct) < 4:
            return None
        places = np.unique(np.concatenate([np.linspace(distinct[1], distinct[-2], _KNEES), distinct[1:-1]]))
        line = (
            np.column_stack([np.ones_like(x), (x - x.mean()) / x.std()]) / len(x) ** 0.5
        )  # orthonormal, (n_points, 2)
        beyond = np.maximum(x - places[:, None], 0.0)
        return cls(places, beyond, beyond - (beyond @ line) @ line.T)

    def gains(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much each knee lowers the sum of squares of each row: float64[n_knees, n_rows]."""
        lengths = (self.bent**2).sum(axis=1, keepdims=True)
        usable = lengths > _EXACT * lengths.max()
        gains: NDArray[np.float64] = np.where(usable, (self.bent @ y.T) ** 2 / np.where(usable, lengths, 1.0), 0.0)
        return gains


def _fit_broken(x: NDArray[np.float64], y: NDArray[np.float64], rest: float, total: float) -> BrokenLine | None:
    """The continuous broken line with the smallest sum of squares (segmented regression: Hudson, JASA 1966)."""
    knees = _Knees.of(x)
    if knees is None or rest <= _EXACT * total:
        return None
    gains = knees.gains(y[None, :])[:, 0]
    best = int(gains.argmax())
    left = max(rest - float(gains[best]), _EXACT * total)  # a perfect fit is as good as it can be told from rounding
    design = np.column_stack([np.ones_like(x), x - x.mean(), knees.beyond[best]])
    _, before, change = map(float, np.linalg.lstsq(design, y, rcond=None)[0])
    gain = _aicc(rest, len(x), _LINE) - _aicc(left, len(x), _BROKEN)
    return BrokenLine(float(knees.places[best]), before, before + change, 1 - left / total, gain, gain > 0)


def _aicc(sum_of_squares: float, n: int, parameters: int) -> float:
    """Akaike's criterion corrected for few points (Hurvich & Tsai, Biometrika 1989), up to a constant."""
    return n * log(sum_of_squares / n) + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1)


@cache
def _student_975(degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def _varies(values: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(values).all() and np.ptp(values) > 1e-9)
