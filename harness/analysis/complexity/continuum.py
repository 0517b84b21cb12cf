"""Accuracy and complexity while questions with the rarest words are removed, with two controls.

One control removes as many questions at random. The other fits the same lines to every random order: levels are nested, so that
even random removal gives high R2. Both are needed before a rise, or an R2, means anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from harness.analysis.complexity.fits import Line, bends, fit_line, r_squared
from harness.analysis.complexity.levels import FEWEST_LEVELS, Levels
from harness.analysis.complexity.questions import QuestionSets
from harness.records import Zipf

if TYPE_CHECKING:
    from numpy.typing import NDArray

REMOVED: Final = "removed_share"
Quantity = Literal["accuracy", "reference", "loss"]
_LEVEL = 0.95  # of the random orders stay inside their band at every level
_DIGITS = 6


@dataclass(frozen=True)
class Outcomes:
    """What one backend reaches under one condition with one retriever, float64[n_questions] each: the outcome summed over a
    question's samples, the same of its reference, and how many samples are counted.
    """

    backend: str
    condition: str
    retriever: str
    reached: NDArray[np.float64]
    reference: NDArray[np.float64]
    counted: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """How often chance is asked: random orders of removal, and draws of equal size from every level."""

    orders: int = 300
    equal_size: int = 100
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Beside:
    """Values level by level, and the band that 95 % of the random orders stay inside at every level at once.

    `outside` is 1 where a value lies above the band, -1 below it, else 0. `None` where there is no value.
    """

    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    outside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A line against one measure over the levels, `None` where nothing varies.

    `random_r2` is the median R2 of the same line over random orders, `random_share` the share of them whose R2 is as high.
    `equal_size_r2` is R2 against the measure at equal size. `random_bend_share` is the share of the random orders, which are
    straight but for chance, whose sum of squares a knee lowers by as much: AICc alone, which takes levels for independent, sees
    a knee in a fifth to a third of them. It is known against `removed_share` only.
    """

    line: Line | None
    random_r2: float | None
    random_share: float | None
    equal_size_r2: float | None
    random_bend_share: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Accuracy of a backend, that of the reference, or the loss between them (reference minus hypothesis), over the levels.

    `backend` and `condition` are `None` for the reference. `fits` are by measure, and by `removed_share`.
    """

    quantity: Quantity
    retriever: str
    backend: str | None
    condition: str | None
    course: Beside
    fits: Mapping[str, Fit]


@dataclass(frozen=True, slots=True)
class Level:
    """One version: its questions, the share of all that is removed, and the rarest word left (`None`: numbers only)."""

    questions: int
    removed_share: float
    rarest_word: str | None
    rarest_zipf: Zipf | None


@dataclass(frozen=True, slots=True)
class EqualSize:
    """One measure on draws of as many questions from every level: the mean of each, and the middle 95 % of the draws from all."""

    values: tuple[float | None, ...]
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Continuum:
    """All levels of a suite; none where there are too few questions, and `not_computed` says so."""

    levels: tuple[Level, ...] = ()
    measures: Mapping[str, Beside] | None = None
    equal_size: Mapping[str, EqualSize] | None = None
    series: tuple[Series, ...] = ()
    orders: int = 0
    not_computed: str = ""


@dataclass(frozen=True)
class _Controls:
    """Measures of the levels float64[n_levels], and of every random order float64[n_orders, n_levels]."""

    kept: NDArray[np.bool_]  # [n_levels, n_questions]
    kept_at_random: NDArray[np.bool_]  # [n_levels, n_orders, n_questions]
    filtered: Mapping[str, NDArray[np.float64]]
    at_random: Mapping[str, NDArray[np.float64]]
    equal_size: Mapping[str, NDArray[np.float64]]


def continuum(levels: Levels, sets: QuestionSets, outcomes: Sequence[Outcomes], draws: Draws) -> Continuum:
    """Measure every level and fit accuracy against each measure, beside random orders."""
    n_questions = len(levels.order)
    if len(levels.sizes) < FEWEST_LEVELS:
        return Continuum(not_computed=_too_few(n_questions, levels))
    kept, at_random = levels.kept(), levels.kept_by(levels.random_orders(draws.orders, draws.seed))
    removed = 1 - np.array(levels.sizes) / n_questions
    equal_size = _at_equal_size(kept, sets, draws)
    controls = _Controls(
        kept,
        at_random,
        {REMOVED: removed, **sets.measure(kept)},
        {REMOVED: np.tile(removed, (draws.orders, 1)), **_measured_at_random(at_random, sets)},
        {name: drawn.mean(axis=1) for name, drawn in equal_size.items()},
    )
    return Continuum(
        tuple(
            Level(size, round(float(share), _DIGITS), *(rarest or (None, None)))
            for size, share, rarest in zip(levels.sizes, removed, levels.rarest, strict=True)
        ),
        {
            name: beside(values, controls.at_random[name])
            for name, values in controls.filtered.items()
            if name != REMOVED
        },
        {name: _equal_size(drawn) for name, drawn in equal_size.items()},
        tuple(_all_series(controls, outcomes)),
        draws.orders,
    )


def _too_few(n_questions: int, levels: Levels) -> str:
    made = f"{len(levels.sizes)} level{'' if len(levels.sizes) == 1 else 's'}"
    return (
        f"{n_questions} questions make {made} of {levels.fewest} questions or more; {FEWEST_LEVELS} levels are needed"
    )


def beside(
    values: NDArray[np.float64], at_random: NDArray[np.float64], bounds: tuple[float, float] | None = None
) -> Beside:
    """Return values, float64[n_levels], with the simultaneous band of the random orders, float64[n_orders, n_levels].

    The band is the mean of the orders at a level and c standard deviations on either side, with the c that makes 95 % of
    the orders stay inside at all levels together (as max-t intervals do): looking at ten levels then finds no more by chance than
    looking at one. `bounds` cut the band off where no value can lie.
    """
    middle, spread = at_random.mean(axis=0), at_random.std(axis=0)
    known = np.isfinite(values) & np.isfinite(middle)
    varied = known & (spread > 1e-9)
    furthest = np.abs((at_random - middle)[:, varied] / spread[varied]).max(axis=1, initial=0.0)
    half = np.quantile(furthest, _LEVEL) * spread
    low, high = middle - half, middle + half
    if bounds is not None:
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
    with np.errstate(invalid="ignore"):
        outside = np.where(varied, np.sign(values - high).clip(min=0) - np.sign(low - values).clip(min=0), 0.0)
    return Beside(_numbers(values), _numbers(low), _numbers(high), tuple(int(one) for one in outside))


def _all_series(controls: _Controls, outcomes: Sequence[Outcomes]) -> list[Series]:
    """The reference of each retriever, then every backend's accuracy and loss with it."""
    series = []
    for retriever in dict.fromkeys(each.retriever for each in outcomes):
        of_retriever = [each for each in outcomes if each.retriever == retriever]
        weights = sum((each.counted for each in of_retriever), np.zeros(controls.kept.shape[1]))
        once = sum((each.reference for each in of_retriever), np.zeros(len(weights))) / np.maximum(weights, 1.0)
        series.append(_series(controls, "reference", (retriever, None, None), once, (weights > 0).astype(np.float64)))
        for each in of_retriever:
            where = (retriever, each.backend, each.condition)
            series.append(_series(controls, "accuracy", where, each.reached, each.counted))
            series.append(_series(controls, "loss", where, each.reference - each.reached, each.counted))
    return series


def _series(
    controls: _Controls,
    quantity: Quantity,
    where: tuple[str, str | None, str | None],
    sums: NDArray[np.float64],
    counted: NDArray[np.float64],
) -> Series:
    """One quantity over the levels: sums over sums, never means of rates."""
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (controls.kept @ sums) / (controls.kept @ counted)
        by_level = [
            (kept @ sums) / (kept @ counted) for kept in controls.kept_at_random
        ]  # all at once would take much memory
    at_random = np.stack(by_level, axis=1)  # (n_orders, n_levels)
    bounds = (-1.0, 1.0) if quantity == "loss" else (0.0, 1.0)
    fits = {
        name: _fit(x, values, r_squared(controls.at_random[name], at_random), controls.equal_size.get(name))
        for name, x in controls.filtered.items()
    }
    removed = controls.filtered[REMOVED]
    fits[REMOVED] = replace(fits[REMOVED], random_bend_share=_bend_share(removed, values, at_random))
    return Series(quantity, *where, beside(values, at_random, bounds), fits)


def _fit(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    random_r2: NDArray[np.float64],
    equal_size: NDArray[np.float64] | None,
) -> Fit:
    line = fit_line(x, y)
    at_random = random_r2[np.isfinite(random_r2)]
    at_equal_size = None if equal_size is None else _numbers(r_squared(equal_size[None, :], y[None, :]))[0]
    if line is None or not len(at_random):
        return Fit(line, None, None, at_equal_size)
    share = float((at_random >= line.r2).mean())
    return Fit(line, round(float(np.median(at_random)), _DIGITS), round(share, _DIGITS), at_equal_size)


def _bend_share(
    removed: NDArray[np.float64], values: NDArray[np.float64], at_random: NDArray[np.float64]
) -> float | None:
    """The share of the random orders that bend as much; `None` where some level has no value."""
    if not (np.isfinite(values).all() and np.isfinite(at_random).all()):
        return None
    share = (bends(removed, at_random) >= bends(removed, values[None, :])[0] - 1e-12).mean()
    return round(float(share), _DIGITS)


def _measured_at_random(kept: NDArray[np.bool_], sets: QuestionSets) -> dict[str, NDArray[np.float64]]:
    """Each measure of every level of every random order: float64[n_orders, n_levels]."""
    by_level = [sets.measure(level) for level in kept]
    return {name: np.stack([measured[name] for measured in by_level], axis=1) for name in by_level[0]}


def _at_equal_size(kept: NDArray[np.bool_], sets: QuestionSets, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Each measure on draws of as many questions as the last level has, from every level: float64[n_levels, n_draws]."""
    generator = np.random.default_rng([draws.seed, 1])
    size = int(kept[-1].sum())
    by_level = []
    for level in kept:
        places = generator.random((draws.equal_size, len(level)))
        places[:, ~level] = np.inf
        drawn = np.zeros(places.shape, dtype=np.bool_)
        np.put_along_axis(drawn, places.argsort(axis=1)[:, :size], True, axis=1)
        by_level.append(sets.measure(drawn))
    return {name: np.stack([measured[name] for measured in by_level]) for name in by_level[0]}


def _equal_size(drawn: NDArray[np.float64]) -> EqualSize:
    tail = (1 - _LEVEL) / 2
    low, high = _numbers(np.quantile(drawn[0], [tail, 1 - tail]))
    return EqualSize(_numbers(drawn.mean(axis=1)), low, high)


def _numbers(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(round(float(value), _DIGITS) + 0.0 if np.isfinite(value) else None for value in values)
