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
class StoredArm:
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


def pair_stored_arms(stored_arms: Sequence[StoredArm], baseline: str | None, *, conditions: bool) -> Pairing:
    """Pair the arms; `conditions` pairs each backend's other conditions with its first one, `baseline` all with one backend.

    Otherwise a run's backends are paired by `paired_arms`, and the arms of later runs with the first run's of the same label.
    Raises `UnknownName` for a baseline that no arm has, and `UsageError` where several runs have nothing in common.
    """
    several = len({stored.run for stored in stored_arms}) > 1
    unmatched: tuple[str, ...] = ()
    if conditions:
        pairs = list(_under_conditions(stored_arms))
    elif baseline is not None:
        bases = _named(stored_arms, baseline)
        others = [stored for stored in stored_arms if stored.arm.label != bases[0].arm.label]
        pairs, unmatched = _matched(others, bases, [])
    elif several:
        first = [stored for stored in stored_arms if stored.run == stored_arms[0].run]
        later = [stored for stored in stored_arms if stored.run != stored_arms[0].run]
        _check_labels(first, later)
        pairs, unmatched = _across(first, later)
    else:
        backends = {backend.label: backend for backend in stored_arms[0].spec.backends}
        pairs = list(paired_arms([stored.arm for stored in stored_arms], plain_counterparts(backends)))
    if unmatched and not pairs:
        raise UsageError(f"there is nothing to compare. {' '.join(unmatched)}")
    alive = tuple(pair for pair in pairs if all(arm.has_transcripts for arm in pair))
    return Pairing(alive, tuple(_dead(pairs)), unmatched)


def of_its_condition(stored: StoredArm) -> StoredArm:
    """Return the arm with its condition as part of the label, so that it can be compared with those of other conditions."""
    label = f"{stored.arm.label}, {stored.arm.condition}"
    return replace(stored, arm=replace(stored.arm, label=label, condition=ACROSS_CONDITIONS))


def _under_conditions(stored_arms: Iterable[StoredArm]) -> Iterator[tuple[Arm, Arm]]:
    first: dict[tuple[str, str], Arm] = {}
    for stored in stored_arms:
        base = first.setdefault((stored.run, stored.backend), stored.arm)
        if base is not stored.arm:
            yield base, stored.arm


def _named(stored_arms: Sequence[StoredArm], baseline: str) -> list[StoredArm]:
    """Return the baseline's arms: `baseline` is a label as printed or, of several runs, a backend of the first."""
    of_first = {stored.backend: stored.arm.label for stored in stored_arms if stored.run == stored_arms[0].run}
    labels = [stored.arm.label for stored in stored_arms]
    label = baseline if baseline in labels else of_first.get(baseline)
    if label is None:
        raise UnknownName("baseline", baseline, dict.fromkeys(labels))
    return [stored for stored in stored_arms if stored.arm.label == label]


def _across(first: Sequence[StoredArm], later: Sequence[StoredArm]) -> tuple[list[tuple[Arm, Arm]], tuple[str, ...]]:
    """Pair the later arms with the first run's of the same label; name those of either side that have no counterpart."""
    labels, later_labels = (_unique(stored.backend for stored in stored_arms) for stored_arms in (first, later))
    sentences = []
    if new := _unique(stored.arm.label for stored in later if stored.backend not in labels):
        sentences.append(
            f"{', '.join(new)}: {first[0].run} has no backend of this label. {_with_baseline(first)} compares all with that one."
        )
    if gone := _unique(stored.arm.label for stored in first if stored.backend not in later_labels):
        sentences.append(f"{', '.join(gone)}: no later run has a backend of this label.")
    pairs: list[tuple[Arm, Arm]] = []
    for backend in labels:
        of_first, of_later = (
            [stored for stored in stored_arms if stored.backend == backend] for stored_arms in (first, later)
        )
        matched, unmatched = _matched(of_later, of_first, of_first if of_later else [])
        pairs += matched
        sentences += unmatched
    order = {stored.arm.label: index for index, stored in enumerate(later)}
    return sorted(pairs, key=lambda pair: order[pair[1].label]), tuple(sentences)


def _matched(
    stored_arms: Sequence[StoredArm], bases: Sequence[StoredArm], must_match: Sequence[StoredArm]
) -> tuple[list[tuple[Arm, Arm]], tuple[str, ...]]:
    """Pair the arms with the base of their condition; return sentences on those without one, too.

    An arm of `must_match` gets a sentence where none of the others has its condition.
    """
    pairs, sentences = [], []
    under = {base.arm.condition: base for base in bases}
    for stored in stored_arms:
        base = under.get(stored.arm.condition)
        if base is None:
            sentences.append(
                f"{stored.arm.label}, {stored.arm.condition}: {bases[0].arm.label} was run under {', '.join(under)} only."
            )
        elif stored.audio_condition != base.audio_condition:
            sentences.append(
                f"{stored.arm.label}, {stored.arm.condition}: this condition is {stored.audio_condition} in {stored.run} and "
                f"{base.audio_condition} in {base.run}."
            )
        else:
            pairs.append((base.arm, stored.arm))
    conditions = {stored.arm.condition for stored in stored_arms}
    sentences += [
        f"{base.arm.label}, {base.arm.condition}: no later run has this backend under this condition."
        for base in must_match
        if base.arm.condition not in conditions
    ]
    return pairs, tuple(sentences)


def _check_labels(first: Sequence[StoredArm], later: Sequence[StoredArm]) -> None:
    """Raise `UsageError` where no later run has a backend of a label of the first."""
    here, there = (_unique(stored.backend for stored in stored_arms) for stored_arms in (first, later))
    if not set(here) & set(there):
        runs = ", ".join(_unique(stored.run for stored in later))
        raise UsageError(
            f"no backend of {runs} has the label of one in {first[0].run}, so it is not clear what to compare: "
            f"{first[0].run} has {', '.join(here)}; {runs}: {', '.join(there)}. Name the backend that all others are "
            f"compared with, for instance {_with_baseline(first)}."
        )


def _with_baseline(first: Sequence[StoredArm]) -> str:
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
