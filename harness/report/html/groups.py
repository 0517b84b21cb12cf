"""Every figure of every group, for the script that shows them by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from harness.analysis.metrics import Family
from harness.analysis.summary import Row
from harness.report.model import Arm, Column, Figures
from harness.report.numbers import interval, is_few, of_n, value
from harness.words.rarity import BANDS

_FAMILIES: Final[Mapping[Family, str]] = {
    "recognition": "recognition", "retrieval": "retrieval", "answer": "answers", "interpretation": "interpretation",
    "cause": "causes",
    "bias_list": "bias lists", "time": "time",
}  # fmt: skip


def group_tables(figures: Figures, question_counts: Mapping[str, int]) -> dict[str, Any]:
    """Return every figure of every group, as text and as the number to sort by.

    `columns` are heading, meaning and what their figures are counted over; `sets` maps the name of a family to its columns.
    `rows` are group, backend, condition, retriever, questions, utterances, and a cell a column: number, text, interval, what it
    is counted over, and whether that is too few; 0 where the run has no such figure.
    """
    sets = {_FAMILIES[family]: figures.columns(family, main=False, group=None) for family in get_args(Family)}
    columns = [column for chosen in sets.values() for column in chosen]
    groups = dict.fromkeys(row.group for row in figures.summary.rows)
    rows = [
        [
            group,
            *arm,
            retriever,
            question_counts.get(group),
            _n_utterances(cells, group),
            [_cell(*cell) for cell in cells],
        ]
        for group in sorted(groups, key=_order)
        for arm in figures.arms
        if figures.has_transcripts(arm)
        for retriever in figures.retrievers or ("",)
        for cells in (_cells(figures, arm, columns, retriever or None, group),)
        if any(row for row, _ in cells)
    ]
    return {
        "columns": [[column.heading, column.metric.meaning, column.metric.of] for column in columns],
        "sets": {name: [columns.index(column) for column in chosen] for name, chosen in sets.items() if chosen},
        "rows": rows,
    }


def _cells(
    figures: Figures, arm: Arm, columns: list[Column], retriever: str | None, group: str
) -> list[tuple[Row | None, Column]]:
    return [(figures.row_of(arm, column, retriever, group), column) for column in columns]


def _cell(row: Row | None, column: Column) -> list[Any] | int:
    if row is None or row.value is None:
        return 0
    n = row.n if of_n(row, column.metric) else None
    return [row.value, value(row, column.metric), interval(row, column.metric), n, int(is_few(row, column.metric))]


def _n_utterances(cells: list[tuple[Row | None, Column]], group: str) -> int:
    """Return how many utterances were planned. In a band, WER is that of the words in it, whichever utterance they are from."""
    of_words = "wer" if group.startswith("band:") else ""
    return max((row.n_planned for row, column in cells if row and column.metric.name != of_words), default=0)


def _order(group: str) -> tuple[int, int, str]:
    kind, _, name = group.partition(":")
    return (0 if group == "all" else 1, BANDS.index(name) if kind == "band" and name in BANDS else 0, group)
