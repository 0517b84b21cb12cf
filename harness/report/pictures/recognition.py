"""What there is to draw without a search: the error rate by backend and condition, and WER of rare beside common words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.analysis.summary import Row
from harness.report.model import Arm
from harness.report.numbers import interval, of_n, value, with_interval
from harness.report.pictures.drawing import WIDTH, Marks, Picture, data, share_axis, sized
from harness.report.pictures.view import TOLD, View, counted_over, highest, test_result

_STEP, _LEAST = 26, 90  # pixels a row, and of the whole


def error_rate(view: View) -> Picture | None:
    """Draw the error rate with its interval, a row for each backend and condition."""
    import altair as alt

    metric = view.figures.error_rate
    rows = _rows(view, metric.name)
    if not rows:
        return None
    points = [
        {
            "series": arm[0], "name": view.figures.name(arm), "x": row.value, "low": row.ci_low, "high": row.ci_high,
            "text": f"{view.figures.name(arm)}: {metric.heading} {with_interval(row, metric)}",
        }
        for arm, row in rows.items()
    ]  # fmt: skip
    marks, top = _marks(view, rows), highest(rows.values())
    chart = _by_name(view, rows, points)
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share_axis("low", metric.heading, along="x", high=top), x2="high:Q"),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share_axis("x", metric.heading, along="x", high=top), shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        metric.name,
        f"{metric.heading} by backend{' and condition' if len(view.figures.conditions) > 1 else ''}",
        " ".join(_lowest(view, condition, rows) for condition in view.figures.conditions),
        ("backend", "condition", metric.heading, "95 % interval", metric.of),
        tuple((*arm, value(row, metric), interval(row, metric), counted_over(row)) for arm, row in rows.items()),
        sized(alt.layer(*layers), max(_LEAST, _STEP * len(rows)), WIDTH - 80),
    )


def _lowest(view: View, condition: str, rows: dict[Arm, Row]) -> str:
    """The lowest error rate under a condition beside the next, and what the test of their difference says."""
    metric = view.figures.error_rate
    ranked = sorted((arm for arm in rows if arm[1] == condition), key=lambda arm: rows[arm].value or 0.0)
    if not ranked:
        return ""
    best, *others = ranked
    if not others:
        return f"{view.name(best)}: {metric.heading} {with_interval(rows[best], metric)}."
    other = others[0]
    figures = f"{with_interval(rows[best], metric)} against {with_interval(rows[other], metric)}"
    if value(rows[best], metric) == value(rows[other], metric):
        return f"{view.name(best)} and {other[0]} have the same {metric.heading} ({figures})."
    test = test_result(view.figures, best, other, metric.name, view.retriever)
    return f"{view.name(best)} has the lowest {metric.heading}, {other[0]} the next ({figures}; {test})."


def rare_and_common(view: View) -> Picture | None:
    """Draw the WER of rare words with its interval beside that of common words, a row for each backend and condition."""
    import altair as alt

    rare, common = view.metric("rare_wer"), view.metric("common_wer")
    of_rare, of_common = _rows(view, "rare_wer"), _rows(view, "common_wer")
    rows = {arm: row for arm, row in of_rare.items() if arm in of_common}
    if not rows:
        return None
    points = [
        {
            "series": arm[0], "name": view.figures.name(arm), "x": row.value, "low": row.ci_low, "high": row.ci_high,
            "common": of_common[arm].value,
            "text": f"{view.figures.name(arm)}: {rare.heading} {with_interval(row, rare)}",
            "also": f"{view.figures.name(arm)}: {common.heading} {with_interval(of_common[arm], common)}",
        }
        for arm, row in rows.items()
    ]  # fmt: skip
    marks, top = _marks(view, rows), highest([*rows.values(), *of_common.values()])
    title = f"{common.heading} (line) and {rare.heading} (mark)"
    chart = _by_name(view, rows, points)
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share_axis("low", title, along="x", high=top), x2="high:Q"),
        chart.mark_tick(thickness=3, height=11, opacity=1).encode(
            x=share_axis("common", title, along="x", high=top), description="also:N"
        ),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share_axis("x", title, along="x", high=top), shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        "rare-and-common-wer",
        f"{rare.heading[0].upper()}{rare.heading[1:]} and {common.heading}",
        " ".join(
            f"{view.name(arm)}: {rare.heading} {with_interval(row, rare)} of {of_n(row, rare) or rare.of}, "
            f"{common.heading} {with_interval(of_common[arm], common)}."
            for arm, row in list(rows.items())[:TOLD]
        ),
        ("backend", "condition", rare.heading, rare.of, common.heading, common.of),
        tuple(
            (
                *arm,
                with_interval(row, rare),
                counted_over(row),
                with_interval(of_common[arm], common),
                counted_over(of_common[arm]),
            )
            for arm, row in rows.items()
        ),
        sized(alt.layer(*layers), max(_LEAST, _STEP * len(rows)), WIDTH - 80),
    )


def _by_name(view: View, rows: dict[Arm, Row], points: Sequence[dict[str, Any]]) -> Any:
    """A chart with a row for each backend and condition, in the order of the run, coloured by backend."""
    import altair as alt

    names = [view.figures.name(arm) for arm in rows]
    y = alt.Y("name:N", title=None, sort=names, axis=alt.Axis(ticks=False, domain=False))
    return alt.Chart(data(points)).encode(y=y, color=_marks(view, rows).colour)


def _rows(view: View, name: str) -> dict[Arm, Row]:
    return {arm: row for arm in view.arms if (row := view.row(arm, name, "hypothesis")) is not None}


def _marks(view: View, rows: dict[Arm, Row]) -> Marks:
    return view.marks((arm[0] for arm in rows), legend=False)  # the rows are named
