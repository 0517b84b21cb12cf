"""Intents and slots by how rare the names are: of cascades, of systems without words, and of the reference text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.analysis.interpretation.result import Figure, System
from harness.report.model import Report
from harness.report.numbers import FEWEST, figure
from harness.report.pictures.drawing import Listed, Marks, Picture, data, share_axis, sized
from harness.report.sections.interpretation_figures import Interpreted, score
from harness.report.sections.interpretation_sentences import source

_PANEL = 150  # pixels
_SHOWN = ("intent_accuracy", "slot_f1")


def by_band(report: Report) -> Iterator[Listed]:
    """Yield the picture; none where there are fewer than two bands of ten questions."""
    of = Interpreted.of(report)
    if of is None:
        return
    points = list(_points(of))
    bands = list(dict.fromkeys(band for _, _, band, _ in points))
    names = [name for name in _SHOWN if any(name == one for _, one, _, _ in points)]
    if len(bands) < 2:
        return
    # Backends have the colours that they have everywhere; reference text and speech parts have others.
    labels = list(dict.fromkeys(source(system) for system, _, _, _ in points))
    every = dict.fromkeys([*(report.figures.name(arm) for arm in report.figures.arms), *labels])
    marks = Marks(tuple(labels), tuple(every))
    yield Listed(_picture(of, points, names, bands, marks))


_Point = tuple[System, str, str, Figure]


def _points(of: Interpreted) -> Iterator[_Point]:
    """Yield a figure for each system, score and band, bands of fewer than ten questions left out."""
    for system in of.main:
        for name in _SHOWN:
            for group in of.groups("band"):
                one = of.figure(system, name, group=group)
                if one is not None and one.value is not None and one.n_questions >= FEWEST:
                    yield system, name, group.partition(":")[2], one


def _picture(
    of: Interpreted, points: Sequence[_Point], names: Sequence[str], bands: Sequence[str], marks: Marks
) -> Picture:
    import altair as alt

    panels = [_panel(points, name, bands, marks, is_last=name == names[-1]) for name in names]
    return Picture(
        "interpretation",
        "Intents and slots by the rarity of names",
        " ".join(_sentence(of, system, bands, names) for system in of.main if any(p[0] == system for p in points)),
        ("system", "score", "Zipf band", "figure"),
        tuple((source(system), score(name).heading, band, _figure(one)) for system, name, band, one in points),
        alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", shape="shared"),
    )


def _panel(points: Sequence[_Point], name: str, bands: Sequence[str], marks: Marks, *, is_last: bool) -> Any:
    import altair as alt

    rows = [
        {
            "series": source(system), "x": band, "y": one.value, "low": one.ci_low, "high": one.ci_high,
            "text": f"{source(system)}, Zipf {band}: {score(name).heading} {_figure(one)}",
        }
        for system, other, band, one in points
        if other == name
    ]  # fmt: skip
    title = "Zipf band of the rarest word in names" if is_last else None
    x = alt.X("x:N", title=title, sort=list(bands), axis=alt.Axis(labelAngle=0, grid=False))
    base = alt.Chart(data(rows)).encode(x=x, color=marks.colour)
    layers = [
        base.mark_line(strokeWidth=2).encode(y=share_axis("y", score(name).heading), strokeDash=marks.dash),
        base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(y=share_axis("low", score(name).heading), y2="high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            y=share_axis("y", score(name).heading), shape=marks.shape, description="text:N"
        ),
    ]
    return sized(alt.layer(*layers), _PANEL)


def _sentence(of: Interpreted, system: System, bands: Sequence[str], names: Sequence[str]) -> str:
    """The scores of the rarest names and of the most frequent ones."""
    told = []
    for name in names:
        ends = [of.figure(system, name, group=f"band:{band}") for band in (bands[0], bands[-1])]
        if ends[0] is not None and ends[1] is not None:
            told.append(f"{score(name).heading} {_figure(ends[0])} in {bands[0]} and {_figure(ends[1])} in {bands[-1]}")
    return f"{source(system)}: {'; '.join(told)}."


def _figure(one: Figure) -> str:
    kind = score(one.metric)
    low, high = (figure(end, kind, bare=True) for end in (one.ci_low, one.ci_high))
    return f"{figure(one.value, kind)} [{low}, {high}]"
