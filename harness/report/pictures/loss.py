"""What the errors cost: by how rare the name is, beside the word error rate, and as the recording gets worse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.analysis.dose_response import DoseResponse
from harness.analysis.summary import Row, Summary
from harness.report.attribution import dose_sentence
from harness.report.figures import COST, HEARD, Figures, interval, name, value
from harness.report.pictures.drawing import Picture, colour, dash, data, shape, share, sized
from harness.words.rarity import BANDS

_LOST, _WER = COST[2], HEARD[0]
_PLACES = dict(zip(BANDS, (0.0, 1.0, 2.5, 3.5, 4.5, 5.5), strict=True))  # where a band stands on the Zipf axis
_FEWEST = 0.2  # of the recordings of the largest band: the interval of a smaller one says little, so it is not drawn
_APART = 0.07  # between the points of two backends in one band, so that their intervals do not cover each other

Cell = tuple[str, str]


def by_band(summary: Summary, figures: Figures, cells: Sequence[Cell], retriever: str) -> Picture | None:
    """Loss against the Zipf frequency of the rarest name: observed by band, and the fitted curve with its band."""
    import altair as alt

    points = [
        (cell, band, row)
        for cell in cells
        for band in BANDS
        if (row := figures.row(cell, _LOST, retriever, f"band:{band}")) is not None and row.value is not None
    ]
    most = max((row.n_planned for _, _, row in points), default=0)
    drawn = [point for point in points if point[2].n_planned >= _FEWEST * most]
    if not points:
        return None
    labels = [cell[0] for cell in cells]
    doses = [d for d in summary.dose_response if d.retriever == retriever and (d.backend, d.condition) in cells]
    observed = [
        {
            "series": cell[0],
            "x": _PLACES[band] + _APART * (labels.index(cell[0]) - (len(labels) - 1) / 2),
            "y": row.value, "low": row.ci_low, "high": row.ci_high,
            "said": f"{cell[0]}, Zipf {band}: {value(row, _LOST)} {interval(row, _LOST)} lost, {row.n_planned} recordings",
        }
        for cell, band, row in drawn
    ]  # fmt: skip
    fitted = [
        {"series": d.backend, "x": p.zipf, "y": p.probability, "low": p.ci_low, "high": p.ci_high}
        for d in doses for p in d.curve
    ]  # fmt: skip
    x = alt.X("x:Q", title="Zipf of the rarest name (0 unseen, 5 everyday)",
              scale=alt.Scale(domain=[-0.3, 6.2], nice=False), axis=alt.Axis(grid=False, values=list(range(7))))  # fmt: skip
    y = share("y", "answers lost")
    curves, dots = alt.Chart(data(fitted)).encode(x=x), alt.Chart(data(observed)).encode(x=x)
    layers = [
        curves.mark_area(opacity=0.16, stroke=None).encode(
            y=share("low", "answers lost"), y2="high:Q", color=colour(labels)
        ),
        curves.mark_line(strokeWidth=2).encode(y=y, color=colour(labels), strokeDash=dash(labels)),
    ] * bool(fitted)
    layers += [
        dots.mark_rule(strokeWidth=1.5).encode(y=share("low", "answers lost"), y2="high:Q", color=colour(labels)),
        dots.mark_point(filled=True, size=70, opacity=1).encode(
            y=y, color=colour(labels), shape=shape(labels), description="said:N"
        ),
    ]
    return Picture(
        "loss-by-rarity",
        "The rarer the name, the likelier the answer is lost",
        _band_sentence(drawn, doses),
        ("backend", "band (Zipf)", "answers lost", "95 % interval", "recordings"),
        tuple(
            (cell[0], band, value(row, _LOST), interval(row, _LOST), str(row.n_planned)) for cell, band, row in points
        ),
        sized(alt.layer(*layers)),
    )


def _band_sentence(points: Sequence[tuple[Cell, str, Row]], doses: Iterable[DoseResponse]) -> str:
    who = points[0][0][0]
    own = [(band, row) for cell, band, row in points if cell[0] == who]
    first, last = own[0], own[-1]
    names = {"unseen": "names that stand in no word list", ">=5": "names that are everyday words"}

    def part(band: str, row: Row) -> str:
        return f"{names.get(band, f'names of Zipf {band}')} lose {value(row, _LOST)} {interval(row, _LOST)}"

    sentence = f"{who}: {part(*first)} of their answers" + (f", {part(*last)}." if last is not first else ".")
    dose = next((dose for dose in doses if dose.backend == who and dose.odds_ratio is not None), None)
    return f"{sentence} {dose_sentence(dose)}" if dose is not None else sentence


def wer_against_loss(figures: Figures, retriever: str) -> Picture | None:
    """A point for each backend and condition, with both intervals."""
    import altair as alt

    rows = _wer_and_loss(figures, retriever)
    if not rows:
        return None
    labels = list(dict.fromkeys(cell[0] for cell, _, _ in rows))
    conditions = list(dict.fromkeys(cell[1] for cell, _, _ in rows))
    top = max(1.0, *(wer.ci_high or wer.value or 0.0 for _, wer, _ in rows))
    points = [
        {
            "series": cell[0], "condition": cell[1], "x": wer.value, "y": lost.value,
            "xl": wer.ci_low, "xh": wer.ci_high, "yl": lost.ci_low, "yh": lost.ci_high,
            "said": f"{name(cell, len(conditions))}: WER {value(wer, _WER)} {interval(wer, _WER)}, "
                    f"lost {value(lost, _LOST)} {interval(lost, _LOST)}",
        }
        for cell, wer, lost in rows
    ]  # fmt: skip
    chart = alt.Chart(data(points)).encode(color=colour(labels))
    x, y = share("x", "word error rate", along="x", high=top), share("y", "answers lost")
    by = shape(labels) if len(conditions) == 1 else shape(conditions, "condition")
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share("xl", "word error rate", along="x", high=top), x2="xh:Q", y=y),
        chart.mark_rule(strokeWidth=1.5).encode(x=x, y=share("yl", "answers lost"), y2="yh:Q"),
        chart.mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y, shape=by, description="said:N"),
    ]
    return Picture(
        "wer-against-loss",
        "Word error rate beside what it cost",
        order_sentence(figures, retriever),
        ("backend", "condition", "WER", "95 % interval", "answers lost", "95 % interval"),
        tuple(
            (*cell, value(wer, _WER), interval(wer, _WER), value(lost, _LOST), interval(lost, _LOST))
            for cell, wer, lost in rows
        ),
        sized(alt.layer(*layers)),
    )


def _wer_and_loss(figures: Figures, retriever: str) -> list[tuple[Cell, Row, Row]]:
    return [
        (cell, wer, lost)
        for cell in figures.cells
        if (wer := figures.row(cell, _WER)) is not None and wer.value is not None
        and (lost := figures.row(cell, _LOST, retriever)) is not None and lost.value is not None
    ]  # fmt: skip


def order_sentence(figures: Figures, retriever: str) -> str:
    """Whether a lower WER always went with fewer lost answers; empty where neither is known."""
    rows, conditions = _wer_and_loss(figures, retriever), len({condition for _, condition in figures.cells})
    if not rows:
        return ""
    if len(rows) < 2:
        cell, wer, lost = rows[0]
        return f"{cell[0]}: WER {value(wer, _WER)}, answers lost {value(lost, _LOST)} {interval(lost, _LOST)}."
    against = [
        (a, b)
        for a in rows
        for b in rows
        if (a[1].value or 0.0) < (b[1].value or 0.0) and (a[2].value or 0.0) > (b[2].value or 0.0)
    ]
    if not against:
        return "A lower word error rate went with fewer lost answers throughout; how many fewer, only the answers say."
    (a, a_wer, a_lost), (b, b_wer, b_lost) = against[0]
    return (
        f"WER misleads: {name(a, conditions)} has the lower WER ({value(a_wer, _WER)} against {value(b_wer, _WER)}), yet "
        f"{name(b, conditions)} loses fewer answers ({value(b_lost, _LOST)} against {value(a_lost, _LOST)})."
    )


def ladder(figures: Figures, conditions: Sequence[str], retriever: str) -> Picture | None:
    """Answers lost under each condition, a line for each backend; `None` where there is one condition only."""
    import altair as alt

    rows = [
        (cell, row)
        for cell in figures.cells
        if (row := figures.row(cell, _LOST, retriever)) is not None and row.value is not None
    ]
    if len({cell[1] for cell, _ in rows}) < 2:
        return None
    ordered = rungs(conditions)
    rows.sort(key=lambda found: ordered.index(found[0][1]))
    labels = [
        label for label in dict.fromkeys(cell[0] for cell in figures.cells) if any(c[0] == label for c, _ in rows)
    ]
    points = [
        {
            "series": cell[0], "x": cell[1], "y": row.value, "low": row.ci_low, "high": row.ci_high,
            "said": f"{cell[0]}, {cell[1]}: {value(row, _LOST)} {interval(row, _LOST)} lost",
        }
        for cell, row in rows
    ]  # fmt: skip
    axis = alt.Axis(labelAngle=-30 if max(map(len, ordered)) * len(ordered) > 50 else 0, grid=False)
    chart = alt.Chart(data(points)).encode(x=alt.X("x:O", title=None, sort=ordered, axis=axis), color=colour(labels))
    y = share("y", "answers lost")
    layers = [
        chart.mark_area(opacity=0.14, stroke=None).encode(y=share("low", "answers lost"), y2="high:Q"),
        chart.mark_line(strokeWidth=2).encode(y=y, strokeDash=dash(labels)),
        chart.mark_rule(strokeWidth=1.5).encode(y=share("low", "answers lost"), y2="high:Q"),
        chart.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=shape(labels), description="said:N"),
    ]
    return Picture(
        "condition-ladder",
        "As the recording gets worse",
        _ladder_sentence(rows, labels[0]),
        ("backend", "condition", "answers lost", "95 % interval"),
        tuple((*cell, value(row, _LOST), interval(row, _LOST)) for cell, row in rows),
        sized(alt.layer(*layers)),
    )


def rungs(conditions: Sequence[str]) -> list[str]:
    """Conditions from the easiest to the hardest as far as their labels tell: without a noise level first, in the order
    of the run, then each kind of noise from its highest signal-to-noise ratio down.
    """
    level = {c: re.search(r"(-?\d+(?:\.\d+)?) ?dB", c) for c in conditions}
    kinds = list(dict.fromkeys(c.split(" ")[0] for c in conditions))
    return sorted(
        conditions,
        key=lambda c: (kinds.index(c.split(" ")[0]), -float(found[1]) if (found := level[c]) else float("-inf")),
    )


def _ladder_sentence(rows: Sequence[tuple[Cell, Row]], label: str) -> str:
    own = [(cell[1], row) for cell, row in rows if cell[0] == label]
    best = min(own, key=lambda found: found[1].value or 0.0)
    worst = max(own, key=lambda found: found[1].value or 0.0)
    return (
        f"{label} loses {value(best[1], _LOST)} {interval(best[1], _LOST)} of its answers under {best[0]} and "
        f"{value(worst[1], _LOST)} {interval(worst[1], _LOST)} under {worst[0]}."
    )
