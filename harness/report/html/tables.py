"""What stands in the page's tables: rows of the comparison for the template, words and groups for the script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.analysis.comparisons import Comparison
from harness.analysis.significance import SIGNIFICANCE
from harness.report.attribution import p_text
from harness.report.figures import COST, HEARD, RUNAWAYS, Column
from harness.report.html.columns import (
    COMPARED,
    SETS,
    Cell,
    Delta,
    cell_of,
    deltas,
    difference,
    find,
    other_columns,
    present,
)
from harness.report.html.stored import Shown
from harness.report.html.verdict import in_bias_list
from harness.report.pictures.confusions import forms
from harness.report.pictures.loss import order_sentence
from harness.words.rarity import BANDS

_HEADINGS = {column.metric: column.heading for column in (*HEARD, *RUNAWAYS, *COST) if column.source != "reference"}


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A figure of the comparison and its stored differences, one a baseline."""

    figure: Cell
    deltas: tuple[Delta, ...]


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One backend under one condition."""

    backend: str
    condition: str
    cells: tuple[ComparedCell, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison with one retriever. `retriever` is `None` in a run that searches nothing."""

    retriever: str | None
    columns: tuple[Column, ...]
    rows: tuple[ComparedRow, ...]
    order: str  # whether WER ranks the backends as their answers do


def comparison(shown: Shown, retriever: str | None) -> Compared:
    """A row for each backend and condition, a column for each figure that the run has."""
    columns = present(shown.figures, COMPARED)
    return Compared(retriever, columns, tuple(
        ComparedRow(*cell, tuple(
            ComparedCell(
                cell_of(find(shown.figures, cell, column, retriever), column),
                tuple(deltas(shown.summary.comparisons, cell, column, retriever)),
            )
            for column in columns
        ))
        for cell in shown.figures.cells
    ), order_sentence(shown.figures, retriever) if retriever else "")  # fmt: skip


def baselines(shown: Shown) -> list[str]:
    """The backends that others were compared with."""
    return list(dict.fromkeys(c.a for c in shown.summary.comparisons))


def difference_rows(shown: Shown) -> list[tuple[str, ...]]:
    """Every stored difference, in words."""
    return [
        (
            c.b, c.a, c.condition, _HEADINGS.get(c.metric, c.metric), c.retriever or "", difference(c), c.test or "-",
            _p(c.p_value), _p(c.p_holm), str(c.n), _says(c),
        )
        for c in shown.summary.comparisons
    ]  # fmt: skip


def _p(p: float | None) -> str:
    return "-" if p is None else p_text(p).removeprefix("p ").removeprefix("= ")


def _says(c: Comparison) -> str:
    if c.p_holm is None:
        return "not tested"
    return "beyond chance" if c.p_holm < SIGNIFICANCE else "within chance"


def word_rows(shown: Shown) -> list[list[Any]]:
    """Every misheard rare word: backend, condition, retriever, then what the table of words shows."""
    return [
        [
            w.backend, w.condition, w.retriever, w.word, w.zipf, f"{w.zipf:.2f}", w.band, w.n_reference, w.n_correct, forms(w),
            w.recoverable, w.shapley, f"{w.shapley:.1f}",
            "-" if w.in_nbest is None else f"{w.in_nbest} of {w.n_reference - w.n_correct}",
            {True: "yes", False: "no", None: "-"}[in_bias_list(shown, w)],
            w.phone_distance, f"{w.phone_distance:.2f}",
        ]
        for w in shown.summary.words
    ]  # fmt: skip


def group_tables(shown: Shown, question_counts: Mapping[str, int]) -> dict[str, Any]:
    """Every figure of every group, as text and as the number to sort by.

    `rows` are group, backend, condition, retriever, questions, recordings, and a cell a column: number, text, interval,
    or 0 where the run has no such figure.
    """
    figures = shown.figures
    sets = {**SETS, "everything else": other_columns(figures)}
    sets = {name: present(figures, columns, None) for name, columns in sets.items()}
    columns = list(dict.fromkeys(column for columns in sets.values() for column in columns))
    groups = list(dict.fromkeys(row.group for row in figures.rows.values()))
    rows = []
    for group in sorted(groups, key=_order):
        for cell in figures.cells:
            for retriever in figures.retrievers or ("",):
                found = [find(figures, cell, column, retriever or None, group) for column in columns]
                if not any(found):
                    continue
                recordings = max((row.n_planned for row, column in zip(found, columns, strict=True)
                                  if row and (column.metric != "wer" or not group.startswith("band:"))), default=0)  # fmt: skip
                cells = [cell_of(row, column) for row, column in zip(found, columns, strict=True)]
                rows.append([
                    group, *cell, retriever, question_counts.get(group), recordings,
                    [0 if c.sort is None else [c.sort, c.text, c.interval] for c in cells],
                ])  # fmt: skip
    return {
        "columns": [[column.heading, column.meaning] for column in columns],
        "sets": {name: [columns.index(column) for column in chosen] for name, chosen in sets.items() if chosen},
        "rows": rows,
    }


def _order(group: str) -> tuple[int, int, str]:
    kind, _, value = group.partition(":")
    return (0 if group == "all" else 1, BANDS.index(value) if kind == "band" and value in BANDS else 0, group)
