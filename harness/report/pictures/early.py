"""How the outcome grows as a question comes in: by words of its text, and by seconds of its recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.early.figures import Curve
from harness.analysis.early.result import EarlyDecision
from harness.report.model import Figures, Report
from harness.report.numbers import FEWEST, with_interval
from harness.report.pictures.drawing import Listed, Marks, Picture, data, share_axis, sized
from harness.report.sections.early import Telling


def early(report: Report) -> Iterator[Listed]:
    """Yield the pictures of the study `[early]`; none where the run has none."""
    decision = report.study("early", EarlyDecision)
    if decision is not None:
        yield from (Listed(picture) for picture in early_pictures(decision, report.figures))


def early_pictures(decision: EarlyDecision, figures: Figures) -> Iterator[Picture]:
    """Yield a picture by words and one by seconds, of what is retrieved and of the intent, where ten questions or more are."""
    telling = Telling(decision, figures)
    for decides, name, what in (("outcome", "early", "Right"), ("intent", "early-intent", "Intent right")):
        shown = [c for c in decision.curves if c.decides == decides and c.n_questions >= FEWEST]
        by_words, by_seconds = ([c for c in shown if (c.mode == "words") == words] for words in (True, False))
        if by_words:
            yield _picture(f"{name}-words", f"{what} after a part of the words", by_words, telling, figures)
        if by_seconds:
            yield _picture(f"{name}-seconds", f"{what} after a part of the recording", by_seconds, telling, figures)


def _picture(name: str, title: str, curves: Sequence[Curve], telling: Telling, figures: Figures) -> Picture:
    import altair as alt

    metric, unit = figures.metric("hit@1"), "words" if curves[0].mode == "words" else "seconds"
    labels = [telling.name(curve) for curve in curves]
    # The reference has a colour of its own behind those that backends have everywhere.
    every = dict.fromkeys([*(figures.name(arm) for arm in figures.arms), *labels])
    marks = Marks(tuple(labels), tuple(every))
    points = [
        {"series": label, "x": point.share, "y": point.right.value, "low": point.right.ci_low, "high": point.right.ci_high,
         "text": f"{label}, after {100 * point.share:.0f} % of the {unit}: {with_interval(point.right, metric)}"}
        for curve, label in zip(curves, labels, strict=True) for point in curve.points
    ]  # fmt: skip
    x = share_axis("x", f"share of the {unit}", along="x")
    outcome = telling.outcome(curves[0].decides)
    base = alt.Chart(data(points)).encode(x=x, color=marks.colour)
    layers = [
        base.mark_area(opacity=0.14, stroke=None).encode(y=share_axis("low", outcome), y2="high:Q"),
        base.mark_line(strokeWidth=2).encode(y=share_axis("y", outcome), strokeDash=marks.dash),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=share_axis("y", outcome), shape=marks.shape, description="text:N"
        ),
    ]
    return Picture(
        name,
        title,
        " ".join(_sentence(curve, label, unit, outcome, figures) for curve, label in zip(curves, labels, strict=True)),
        ("from", f"share of the {unit}", outcome),
        tuple(
            (label, f"{100 * point.share:.0f} %", with_interval(point.right, metric))
            for curve, label in zip(curves, labels, strict=True)
            for point in curve.points
        ),
        sized(alt.layer(*layers)),
    )


def _sentence(curve: Curve, label: str, unit: str, outcome: str, figures: Figures) -> str:
    """The outcome after half and after all of it."""
    metric = figures.metric("hit@1")
    half = max((point for point in curve.points if point.share <= 0.5), key=lambda point: point.share)
    return (
        f"{label}: {outcome} {with_interval(half.right, metric)} after {100 * half.share:.0f} % of the {unit}, "
        f"{with_interval(curve.points[-1].right, metric)} after all."
    )
