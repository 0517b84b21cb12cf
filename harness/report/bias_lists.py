"""Bias lists, for people: what is on each, how much of it reached the engine, and what it did to the words heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.asr.bias_list import ENTITIES, OWN, is_oracle, plain_counterparts, same_engine
from harness.asr.protocol import labelled
from harness.records import BackendSpec
from harness.report.figures import (
    COST,
    HEARD,
    LISTS,
    PROCESSOR_TIME,
    REAL_TIME,
    RUNAWAYS,
    Column,
    Figures,
    value,
    with_interval,
)

LISTED, DISTRACTORS, SENT, OWN_SENT, PREPARATION = LISTS
WER, COMMON_WER, RARE_WER, ENTITY_RECALL, FALSE_RARE_WORDS = HEARD[:5]
_HIT = COST[1]
_MEANINGS = {
    _HIT: "Share of questions whose top snippet is right when the transcript is searched."
}  # alone in its table

Cell = tuple[str, str]
Specs = Mapping[str, BackendSpec]


@dataclass(frozen=True)
class Family:
    """One engine without a list and with several: `cells` under one condition, the shortest list first.

    `name` is the label of the backend without a list, whether the run has it or not.
    """

    name: str
    condition: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ListTable:
    """The table of lists: a row for each backend under each condition. `legend` says what the columns of `numbers` mean."""

    title: str
    headings: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...]


def families(figures: Figures, specs: Specs) -> list[Family]:
    """Every engine that has a bias list, condition by condition, in the order of the run."""
    plain = plain_counterparts(specs)
    found: dict[tuple[str, str], list[Cell]] = {}
    listed = [label for label, spec in specs.items() if spec.bias]
    for label, condition in figures.cells:
        if label in specs and any(same_engine(specs[label], specs[other]) for other in listed):
            name = plain.get(label) or _without_list(label, specs[label])
            found.setdefault((name, condition), []).append((label, condition))
    return [
        Family(*of, tuple(sorted(cells, key=lambda cell: size(figures, cell) or 0.0))) for of, cells in found.items()
    ]


def size(figures: Figures, cell: Cell) -> float | None:
    """How many phrases a recording's list has, on average; `None` without a list, and in runs that did not count them."""
    row = figures.row(cell, LISTED)
    return row.value if row is not None else None


def has_sizes(figures: Figures, family: Family) -> bool:
    """Whether there are lists of two sizes or more."""
    return len({size(figures, cell) for cell in family.cells} - {None}) > 1


def list_table(figures: Figures, specs: Specs) -> ListTable | None:
    """Every list beside the same engine without one; `None` where no backend has a list."""
    found = families(figures, specs)
    if not found:
        return None
    by_size = any(has_sizes(figures, family) for family in found)
    conditions = len({family.condition for family in found})
    columns = _columns(figures)
    numbers = tuple(heading for heading, _, _ in columns)
    headings = ("backend", *(["condition"] if conditions > 1 else []), "bias list", *numbers)
    rows = [
        (
            cell[0], *([cell[1]] if conditions > 1 else []), list_words(specs[cell[0]], figures, cell),
            *(with_interval(figures.row(cell, column, of), column) for _, column, of in columns),
        )
        for family in found
        for cell in family.cells
    ]  # fmt: skip
    legend = dict.fromkeys((heading, _MEANINGS.get(column, column.meaning)) for heading, column, _ in columns)
    return ListTable("Bias lists by size" if by_size else "Bias lists", headings, numbers, tuple(rows), tuple(legend))


def _columns(figures: Figures) -> list[tuple[str, Column, str | None]]:
    """Heading, column and retriever: those that the run has figures for."""
    runaways = RUNAWAYS[:1] if figures.ran_away else ()
    heard = (LISTED, SENT, OWN_SENT, ENTITY_RECALL, WER, COMMON_WER, RARE_WER, FALSE_RARE_WORDS, *runaways)
    chosen: list[tuple[str, Column, str | None]] = [(column.heading, column, None) for column in heard]
    several = len(figures.retrievers) > 1
    chosen += [(f"{_HIT.heading}, {of}" if several else _HIT.heading, _HIT, of) for of in figures.retrievers]
    chosen += [(column.heading, column, None) for column in (PREPARATION, REAL_TIME, PROCESSOR_TIME)]
    return [one for one in chosen if any(figures.row(cell, *one[1:]) for cell in figures.cells)]


def list_words(spec: BackendSpec, figures: Figures, cell: Cell) -> str:
    """What is on a backend's list, in a few words. An oracle is called one."""
    if spec.bias == ENTITIES:
        return "every name of the suite (oracle)"
    if spec.bias != OWN:
        return f"the phrases of {Path(spec.bias).name}" if spec.bias else "none"
    if is_oracle(spec.bias, spec.distractors):
        return "each question's own names alone (oracle)"
    n = distractors(spec, figures, cell)
    return f"each question's own names among {n} other{'' if n == 1 else 's'}"


def distractors(spec: BackendSpec, figures: Figures, cell: Cell) -> int:
    """How many other names stand on each list: as many as were asked for, or all that the suite gives."""
    row = figures.row(cell, DISTRACTORS)
    return (spec.distractors or 0) if row is None or row.value is None else round(row.value)


def list_sentences(figures: Figures, specs: Specs) -> Iterator[str]:
    """Which backends have a list that no user could have, what did not fit into others, and the time that they took."""
    cells = dict(cell for cell in reversed(figures.cells) if cell[0] in specs and specs[cell[0]].bias)
    oracles, drawn, cut_off, prepared = [], [], [], []
    for label, cell in ((label, (label, cells[label])) for label in specs if label in cells):
        spec, (listed, sent, own, preparation) = (
            specs[label],
            (figures.row(cell, column) for column in (LISTED, SENT, OWN_SENT, PREPARATION)),
        )
        if is_oracle(spec.bias, spec.distractors):
            oracles.append(label)
        elif spec.bias == OWN:
            drawn.append(f"{label} (among {distractors(spec, figures, cell)})")
        if listed and sent and listed.value != sent.value:
            share = f", and {value(own, OWN_SENT)} of the questions' own names" if own and own.value is not None else ""
            cut_off.append(f"{label} {value(sent, SENT)} of {value(listed, LISTED)} phrases a recording{share}")
        if preparation and preparation.value:
            prepared.append(f"{label} {value(preparation, PREPARATION)}")
    if oracles:
        yield f"Oracles, whose bias lists no user could have, so upper bounds and no settings to take: {', '.join(oracles)}."
    if drawn:
        yield f"Lists of own names among others, which assume that a user's list holds the name: {', '.join(drawn)}."
    if cut_off:
        yield f"Of these lists only a part fitted in: {'; '.join(cut_off)}."
    if prepared:
        yield f"Making the engine ready for another list took, a recording: {', '.join(prepared)}. It is no recognition time."


def protocols(specs: Specs) -> list[str]:
    """How the lists of these backends are made, a sentence for each kind."""
    kinds = dict.fromkeys(
        spec.bias if spec.bias in (ENTITIES, OWN) else "file" for spec in specs.values() if spec.bias is not None
    )
    return [_PROTOCOLS[kind] for kind in kinds]


_PROTOCOLS: Mapping[str, str] = {
    ENTITIES: "Every name of the suite, the same list for all recordings, is an oracle: nobody knows beforehand what will be "
    "asked. It bounds what a list can win.",
    OWN: "Own names among N others is the protocol of Le et al. (Interspeech 2021): the names in the question and N "
    "distractors, drawn by the seed from the suite's other names and then from the titles of its snippets, in random order and "
    "the same for all recordings of a question. It assumes that the list holds what is asked for; without distractors it is an "
    "oracle.",
    "file": "The phrases of a file are the same for all recordings.",
}


def _without_list(label: str, spec: BackendSpec) -> str:
    """The label that the backend would have without its list."""
    if not spec.bias:
        return label
    return label.removesuffix(spec.label) + labelled(replace(spec, label="", bias=None, distractors=None)).label
