"""Every stored difference between backends, with its test."""

from __future__ import annotations

from harness.analysis.significance import SIGNIFICANCE
from harness.report.differences import difference_sentences
from harness.report.model import Report
from harness.report.numbers import difference, p_text
from harness.report.tables import Heading, Section, Table, is_significant, texts


def differences(report: Report) -> Section:
    """Return the differences in sentences and in a table; empty where nothing was compared."""
    figures = report.figures
    headings = [Heading(text, is_number=False) for text in ("backend", "against", "condition", "metric", "retriever")]
    headings += [
        Heading("difference"),
        Heading("test", is_number=False),
        Heading("p"),
        Heading("p (Holm)"),
        Heading("questions"),
        Heading("significant", is_number=False),
    ]
    rows = tuple(
        texts(
            c.b, c.a, c.condition, metric.heading, c.retriever or "-", difference(c, metric), c.test or "-",
            _p(c.p_value), _p(c.p_holm), str(c.n), "not tested" if c.p_holm is None else "yes" if is_significant(c) else "no",
        )
        for c, metric in figures.comparisons()
    )  # fmt: skip
    if not rows:
        return Section("differences", "Differences between backends")
    after = (
        f"Differences are of the hypothesis, backend minus the one it is compared with, paired by question. Significant: p under "
        f"{SIGNIFICANCE:g} after Holm's adjustment within the family of tests."
    )
    table = Table("", tuple(headings), rows)
    return Section(
        "differences", "Differences between backends", tuple(difference_sentences(figures)), (table,), (after,)
    )


def _p(p_value: float | None) -> str:
    return "-" if p_value is None else p_text(p_value).removeprefix("p ").removeprefix("= ")
