"""Where the loss falls and what brings answers back: shares by class of word, and by repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.attribution import Attribution, Estimate
from harness.analysis.summary import Row, Summary
from harness.report.figures import COST, Figures, interval, value
from harness.report.pictures.drawing import Picture, colour, data, shape, share, sized

CLASSES: Mapping[str, str] = {
    "rare_entity": "rare names",
    "rare_other": "other rare words",
    "content": "content words",
    "function": "function words",
}
REPAIRS: Mapping[str, str] = {
    "repair_1_share": "1 error",
    "repair_2_share": "2 errors",
    "repair_3_share": "3 errors",
    "class_repair_rare": "only rare names",
    "class_repair_other": "only other words",
}
_SHARE = COST[4]  # any column that is written in per cent
_STEP = 15  # pixels for each mark beside another

Cell = tuple[str, str]


def by_class(summary: Summary, cells: Sequence[Cell], retriever: str) -> Picture | None:
    """Of each class of word its share of the loss, beside its share of the errors."""
    import altair as alt

    rows = [
        row
        for row in summary.attribution
        if row.by == "class" and row.retriever == retriever and (row.backend, row.condition) in cells
        and row.loss_share.value is not None
    ]  # fmt: skip
    if not rows:
        return None
    labels = [cell[0] for cell in cells]
    points = [
        {
            "series": row.backend, "class": CLASSES[row.group], "loss": row.loss_share.value, "low": row.loss_share.ci_low,
            "high": row.loss_share.ci_high, "errors": row.region_share.value,
            "said": f"{row.backend}, {CLASSES[row.group]}: {percent(row.loss_share)} of the loss",
            "also": f"{row.backend}, {CLASSES[row.group]}: {percent(row.region_share)} of the errors",
        }
        for row in rows
    ]  # fmt: skip
    ends = [end for row in rows for end in (row.loss_share.ci_low, row.loss_share.ci_high) if end is not None]
    low, high = min(0.0, *ends), max(1.0, *ends)
    chart = alt.Chart(data(points)).encode(
        y=alt.Y("class:N", title=None, sort=list(CLASSES.values())),
        yOffset=alt.YOffset("series:N", sort=labels),
        color=colour(labels),
    )
    title = "of all errors (line) and of all answers lost (mark)"
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share("low", title, along="x", low=low, high=high), x2="high:Q"),
        chart.mark_tick(thickness=3, height=11, opacity=1).encode(
            x=share("errors", title, along="x", low=low, high=high), description="also:N"
        ),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share("loss", title, along="x", low=low, high=high), shape=shape(labels), description="said:N"
        ),
    ]
    return Picture(
        "loss-by-word-class",
        "Which words the loss falls to",
        _class_sentence(rows),
        ("backend", "class of word", "of the errors", "of the loss"),
        tuple((row.backend, CLASSES[row.group], percent(row.region_share), percent(row.loss_share)) for row in rows),
        sized(alt.layer(*layers), max(150, len(CLASSES) * (_STEP * len(labels) + 10))),
    )


def _class_sentence(rows: Sequence[Attribution]) -> str:
    own = [row for row in rows if row.backend == rows[0].backend]
    top = max(own, key=lambda row: row.loss_share.value or 0.0)
    return (
        f"{top.backend}: {CLASSES[top.group]} are {percent(top.region_share)} of the errors and {percent(top.loss_share)} "
        f"of the answers lost."
    )


def repairs(figures: Figures, cells: Sequence[Cell], retriever: str) -> Picture | None:
    """Of the lost answers, those that return with one, two or three errors put right, or one class of words."""
    import altair as alt

    rows = [
        (cell, metric, row)
        for metric in REPAIRS
        for cell in cells
        if (row := figures.rows.get((*cell, retriever, None, "all", metric))) is not None and row.value is not None
    ]
    if not rows:
        return None
    labels = [cell[0] for cell in cells]
    points = [
        {
            "series": cell[0], "repair": REPAIRS[metric], "x": row.value, "low": row.ci_low, "high": row.ci_high,
            "said": f"{cell[0]}, {REPAIRS[metric]} put right: {value(row, _SHARE)} {interval(row, _SHARE)} come back",
        }
        for cell, metric, row in rows
    ]  # fmt: skip
    chart = alt.Chart(data(points)).encode(
        y=alt.Y("repair:N", title="put right", sort=list(REPAIRS.values())),
        yOffset=alt.YOffset("series:N", sort=labels),
        color=colour(labels),
    )
    title = "of the lost answers come back"
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share("low", title, along="x"), x2="high:Q"),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share("x", title, along="x"), shape=shape(labels), description="said:N"
        ),
    ]
    return Picture(
        "repairs",
        "What brings the answers back",
        _repair_sentence(rows),
        ("backend", "put right", "come back", "95 % interval"),
        tuple((cell[0], REPAIRS[metric], value(row, _SHARE), interval(row, _SHARE)) for cell, metric, row in rows),
        sized(alt.layer(*layers), max(150, len(REPAIRS) * (_STEP * len(labels) + 8))),
    )


def _repair_sentence(rows: Sequence[tuple[Cell, str, Row]]) -> str:
    who = rows[0][0][0]
    own = {metric: f"{value(row, _SHARE)} {interval(row, _SHARE)}" for cell, metric, row in rows if cell[0] == who}
    sentence = f"{who}: putting one error right brings back {own.get('repair_1_share', '?')} of the lost answers"
    if "class_repair_rare" in own and "class_repair_other" in own:
        sentence += (
            f"; the rare words in names alone bring back {own['class_repair_rare']}, all other words "
            f"{own['class_repair_other']}"
        )
    return sentence + "."


def percent(estimate: Estimate) -> str:
    """In whole per cent with its interval, as the report's tables of causes have it."""
    if estimate.value is None:
        return "-"
    shown = f"{100 * estimate.value:.0f} %"
    if estimate.ci_low is None or estimate.ci_high is None:
        return shown
    return f"{shown} [{100 * estimate.ci_low:.0f}, {100 * estimate.ci_high:.0f}]"
