"""What is retained by how rare the entity word is: observed by band, and as fitted."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.dose_response import DoseResponse
from harness.analysis.summary import Row
from harness.records import Zipf
from harness.report.model import Arm
from harness.report.numbers import interval, p_text, value, with_interval
from harness.report.pictures.drawing import Picture, data, share_axis, sized
from harness.report.pictures.view import View, counted_over
from harness.words.rarity import BANDS

_PLACES = dict(zip(BANDS, (0.0, 1.0, 2.5, 3.5, 4.5, 5.5), strict=True))  # where a band stands on the Zipf axis
_EDGES = dict(zip(BANDS, ((0, 0), (0, 2), (2, 3), (3, 4), (4, 5), (5, 6)), strict=True))
_APART = 0.07  # between the points of two backends in one band, so that their intervals do not cover each other


def by_rarity(view: View) -> Picture | None:
    """Draw what is retained by the Zipf frequency of the rarest entity word: observed by band, and the fitted curve.

    Both are of the utterances whose reference reaches the outcome. Bands with fewer than ten of them are left out.
    """
    import altair as alt

    metric = view.metric("retained")
    points = [
        (arm, band, row)
        for arm in view.arms
        for band in BANDS
        if (row := view.row(arm, "retained", group=f"band:{band}")) is not None
    ]
    if not points:
        return None
    labels = list(dict.fromkeys(arm[0] for arm in view.arms))
    marks = view.marks(labels)
    observed = [
        {
            "series": arm[0],
            "x": _PLACES[band] + _APART * (labels.index(arm[0]) - (len(labels) - 1) / 2),
            "y": row.value, "low": row.ci_low, "high": row.ci_high,
            "text": f"{arm[0]}, Zipf {band}: {with_interval(row, metric)} retained of {counted_over(row, metric.of)}",
        }
        for arm, band, row in points
    ]  # fmt: skip
    fitted = [
        {"series": dose.backend, "x": point.zipf, "y": 1 - point.probability, "low": 1 - point.ci_high, "high": 1 - point.ci_low}
        for dose in _doses(view) for point in dose.curve if _is_observed(view, dose, point.zipf)
    ]  # fmt: skip
    x = alt.X("x:Q", title=f"Zipf of the rarest word in {view.figures.rules.names}",
              scale=alt.Scale(domain=[-0.3, 6.2], nice=False), axis=alt.Axis(grid=False, values=list(range(7))))  # fmt: skip
    title = f"{view.noun} retained"
    y, low = share_axis("y", title), share_axis("low", title)
    curves, dots = alt.Chart(data(fitted)).encode(x=x), alt.Chart(data(observed)).encode(x=x)
    layers = [
        curves.mark_area(opacity=0.16, stroke=None).encode(y=low, y2="high:Q", color=marks.colour),
        curves.mark_line(strokeWidth=2).encode(y=y, color=marks.colour, strokeDash=marks.dash),
    ] * bool(fitted)
    layers += [
        dots.mark_rule(strokeWidth=1.5).encode(y=low, y2="high:Q", color=marks.colour),
        dots.mark_point(filled=True, size=70, opacity=1).encode(
            y=y, color=marks.colour, shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        "retained-by-rarity",
        f"{view.noun.capitalize()} retained, by the rarest word in {view.figures.rules.names}",
        _rarity_sentence(view, points),
        ("backend", "band (Zipf)", metric.heading, "95 % interval", metric.of),
        tuple(
            (arm[0], band, value(row, metric), interval(row, metric), counted_over(row)) for arm, band, row in points
        ),
        sized(alt.layer(*layers)),
    )


def _doses(view: View) -> list[DoseResponse]:
    return [
        dose
        for dose in view.figures.summary.dose_response
        if dose.retriever == view.retriever and view.of((dose.backend, dose.condition))
    ]


def _is_observed(view: View, dose: DoseResponse, zipf: Zipf) -> bool:
    """Whether a frequency lies between the rarest and the most frequent band that the reference reaches the outcome in."""
    rows = {
        band: view.figures.row((dose.backend, dose.condition), "retained", None, view.retriever, f"band:{band}")
        for band in BANDS
    }
    edges = [edge for band, row in rows.items() if row is not None and row.value is not None for edge in _EDGES[band]]
    return bool(edges) and min(edges) <= zipf <= max(edges)


def _rarity_sentence(view: View, points: Sequence[tuple[Arm, str, Row]]) -> str:
    """The rarest and the most frequent band of the first backend, and the odds that were fitted to its utterances."""
    metric, arm = view.metric("retained"), points[0][0]
    own = [(band, row) for other, band, row in points if other == arm]
    rarest, commonest = (
        (f"{with_interval(row, metric)} of {counted_over(row, view.noun)}", _band_words(band))
        for band, row in (own[0], own[-1])
    )
    names = view.figures.rules.names
    sentence = f"{view.name(arm)} retains {rarest[0]} where the rarest word in the question's {names} is {rarest[1]}"
    sentence += f", and {commonest[0]} where it is {commonest[1]}." if len(own) > 1 else "."
    dose = next((dose for dose in _doses(view) if dose.backend == arm[0]), None)
    if dose is None or dose.odds_ratio is None or dose.ci_low is None or dose.ci_high is None:
        return sentence
    return (
        f"{sentence} Where it is ten times as frequent, the odds of a loss are {dose.odds_ratio:.2f} times as high "
        f"[{dose.ci_low:.2f}, {dose.ci_high:.2f}], {p_text(dose.p_value)}."
    )


def _band_words(band: str) -> str:
    return {"unseen": "in no word list", ">=5": "at Zipf 5 or more"}.get(band, f"at Zipf {band}")
