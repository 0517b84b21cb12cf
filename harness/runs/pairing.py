"""Which backend is compared with which: within a run, across runs by label, with one baseline, or by condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from harness.analysis.comparisons import Arm, paired_arms
from harness.asr.bias_list import plain_counterparts
from harness.asr.conditions import default_label
from harness.errors import UnknownName, UsageError
from harness.runs.spec import RunSpec

ACROSS_CONDITIONS = "conditions against one another"


@dataclass(frozen=True)
class Cell:
    """One backend of one run under one condition. `run` names the run; `failed` of the `planned` samples have no transcript."""

    run: str
    spec: RunSpec
    backend: str
    arm: Arm
    failed: int
    planned: int

    @property
    def audio_condition(self) -> str:
        """What was done to the audio, whatever label the spec gave it."""
        condition = next(one for one in self.spec.conditions if one.label == self.arm.condition)
        return default_label(condition.name, condition.options)


@dataclass(frozen=True)
class Pairing:
    """Pairs of baseline and compared arm, each under one condition.

    `dead` has a sentence for every pair in which a backend has no transcript at all, `unmatched` one for every backend or
    condition that has nothing to be compared with.
    """

    pairs: tuple[tuple[Arm, Arm], ...]
    dead: tuple[str, ...]
    unmatched: tuple[str, ...]


def pair_cells(cells: Sequence[Cell], baseline: str | None, *, conditions: bool) -> Pairing:
    """Pairs the cells; `conditions` pairs each backend's other conditions with its first one, `baseline` all with one backend.

    Otherwise a run's backends are paired by `paired_arms`, and the cells of later runs with the first run's of the same label.
    Raises `UnknownName` for a baseline that no cell has, and `UsageError` where several runs have nothing in common.
    """
    several = len({cell.run for cell in cells}) > 1
    unmatched: tuple[str, ...] = ()
    if conditions:
        pairs = list(_under_conditions(cells))
    elif baseline is not None:
        bases = _named(cells, baseline)
        others = [cell for cell in cells if cell.arm.label != bases[0].arm.label]
        pairs, unmatched = _matched(others, bases, [])
    elif several:
        first = [cell for cell in cells if cell.run == cells[0].run]
        later = [cell for cell in cells if cell.run != cells[0].run]
        _check_labels(first, later)
        pairs, unmatched = _across(first, later)
    else:
        backends = {backend.label: backend for backend in cells[0].spec.backends}
        pairs = list(paired_arms([cell.arm for cell in cells], plain_counterparts(backends)))
    if unmatched and not pairs:
        raise UsageError(f"there is nothing to compare. {' '.join(unmatched)}")
    alive = tuple(pair for pair in pairs if all(arm.has_transcripts for arm in pair))
    return Pairing(alive, tuple(_dead(pairs)), unmatched)


def of_its_condition(cell: Cell) -> Cell:
    """The cell with its condition as part of the label, so that it can stand beside those of other conditions."""
    label = f"{cell.arm.label}, {cell.arm.condition}"
    return replace(cell, arm=replace(cell.arm, label=label, condition=ACROSS_CONDITIONS))


def _under_conditions(cells: Iterable[Cell]) -> Iterator[tuple[Arm, Arm]]:
    first: dict[tuple[str, str], Arm] = {}
    for cell in cells:
        base = first.setdefault((cell.run, cell.backend), cell.arm)
        if base is not cell.arm:
            yield base, cell.arm


def _named(cells: Sequence[Cell], baseline: str) -> list[Cell]:
    """The baseline's cells: `baseline` is a label as printed or, of several runs, a backend of the first."""
    of_first = {cell.backend: cell.arm.label for cell in cells if cell.run == cells[0].run}
    labels = [cell.arm.label for cell in cells]
    label = baseline if baseline in labels else of_first.get(baseline)
    if label is None:
        raise UnknownName("baseline", baseline, dict.fromkeys(labels))
    return [cell for cell in cells if cell.arm.label == label]


def _across(first: Sequence[Cell], later: Sequence[Cell]) -> tuple[list[tuple[Arm, Arm]], tuple[str, ...]]:
    """The later cells beside the first run's of the same label; cells of either side without a counterpart are named."""
    labels, later_labels = (_unique(cell.backend for cell in cells) for cells in (first, later))
    sentences = []
    if new := _unique(cell.arm.label for cell in later if cell.backend not in labels):
        sentences.append(
            f"{', '.join(new)}: {first[0].run} has no backend of this label. {_with_baseline(first)} compares all with that one."
        )
    if gone := _unique(cell.arm.label for cell in first if cell.backend not in later_labels):
        sentences.append(f"{', '.join(gone)}: no later run has a backend of this label.")
    pairs: list[tuple[Arm, Arm]] = []
    for backend in labels:
        of_first, of_later = ([cell for cell in cells if cell.backend == backend] for cells in (first, later))
        matched, unmatched = _matched(of_later, of_first, of_first if of_later else [])
        pairs += matched
        sentences += unmatched
    order = {cell.arm.label: index for index, cell in enumerate(later)}
    return sorted(pairs, key=lambda pair: order[pair[1].label]), tuple(sentences)


def _matched(
    cells: Sequence[Cell], bases: Sequence[Cell], must_match: Sequence[Cell]
) -> tuple[list[tuple[Arm, Arm]], tuple[str, ...]]:
    """The cells beside the base of their condition, and sentences on those without one.

    A cell of `must_match` gets a sentence, too, where no cell has its condition.
    """
    pairs, sentences = [], []
    under = {base.arm.condition: base for base in bases}
    for cell in cells:
        base = under.get(cell.arm.condition)
        if base is None:
            sentences.append(
                f"{cell.arm.label}, {cell.arm.condition}: {bases[0].arm.label} was run under {', '.join(under)} only."
            )
        elif cell.audio_condition != base.audio_condition:
            sentences.append(
                f"{cell.arm.label}, {cell.arm.condition}: this condition is {cell.audio_condition} in {cell.run} and "
                f"{base.audio_condition} in {base.run}."
            )
        else:
            pairs.append((base.arm, cell.arm))
    conditions = {cell.arm.condition for cell in cells}
    sentences += [
        f"{base.arm.label}, {base.arm.condition}: no later run has this backend under this condition."
        for base in must_match
        if base.arm.condition not in conditions
    ]
    return pairs, tuple(sentences)


def _check_labels(first: Sequence[Cell], later: Sequence[Cell]) -> None:
    """Raises `UsageError` where no later run has a backend of a label of the first."""
    here, there = (_unique(cell.backend for cell in cells) for cells in (first, later))
    if not set(here) & set(there):
        runs = ", ".join(_unique(cell.run for cell in later))
        raise UsageError(
            f"no backend of {runs} has the label of one in {first[0].run}, so it is not clear what to compare: "
            f"{first[0].run} has {', '.join(here)}; {runs}: {', '.join(there)}. Name the backend that all others are "
            f"compared with, for instance {_with_baseline(first)}."
        )


def _with_baseline(first: Sequence[Cell]) -> str:
    return f"--baseline {quote(first[0].arm.label)}"


def _dead(pairs: Iterable[tuple[Arm, Arm]]) -> Iterator[str]:
    for first, second in pairs:
        dead = next((arm for arm in (first, second) if not arm.has_transcripts), None)
        if dead is not None:
            yield (
                f"{second.label} against {first.label}, {dead.condition}: every sample of {dead.label} failed, so there is no "
                f"transcript to compare. Mend what failed (`error` in its samples) and run again."
            )


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
