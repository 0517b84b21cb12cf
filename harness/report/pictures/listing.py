"""Every picture of a report, in its order, with what it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.analysis.summary import Summary
from harness.records import BackendSpec
from harness.report.figures import COST, Figures
from harness.report.pictures import bias, confusions, loss, repair
from harness.report.pictures.drawing import Picture, unchecked

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture. `condition` and `backend` are `None` where it shows all of them."""

    picture: Picture
    retriever: str
    condition: str | None = None
    backend: str | None = None


def pictures(summary: Summary, specs: Mapping[str, BackendSpec]) -> list[Listed]:
    """The pictures that there are figures for. `specs` are the backends as they were asked for, by label."""
    figures = Figures.of(summary)
    conditions = tuple(dict.fromkeys(condition for _, condition in figures.cells))
    with unchecked():
        return [
            Listed(picture, retriever, place, backend)
            for retriever in figures.retrievers
            for condition in conditions
            for picture, place, backend in (
                *_of_condition(summary, figures, conditions, retriever, condition),
                (bias.by_size(figures, specs, condition), condition, None),
            )
            if picture is not None
        ]


def _of_condition(
    summary: Summary, figures: Figures, conditions: tuple[str, ...], retriever: str, condition: str
) -> Iterator[tuple[Picture | None, str | None, str | None]]:
    cells = [cell for cell in figures.cells if cell[1] == condition]
    yield loss.by_band(summary, figures, cells, retriever), condition, None
    if condition == conditions[0]:
        yield loss.wer_against_loss(figures, retriever), None, None
        yield loss.ladder(figures, conditions, retriever), None, None
    yield repair.by_class(summary, cells, retriever), condition, None
    yield repair.repairs(figures, cells, retriever), condition, None
    for cell in dict.fromkeys((cells[0], *_best(figures, cells, retriever))):
        yield confusions.heard_as(summary, cell, retriever), condition, cell[0]


def _best(figures: Figures, cells: list[Cell], retriever: str) -> list[Cell]:
    """The cell that loses fewest answers, if any can be judged."""
    lost = {cell: figures.row(cell, COST[2], retriever) for cell in cells}
    known = {cell: row.value for cell, row in lost.items() if row is not None and row.value is not None}
    return [min(known, key=lambda cell: known[cell])] if known else []
