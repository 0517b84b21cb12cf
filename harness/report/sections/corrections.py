"""What corrections recover: of the outcomes lost, the shares that return."""

from __future__ import annotations

from harness.analysis.metrics import Metric
from harness.report.model import Report
from harness.report.tables import Section, column_table


def corrections(report: Report, retriever: str) -> Section:
    """Return what corrections recover with one retriever; empty where nothing was lost."""
    figures = report.figures
    columns = [column for column in figures.columns("cause", main=False) if _is_recovered(report, column.metric)]
    known = any(figures.row_of(arm, column, retriever) for arm in figures.arms for column in columns)
    table = column_table(figures, "", columns, retriever) if known else None
    return Section(f"corrections-{retriever}", f"Corrections with {retriever}", (), (table,) if table else ())


def _is_recovered(report: Report, metric: Metric) -> bool:
    """Whether the metric is a share of the outcomes lost."""
    return (metric.unit, metric.of) == ("share", f"{report.rules.noun} lost")
