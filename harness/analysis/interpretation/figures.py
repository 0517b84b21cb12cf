"""Scores of systems with intervals, and their paired tests: the question is the cluster.

Shares of utterances have the interval of Korn & Graubard, other ratios the percentile bootstrap over questions. Tests are
sign-flip randomisation of whole questions, since a question has several recordings; Holm within family, folds and metric.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from harness.analysis.interpretation.outcomes import Outcome
from harness.analysis.interpretation.result import Figure, PairedTest, Setting, Split, System
from harness.analysis.significance import holm, sign_flip_rates
from harness.analysis.statistics import (
    bootstrap_weights,
    outcome_intervals,
    percentile_intervals,
    resampled_ratios,
    rounded,
    six_digits,
)
from harness.interpretation.scores import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORES = tuple(Counts().ratios())
SHARES = frozenset({"intent_accuracy", "exact_interpretation"})  # of utterances, yes or no
COMPARED = ("intent_accuracy", "slot_f1", "exact_interpretation")
_COMPARED_IN = {
    "end-to-end": COMPARED,
    "interpreters": ("intent_accuracy", "exact_interpretation"),
}  # these find the same slots
_OF_SLOTS = frozenset({"slot_precision", "slot_recall", "slot_f1", "semer", "exact_interpretation"})
Tested = TypeVar("Tested", Split, PairedTest)
Ratios = Sequence[tuple[float, float] | None]  # numerator and denominator by item; `None` where it does not count


@dataclass(frozen=True)
class Sums:
    """Numerators and denominators by question, float64[n_questions] each."""

    tops: NDArray[np.float64]
    bottoms: NDArray[np.float64]

    @property
    def value(self) -> float | None:
        """The ratio of their sums; `None` without a denominator."""
        return float(self.tops.sum() / self.bottoms.sum()) if self.bottoms.sum() > 0 else None


class Statistics:
    """What all figures share: the question of each item, resamples, and the seed."""

    def __init__(self, questions: Sequence[str], seed: int) -> None:
        places = {name: place for place, name in enumerate(dict.fromkeys(questions))}
        self._places = np.array([places[question] for question in questions], np.int64)
        self._n_questions, self._seed = len(places), seed
        self._weights = bootstrap_weights(len(places), seed)

    def sums(self, ratios: Ratios, mask: Sequence[bool] | None = None) -> Sums:
        """Return the sums by question of the items that count, and are in the mask."""
        tops, bottoms = np.zeros(self._n_questions), np.zeros(self._n_questions)
        for at, ratio in enumerate(ratios):
            if ratio is not None and (mask is None or mask[at]):
                tops[self._places[at]] += ratio[0]
                bottoms[self._places[at]] += ratio[1]
        return Sums(tops, bottoms)

    def figures(self, wanted: Sequence[tuple[tuple[str, Setting, str, str], Sums]]) -> list[Figure]:
        """Return a figure for each system, setting, group and metric."""
        if not wanted:
            return []
        tops, bottoms = (np.array([getattr(sums, part) for _, sums in wanted]).T for part in ("tops", "bottoms"))
        shares = np.array([_is_share(metric) for (_, _, _, metric), _ in wanted])
        intervals = outcome_intervals(shares, tops, bottoms, self._weights)
        return [
            Figure(
                *of, _round(sums.value), rounded(intervals.low[column]), rounded(intervals.high[column]),
                int(sums.bottoms.sum()), int((sums.bottoms > 0).sum()),
            )
            for column, (of, sums) in enumerate(wanted)
        ]  # fmt: skip

    def difference(self, a: Ratios, b: Ratios) -> tuple[float | None, float | None, float | None, float | None, int]:
        """Return b - a over the items that count in both: delta, interval, p-value and the questions that have a say."""
        pairs = [(x, y) for x, y in zip(a, b, strict=True)]
        both = [x is not None and y is not None for x, y in pairs]
        first, second = self.sums(a, both), self.sums(b, both)
        if first.value is None or second.value is None:
            return None, None, None, None, 0
        tops, bottoms = np.array([first.tops, second.tops]), np.array([first.bottoms, second.bottoms])
        ratios = resampled_ratios(tops.T, bottoms.T, self._weights)
        interval = percentile_intervals((ratios[:, 1] - ratios[:, 0])[:, None])
        p_value = sign_flip_rates(tops[:, :, None], bottoms[:, :, None], self._seed)[0]
        return (
            _round(second.value - first.value), rounded(interval.low[0]), rounded(interval.high[0]),
            None if np.isnan(p_value) else six_digits(p_value), int((bottoms.sum(axis=0) > 0).sum()),
        )  # fmt: skip


def _is_share(metric: str) -> bool:
    """Return whether a score is a share of yes and no: the run's outcome is, unless it is a reciprocal rank."""
    return metric not in _OF_SLOTS - SHARES and not metric.startswith("rr@")


def ratios(outcome: Outcome, metric: str) -> Ratios:
    """Return one score's numerator and denominator for each item."""
    return [None if counts is None else counts.ratios()[metric] for counts in outcome.counts]


def of_outcomes(
    outcomes: Sequence[Outcome], groups: Mapping[str, Mapping[str, Sequence[bool]]], main: Sequence[Outcome],
    statistics: Statistics,
) -> tuple[Figure, ...]:  # fmt: skip
    """Return the figures of all outcomes, those of the main ones by group as well. `groups` are by folds and name."""
    by_group, wanted = {id(outcome) for outcome in main}, []
    for outcome in outcomes:
        own = groups[outcome.setting.folds] if id(outcome) in by_group else {}
        for metric in metrics_of(outcome.setting):
            of = ratios(outcome, metric)
            for group, mask in {"all": None, **own}.items():
                sums = statistics.sums(of, mask)
                if group == "all" or sums.bottoms.any():
                    wanted.append(((outcome.system.label, outcome.setting, group, metric), sums))
    return tuple(statistics.figures(wanted))


def metrics_of(setting: Setting) -> tuple[str, ...]:
    """Return the scores that a setting has: without slots, the intent's alone."""
    return tuple(metric for metric in SCORES if setting.slots or metric not in _OF_SLOTS)


def splits(outcomes: Sequence[Outcome], statistics: Statistics) -> tuple[Split, ...]:
    """Return the two parts of what every cascade loses, metric by metric, against the reference text in the same setting."""
    references = {(o.setting, o.system.interpreter): o for o in outcomes if o.system.kind == "reference"}
    made = []
    for outcome in (o for o in outcomes if o.system.kind == "cascade"):
        reference = references[outcome.setting, outcome.system.interpreter]
        for metric in (m for m in COMPARED if m in metrics_of(outcome.setting)):
            both = ratios(outcome, metric), ratios(reference, metric)
            delta, low, high, p_value, n = statistics.difference(*both)
            counted = [one is not None for one in both[0]]
            made.append(
                Split(
                    outcome.system.label, outcome.setting, metric, _round(statistics.sums(both[1], counted).value),
                    _round(statistics.sums(both[0]).value), delta, low, high, p_value, None, n,
                )
            )  # fmt: skip
    return tuple(adjusted(made, lambda split: (split.setting.folds, split.metric)))


def paired_tests(outcomes: Sequence[Outcome], interpreter: str, statistics: Statistics) -> tuple[PairedTest, ...]:
    """Return the paired tests: end-to-end systems against cascades by the main interpreter, and interpreters with one another.

    `outcomes` are main ones. `b` is the end-to-end system, or the interpreter that is not the main one.
    """
    made = []
    for a, b, family in _pairs(outcomes, interpreter):
        for metric in (m for m in _COMPARED_IN[family] if m in metrics_of(b.setting)):
            delta, low, high, p_value, n = statistics.difference(ratios(a, metric), ratios(b, metric))
            made.append(
                PairedTest(
                    a.system.label, b.system.label, b.setting, metric, family, delta, low, high, p_value, None, n
                )
            )
    return tuple(adjusted(made, lambda test: (test.family, test.setting.folds, test.metric)))


def _pairs(outcomes: Sequence[Outcome], interpreter: str) -> Iterator[tuple[Outcome, Outcome, str]]:
    for a in outcomes:
        for b in outcomes:
            if (a.setting.folds, a.system.condition) != (b.setting.folds, b.system.condition):
                continue
            is_cascade = a.system.kind == "cascade" and a.system.interpreter == interpreter
            if is_cascade and b.system.kind == "end-to-end":
                yield a, b, "end-to-end"
            elif a.system.interpreter == interpreter != b.system.interpreter and _same_text(a.system, b.system):
                yield a, b, "interpreters"


def _same_text(a: System, b: System) -> bool:
    return (a.kind, a.speech) == (b.kind, b.speech)


def adjusted(made: Sequence[Tested], family: Callable[[Tested], object]) -> Iterable[Tested]:
    """Return the tests in their order, with p-values adjusted within their families."""
    families: dict[object, list[int]] = {}
    for at, one in enumerate(made):
        if one.p_value is not None:
            families.setdefault(family(one), []).append(at)
    adjusted = list(made)
    for places in families.values():
        p_values = [p for at in places if (p := made[at].p_value) is not None]
        for at, p_value in zip(places, holm(p_values), strict=True):
            adjusted[at] = replace(made[at], p_holm=six_digits(p_value))
    return adjusted


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 9)
