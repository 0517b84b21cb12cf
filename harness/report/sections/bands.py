"""Figures by how rare the rarest name of a question is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.model import Arm, Column, Report
from harness.report.numbers import of_n
from harness.report.tables import Cell, Heading, Section, Table, cell, texts

_AFTER = (
    "Bands are Zipf frequencies: the logarithm (base ten) of how often a word occurs in a billion words of everyday text; "
    "`unseen` words are in no list, words of 5 and more are everyday ones. WER is that of the words in the band; the other "
    "columns are of the utterances whose rarest name lies in it."
)


def bands(report: Report) -> Section:
    """Return WER, entity recall and the outcome by band."""
    figures, rules = report.figures, report.rules
    groups = figures.groups("band")
    columns = [
        Column(figures.metric("wer"), "hypothesis"),
        Column(figures.metric("entity_recall"), "hypothesis"),
        Column(figures.metric(rules.metric), "reference"),
        Column(figures.metric(rules.metric), "hypothesis"),
        Column(figures.metric("lost"), None),
    ]
    known = [c for c in columns if any(r.metric == c.metric.name and r.group in groups for r in report.summary.rows)]
    if not groups or not known:
        return Section("bands", "By how rare the name is")
    tables = tuple(
        Table(
            f"With {retriever}" if len(figures.retrievers) > 1 else "",
            (
                Heading("backend", is_number=False), Heading("band", is_number=False),
                *(Heading(c.heading, c.metric.meaning) for c in known),
            ),
            tuple(_rows(report, groups, retriever, known)),
        )
        for retriever in figures.retrievers or (None,)
    )  # fmt: skip
    return Section("bands", "By how rare the name is", (), tables, (_AFTER,))


def _rows(
    report: Report, groups: Sequence[str], retriever: str | None, columns: list[Column]
) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each backend and band of which something is known."""
    for arm in filter(report.figures.has_transcripts, report.figures.arms):
        for group in groups:
            cells = _cells(report, arm, group, retriever, columns)
            if any(cell.sort is not None for cell in cells):
                yield (*texts(report.figures.name(arm), _name(group)), *cells)


def _cells(report: Report, arm: Arm, group: str, retriever: str | None, columns: list[Column]) -> list[Cell]:
    """Return the figures of a band, each with what it is counted over: bands differ in size."""
    figures = report.figures
    rows = [(figures.row_of(arm, column, retriever, group), column.metric) for column in columns]
    return [cell(row, metric, n=bool(of_n(row, metric))) for row, metric in rows]


def _name(group: str) -> str:
    return group.removeprefix("band:").replace("none", "no name")
