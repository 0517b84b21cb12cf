"""Where the loss falls and which corrections recover it: by class of word, and by what is corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.attribution import Attribution, Estimate
from harness.analysis.measures import REGION_CLASSES
from harness.analysis.metrics import CLASS_NAMES
from harness.report.model import Arm
from harness.report.numbers import FEWEST, interval, value, with_interval
from harness.report.pictures.drawing import WIDTH, Picture, data, share_axis, sized
from harness.report.pictures.view import TOLD, View, counted_over, estimated

_CLASSES: Mapping[str, str] = {own: CLASS_NAMES[name] for name, own in REGION_CLASSES.items()}  # weightiest first
_CORRECTED = ("one_repair_share", "repair_2_share", "repair_3_share", "class_repair_rare", "class_repair_other")
_STEP = 15  # pixels for each mark beside another
_EVERY_ONE = "100.0 %"


def by_class(view: View) -> Picture | None:
    """Draw of each class of word its share of the loss, beside its share of the error regions.

    Backends that lost fewer than ten are left out: a share of so few says nothing.
    """
    import altair as alt

    rows = _rows_by_class(view)
    if not rows:
        return None
    labels = list(dict.fromkeys(row.backend for row in rows))
    marks = view.marks(labels)
    points = [
        {
            "series": row.backend, "class": _CLASSES[row.group], "loss": row.loss_share.value, "low": row.loss_share.ci_low,
            "high": row.loss_share.ci_high, "errors": row.region_share.value,
            "text": f"{row.backend}, {_CLASSES[row.group]}: {_share(view, row.loss_share)} of the {view.noun} lost",
            "also": f"{row.backend}, {_CLASSES[row.group]}: {_share(view, row.region_share)} of the error regions",
        }
        for row in rows
    ]  # fmt: skip
    ends = [end for row in rows for end in (row.loss_share.ci_low, row.loss_share.ci_high) if end is not None]
    low, high = min(0.0, *ends), max(1.0, *ends)
    chart = alt.Chart(data(points)).encode(
        y=alt.Y("class:N", title=None, sort=list(_CLASSES.values())),
        yOffset=alt.YOffset("series:N", sort=labels),
        color=marks.colour,
    )
    title = f"of error regions (line) and of {view.noun} lost (mark)"
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share_axis("low", title, along="x", low=low, high=high), x2="high:Q"),
        chart.mark_tick(thickness=3, height=11, opacity=1).encode(
            x=share_axis("errors", title, along="x", low=low, high=high), description="also:N"
        ),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share_axis("loss", title, along="x", low=low, high=high), shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        "loss-by-word-class",
        f"{view.noun.capitalize()} lost, by class of word",
        " ".join(_class_sentence(view, label, rows) for label in labels[:TOLD]),
        ("backend", "class of word", "of error regions", f"of {view.noun} lost"),
        tuple(
            (row.backend, _CLASSES[row.group], _share(view, row.region_share), _share(view, row.loss_share))
            for row in rows
        ),
        sized(alt.layer(*layers), max(150, len(_CLASSES) * (_STEP * len(labels) + 10))),
    )


def _rows_by_class(view: View) -> list[Attribution]:
    rows = [
        row for row in view.figures.summary.attribution
        if row.by == "class" and row.retriever == view.retriever and view.of((row.backend, row.condition))
        and row.loss_share.value is not None
    ]  # fmt: skip
    lost = {label: sum(row.lost for row in rows if row.backend == label) for label in {row.backend for row in rows}}
    return [row for row in rows if round(lost[row.backend], 6) >= FEWEST]


def _class_sentence(view: View, label: str, rows: Sequence[Attribution]) -> str:
    """The class of one backend's words that most of its loss falls to."""
    top = max((row for row in rows if row.backend == label), key=lambda row: row.loss_share.value or 0.0)
    return (
        f"{view.name((label, top.condition))}: {_CLASSES[top.group]} are {_share(view, top.region_share)} of the error regions "
        f"and {_share(view, top.loss_share)} of the {view.noun} lost."
    )


def _share(view: View, estimate: Estimate) -> str:
    return estimated(estimate, view.metric("loss_share_rare"))


def corrections(view: View) -> Picture | None:
    """Draw of what was lost the share that returns by one, two or three corrections, or by those of one class of words."""
    import altair as alt

    rows = [
        (arm, view.metric(name).heading, row)
        for name in _CORRECTED
        for arm in view.arms
        if (row := view.row(arm, name)) is not None
    ]
    if not rows:
        return None
    labels, headings = (
        list(dict.fromkeys(names)) for names in ([arm[0] for arm, _, _ in rows], [h for _, h, _ in rows])
    )
    metric, title = view.metric(_CORRECTED[0]), f"of {view.noun} lost return"
    marks = view.marks(labels)
    points = [
        {
            "series": arm[0], "corrected": heading, "x": row.value, "low": row.ci_low, "high": row.ci_high,
            "text": f"{arm[0]}, {heading}: {with_interval(row, metric)} {title}",
        }
        for arm, heading, row in rows
    ]  # fmt: skip
    chart = alt.Chart(data(points)).encode(
        y=alt.Y("corrected:N", title=None, sort=headings),
        yOffset=alt.YOffset("series:N", sort=labels),
        color=marks.colour,
    )
    layers = [
        chart.mark_rule(strokeWidth=1.5).encode(x=share_axis("low", title, along="x"), x2="high:Q"),
        chart.mark_point(filled=True, size=75, opacity=1).encode(
            x=share_axis("x", title, along="x"), shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        "corrections",
        f"{view.noun.capitalize()} lost that corrections recover",
        " ".join(_correction_sentence(view, arm) for arm in list(dict.fromkeys(arm for arm, _, _ in rows))[:TOLD]),
        ("backend", "recovered", f"of {view.noun} lost", "95 % interval", f"{view.noun} lost"),
        tuple(
            (arm[0], heading, value(row, metric), interval(row, metric), counted_over(row))
            for arm, heading, row in rows
        ),
        sized(alt.layer(*layers), max(150, len(headings) * (_STEP * len(labels) + 8)), WIDTH - 80),
    )


def _correction_sentence(view: View, arm: Arm) -> str:
    """What the correction of one class of words recovers, and one correction where that is not everything."""
    metric, noun = view.metric(_CORRECTED[0]), view.noun
    by_one, by_rare, by_other = (view.row(arm, name) for name in (_CORRECTED[0], *_CORRECTED[3:]))
    parts = []
    if by_rare is not None and by_other is not None:
        of_rare, of_other = with_interval(by_rare, metric), with_interval(by_other, metric)
        parts.append(
            f"correcting {CLASS_NAMES['rare']} alone recovers {of_rare} of {counted_over(by_rare, noun)} lost, correcting "
            f"{CLASS_NAMES['other']} alone {of_other}"
        )
    if by_one is not None and value(by_one, metric) != _EVERY_ONE:
        parts.append(f"{with_interval(by_one, metric)} are recoverable by one correction")
    return f"{view.name(arm)}: {'; '.join(parts)}." if parts else ""
