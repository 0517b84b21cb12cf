"""Accuracy and loss as the questions with the rarest words are removed, each beside what random removal gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness.analysis.complexity.continuum import Continuum, Series
from harness.analysis.complexity.study import ComplexityStudy
from harness.report.model import Report
from harness.report.numbers import figure
from harness.report.pictures.drawing import FAINT, Listed, Marks, Picture, data, share_axis, sized
from harness.report.pictures.view import View
from harness.report.sections.complexity_course import course_sentence, headline, shown_series, too_few

REFERENCE: Final = "reference"
_PANEL = 190  # pixels


def by_level(report: Report) -> Iterator[Listed]:
    """Draw a picture of each condition: every backend beside the reference, and its loss, with the bands of random removal."""
    study = report.study("complexity", ComplexityStudy)
    if study is None or not study.continuum.series or too_few(report, study.continuum):
        return
    shown = shown_series(report, study.continuum)
    for condition in dict.fromkeys(series.condition for series in shown if series.condition is not None):
        of_condition = [series for series in shown if series.condition in (None, condition)]
        if any(value is not None for series in of_condition for value in series.course.values):
            several = len(report.figures.conditions) > 1
            yield Listed(_picture(report, study.continuum, of_condition), None, condition if several else None)


def _picture(report: Report, continuum: Continuum, shown: Sequence[Series]) -> Picture:
    import altair as alt

    metric = report.figures.metric(report.rules.metric)
    view = View(report.figures, report.backends)
    marks = view.marks([_label(series) for series in shown if series.quantity == "accuracy"])
    accuracy, loss = ([s for s in shown if (s.quantity == "loss") == is_loss] for is_loss in (False, True))
    panels = [
        _panel(report, continuum, accuracy, marks, metric.heading, is_last=False),
        _panel(report, continuum, loss, marks, f"loss in {metric.heading}", is_last=True),
    ]
    return Picture(
        "complexity-continuum",
        "What is reached without the rarest words",
        _takeaway(report, continuum, shown),
        ("series", "questions left", metric.heading, "random removal"),
        tuple(_rows(report, continuum, shown)),
        alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", shape="shared"),
    )


def _takeaway(report: Report, continuum: Continuum, shown: Sequence[Series]) -> str:
    """What becomes of the backends together, or of the one; and how to read the marks."""
    accuracies = [series for series in shown if series.quantity == "accuracy"]
    several = len(accuracies) > 1
    told = next(headline(report, shown)) if several else course_sentence(report, continuum, accuracies[0], None)
    return (
        f"{told} Filled marks lie outside of the shaded band, in which 95 % of the random orders of removal stay; hollow ones "
        f"inside. The dashed line is the reference."
    )


def _label(series: Series) -> str:
    return series.backend or REFERENCE


def _points(report: Report, continuum: Continuum, shown: Sequence[Series]) -> Iterator[dict[str, Any]]:
    metric = report.figures.metric(report.rules.metric)
    for series in shown:
        course = series.course
        for k, level in enumerate(continuum.levels):
            if course.values[k] is not None:
                yield {
                    "series": _label(series), "x": level.removed_share, "y": course.values[k], "low": course.low[k],
                    "high": course.high[k], "outside": bool(course.outside[k]),
                    "text": f"{_label(series)}, {level.questions} questions left: {figure(course.values[k], metric)}",
                }  # fmt: skip


def _panel(
    report: Report, continuum: Continuum, shown: Sequence[Series], marks: Marks, title: str, *, is_last: bool
) -> Any:
    import altair as alt

    points = list(_points(report, continuum, shown))
    backends = [point for point in points if point["series"] != REFERENCE]
    reference = [point for point in points if point["series"] == REFERENCE]
    ends = [end for point in points for end in (point["y"], point["low"], point["high"]) if end is not None]
    low = min([0.0, *ends])
    last = max(level.removed_share for level in continuum.levels)
    x = alt.X("x:Q", title="questions removed, rarest words first" if is_last else None,
              scale=alt.Scale(domain=[0.0, last], nice=False), axis=alt.Axis(grid=False, format=".0%", tickCount=5))  # fmt: skip

    def y(field: str) -> Any:
        return share_axis(field, title, low=low, high=max([1.0 if reference else 0.1, *ends]))

    of_backends = alt.Chart(data(backends)).encode(x=x)
    dots = of_backends.encode(y=y("y"), color=marks.colour, description="text:N")
    layers = [
        of_backends.mark_area(opacity=0.1, stroke=None).encode(y=y("low"), y2="high:Q", color=marks.colour),
        of_backends.mark_line(strokeWidth=2).encode(y=y("y"), color=marks.colour),
        dots.transform_filter("!datum.outside")
        .mark_point(filled=False, size=50, strokeWidth=1.5)
        .encode(shape=marks.shape),
        dots.transform_filter("datum.outside").mark_point(filled=True, size=60, opacity=1).encode(shape=marks.shape),
    ]
    if reference:
        line = alt.Chart(data(reference)).mark_line(strokeDash=[5, 4], strokeWidth=1.5, color=FAINT)
        layers.append(line.encode(x=x, y=y("y")))
    return sized(alt.layer(*layers), _PANEL)


def _rows(report: Report, continuum: Continuum, shown: Sequence[Series]) -> Iterator[tuple[str, ...]]:
    metric = report.figures.metric(report.rules.metric)
    for series in shown:
        course = series.course
        for k, level in enumerate(continuum.levels):
            low, high = (figure(end[k], metric, bare=True) for end in (course.low, course.high))
            yield (
                f"{_label(series)}, loss" if series.quantity == "loss" else _label(series),
                str(level.questions),
                figure(course.values[k], metric),
                f"[{low}, {high}]",
            )
