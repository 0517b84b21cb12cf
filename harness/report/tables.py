"""Sections and tables of every report: one table for each family of metrics, a row a backend and condition, with what each
figure rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Family, Metric
from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.summary import Row
from harness.report.model import Arm, Column, Figures
from harness.report.numbers import difference, interval, is_few, of_n, p_text, value


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column. `n` is what its figures are counted over, where that is the same for all rows."""

    text: str
    meaning: str = ""
    n: str = ""
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored difference of a cell from a baseline. `better` is `None` where neither direction is."""

    baseline: str
    text: str
    p: str
    significant: bool
    better: bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as a table shows it. `sort` is the stored number; `few` marks a share of fewer than ten, shown grey."""

    text: str
    interval: str = ""
    n: str = ""
    few: bool = False
    sort: float | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a title; the first cell of every row heads it. `below` says what it leaves out."""

    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    below: str = ""

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Heading and meaning of every column that has one."""
        return tuple((heading.text, heading.meaning) for heading in self.headings if heading.meaning)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report, whoever renders it: plain text, that renderers escape. Sections without content are left out.

    `key` is its address (`retrieval-bm25`); `sentences` are results, `after` says how to read its tables.
    """

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.sentences and not self.tables


def family_table(
    figures: Figures,
    title: str,
    families: Sequence[Family],
    retriever: str | None = None,
    *,
    main: bool = True,
) -> Table | None:
    """Return the table of these families: `None` where the run has no such figure."""
    return column_table(figures, title, figures.columns(*families, main=main), retriever)


def family_tables(figures: Figures, *families: Family, retriever: str | None = None) -> tuple[Table, ...]:
    """Return the main table of these families, and one of their other figures; those that the run has."""
    main = figures.columns(*families)
    others = [column for column in figures.columns(*families, main=False) if column not in main]
    tables = (column_table(figures, "", main, retriever), column_table(figures, "More figures", others, retriever))
    return tuple(table for table in tables if table)


def column_table(figures: Figures, title: str, columns: Sequence[Column], retriever: str | None = None) -> Table | None:
    """Return the table of these columns, a row a backend and condition; `None` without columns.

    A backend without a single transcript has no figures: that all of its words count as wrong is no measurement.
    """
    if not columns:
        return None
    rows = [
        [figures.row_of(arm, column, retriever) if figures.has_transcripts(arm) else None for column in columns]
        for arm in figures.arms
    ]
    shared = [_same_n([row[index] for row in rows], column.metric) for index, column in enumerate(columns)]
    headings = [Heading(c.heading, c.metric.meaning, n) for c, n in zip(columns, shared, strict=True)]
    body = [
        (
            Cell(figures.name(arm)),
            *(
                cell(row, column.metric, n=not n, differences=differences_of_cell(figures, arm, column, retriever))
                for row, column, n in zip(values, columns, shared, strict=True)
            ),
        )
        for arm, values in zip(figures.arms, rows, strict=True)
    ]
    return Table(title, (Heading("backend", is_number=False), *headings), tuple(body))


def texts(*cells: str) -> tuple[Cell, ...]:
    """Return cells of plain text."""
    return tuple(map(Cell, cells))


def cell(row: Row | None, metric: Metric, *, n: bool = False, differences: Iterable[Difference] = ()) -> Cell:
    """Return the cell of a row; with `n`, what the figure is counted over stands in it."""
    return Cell(
        value(row, metric), interval(row, metric), of_n(row, metric) if n else "", is_few(row, metric),
        None if row is None else row.value, tuple(differences),
    )  # fmt: skip


def few_note(cell: Cell, heading: Heading) -> str:
    """Return what a figure is counted over where its column does not say it, and whether that is few: `(n = 7, few)`."""
    n = (cell.n or heading.n).partition(" ")[0]
    if cell.few:
        return f"(n = {n}, few)"
    return f"(n = {n})" if cell.n else ""


def differences_of_cell(figures: Figures, arm: Arm, column: Column, retriever: str | None) -> tuple[Difference, ...]:
    """Return the stored differences of one cell, one for each baseline that it was compared with."""
    return tuple(
        Difference(c.a, difference(c, metric), p_text(c.p_holm), is_significant(c), is_better(c, metric))
        for c, metric in figures.comparisons()
        if column.source != "reference" and (c.b, c.condition, c.metric) == (*arm, column.metric.name)
        and c.retriever in (None, retriever) and c.delta is not None
    )  # fmt: skip


def is_significant(c: Comparison | None) -> bool:
    """Whether a difference is significant: Holm-adjusted within its family."""
    return c is not None and c.p_holm is not None and c.p_holm < SIGNIFICANCE


def is_better(c: Comparison, metric: Metric) -> bool | None:
    """Whether the compared backend is the better one; `None` where they are equal or neither direction is better."""
    if not c.delta or metric.better is None:
        return None
    return (c.delta < 0) == (metric.better == "lower")


def _same_n(rows: Sequence[Row | None], metric: Metric) -> str:
    """What all figures of a column are counted over; empty where they differ."""
    texts = {of_n(row, metric) for row in rows if row is not None}
    return texts.pop() if len(texts) == 1 else ""
