"""What a bias list wins and what it costs as it grows: names heard, errors on rare words, rare words that nobody said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.asr.bias_list import OWN
from harness.records import BackendSpec
from harness.report.bias_lists import (
    ENTITY_RECALL,
    FALSE_RARE_WORDS,
    LISTED,
    RARE_WER,
    Cell,
    Family,
    families,
    has_sizes,
    list_words,
    size,
)
from harness.report.figures import Column, Figures, value, with_interval
from harness.report.pictures.drawing import Picture, colour, data, shape, share, sized

_SHOWN = (ENTITY_RECALL, RARE_WER, FALSE_RARE_WORDS)
_PANEL = 120  # pixels
_APART = 1.12  # between two engines' marks for lists of one size, so that their intervals do not cover each other
_SIZE = "phrases in a recording's list"


def by_size(figures: Figures, specs: Mapping[str, BackendSpec], condition: str) -> Picture | None:
    """A panel for each of three figures against the size of the list; `None` where no engine has lists of two sizes."""
    import altair as alt

    shown = [f for f in families(figures, specs) if f.condition == condition and has_sizes(figures, f)]
    if not shown:
        return None
    panels = [_panel(column, list(_points(figures, specs, shown, column)), shown) for column in _SHOWN]
    return Picture(
        "bias-list-size",
        "What a bias list wins and costs as it grows",
        " ".join(_sentence(figures, specs, family) for family in shown) + " Dashed lines: without a list.",
        ("backend", "bias list", "phrases", *(column.heading for column in _SHOWN)),
        tuple(
            (cell[0], list_words(specs[cell[0]], figures, cell), value(figures.row(cell, LISTED), LISTED),
             *(_figure(figures, cell, column) for column in _SHOWN))
            for family in shown for cell in family.cells
        ),
        alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", shape="shared"),
    )  # fmt: skip


def _points(
    figures: Figures, specs: Mapping[str, BackendSpec], shown: Sequence[Family], column: Column
) -> Iterator[dict[str, Any]]:
    """A mark for each list, and for each engine its figure without one (`x` is `None`)."""
    for number, family in enumerate(shown):
        beside = _APART ** (number - (len(shown) - 1) / 2)
        for cell in family.cells:
            row = figures.row(cell, column)
            if row is not None and row.value is not None:
                spec = specs[cell[0]]
                yield {
                    "series": family.name, "x": (size(figures, cell) or 0.0) * beside or None, "own": spec.bias == OWN,
                    "y": row.value, "low": row.ci_low, "high": row.ci_high,
                    "said": f"{family.name}, {list_words(spec, figures, cell)}: {_figure(figures, cell, column)}",
                }  # fmt: skip


def _panel(column: Column, points: Sequence[Mapping[str, Any]], shown: Sequence[Family]) -> Any:
    import altair as alt

    labels = list(dict.fromkeys(family.name for family in shown))
    of_lists, without = ([p for p in points if (p["x"] is None) == plain] for plain in (False, True))
    sizes = [point["x"] for point in of_lists]
    ends = [end for point in points for end in (point["y"], point["high"]) if end is not None]
    scale = alt.Scale(type="log", domain=[0.8 * min(sizes), 1.25 * max(sizes)], nice=False)
    ticks = [10**power for power in range(7) if min(sizes) <= 10**power <= 1.25 * max(sizes)]
    axis = alt.Axis(grid=False, values=ticks, format=",d")
    x = alt.X("x:Q", title=_SIZE if column is _SHOWN[-1] else None, scale=scale, axis=axis)
    dots = alt.Chart(data(of_lists)).encode(x=x, color=colour(labels))
    layers = [
        alt.Chart(data(without)).mark_rule(strokeDash=[4, 4]).encode(y=_y("y", column, ends), color=colour(labels)),
        dots.transform_filter("datum.own").mark_line(strokeWidth=2).encode(y=_y("y", column, ends)),
        dots.mark_rule(strokeWidth=1.5).encode(y=_y("low", column, ends), y2="high:Q"),
        dots.mark_point(filled=True, size=70, opacity=1).encode(
            y=_y("y", column, ends), shape=shape(labels), description="said:N"
        ),
    ]
    return sized(alt.layer(*layers), _PANEL)


def _y(field: str, column: Column, ends: Sequence[float]) -> Any:
    import altair as alt

    if not column.as_count:
        return share(field, column.heading, high=max(1.0, *ends))
    scale = alt.Scale(domain=[0.0, max(1.0, *ends)], nice=False)
    return alt.Y(f"{field}:Q", title=column.heading, scale=scale, axis=alt.Axis(tickCount=5, format="d"))


def _sentence(figures: Figures, specs: Mapping[str, BackendSpec], family: Family) -> str:
    """The engine without a list, with its shortest and with its longest one."""
    listed = [cell for cell in family.cells if specs[cell[0]].bias]
    plain = [cell for cell in family.cells if cell not in listed]
    told = [
        f"entity recall {_figure(figures, cell, ENTITY_RECALL)} and {_figure(figures, cell, FALSE_RARE_WORDS)} false rare words "
        f"{'with ' if specs[cell[0]].bias else ''}{_list(specs[cell[0]], figures, cell)}"
        for cell in (*plain, listed[0], listed[-1])
    ]
    return f"{family.name}: {'; '.join(told)}."


def _list(spec: BackendSpec, figures: Figures, cell: Cell) -> str:
    return list_words(spec, figures, cell) if spec.bias else "without a list"


def _figure(figures: Figures, cell: Cell, column: Column) -> str:
    return with_interval(figures.row(cell, column), column)
