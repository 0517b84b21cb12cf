"""Finished runs beside each other: every cell against its baseline, paired by question and recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.analysis.comparisons import (
    Arm,
    Comparison,
    compare_arms,
    compared_metrics,
    paired_arms,
    question_sums,
    scales,
)
from harness.analysis.metrics import Rules
from harness.analysis.statistics import bootstrap_weights, outcome_intervals, rounded
from harness.analysis.summary import SCHEMA_VERSION
from harness.asr.bias_list import plain_counterparts
from harness.errors import GateFailed, RunError, UnknownName, UsageError
from harness.runs.gates import Figure, Gate
from harness.runs.storage.stored_run import StoredRun, read_side_by_side

_ACROSS = "conditions against one another"


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """What `compare` found. `gates_failed` has a sentence for every figure that a gate forbids.

    `left_out` counts recordings that are not in every run. `refused` has a sentence for every pair that cannot be compared
    because a backend has no transcript at all; where there are gates, these count as failed: nothing shows that they hold.
    """

    schema_version: int
    suite: Mapping[str, str]
    runs: tuple[str, ...]
    left_out: int
    figures: tuple[Figure, ...]
    comparisons: tuple[Comparison, ...]
    gates_failed: tuple[str, ...]
    refused: tuple[str, ...] = ()

    def check_gates(self) -> None:
        """Raises `GateFailed` if a gate was true."""
        if self.gates_failed:
            raise GateFailed("\n".join(self.gates_failed))


def compare(
    *runs: str | Path,
    metrics: Sequence[str] = (),
    baseline: str | None = None,
    fail_if: Sequence[str] = (),
    conditions: bool = False,
) -> ComparedRuns:
    """Compares the backends of one run, or of several runs of one suite, under each condition; or, with `conditions`,
    each backend's other conditions with its first one.

    In one run a backend with a bias list is compared with the same backend without it, and every other one with the first of
    these others. With several, each cell of the later runs is compared with the backend of the same label in the first run,
    or, where there is none, with the first run's first backend; labels are then `run/backend`. `baseline` names one backend
    for all instead. `metrics` replaces the metrics compared; `fail_if` are gates such as `"rare_wer > +0.02"`, judged but not
    raised: see `ComparedRuns.check_gates`. A gate on a figure itself looks at every cell, but for those of the first of
    several runs.

    Raises `RunError` when a run is absent, unfinished or of another suite, and `UsageError` for what cannot be asked.
    """
    gates = [Gate.parse(expression) for expression in fail_if]
    loaded = _load([Path(run) for run in runs])
    recordings = _common_recordings(loaded)
    cells = [cell for run in loaded for cell in _cells(run, recordings)]
    if conditions and baseline is not None:
        raise UsageError(
            "a baseline is a backend; conditions are compared with each backend's first one. Give one of the two."
        )
    cells = [cell.of_its_condition() for cell in cells] if conditions else cells
    arms = [cell.arm for cell in cells]
    rules = Rules(loaded[0].spec.outcome, loaded[0].spec.rare_threshold)
    chosen = _metrics(metrics, gates, arms, rules)
    paired = list(_under_conditions(cells) if conditions else _pairs(cells, len(loaded), baseline))
    pairs = [pair for pair in paired if all(arm.has_transcripts for arm in pair)]
    refused = tuple(_refused(paired))
    if refused and not pairs:
        raise RunError(f"cannot be compared: {refused[0]}", file=loaded[-1].folder)
    if not pairs and not any(not gate.relative for gate in gates):
        raise UsageError(
            f"{loaded[0].folder} holds one {'condition' if conditions else 'backend'} only, so there is nothing to compare it "
            f"with. Give another run as well, or {'leave out --conditions' if conditions else 'compare --conditions'}."
        )
    weights = bootstrap_weights(len(set(recordings.values())), loaded[0].record.seed)
    retrievers = loaded[0].spec.retrievers
    primary = (rules.metric, retrievers[0].label) if retrievers else None
    comparisons = compare_arms(pairs, recordings, weights, loaded[0].record.seed, chosen, primary)
    figures = tuple(_figures(arms, recordings, weights, chosen))
    judged_labels = {cell.arm.label for cell in cells if len(loaded) == 1 or cell.run is not loaded[0]}
    judged = [figure for figure in figures if figure.label in judged_labels]
    return ComparedRuns(
        SCHEMA_VERSION,
        loaded[0].record.suite,
        tuple(str(run.folder) for run in loaded),
        len({p.utterance_id for run in loaded for p in run.plan}) - len(recordings),
        figures,
        comparisons,
        (*(refused if gates else ()), *(sentence for gate in gates for sentence in gate.hits(judged, comparisons))),
        refused,
    )


@dataclass(frozen=True)
class _Cell:
    """One backend of one run under one condition. The arm's label says which run, where there are several."""

    run: StoredRun
    backend: str
    arm: Arm

    def of_its_condition(self) -> _Cell:
        """The cell with its condition as part of the label, so that it can stand beside those of other conditions."""
        label = f"{self.arm.label}, {self.arm.condition}"
        return replace(self, arm=replace(self.arm, label=label, condition=_ACROSS))


def _cells(run: StoredRun, recordings: Mapping[str, str]) -> Iterator[_Cell]:
    """Every backend under every condition, in the order of the plan."""
    for (backend, condition), counted in run.counted_samples().items():
        samples = [sample for sample in counted if sample.utterance_id in recordings]
        yield _Cell(run, backend, Arm.of(run.prefix + backend, condition, samples, run.spec.rare_threshold))


def _load(folders: Sequence[Path]) -> tuple[StoredRun, ...]:
    """The runs, checked to be of one suite and counted by one rule."""
    if not folders:
        raise UsageError("no run was given. Expected the folder of at least one finished run.")
    for folder in folders:
        if [other.resolve() for other in folders].count(folder.resolve()) > 1:
            raise UsageError(f"{folder} was given twice. Expected runs that differ.")
    runs = read_side_by_side(folders)
    for run in runs:
        if run.record.status not in ("complete", "partial"):
            raise RunError("was cut short. Run the same command again to finish it.", file=run.folder)
    for other in runs[1:]:
        for what in ("suite", "normaliser"):
            _refuse_unequal(runs[0], other, what, *(run.record.digests.get(what, "?") for run in (runs[0], other)))
        for rule in ("rare_threshold", "entity_pipeline", "outcome"):
            _refuse_unequal(runs[0], other, rule, *(str(getattr(run.spec, rule)) for run in (runs[0], other)))
    return runs


def _refuse_unequal(first: StoredRun, second: StoredRun, what: str, here: str, there: str) -> None:
    if here != there:
        raise RunError(
            f"is a run with another {what} ({there[:12]}) than {first.folder} ({here[:12]}): their figures cannot be "
            f"paired. Run both on the same {what}.",
            file=second.folder,
        )


def _common_recordings(runs: Sequence[StoredRun]) -> dict[str, str]:
    """The recordings that every run planned, to their questions, in the order of the first run."""
    planned = [{p.utterance_id for p in run.plan} for run in runs]
    common = {p.utterance_id: p.question_id for p in runs[0].plan if all(p.utterance_id in ids for ids in planned)}
    if not common:
        raise RunError(
            f"has no recording in common with {runs[0].folder}, so nothing can be paired.", file=runs[-1].folder
        )
    return common


def _metrics(asked: Sequence[str], gates: Iterable[Gate], arms: Sequence[Arm], rules: Rules) -> tuple[str, ...]:
    """The metrics to compare, those of the gates among them. Raises `UnknownName` for one that no cell has."""
    known = {measure.metric for arm in arms for measure in arm.measures()}
    chosen = tuple(dict.fromkeys([*(asked or compared_metrics(arms, rules)), *(gate.metric for gate in gates)]))
    for metric in (*asked, *(gate.metric for gate in gates)):
        if metric not in known:
            raise UnknownName("metric", metric, known)
    return chosen


def _pairs(cells: Sequence[_Cell], n_runs: int, baseline: str | None) -> Iterator[tuple[Arm, Arm]]:
    """Baseline and compared arm, always under the same condition."""
    if baseline is not None:
        yield from _against(cells, baseline)
    elif n_runs == 1:
        specs = {backend.label: backend for backend in cells[0].run.spec.backends}
        yield from paired_arms([cell.arm for cell in cells], plain_counterparts(specs))
    else:
        yield from _across(cells)


def _refused(pairs: Iterable[tuple[Arm, Arm]]) -> Iterator[str]:
    for first, second in pairs:
        dead = next((arm for arm in (first, second) if not arm.has_transcripts), None)
        if dead is not None:
            yield (
                f"{second.label} against {first.label}, {dead.condition}: every sample of {dead.label} failed, so there is no "
                f"transcript to compare. Mend what failed (`error` in its samples) and run again."
            )


def _under_conditions(cells: Iterable[_Cell]) -> Iterator[tuple[Arm, Arm]]:
    """Each backend's other conditions beside its first one, run by run."""
    first: dict[tuple[Path, str], Arm] = {}
    for cell in cells:
        base = first.setdefault((cell.run.folder, cell.backend), cell.arm)
        if base is not cell.arm:
            yield base, cell.arm


def _against(cells: Sequence[_Cell], baseline: str) -> Iterator[tuple[Arm, Arm]]:
    """Every other cell beside the baseline: a label as printed, or, of several runs, a backend of the first."""
    first = {cell.backend: cell.arm.label for cell in cells if cell.run is cells[0].run}
    labels = [cell.arm.label for cell in cells]
    label = baseline if baseline in labels else first.get(baseline)
    if label is None:
        raise UnknownName("baseline", baseline, dict.fromkeys(labels))
    base = {cell.arm.condition: cell.arm for cell in cells if cell.arm.label == label}
    for cell in cells:
        if cell.arm.label != label and cell.arm.condition in base:
            yield base[cell.arm.condition], cell.arm


def _across(cells: Sequence[_Cell]) -> Iterator[tuple[Arm, Arm]]:
    """The cells of the later runs beside those of the first: the same backend, or else its first one."""
    for cell in cells:
        if cell.run is cells[0].run:
            continue
        bases = [c for c in cells if c.run is cells[0].run and c.arm.condition == cell.arm.condition]
        same = [base for base in bases if base.backend == cell.backend]
        yield from ((base.arm, cell.arm) for base in (same or bases)[:1])


def _figures(
    arms: Iterable[Arm], recordings: Mapping[str, str], weights: NDArray[np.float64], metrics: Sequence[str]
) -> Iterator[Figure]:
    """The figures of each arm itself, with the intervals that summary.json gives them."""
    order = {question: index for index, question in enumerate(dict.fromkeys(recordings.values()))}
    for arm in arms:
        measures = sorted(
            (measure for measure in arm.measures() if measure.metric in metrics),
            key=lambda measure: (metrics.index(measure.metric), measure),
        )
        tops, bottoms = question_sums(arm.outcomes, recordings, measures, order)
        scale = scales(measures, len(order))
        with np.errstate(invalid="ignore", divide="ignore"):
            values = scale * tops.sum(axis=0) / bottoms.sum(axis=0)
        intervals = outcome_intervals(np.array([m.is_yes_or_no for m in measures]), tops, bottoms, weights)
        for column, measure in enumerate(measures):
            yield Figure(
                arm.label, arm.condition, measure.retriever or None, measure.metric, rounded(values[column]),
                rounded(scale[column] * intervals.low[column]), rounded(scale[column] * intervals.high[column]),
                len(arm.outcomes),
            )  # fmt: skip
