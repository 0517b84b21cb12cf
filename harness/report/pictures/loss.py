"""What the errors cost: beside the error rate, and by condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from harness.analysis.metrics import Metric
from harness.analysis.summary import Row
from harness.report.model import Arm, Figures
from harness.report.numbers import FEWEST, figure, interval, value, with_interval
from harness.report.pictures.drawing import Picture, data, shape_by, share_axis, sized
from harness.report.pictures.view import TOLD, View, highest, test_result


class _Point(NamedTuple):
    """The error rate and the share lost of one backend under one condition."""

    arm: Arm
    rate: Row
    lost: Row


def wer_against_loss(view: View) -> Picture | None:
    """Draw a point for each backend and condition, with both intervals."""
    import altair as alt

    rate, lost = view.figures.error_rate, view.metric("lost")
    points = _points(view)
    if not points:
        return None
    labels, conditions = (list(dict.fromkeys(point.arm[part] for point in points)) for part in (0, 1))
    marks, top = view.marks(labels), highest(point.rate for point in points)
    drawn = [
        {
            "series": p.arm[0], "condition": p.arm[1], "x": p.rate.value, "y": p.lost.value,
            "xl": p.rate.ci_low, "xh": p.rate.ci_high, "yl": p.lost.ci_low, "yh": p.lost.ci_high,
            "text": _one(view.figures, p),
        }
        for p in points
    ]  # fmt: skip
    chart = alt.Chart(data(drawn)).encode(color=marks.colour)
    x, y = share_axis("x", rate.heading, along="x", high=top), share_axis("y", lost.heading)
    by = marks.shape if len(conditions) == 1 else shape_by("condition", conditions)
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share_axis("xl", rate.heading, along="x", high=top), x2="xh:Q", y=y),
        chart.mark_rule(strokeWidth=1.5).encode(x=x, y=share_axis("yl", lost.heading), y2="yh:Q"),
        chart.mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y, shape=by, description="text:N"),
    ]
    return Picture(
        "wer-against-loss",
        f"{rate.heading} and {lost.heading}",
        order_sentence(view),
        ("backend", "condition", rate.heading, "95 % interval", lost.heading, "95 % interval"),
        tuple(
            (*p.arm, value(p.rate, rate), interval(p.rate, rate), value(p.lost, lost), interval(p.lost, lost))
            for p in points
        ),
        sized(alt.layer(*layers)),
    )


def _points(view: View) -> list[_Point]:
    return [
        _Point(arm, rate, lost)
        for arm in view.arms
        if (rate := view.row(arm, view.figures.error_rate.name, "hypothesis")) is not None
        and (lost := view.lost(arm)) is not None
    ]


def order_sentence(view: View) -> str:
    """Return whether the order by the error rate is that by the loss, among backends under one condition.

    Empty where neither is known.

    Figures are equal that are written alike.
    """
    figures, retriever = view.figures, view.retriever
    rate, lost = view.figures.error_rate, view.metric("lost")
    points = [point for point in _points(view) if view.can_lose(point.arm)]
    pairs = [  # the one with the lower error rate first
        (a, b)
        for a, b in permutations(points, 2)
        if a.arm[1] == b.arm[1] and _as_shown(a.rate, rate) < _as_shown(b.rate, rate)
    ]
    more = [(a, b) for a, b in pairs if _as_shown(a.lost, lost) > _as_shown(b.lost, lost)]
    equal = [(a, b) for a, b in pairs if _as_shown(a.lost, lost) == _as_shown(b.lost, lost)]
    if not points:
        sentences = [_too_few(view)] if _points(view) else []
    elif not pairs:
        sentences = [f"{_one(figures, point)}." for point in points[:TOLD]]
    elif more:
        sentences = [_other_order(figures, more, retriever)]
    elif equal:
        sentences = list(_equal_losses(figures, equal, len(pairs)))
    elif len(pairs) == 1:
        sentences = [_same_order(figures, *pairs[0], retriever)]
    else:
        among = " under the same condition" if len(figures.conditions) > 1 else ""
        sentences = [f"In every pair of backends{among}, the lower {rate.heading} goes with fewer {view.noun} lost."]
    place = figures.where(None, retriever).strip()
    return (f"{place[0].upper()}{place[1:]}: " if place and sentences else "") + " ".join(sentences)


def _too_few(view: View) -> str:
    return f"The reference reaches the outcome for fewer than {FEWEST} utterances: too few {view.noun} to lose."


def _as_shown(row: Row, metric: Metric) -> float:
    return float(figure(row.value, metric, bare=True))


def _one(figures: Figures, point: _Point) -> str:
    rate, lost = figures.error_rate, figures.metric("lost")
    return (
        f"{figures.name(point.arm)}: {rate.heading} {with_interval(point.rate, rate)}, "
        f"{lost.heading} {with_interval(point.lost, lost)}"
    )


def _other_order(figures: Figures, pairs: Sequence[tuple[_Point, _Point]], retriever: str | None) -> str:
    """Of the pairs that the error rate and the loss order otherwise, the one with most significant differences.

    That they are ordered otherwise is claimed only where both differences are significant.
    """
    told = [(pair, _tests(figures, *pair, retriever)) for pair in pairs]
    (a, b), tests = max(told, key=lambda one: sum(text.startswith("significant") for text in one[1]))
    rate, lost = figures.error_rate, figures.metric("lost")
    both = all(text.startswith("significant") for text in tests)
    return (
        f"{f'{rate.heading} orders the backends otherwise: ' if both else ''}{figures.name(a.arm)} has the lower {rate.heading} "
        f"({_against(a.rate, b.rate, rate)}; {tests[0]}), {figures.name(b.arm)} has fewer {figures.rules.noun} lost "
        f"({_against(b.lost, a.lost, lost)}; {tests[1]})."
    )


def _same_order(figures: Figures, a: _Point, b: _Point, retriever: str | None) -> str:
    rate, lost = figures.error_rate, figures.metric("lost")
    of_rate, of_lost = _tests(figures, a, b, retriever)
    return (
        f"{figures.name(a.arm)} has the lower {rate.heading} ({_against(a.rate, b.rate, rate)}; {of_rate}) and fewer "
        f"{figures.rules.noun} lost ({_against(a.lost, b.lost, lost)}; {of_lost}) than {figures.name(b.arm)}."
    )


def _equal_losses(figures: Figures, pairs: Sequence[tuple[_Point, _Point]], n_pairs: int) -> Iterator[str]:
    rate, lost, noun = figures.error_rate, figures.metric("lost"), figures.rules.noun
    a, b = pairs[0]
    yield (
        f"{figures.name(a.arm)} and {figures.name(b.arm)} have equally many {noun} lost ({value(a.lost, lost)}), at a "
        f"{rate.heading} of {value(a.rate, rate)} and {value(b.rate, rate)}."
    )
    if n_more := len(pairs) - 1:
        yield f"{n_more} more {'pair of backends has' if n_more == 1 else 'pairs of backends have'} equally many."
    if n_pairs > len(pairs):
        yield f"In the other pairs the lower {rate.heading} goes with fewer {noun} lost."


def _tests(figures: Figures, a: _Point, b: _Point, retriever: str | None) -> tuple[str, str]:
    return (
        test_result(figures, a.arm, b.arm, figures.error_rate.name, retriever),
        test_result(figures, a.arm, b.arm, "lost", retriever),
    )


def _against(a: Row, b: Row, metric: Metric) -> str:
    return f"{value(a, metric)} against {value(b, metric)}"


def ladder(view: View) -> Picture | None:
    """Draw what is lost under each condition, a line for each backend; `None` where there is one condition only."""
    import altair as alt

    metric = view.metric("lost")
    rows = [(arm, row) for arm in view.arms if (row := view.lost(arm)) is not None]
    if len({arm[1] for arm, _ in rows}) < 2:
        return None
    ordered = rungs(view.figures.conditions)
    labels = list(dict.fromkeys(arm[0] for arm, _ in rows))
    marks = view.marks(labels)
    rows.sort(key=lambda one: ordered.index(one[0][1]))
    points = [
        {
            "series": arm[0], "x": arm[1], "y": row.value, "low": row.ci_low, "high": row.ci_high,
            "text": f"{arm[0]}, {arm[1]}: {metric.heading} {with_interval(row, metric)}",
        }
        for arm, row in rows
    ]  # fmt: skip
    axis = alt.Axis(labelAngle=-30 if max(map(len, ordered)) * len(ordered) > 50 else 0, grid=False)
    chart = alt.Chart(data(points)).encode(x=alt.X("x:O", title=None, sort=ordered, axis=axis), color=marks.colour)
    y, low = share_axis("y", metric.heading), share_axis("low", metric.heading)
    layers = [
        chart.mark_area(opacity=0.14, stroke=None).encode(y=low, y2="high:Q"),
        chart.mark_line(strokeWidth=2).encode(y=y, strokeDash=marks.dash),
        chart.mark_rule(strokeWidth=1.5).encode(y=low, y2="high:Q"),
        chart.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=marks.shape, description="text:N"),
    ]
    return Picture(
        "condition-ladder",
        f"{metric.heading.capitalize()} by condition",
        " ".join(_ladder_sentences(view, rows)),
        ("backend", "condition", metric.heading, "95 % interval"),
        tuple((*arm, value(row, metric), interval(row, metric)) for arm, row in rows),
        sized(alt.layer(*layers)),
    )


def rungs(conditions: Sequence[str]) -> list[str]:
    """Return conditions from the easiest to the hardest as far as their labels tell: without a noise level first, in the order
    of the run, then each kind of noise from its highest signal-to-noise ratio down.
    """
    level = {c: re.search(r"(-?\d+(?:\.\d+)?) ?dB", c) for c in conditions}
    kinds = list(dict.fromkeys(c.split(" ")[0] for c in conditions))
    return sorted(
        conditions,
        key=lambda c: (kinds.index(c.split(" ")[0]), -float(ratio[1]) if (ratio := level[c]) else float("-inf")),
    )


def _ladder_sentences(view: View, rows: Sequence[tuple[Arm, Row]]) -> Iterator[str]:
    of_backends: dict[str, list[tuple[str, Row]]] = {}
    for (label, condition), row in rows:
        if view.can_lose((label, condition)):
            of_backends.setdefault(label, []).append((condition, row))
    if not of_backends:
        yield _too_few(view)
    yield from (_ladder_sentence(view, label, own) for label, own in list(of_backends.items())[:TOLD])


def _ladder_sentence(view: View, label: str, own: Sequence[tuple[str, Row]]) -> str:
    """The conditions under which a backend loses least and most, or that the loss is the same under all."""
    metric = view.metric("lost")
    who = f"{label}{view.figures.where(None, view.retriever)}: {metric.heading}"
    least, most = min(own, key=_value), max(own, key=_value)
    if _as_shown(least[1], metric) == _as_shown(most[1], metric):
        conditions = " and ".join(condition for condition, _ in own) if len(own) < 3 else "each condition"
        return f"{who} {value(least[1], metric)} under {conditions}."
    return f"{who} {with_interval(least[1], metric)} under {least[0]} and {with_interval(most[1], metric)} under {most[0]}."


def _value(one: tuple[str, Row]) -> float:
    return one[1].value or 0.0
