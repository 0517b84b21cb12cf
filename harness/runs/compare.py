"""Finished runs side by side: every backend with its baseline, paired by question and recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.analysis.comparisons import Arm, Comparison, compare_arms, compared_metrics, question_sums, scales
from harness.analysis.rules import Rules, error_rate_of
from harness.analysis.statistics import bootstrap_weights, outcome_intervals, rounded
from harness.analysis.summary import SCHEMA_VERSION
from harness.errors import GateFailed, RunError, UnknownName, UsageError
from harness.runs.gates import Figure, Gate, GateResult
from harness.runs.pairing import StoredArm, of_its_condition, pair_stored_arms
from harness.runs.storage.stored_run import StoredRun, read_side_by_side

_SAME_RULES = (
    "rare_threshold",
    "rare_words",
    "entity_pipeline",
    "outcome",
    "missing",
    "keep_sound_tags",
)  # of the spec, in runs that are compared


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """The differences between backends, and what the gates say of them.

    `rules` are those that all runs were counted by, and `normaliser` names those that their texts were compared by.
    `left_out` counts recordings that are not in every run. `not_compared` has a sentence for everything that has no
    counterpart or no transcript, `notes` one for every backend some of whose samples failed. `gates_failed` has the sentences of
    the `gates` that failed, and, where there are gates, those on backends without a single transcript: nothing shows that the
    gates hold for them.
    """

    schema_version: int
    suite: Mapping[str, str]
    runs: tuple[str, ...]
    rules: Rules
    normaliser: str
    left_out: int
    figures: tuple[Figure, ...]
    comparisons: tuple[Comparison, ...]
    not_compared: tuple[str, ...]
    notes: tuple[str, ...]
    gates: tuple[GateResult, ...]
    gates_failed: tuple[str, ...]

    def check_gates(self) -> None:
        """Raise `GateFailed` if a gate failed."""
        if self.gates_failed:
            raise GateFailed("\n".join(self.gates_failed))


def compare(
    *runs: str | Path,
    metrics: Sequence[str] = (),
    baseline: str | None = None,
    fail_if: Sequence[str] = (),
    significant: bool = False,
    conditions: bool = False,
) -> ComparedRuns:
    """Compare the backends of one run, or of several runs of one suite, under each condition; or, with `conditions`,
    each backend's other conditions with its first one.

    In one run a backend with a bias list is compared with the same backend without it, and every other one with the first of
    these others. With several, each backend of the later runs is compared with the first run's of the same label; labels are
    then printed as `run/backend`. `baseline` names one backend for all instead, and is needed where no labels match.
    `metrics` replaces the metrics compared; `fail_if` are gates such as `"rare_wer > +0.02"`, judged but not raised: see
    `ComparedRuns.check_gates`. A gate on a figure itself looks at every backend, but for those of the first of several runs.
    With `significant` a gate fails on a significant difference only, and on a figure only where the
    whole interval lies beyond the bound.

    Raises `RunError` when a run is absent, unfinished or of another suite, and `UsageError` for what cannot be asked.
    """
    gates = [Gate.parse(expression, significant=significant) for expression in fail_if]
    if significant and not gates:
        raise UsageError("--significant says when a gate fails, but there is no gate. Give one with --fail-if.")
    if conditions and baseline is not None:
        raise UsageError(
            "a baseline is a backend; conditions are compared with each backend's first one. Give one of the two."
        )
    loaded = _load([Path(run) for run in runs])
    recordings = _common_recordings(loaded)
    stored_arms = [stored for run in loaded for stored in _stored_arms(run, recordings)]
    stored_arms = [of_its_condition(stored) for stored in stored_arms] if conditions else stored_arms
    arms = [stored.arm for stored in stored_arms]
    spec, error_rate = loaded[0].spec, error_rate_of(loaded[0].language)
    rules = Rules(spec.outcome, spec.rare_threshold, rare_words=spec.rare_words_name, error_rate=error_rate)
    chosen = _metrics(metrics, gates, arms, rules)
    paired = pair_stored_arms(stored_arms, baseline, conditions=conditions)
    if paired.dead and not paired.pairs:
        raise RunError(f"cannot be compared: {paired.dead[0]}", file=loaded[-1].folder)
    if not paired.pairs and not any(not gate.relative for gate in gates):
        raise UsageError(
            f"{loaded[0].folder} holds one {'condition' if conditions else 'backend'} only, so there is nothing to compare it "
            f"with. Give another run as well, or {'leave out --conditions' if conditions else 'compare --conditions'}."
        )
    weights = bootstrap_weights(len(set(recordings.values())), loaded[0].record.seed)
    retrievers = loaded[0].spec.retrievers
    primary = (rules.metric, retrievers[0].label) if retrievers else None
    comparisons = compare_arms(paired.pairs, recordings, weights, loaded[0].record.seed, chosen, primary)
    figures = tuple(_figures([arm for arm in arms if arm.has_transcripts], recordings, weights, chosen))
    checked_arms = [stored for stored in stored_arms if len(loaded) == 1 or stored.run != _name(loaded[0])]
    gate_results, failed = _check(gates, checked_arms, figures, comparisons)
    return ComparedRuns(
        SCHEMA_VERSION,
        loaded[0].record.suite,
        tuple(str(run.folder) for run in loaded),
        rules,
        loaded[0].record.normaliser,
        len({p.utterance_id for run in loaded for p in run.plan} - recordings.keys()),
        figures,
        comparisons,
        (*paired.dead, *paired.unmatched, *_measured_once(paired.pairs, chosen)),
        tuple(_failures(stored_arms)),
        gate_results,
        (*(paired.dead if gates else ()), *failed),
    )


def _stored_arms(run: StoredRun, recordings: Mapping[str, str]) -> Iterator[StoredArm]:
    """Yield every backend under every condition, in the order of the plan."""
    for (backend, condition), counted in run.counted_samples().items():
        planned = [
            p for p in run.plan if (p.backend, p.condition) == (backend, condition) and p.utterance_id in recordings
        ]
        recognised = [p for p in planned if p.key in run.samples and run.samples[p.key].status == "ok"]
        samples = [sample for sample in counted if sample.utterance_id in recordings]
        arm = Arm.of(run.prefix + backend, condition, samples, run.rarity)
        yield StoredArm(_name(run), run.spec, backend, arm, len(planned) - len(recognised), len(planned))


def _name(run: StoredRun) -> str:
    """Return how sentences call a run: as the labels do where there are several."""
    return run.prefix.removesuffix("/") or run.folder.name


def _load(folders: Sequence[Path]) -> tuple[StoredRun, ...]:
    """Read the runs; raise where they are not of one suite, or not counted by one rule."""
    if not folders:
        raise UsageError("no run was given. Expected the folder of at least one finished run.")
    for folder in folders:
        if folder.is_file():
            raise RunError("is a file. Give the run's folder.", file=folder)
        if [other.resolve() for other in folders].count(folder.resolve()) > 1:
            raise UsageError(f"{folder} was given twice. Expected runs that differ.")
    runs = read_side_by_side(folders)
    for run in runs:
        if run.record.status not in ("complete", "partial"):
            raise RunError("was cut short. Run the same command again to finish it.", file=run.folder)
    for other in runs[1:]:
        _refuse_unequal(
            runs[0], other, "suite", *(run.record.digests.get("suite", "?")[:12] for run in (runs[0], other))
        )
        _refuse_unequal(runs[0], other, "normaliser", runs[0].record.normaliser, other.record.normaliser)
        for rule in _SAME_RULES:
            _refuse_unequal(runs[0], other, rule, *(str(getattr(run.spec, rule)) for run in (runs[0], other)))
    for first, second in combinations(runs, 2):
        if _is_copy(first, second):
            raise UsageError(f"{second.folder} is a copy of {first.folder}, to the times. Expected runs that differ.")
    return runs


def _is_copy(first: StoredRun, second: StoredRun) -> bool:
    """Return whether two folders hold one run: equal to the times. Recorded transcripts alone take no time to tell by."""
    timed = any(sample.timings for sample in first.samples.values())
    return timed and first.record == second.record and first.samples == second.samples


def _refuse_unequal(first: StoredRun, second: StoredRun, what: str, here: str, there: str) -> None:
    if here != there:
        raise RunError(
            f"is a run with another {what} ({there}) than {first.folder} ({here}), so their figures cannot be compared. "
            f"Run both with the same {what}.",
            file=second.folder,
        )


def _common_recordings(runs: Sequence[StoredRun]) -> dict[str, str]:
    """Map the recordings that every run planned to their questions, in the order of the first run."""
    planned = [{p.utterance_id for p in run.plan} for run in runs]
    common = {p.utterance_id: p.question_id for p in runs[0].plan if all(p.utterance_id in ids for ids in planned)}
    if not common:
        raise RunError(
            f"has no recording in common with {runs[0].folder}, so nothing can be paired.", file=runs[-1].folder
        )
    return common


def _metrics(asked: Sequence[str], gates: Iterable[Gate], arms: Sequence[Arm], rules: Rules) -> tuple[str, ...]:
    """Return the metrics to compare, those of the gates among them. Raises `UnknownName` for one that no arm has."""
    known = {measure.metric for arm in arms for measure in arm.measures()}
    chosen = tuple(dict.fromkeys([*(asked or compared_metrics(arms, rules)), *(gate.metric for gate in gates)]))
    for metric in (*asked, *(gate.metric for gate in gates)):
        if metric not in known:
            raise UnknownName("metric", metric, known)
    return chosen


def _measured_once(pairs: Iterable[tuple[Arm, Arm]], metrics: Sequence[str]) -> Iterator[str]:
    """Yield sentences on the metrics that one arm of a pair has and the other lacks, as where their runs search differently."""
    labels: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for pair in pairs:
        first, second = ({(m.retriever, m.metric) for m in arm.measures() if m.metric in metrics} for arm in pair)
        for arm, own in ((pair[0], first - second), (pair[1], second - first)):
            for retriever in sorted({retriever for retriever, _ in own}):
                names = sorted((metric for of, metric in own if of == retriever), key=metrics.index)
                labels.setdefault((retriever, tuple(names)), []).append(f"{arm.label} ({arm.condition})")
    for (retriever, only), having in labels.items():
        where = f" with {retriever}" if retriever else ""
        yield f"{', '.join(only)}{where}: only {', '.join(dict.fromkeys(having))} has them."


def _failures(stored_arms: Iterable[StoredArm]) -> Iterator[str]:
    """Yield a sentence for each backend and condition of which some samples failed."""
    for stored in stored_arms:
        if not stored.arm.has_transcripts:
            yield f"{stored.arm.label}, {stored.arm.condition}: every sample failed, so it has no figures."
        elif stored.failed:
            fate = "count as wrong" if stored.spec.missing == "count" else "are left out"
            yield f"{stored.arm.label}, {stored.arm.condition}: {stored.failed} of {stored.planned} samples failed and {fate}."


def _check(
    gates: Sequence[Gate],
    stored_arms: Sequence[StoredArm],
    figures: Sequence[Figure],
    comparisons: Sequence[Comparison],
) -> tuple[tuple[GateResult, ...], list[str]]:
    """Check these arms' figures and all differences; return the results, and the sentences of those that failed."""
    labels = {stored.arm.label for stored in stored_arms}
    own = [figure for figure in figures if figure.label in labels]
    dead = [stored.arm for stored in stored_arms if not stored.arm.has_transcripts]
    checked: list[GateResult] = []
    failed: list[str] = []
    for gate in gates:
        results = list(gate.check(own, comparisons))
        if not gate.relative:
            failed += [
                f"{arm.label}, {arm.condition}: every sample failed, so nothing shows that the gate {gate.expression!r} holds."
                for arm in dead
            ]
        if not results and (gate.relative or not dead):
            raise gate.nothing_to_check()
        checked += results
        failed += [one.sentence for one in results if one.failed]
    return tuple(checked), failed


def _figures(
    arms: Iterable[Arm], recordings: Mapping[str, str], weights: NDArray[np.float64], metrics: Sequence[str]
) -> Iterator[Figure]:
    """Yield the figures of each arm itself, with the intervals that summary.json gives them."""
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
