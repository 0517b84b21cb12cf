"""What a picture is, its colours and marks, and how it becomes SVG.

Colours are those of Okabe & Ito (2008), which people of every kind of colour vision tell apart, with grey for their black
and without yellow, which a white page swallows. Every series has a mark of its own beside its colour. Inks and grid have
colours of their own too, so that a page can put its theme's in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from harness.report.unseen import all_visible

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a7a7a")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
DASHES = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 4), (1, 3), (6, 2, 2, 2, 2, 2))
INK, FAINT, GRID, TINT = "#1c1f24", "#565c66", "#dfe2e6", "#0072b1"
WIDTH = 340  # with its labels not much wider than a phone, so that the letters can be read there
_HEIGHT = 230
_HALF_A_LINE = 20  # letters of a legend
_FONT = "system-ui, sans-serif"


@dataclass(frozen=True)
class Picture:
    """`name` is safe in a file name; `takeaway` is the sentence it shows; `rows` are the figures under `headings`.

    `chart` is an Altair chart.
    """

    name: str
    title: str
    takeaway: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: Any


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture. `retriever`, `condition` and `backend` are `None` where it shows all of them, or none."""

    picture: Picture
    retriever: str | None = None
    condition: str | None = None
    backend: str | None = None


def unchecked() -> AbstractContextManager[None]:
    """Leaves out Altair's check of every part of a chart against the schema of Vega-Lite.

    It takes as long as drawing. Charts differ from run to run by labels and numbers only, and tests draw them checked.
    """
    from altair.utils.schemapi import debug_mode

    context: AbstractContextManager[None] = debug_mode(False)
    return context


def svg(picture: Picture) -> str:
    """The picture as SVG text, drawn by vl-convert in this process. Nothing is fetched."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification(picture))
    return drawn


def specification(picture: Picture) -> dict[str, Any]:
    """The Vega-Lite specification."""
    axis = {
        "labelColor": FAINT, "titleColor": FAINT, "tickColor": GRID, "domainColor": GRID, "gridColor": GRID,
        "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "labelLimit": 180, "titleLimit": 360,
        "titlePadding": 8,
    }  # fmt: skip
    legend = {
        "labelColor": INK, "titleColor": FAINT, "labelFontSize": 13, "orient": "bottom", "title": None,
        "symbolSize": 90, "symbolOpacity": 1, "symbolStrokeWidth": 0,
    }  # fmt: skip
    # Vega-Lite writes labels into expressions of its own, where a line separator, say, would end a string.
    made: dict[str, Any] = all_visible(picture.chart.to_dict(validate=False))
    made["config"] = {
        "font": _FONT, "background": None, "padding": 12, "view": {"stroke": None}, "axis": axis, "legend": legend,
        "text": {"color": INK, "fontSize": 13},
    }  # fmt: skip
    return made


def data(rows: Iterable[Mapping[str, object]]) -> Any:
    """Rows inside the chart itself."""
    import altair as alt

    return alt.Data(values=[dict(row) for row in rows])


@dataclass(frozen=True)
class Marks:
    """Colours, marks and kinds of line of the series that a picture shows.

    `every` are all series of the run: one has the same colour and mark in every picture. After the last one colours return with
    marks of another order.
    """

    shown: tuple[str, ...]
    every: tuple[str, ...]
    legend: bool = True

    def _each(self, turn: Sequence[Any], shift: int = 0) -> list[Any]:
        places = map(self.every.index, self.shown)
        return [turn[(place + shift * (place // len(turn))) % len(turn)] for place in places]

    @property
    def colour(self) -> Any:
        """Colour by `series`."""
        import altair as alt

        scale = alt.Scale(domain=list(self.shown), range=self._each(SERIES))
        return alt.Color("series:N", scale=scale, legend=self._legend)

    @property
    def shape(self) -> Any:
        """A mark for each series."""
        import altair as alt

        scale = alt.Scale(domain=list(self.shown), range=self._each(SHAPES, 1))
        return alt.Shape("series:N", scale=scale, legend=self._legend)

    @property
    def dash(self) -> Any:
        """A kind of line for each series."""
        import altair as alt

        scale = alt.Scale(domain=list(self.shown), range=self._each([list(dash) for dash in DASHES]))
        return alt.StrokeDash("series:N", scale=scale, legend=None)

    @property
    def _legend(self) -> Any:
        return _legend(self.shown) if self.legend else None


def shape_by(field: str, labels: Sequence[str]) -> Any:
    """A mark for each of `labels`."""
    import altair as alt

    turn = [SHAPES[i % len(SHAPES)] for i in range(len(labels))]
    return alt.Shape(f"{field}:N", scale=alt.Scale(domain=list(labels), range=turn), legend=_legend(labels))


def _legend(labels: Sequence[str]) -> Any:
    """Two labels a line; where one is too long for half of a line, each has its own."""
    import altair as alt

    columns = 2 if max(map(len, labels), default=0) <= _HALF_A_LINE else 1
    return alt.Legend(columns=columns, labelLimit=WIDTH // columns - 20)


def share_axis(field: str, title: str, *, along: str = "y", low: float = 0.0, high: float = 1.0) -> Any:
    """A position by a share of 1, written in per cent."""
    import altair as alt

    channel = alt.Y if along == "y" else alt.X
    axis = alt.Axis(format=".0%", tickCount=5)
    return channel(f"{field}:Q", title=title, scale=alt.Scale(domain=[low, high], nice=False), axis=axis)


def sized(chart: Any, height: int = _HEIGHT, width: int = WIDTH) -> Any:
    """Return the chart at the width of every picture, or narrower beside long labels."""
    return chart.properties(width=width, height=height)
