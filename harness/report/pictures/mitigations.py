"""What repairs bring and what they break: gain from hypotheses against the change from the reference text, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.analysis.metrics import Metric
from harness.analysis.mitigation.records import Judged, Scoreboard
from harness.report.model import Report
from harness.report.numbers import difference
from harness.report.pictures.drawing import INK, Listed, Marks, Picture, data, sized
from harness.report.sections.mitigations import scoreboards, what_to_do_first, working

_HEIGHT = 300
_MARGIN = 1.0  # points beyond the outermost interval


def gains(report: Report) -> Iterator[Listed]:
    """Yield a picture for each backend under each condition whose transcripts were repaired."""
    result = scoreboards(report)
    metric = report.figures.metric(report.rules.metric)
    for board in result.scoreboards if result else ():
        judged = [one for one in working(board) if one.reference is not None]
        if judged and metric.unit == "share":
            yield Listed(
                _picture(report, board, judged, metric),
                result.retriever if result else None,
                board.condition,
                board.backend,
            )


def _picture(report: Report, board: Scoreboard, judged: Sequence[Judged], metric: Metric) -> Picture:
    arm = (board.backend, board.condition)
    return Picture(
        "repairs",
        f"Repairs of {report.figures.name(arm)}: gain against harm",
        what_to_do_first(report, arm)[0],
        ("repair", f"change of {metric.heading} ASR", f"change of {metric.heading} ref", "fixed/broken ASR", "fixed/broken ref"),
        tuple(
            (
                one.label, difference(one.hypothesis, metric), difference(one.reference, metric),
                f"+{one.hypothesis.fixed}/-{one.hypothesis.broken}", f"+{one.reference.fixed}/-{one.reference.broken}",
            )
            for one in judged if one.reference is not None
        ),
        _chart(judged, metric),
    )  # fmt: skip


def _chart(judged: Sequence[Judged], metric: Metric) -> Any:
    import altair as alt

    points = [_point(one, metric) for one in judged]
    marks = Marks(tuple(one.label for one in judged), tuple(one.label for one in judged))
    x, y = (
        _axis(points, name, title) for name, title in (("x", f"{metric.heading} ref"), ("y", f"{metric.heading} ASR"))
    )
    zero = alt.Chart(data([{"x": 0.0, "y": 0.0}]))
    dots = alt.Chart(data(points))
    layers = [
        zero.mark_rule(strokeDash=[4, 4], color=INK, opacity=0.5).encode(x=x("x")),
        zero.mark_rule(strokeDash=[4, 4], color=INK, opacity=0.5).encode(y=y("y")),
        dots.mark_rule(strokeWidth=1.5).encode(x=x("x"), y=y("y_low"), y2="y_high:Q", color=marks.colour),
        dots.mark_rule(strokeWidth=1.5).encode(y=y("y"), x=x("x_low"), x2="x_high:Q", color=marks.colour),
        dots.mark_point(filled=True, size=80, opacity=1).encode(
            x=x("x"), y=y("y"), color=marks.colour, shape=marks.shape, description="text:N"
        ),
    ]
    return sized(alt.layer(*layers), _HEIGHT)


def _point(one: Judged, metric: Metric) -> dict[str, Any]:
    point: dict[str, Any] = {"series": one.label}
    for name, effect in (("y", one.hypothesis), ("x", one.reference)):
        if effect is not None:
            low, high = (effect.delta if end is None else end for end in (effect.ci_low, effect.ci_high))
            point |= {name: 100 * effect.delta, f"{name}_low": 100 * low, f"{name}_high": 100 * high}
    harm = "" if one.reference is None else f"; from the reference text {difference(one.reference, metric)}"
    return {**point, "text": f"{one.label}: from the hypothesis {difference(one.hypothesis, metric)}{harm}"}


def _axis(points: Sequence[dict[str, Any]], name: str, title: str) -> Any:
    """Return what makes a position by a change in points of 100; all intervals and zero lie within."""
    import altair as alt

    ends = [0.0, *(point[f"{name}_{end}"] for point in points for end in ("low", "high"))]
    scale = alt.Scale(domain=[min(ends) - _MARGIN, max(ends) + _MARGIN], nice=False)
    axis = alt.Axis(format="+.0f", tickCount=5)
    channel = alt.X if name == "x" else alt.Y
    return lambda field: channel(f"{field}:Q", title=f"change of {title}, points", scale=scale, axis=axis)
