"""What a bias list gains and costs as it grows: entity recall, errors on rare words, and rare-word false alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.asr.bias_list import OWN
from harness.report.model import Arm, Column
from harness.report.numbers import value, with_interval
from harness.report.pictures.drawing import Marks, Picture, data, share_axis, sized
from harness.report.pictures.view import TOLD, View, quoted
from harness.report.sections.bias_lists import Engine, engines, has_sizes, list_size, list_words

_SHOWN = ("entity_recall", "rare_wer", "false_rare_insertions")
_PANEL = 120  # pixels
_APART = 1.12  # between two engines' marks for lists of one size, so that their intervals do not cover each other
_SIZE = "phrases in an utterance's list"


def by_size(view: View) -> Picture | None:
    """Draw a panel for each of three figures against the size of the list; `None` where no engine has lists of two sizes."""
    import altair as alt

    shown = [
        Engine(engine.name, engine.condition, tuple(arm for arm in engine.arms if view.of(arm)))
        for engine in engines(view.figures, view.specs)
    ]
    shown = [engine for engine in shown if engine.arms and has_sizes(view.figures, engine)]
    columns = [Column(view.metric(name), "hypothesis") for name in _SHOWN]
    columns = [c for c in columns if any(_figure(view, arm, c) != "-" for engine in shown for arm in engine.arms)]
    if not shown or not columns:
        return None
    marks = view.marks(engine.name for engine in shown)
    panels = [
        _panel(column, list(_points(view, shown, column)), marks, _SIZE if column is columns[-1] else None)
        for column in columns
    ]
    has_plain = any(not view.specs[arm[0]].bias for engine in shown for arm in engine.arms)
    return Picture(
        "bias-list-size",
        "Bias lists by size",
        " ".join(
            [*(_sentence(view, engine, columns) for engine in shown[:TOLD]), *["Dashed lines: without a list."] * has_plain]
        ),
        ("backend", "bias list", "phrases", *(column.heading for column in columns)),
        tuple(
            (arm[0], _list(view, arm), _phrases(view, arm), *(_figure(view, arm, column) for column in columns))
            for engine in shown for arm in engine.arms
        ),
        alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", shape="shared"),
    )  # fmt: skip


def _points(view: View, shown: Sequence[Engine], column: Column) -> Iterator[dict[str, Any]]:
    """A mark for each list, and for each engine its figure without one (`x` is `None`)."""
    for number, engine in enumerate(shown):
        beside = _APART ** (number - (len(shown) - 1) / 2)
        for arm in engine.arms:
            row = view.figures.row_of(arm, column)
            if row is not None and row.value is not None:
                yield {
                    "series": engine.name, "x": (list_size(view.figures, arm) or 0.0) * beside or None,
                    "own": view.specs[arm[0]].bias == OWN, "y": row.value, "low": row.ci_low, "high": row.ci_high,
                    "text": f"{engine.name}, {_list(view, arm)}: {_figure(view, arm, column)}",
                }  # fmt: skip


def _panel(column: Column, points: Sequence[Mapping[str, Any]], marks: Marks, x_title: str | None) -> Any:
    import altair as alt

    of_lists, without = ([p for p in points if (p["x"] is None) == plain] for plain in (False, True))
    sizes = [point["x"] for point in of_lists]
    ends = [end for point in points for end in (point["y"], point["high"]) if end is not None]
    scale = alt.Scale(type="log", domain=[0.8 * min(sizes), 1.25 * max(sizes)], nice=False)
    powers = [10**power for power in range(7) if min(sizes) <= 10**power <= 1.25 * max(sizes)]
    ticks = powers if len(powers) > 1 else sorted({round(size) for size in sizes})
    axis = alt.Axis(grid=False, values=ticks, format=",d")
    dots = alt.Chart(data(of_lists)).encode(x=alt.X("x:Q", title=x_title, scale=scale, axis=axis), color=marks.colour)
    layers = [
        alt.Chart(data(without)).mark_rule(strokeDash=[4, 4]).encode(y=_y("y", column, ends), color=marks.colour),
        dots.transform_filter("datum.own").mark_line(strokeWidth=2).encode(y=_y("y", column, ends)),
        dots.mark_rule(strokeWidth=1.5).encode(y=_y("low", column, ends), y2="high:Q"),
        dots.mark_point(filled=True, size=70, opacity=1).encode(
            y=_y("y", column, ends), shape=marks.shape, description="text:N"
        ),
    ]
    return sized(alt.layer(*layers), _PANEL)


def _y(field: str, column: Column, ends: Sequence[float]) -> Any:
    import altair as alt

    if column.metric.unit != "count":
        return share_axis(field, column.heading, high=max(1.0, *ends))
    scale = alt.Scale(domain=[0.0, max(1.0, *ends)], nice=False)
    return alt.Y(f"{field}:Q", title=column.heading, scale=scale, axis=alt.Axis(tickCount=5, format="d"))


def _sentence(view: View, engine: Engine, columns: Sequence[Column]) -> str:
    """The engine without a list, with its shortest and with its longest one."""
    listed = [arm for arm in engine.arms if view.specs[arm[0]].bias]
    plain = [arm for arm in engine.arms if arm not in listed]
    told = [
        f"{f'with {_list(view, arm)}' if view.specs[arm[0]].bias else 'without a list'} "
        + ", ".join(f"{column.heading} {_quoted(view, arm, column)}" for column in columns)
        for arm in (*plain, listed[0], listed[-1])
    ]
    return f"{view.name((engine.name, engine.condition))}: {'; '.join(told)}."


def _list(view: View, arm: Arm) -> str:
    return list_words(view.specs[arm[0]], view.figures, arm)


def _phrases(view: View, arm: Arm) -> str:
    return value(view.figures.row(arm, "bias_listed", "hypothesis"), view.metric("bias_listed"))


def _figure(view: View, arm: Arm, column: Column) -> str:
    return with_interval(view.figures.row_of(arm, column), column.metric)


def _quoted(view: View, arm: Arm, column: Column) -> str:
    return quoted(view.figures.row_of(arm, column), column.metric)
