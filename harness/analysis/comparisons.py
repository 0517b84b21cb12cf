"""Backends against each other, paired by question: difference, interval, test, and what the suite could have shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.analysis.measures import Contribution, Measure, charged_alignment, contributions
from harness.analysis.metrics import FATES, compared, metric
from harness.analysis.rules import Rules
from harness.analysis.significance import (
    holm,
    linearised_differences,
    mapsswe,
    mcnemar_exact,
    minimum_detectable_difference,
    sign_flip_rates,
)
from harness.analysis.statistics import percentile_intervals, resampled_ratios, rounded, six_digits
from harness.records import AlignedWord, Sample
from harness.words.rarity import Rarity

_ENOUGH_SEGMENTS = 50  # for the normal approximation of MAPSSWE

Outcomes = Mapping[Measure, tuple[float, float]]  # numerator and denominator of every measure, of one sample


@dataclass(frozen=True, slots=True)
class Comparison:
    """`b` minus `a`, paired by question: both are resampled together.

    `test` is `mcnemar`, `sign-flip` or `mapsswe`; `p_holm` is adjusted over the comparisons of the same condition and family
    (see `family_of`). `n` counts the questions that have a say. `detectable` is the difference that the suite would show
    4 times in 5.
    """

    a: str
    b: str
    condition: str
    retriever: str | None
    metric: str
    delta: float | None
    ci_low: float | None
    ci_high: float | None
    test: str | None
    p_value: float | None
    p_holm: float | None
    n: int
    detectable: float | None = None
    family: str = ""


@dataclass(frozen=True)
class Arm:
    """One backend under one condition, by utterance id. Samples that are missing or left out are in neither mapping.

    `has_transcripts` is false where every sample failed: there is then nothing to compare.
    """

    label: str
    condition: str
    outcomes: Mapping[str, Outcomes]
    alignments: Mapping[str, Sequence[AlignedWord]]
    has_transcripts: bool = True

    @classmethod
    def of(cls, label: str, condition: str, samples: Iterable[Sample], rarity: Rarity) -> Arm:
        """What the samples say, each counted by the same rules as in summary.json."""
        kept = {sample.utterance_id: sample for sample in samples}
        outcomes = {identity: outcomes_of(contributions(sample, ["all"], rarity)) for identity, sample in kept.items()}
        alignments = {identity: charged_alignment(sample) for identity, sample in kept.items()}
        return cls(label, condition, outcomes, alignments, any(sample.status == "ok" for sample in kept.values()))

    def measures(self) -> set[Measure]:
        """Everything that is measured of the hypotheses."""
        measures = {measure for outcomes in self.outcomes.values() for measure in outcomes}
        return {measure for measure in measures if measure.source != "reference"}


def compared_metrics(arms: Iterable[Arm], rules: Rules) -> tuple[str, ...]:
    """Return what backends are compared in; the rate of runaway transcripts only where there is one: a test of nothing would
    cost the others power.
    """
    rate = Measure("runaway_rate", "", "hypothesis")
    ran_away = any(outcome[rate][0] for arm in arms for outcome in arm.outcomes.values() if rate in outcome)
    return (*compared(rules), rate.metric) if ran_away else compared(rules)


def outcomes_of(contributions: Iterable[Contribution]) -> Outcomes:
    """The contributions to the group `all`: bands come with every sample and are left out."""
    return {measure: (top, bottom) for group, measure, top, bottom in contributions if group == "all"}


def paired_arms(arms: Sequence[Arm], plain: Mapping[str, str]) -> Iterator[tuple[Arm, Arm]]:
    """Each arm with a bias list beside the same backend without it, and every other one beside the first of these others
    under its condition.

    `plain` maps the labels of backends with a list to those of the same backends without. So what a list does is told apart
    from what an engine does, in as many tests as there would be against the first arm.
    """
    by_label = {(arm.condition, arm.label): arm for arm in arms}
    first: dict[str, Arm] = {}
    for arm in arms:
        base = by_label.get((arm.condition, plain.get(arm.label, ""))) or first.setdefault(arm.condition, arm)
        if base is not arm:
            yield base, arm


def compare_arms(
    pairs: Iterable[tuple[Arm, Arm]],
    question_of: Mapping[str, str],
    weights: NDArray[np.float64],
    seed: int,
    metrics: Sequence[str],
    primary: tuple[str, str] | None = None,
) -> tuple[Comparison, ...]:
    """Each pair of arms, second minus first, in every metric that both have; none where an arm has no transcript at all.

    `primary` is the metric and the retriever that the run judges by: its comparisons are a family of their own.
    `question_of` maps utterance ids to question ids in the order of the plan; `weights` is float64[n_resamples,
    n_questions] over the questions in that order. Only recordings that both arms have are compared.
    """
    order = {question: index for index, question in enumerate(dict.fromkeys(question_of.values()))}
    comparisons = [
        comparison
        for first, second in pairs
        for comparison in _Pair.of(first, second, question_of, order, metrics).comparisons(weights, seed)
    ]
    return tuple(_adjusted(comparisons, primary))


def family_of(name: str, retriever: str | None, primary: tuple[str, str] | None) -> str:
    """Return among which comparisons of a condition a p-value is adjusted for their number.

    `primary` (the metric of the run's outcome, with the first retriever), else `recognition`, `retrieval:RETRIEVER`,
    `has_answer:RETRIEVER` (answers in snippets) or `answer:RETRIEVER`: so another retriever, or a metric of another family,
    changes no p-value here.
    """
    if (name, retriever) == primary:
        return "primary"
    if retriever is None:
        return "recognition"
    judged_by = primary[0] if primary and name in FATES else name  # what is lost is of the run's outcome
    return f"{'has_answer' if judged_by.startswith('has_answer') else metric(judged_by).family}:{retriever}"


def question_sums(
    outcomes: Mapping[str, Outcomes],
    question_of: Mapping[str, str],
    measures: Sequence[Measure],
    order: Mapping[str, int],
) -> NDArray[np.float64]:
    """Numerators and denominators summed within questions: float64[2, n_questions, n_measures].

    A count gets the denominator 1 for every question: it is a mean over questions, times their number.
    """
    sums = np.zeros((2, max(len(order), 1), len(measures)))
    for identity, outcome in outcomes.items():
        row = order[question_of[identity]]
        for column, measure in enumerate(measures):
            sums[:, row, column] += outcome.get(measure, (0.0, 0.0))
    sums[1, :, [measure.is_count for measure in measures]] = 1.0
    return sums


def scales(measures: Sequence[Measure], n_questions: int) -> NDArray[np.float64]:
    """What the ratios of `question_sums` are multiplied with: the number of questions for counts, 1 for rates."""
    return np.array([float(n_questions) if measure.is_count else 1.0 for measure in measures])


@dataclass(frozen=True)
class _Pair:
    """Two arms over the recordings that both have: float64[2 arms, n_questions, n_measures]."""

    first: Arm
    second: Arm
    measures: Sequence[Measure]
    numerators: NDArray[np.float64]
    denominators: NDArray[np.float64]
    recordings: NDArray[np.int64]  # pairs per question, int64[n_questions]
    utterances: Sequence[str]

    @classmethod
    def of(
        cls,
        first: Arm,
        second: Arm,
        question_of: Mapping[str, str],
        order: Mapping[str, int],
        metrics: Sequence[str],
    ) -> _Pair:
        utterances = [u for u in question_of if u in first.outcomes and u in second.outcomes]
        measures = sorted(
            (measure for measure in first.measures() & second.measures() if measure.metric in metrics),
            key=lambda measure: (metrics.index(measure.metric), measure),
        )
        sums = [
            question_sums({u: arm.outcomes[u] for u in utterances}, question_of, measures, order)
            for arm in (first, second)
        ]
        rows = np.array([order[question_of[u]] for u in utterances], dtype=np.int64)
        recordings = np.bincount(rows, minlength=max(len(order), 1))
        numerators, denominators = (np.array([s[part] for s in sums]) for part in (0, 1))
        return cls(first, second, measures, numerators, denominators, recordings, utterances)

    def comparisons(self, weights: NDArray[np.float64], seed: int) -> Iterator[Comparison]:
        if not self.utterances or not (self.first.has_transcripts and self.second.has_transcripts):
            return
        scale = scales(self.measures, len(self.recordings))
        with np.errstate(invalid="ignore", divide="ignore"):
            rates = scale * self.numerators.sum(axis=1) / self.denominators.sum(axis=1)  # (2, n_measures)
        drawn = [resampled_ratios(self.numerators[arm], self.denominators[arm], weights) for arm in (0, 1)]
        intervals = percentile_intervals(scale * (drawn[1] - drawn[0]))
        flipped = sign_flip_rates(self.numerators, self.denominators, seed)
        for column, measure in enumerate(self.measures):
            test, p_value = self._special_test(measure, column) or ("sign-flip", flipped[column])
            known = not np.isnan(p_value)
            yield Comparison(
                self.first.label, self.second.label, self.first.condition, measure.retriever or None, measure.metric,
                rounded(rates[1, column] - rates[0, column]),
                rounded(intervals.low[column]), rounded(intervals.high[column]),
                test if known else None, six_digits(p_value) if known else None, None,
                int(self._has_say(column).sum()),
                self._detectable(column, scale[column]),
            )  # fmt: skip

    def _special_test(self, measure: Measure, column: int) -> tuple[str, float] | None:
        """The test made for this kind of outcome. It takes its pairs as independent, so it needs one recording of each
        question; with several, as with any other rate, whole questions have to be flipped.
        """
        if self.recordings.max() != 1:
            return None
        if measure.kind.test == "mapsswe":
            test = mapsswe(*([arm.alignments[u] for u in self.utterances] for arm in (self.first, self.second)))
            if test.p_value is not None and test.segments >= _ENOUGH_SEGMENTS:
                return "mapsswe", test.p_value
        if measure.kind.test == "mcnemar":
            first, second = self.numerators[:, :, column] > 0
            return "mcnemar", mcnemar_exact(int((first & ~second).sum()), int((second & ~first).sum()))
        return None

    def _has_say(self, column: int) -> NDArray[np.bool_]:
        """Questions that have a pair of recordings and something to count in one of them."""
        has_say: NDArray[np.bool_] = (self.recordings > 0) & (self.denominators[:, :, column] > 0).any(axis=0)
        return has_say

    def _detectable(self, column: int, scale: float) -> float | None:
        chosen = self._has_say(column)
        tops, bottoms = self.numerators[:, chosen, column], self.denominators[:, chosen, column]
        if not (bottoms.sum(axis=1) > 0).all():
            return None
        difference = minimum_detectable_difference(scale * linearised_differences(tops, bottoms))
        return None if difference is None else rounded(difference)


def _adjusted(comparisons: Sequence[Comparison], primary: tuple[str, str] | None) -> Iterator[Comparison]:
    """With Holm's p-values, family by family."""
    families: dict[tuple[str, str], list[int]] = {}
    named = [replace(one, family=family_of(one.metric, one.retriever, primary)) for one in comparisons]
    for index, comparison in enumerate(named):
        if comparison.p_value is not None:
            families.setdefault((comparison.condition, comparison.family), []).append(index)
    adjusted: dict[int, float] = {}
    for family in families.values():
        p_values = [p for p in (named[index].p_value for index in family) if p is not None]
        adjusted |= dict(zip(family, holm(p_values), strict=True))
    for index, comparison in enumerate(named):
        yield replace(comparison, p_holm=six_digits(adjusted[index])) if index in adjusted else comparison
