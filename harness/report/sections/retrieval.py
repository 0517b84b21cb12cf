"""What each retriever finds from the reference text and from the hypothesis, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.model import Report
from harness.report.numbers import count, is_few, with_interval
from harness.report.tables import Section, family_tables


def retrieval(report: Report, retriever: str) -> Section:
    """Return what is found with one retriever, by backend and condition."""
    rules, figures = report.rules, report.figures
    shown = family_tables(figures, "retrieval", retriever=retriever)
    return Section(
        f"retrieval-{retriever}", f"Retrieval with {retriever}", tuple(_outcomes_lost(report, retriever)), shown,
        (
            f"Each question is searched twice with the same retriever in the same index: `ref` columns are of the reference "
            f"text, `ASR` columns of the hypothesis. This run judges by {rules.reached}.",
        ) if shown else (),
    )  # fmt: skip


def _outcomes_lost(report: Report, retriever: str) -> Iterator[str]:
    """Yield a sentence for each backend: how many of the outcomes that the reference reaches are lost, and how many gained."""
    figures, noun = report.figures, report.rules.noun
    for arm in figures.arms:
        lost, gained, retained = (figures.row(arm, name, None, retriever) for name in ("lost", "gained", "retained"))
        if not figures.has_transcripts(arm) or lost is None or retained is None or retained.n is None:
            continue
        metric = figures.metric("retained")
        share = (
            ""
            if retained.value is None or is_few(retained, metric)
            else f" ({with_interval(retained, metric)} retained)"
        )
        reached = f"{retained.n:.0f} {noun} that the reference reaches"
        sentence = f"{figures.name(arm)} loses {count(lost)} of the {reached}{share}"
        if gained is not None and gained.value:
            sentence += f", and gains {count(gained)}"
        yield f"{sentence}."
