"""From sample records to the tidy rows of summary.json: every rate with its interval, by group.

A rate is a sum over a sum. Each sample adds a numerator and a denominator to every measure it has a say in; both are
summed within questions, and questions are what the bootstrap draws. A failed sample stays in the denominators with
all of its words wrong and nothing found, unless the spec says `missing = "exclude"`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.analysis.error_rates import ErrorCounts, count_errors
from harness.analysis.statistics import bootstrap_weights, percentile_intervals, resampled_ratios
from harness.analysis.word_costs import WordCost, word_costs
from harness.records import AlignedWord, Question, Sample, Utterance
from harness.words.rarity import BANDS, band, is_rare, zipf

SCHEMA_VERSION = 1
COUNTS = ("false_rare_insertions",)  # everything else is a rate
COMPARED = ("wer", "rare_wer", "common_wer", "entity_recall", "hit@1", "lost")


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """A metric, of one retriever (empty: of none) and one source (`reference`, `transcript`, or empty)."""

    metric: str
    retriever: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of summary.json. `None` where a field does not apply, or where nothing could be counted."""

    backend: str
    condition: str
    retriever: str | None
    mitigation: str | None
    source: str | None
    group: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_planned: int
    n_scored: int
    n_error: int
    n_missing: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`b` minus `a`, paired by question: both are resampled together. `n` counts questions."""

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


@dataclass(frozen=True, slots=True)
class Summary:
    """summary.json: all figures, the paired differences, and the rare words that were misheard."""

    schema_version: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    words: tuple[WordCost, ...] = ()


@dataclass(frozen=True, slots=True)
class Population:
    """What a run set out to measure. `planned` pairs utterance id and question id."""

    questions: Mapping[str, Question]
    utterances: Mapping[str, Utterance]
    planned: Sequence[tuple[str, str]]
    rare_threshold: float
    exclude_failed: bool
    seed: int


Contribution = tuple[str, Measure, float, float]  # group, measure, numerator, denominator


def summarise(
    samples: Mapping[tuple[str, str], Mapping[str, Sample]], population: Population, entity_bands: Mapping[str, str]
) -> Summary:
    """All rows and comparisons.

    `samples` maps (backend, condition), in the order of the tables, to samples by utterance id; `entity_bands` maps
    question ids to the band of their rarest entity word.
    """
    order = {identity: index for index, identity in enumerate(dict.fromkeys(q for _, q in population.planned))}
    weights = bootstrap_weights(max(len(order), 1), population.seed)
    rows: list[Row] = []
    words: list[WordCost] = []
    tables: dict[tuple[str, str], _Table] = {}
    for (backend, condition), found in samples.items():
        table = _Table.of(found, population, entity_bands, order)
        tables[backend, condition] = table
        rows += _rows(backend, condition, table, weights)
        for retriever in dict.fromkeys(label for sample in found.values() for label in sample.retrieval):
            words += word_costs(found.values(), backend, condition, retriever)
    return Summary(SCHEMA_VERSION, tuple(rows), tuple(_comparisons(tables, weights)), tuple(words))


@dataclass(frozen=True)
class _Table:
    """Numerators and denominators of one backend under one condition: float64[n_questions, n_columns]."""

    columns: tuple[tuple[str, Measure], ...]
    numerators: NDArray[np.float64]
    denominators: NDArray[np.float64]
    counts: Mapping[str, tuple[int, int, int, int]]  # group -> planned, scored, error, missing

    @classmethod
    def of(
        cls,
        found: Mapping[str, Sample],
        population: Population,
        entity_bands: Mapping[str, str],
        order: Mapping[str, int],
    ) -> _Table:
        sums: dict[tuple[str, Measure], NDArray[np.float64]] = {}
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for utterance_id, question_id in population.planned:
            question, utterance = population.questions[question_id], population.utterances[utterance_id]
            groups = ["all", f"band:{entity_bands[question_id]}", *_tag_groups(question, utterance)]
            sample = found.get(utterance_id)
            fate = 3 if sample is None else 1 if sample.status == "ok" else 2
            for group in groups:
                counts[group][0] += 1
                counts[group][fate] += 1
            if sample is None or (sample.status == "error" and population.exclude_failed):
                continue
            for group, measure, top, bottom in contributions(sample, groups, population.rare_threshold):
                cell = sums.setdefault((group, measure), np.zeros((2, max(len(order), 1))))
                cell[:, order[question_id]] += top, bottom
        columns = tuple(sorted(sums, key=lambda column: (_group_order(column[0]), column[1])))
        stacked = np.array([sums[column] for column in columns]).reshape(len(columns), 2, -1)
        return cls(columns, stacked[:, 0].T, stacked[:, 1].T, {g: (c[0], c[1], c[2], c[3]) for g, c in counts.items()})


def contributions(sample: Sample, groups: Sequence[str], threshold: float) -> Iterator[Contribution]:
    """What one sample adds. Word error rates in a `band:` group are those of the words in that band; everything else in
    it is of the questions whose rarest entity word lies in that band.
    """
    errors = sample_errors(sample, threshold)
    overall = [group for group in groups if not group.startswith("band:")]
    for group in overall:
        for metric, counts in (("wer", errors.words), ("common_wer", errors.common), ("rare_wer", errors.rare)):
            yield group, Measure(metric, "", "transcript"), counts.errors, counts.reference
        yield group, Measure("cer", "", "transcript"), errors.characters.errors, errors.characters.reference
        yield group, Measure("false_rare_insertions", "", "transcript"), errors.false_rare_insertions, 0
    for name, counts in errors.bands.items():
        if counts.errors or counts.reference:
            yield f"band:{name}", Measure("wer", "", "transcript"), counts.errors, counts.reference
    for group in groups:
        recalled = sum(entity.recalled for entity in sample.entities)
        if sample.entities:
            yield group, Measure("entity_recall", "", "transcript"), recalled, len(sample.entities)
        yield from ((group, measure, top, bottom) for measure, top, bottom in _retrieval(sample))
        if "recognise" in sample.timings:
            measure = Measure("real_time_factor", "", "transcript")
            yield group, measure, sample.timings["recognise"], sample.timings["audio"]


def sample_errors(sample: Sample, threshold: float) -> ErrorCounts:
    """The error counts of one sample; of a failed one, every reference word is wrong."""
    reference = sample.reference.split()
    alignment = (
        sample.alignment if sample.status == "ok" else tuple(AlignedWord("deletion", word, None) for word in reference)
    )
    spans = [(entity.start, entity.end) for entity in sample.entities]
    return count_errors(reference, alignment, partial(is_rare, threshold=threshold), spans)


def _retrieval(sample: Sample) -> Iterator[tuple[Measure, float, float]]:
    for label, outcome in sample.retrieval.items():
        for metric, value in outcome.reference_metrics.items():
            yield Measure(metric, label, "reference"), value, 1
            yield Measure(metric, label, "transcript"), outcome.hypothesis_metrics.get(metric, 0.0), 1
        if outcome.fate is not None:
            for fate in ("lost", "gained", "kept", "never"):
                yield Measure(fate, label), float(outcome.fate == fate), 1
            if outcome.fate == "lost":
                yield Measure("one_repair_share", label), float(bool(outcome.restored_by)), 1


def entity_band(words: Iterable[str]) -> str:
    """The band of the rarest of these words; `none` where there are none."""
    rarest = min((zipf(word) for word in words), default=None)
    return "none" if rarest is None else band(rarest)


def _tag_groups(question: Question, utterance: Utterance) -> list[str]:
    tags = {**question.tags, **utterance.tags}
    tags |= {"speaker": utterance.speaker, "accent": utterance.accent}
    tags.pop("band", None)  # computed here, never taken from the suite
    return [f"{name}:{value}" for name, value in sorted(tags.items()) if value]


def _group_order(group: str) -> tuple[int, int, str]:
    kind, _, value = group.partition(":")
    if kind == "band" and value in BANDS:
        return (1, BANDS.index(value), "")
    return (0 if group == "all" else 2, 0, group)


def _rows(backend: str, condition: str, table: _Table, weights: NDArray[np.float64]) -> Iterator[Row]:
    counts = np.array([measure.metric in COUNTS for _, measure in table.columns])
    bottoms = np.where(
        counts, 1.0, table.denominators
    )  # a count is a mean over the questions drawn, times their number
    scale = np.where(counts, float(len(bottoms)), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = scale * table.numerators.sum(axis=0) / bottoms.sum(axis=0)
    values[bottoms.sum(axis=0) == 0] = np.nan
    intervals = percentile_intervals(resampled_ratios(table.numerators, bottoms, weights) * scale)
    for index, (group, measure) in enumerate(table.columns):
        of_words = group.startswith("band:") and measure.metric == "wer"  # words of a band stand in any question
        yield Row(
            backend, condition, measure.retriever or None, None, measure.source or None, group, measure.metric,
            _number(values[index]), _number(intervals.low[index]), _number(intervals.high[index]),
            *table.counts["all" if of_words else group],
        )  # fmt: skip


def _comparisons(tables: Mapping[tuple[str, str], _Table], weights: NDArray[np.float64]) -> Iterator[Comparison]:
    """Every backend against the first one, under the same condition, drawn with the same questions."""
    first: dict[str, str] = {}
    for backend, condition in tables:
        first.setdefault(condition, backend)
    for (backend, condition), table in tables.items():
        baseline = first[condition]
        if backend == baseline:
            continue
        other = tables[baseline, condition]
        columns = [
            (group, measure)
            for group, measure in table.columns
            if group == "all" and measure.metric in COMPARED and measure.source != "reference"
            if (group, measure) in other.columns
        ]
        deltas, resampled = _differences(table, other, columns, weights)
        intervals = percentile_intervals(resampled)
        for index, (_, measure) in enumerate(columns):
            yield Comparison(
                baseline, backend, condition, measure.retriever or None, measure.metric, _number(deltas[index]),
                _number(intervals.low[index]), _number(intervals.high[index]), None, None, None, len(table.numerators),
            )  # fmt: skip


def _differences(
    table: _Table, baseline: _Table, columns: Sequence[tuple[str, Measure]], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    def of(source: _Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        chosen = [source.columns.index(column) for column in columns]
        tops, bottoms = source.numerators[:, chosen], source.denominators[:, chosen]
        with np.errstate(invalid="ignore", divide="ignore"):
            return tops.sum(axis=0) / bottoms.sum(axis=0), resampled_ratios(tops, bottoms, weights)

    (here, drawn_here), (there, drawn_there) = of(table), of(baseline)
    return here - there, drawn_here - drawn_there


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 9)
