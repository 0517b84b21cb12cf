"""What a course over the levels of a continuum is called: it rises or falls, stays so or does not, with a knee or without.

Only what lies outside the band of random removal is called a rise or a fall. Only a broken line that fits better is called a
knee, and only where few random orders bend as much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.analysis.complexity.continuum import REMOVED, Beside, Continuum, Series
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Report
from harness.report.numbers import FEWEST, figure
from harness.report.phrasing import listing

Kind = Literal["within", "stays", "goes", "turns"]


@dataclass(frozen=True, slots=True)
class Course:
    """What a course is: `within` the band at all levels; outside on one side up to the last level (`stays`) or not (`goes`);
    or outside on both sides (`turns`). `direction` is 1 above the band, -1 below it. `peak` is the highest level there (the
    lowest below it), `first` and `last` are the first and the last level outside.
    """

    kind: Kind
    direction: int = 0
    peak: int = 0
    first: int = 0
    last: int = 0


def course_of(beside: Beside) -> Course:
    """Return what is to be called of values beside random removal."""
    outside = [k for k, side in enumerate(beside.outside) if side]
    if not outside:
        return Course("within")
    sides = {beside.outside[k] for k in outside}
    if len(sides) == 2:
        return Course("turns", 0, 0, outside[0], outside[-1])
    direction = sides.pop()
    peak = max(outside, key=lambda k: (direction * (beside.values[k] or 0.0), -k))
    kind: Kind = "stays" if outside[-1] == len(beside.values) - 1 else "goes"
    return Course(kind, direction, peak, outside[0], outside[-1])


def shown_series(report: Report, continuum: Continuum) -> list[Series]:
    """Return the series with the run's first retriever, without those of backends that have no transcript.

    The others are in the study's file.
    """
    first = report.figures.retrievers[:1]
    return [
        series
        for series in continuum.series
        if series.retriever in first
        and (series.backend is None or report.figures.has_transcripts((series.backend, series.condition or "")))
    ]


def too_few(report: Report, continuum: Continuum) -> str:
    """Return that the reference reaches the outcome too rarely for a course to be told from chance; empty where it does not."""
    for series in shown_series(report, continuum):
        share = series.course.values[0]
        if series.quantity == "reference" and share is not None:
            n = round(share * continuum.levels[0].questions)
            if n < FEWEST:
                times = "no question" if n == 0 else f"{one_in_words(n, 'question')} only"
                return f"The reference reaches the outcome for {times}: too few for a course of it, or of what is lost."
    return ""


def name_of(report: Report, series: Series) -> str:
    """Return what a series is of: a backend, with its condition where there are several."""
    if series.backend is None or series.condition is None:
        return "The reference"
    return report.figures.name((series.backend, series.condition))


def one_in_words(n: int, noun: str) -> str:
    """Return a number of things: `1 measure`, `9 measures`."""
    return f"{n} {noun}" + ("" if n == 1 else "s")


def headline(report: Report, shown: Sequence[Series]) -> Iterator[str]:
    """Yield what becomes of accuracy for how many backends, where there are several, and whether the reference does the same."""
    courses = [(series, course_of(series.course)) for series in shown if series.quantity == "accuracy"]
    n = len(courses)
    phrases = {
        ("stays", 1): "rises and stays above random removal to the last level",
        ("stays", -1): "falls and stays below random removal to the last level",
        ("goes", 1): "rises above random removal but does not stay there",
        ("goes", -1): "falls below random removal but does not stay there",
        ("turns", 0): "lies above random removal at some levels and below it at others",
        ("within", 0): "is never outside of what random removal gives",
    }
    kinds = Counter((course.kind, course.direction) for _, course in courses)
    if n > 1:
        conditions = {series.condition for series, _ in courses}
        of = "backends" if len(conditions) == 1 else "pairs of backend and condition"
        where = report.figures.where(("", conditions.pop() or "")) if len(conditions) == 1 else ""
        parts = [f"{phrases[kind]} for {count} of {n} {of}" for kind, count in kinds.most_common()]
        knees = sum(bool(has_knee(series)) for series, _ in courses)
        with_knee = (
            f"; {'each' if knees == n else knees} of these courses {'has' if knees in (1, n) else 'have'} a knee"
            * bool(knees)
        )
        yield f"As the questions with the rarest words are removed{where}, accuracy {listing(parts)}{with_knee}."
    for series in shown:
        course = course_of(series.course)
        if series.quantity != "reference":
            continue
        if course.kind == "within" and kinds["stays", 1]:
            yield (
                "The reference stays within random removal: accuracy rises since recognition loses less, not since the "
                "questions are easier to retrieve."
            )
        elif course.kind in ("stays", "goes") and course.direction < 0:
            yield "Questions without rare words are harder to retrieve, even from the reference text."
        elif course.kind in ("stays", "goes") and course.direction > 0:
            yield "Questions without rare words are easier to retrieve, from the reference text too."


def has_knee(series: Series) -> bool:
    """Whether a course that rises or falls, and stays so, is fitted better by a broken line, by more than chance bends one."""
    fit = series.fits[REMOVED]
    broken = None if fit.line is None else fit.line.broken
    if course_of(series.course).kind != "stays" or broken is None or fit.random_bend_share is None:
        return False
    return broken.better and fit.random_bend_share < SIGNIFICANCE


def course_sentence(report: Report, continuum: Continuum, series: Series, loss: Series | None) -> str:
    """Return the course of an accuracy, its knee where it has one, and what its loss does meanwhile."""
    metric = report.figures.metric(report.rules.metric).heading
    told = f"{name_of(report, series)}: {metric} {_told(report, continuum, series)}."
    if knee := _knee(report, continuum, series):
        told += f" {knee}"
    if loss is not None:
        told += f" Its loss {_told(report, continuum, loss)}."
    return told


def _told(report: Report, continuum: Continuum, series: Series) -> str:
    beside = series.course
    course = course_of(beside)
    first, last = _value(report, beside.values, 0), _value(report, beside.values, -1)
    ends = f"from {first} to {last}"
    if course.kind == "within":
        if len(set(beside.values)) == 1:
            return f"is {first} at every level"
        moves = f"is {first} at the first and at the last level" if first == last else f"goes {ends}"
        return f"{moves}, at no level outside of what random removal gives"
    if course.kind == "turns":
        above, below = (one_in_words(sum(side == sign for side in beside.outside), "level") for sign in (1, -1))
        return f"goes {ends}, above random removal at {above} and below it at {below}"
    return _one_sided(report, continuum, beside, course)


def _one_sided(report: Report, continuum: Continuum, beside: Beside, course: Course) -> str:
    verb, noun, side = ("rises", "rise", "above") if course.direction > 0 else ("falls", "fall", "below")
    band = f"{_value(report, beside.low, course.peak, bare=True)} to {_value(report, beside.high, course.peak)}"
    moved = (
        f"{verb} from {_value(report, beside.values, 0)} to {_value(report, beside.values, course.peak)} "
        f"({_left(continuum, course.peak)}), {side} random removal ({band})"
    )
    every = all(beside.outside[k] for k in range(course.first, course.last + 1))
    n_outside = sum(map(bool, beside.outside))
    if course.kind == "stays":
        if not every:
            return f"{moved}; it lies {side} it at {n_outside} of {len(beside.values) - 1} levels, the last among them"
        last = f" ({_value(report, beside.values, -1)} of {continuum.levels[-1].questions} questions)"
        return f"{moved}, and stays there to the last level" + (last if course.peak != len(beside.values) - 1 else "")
    back = course.last + 1
    inside = (
        f"{_value(report, beside.values, back)} where random removal gives {_value(report, beside.low, back, bare=True)} to "
        f"{_value(report, beside.high, back)}"
    )
    return f"{moved}, but the {noun} does not stay: from {_left(continuum, back)} on it is within random removal ({inside})"


def _left(continuum: Continuum, k: int) -> str:
    return f"{one_in_words(continuum.levels[k].questions, 'question')} left"


def _knee(report: Report, continuum: Continuum, series: Series) -> str:
    """The knee of a course that rises or falls and stays; empty for others."""
    course, fit = course_of(series.course), series.fits[REMOVED]
    if course.kind != "stays" or fit.line is None:
        return ""
    broken, verb = fit.line.broken, "rise" if course.direction > 0 else "fall"
    if broken is None or not broken.better or fit.random_bend_share is None:
        return f"The {verb} has no knee: a broken line fits no better than a line."
    at = f"{100 * broken.knee:.0f} % of the questions removed"
    evidence = f"AICc lower by {broken.aicc_gain:.1f}"
    if not has_knee(series):
        return (
            f"A knee at {at} fits better than a line ({evidence}), but {100 * fit.random_bend_share:.0f} % of the random orders "
            f"bend as much: it may be chance."
        )
    metric = report.figures.metric(report.rules.metric)
    is_share = metric.unit in ("share", "rate")
    digits, factor = (1, 10) if is_share else (3, 0.1)  # points, or the unit itself, for each tenth
    before, after = (
        f"{round(factor * slope, digits) + 0.0:+.{digits}f}" for slope in (broken.slope_before, broken.slope_after)
    )
    rarest = min(continuum.levels, key=lambda level: abs(level.removed_share - broken.knee)).rarest_zipf
    words = "" if rarest is None else f", where words rarer than about Zipf {rarest:.1f} are gone"
    return (
        f"The {verb} has a knee at {at}{words}: {before}"
        f"{' points' if is_share else ''} for each tenth removed before it, {after} after it, which fits better than a line "
        f"({evidence}; {100 * fit.random_bend_share:.0f} % of the random orders bend as much)."
    )


def _value(report: Report, values: Sequence[float | None], k: int, *, bare: bool = False) -> str:
    return figure(values[k], report.figures.metric(report.rules.metric), bare=bare)
