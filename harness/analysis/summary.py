"""From sample records to the tidy rows of summary.json: every rate with its interval, by group.

A rate is a sum over a sum. Each sample adds a numerator and a denominator to every measure it has a say in; both are
summed within questions, and questions are what the bootstrap draws. A failed sample stays in the denominators with
all of its words wrong and nothing found, unless the spec says `missing = "exclude"`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.analysis.agreement import Agreement, RetrieverComparison, agreements, compare_retrievers
from harness.analysis.attribution import Attribution, attribute
from harness.analysis.comparisons import (
    Arm,
    Comparison,
    Outcomes,
    compare_arms,
    compared_metrics,
    outcomes_of,
    paired_arms,
)
from harness.analysis.contrasts import Contrast, inject_contrasts
from harness.analysis.dose_response import DoseResponse, dose_response
from harness.analysis.latency import latencies
from harness.analysis.measures import Measure, charged_alignment, contributions
from harness.analysis.nonspeech_counts import NotSpeech, count_nonspeech
from harness.analysis.rules import Rules
from harness.analysis.statistics import (
    bootstrap_weights,
    outcome_intervals,
    percentile_intervals,
    resampled_ratios,
    rounded,
)
from harness.analysis.word_costs import WordCost, suspected_typos, word_costs
from harness.records import Question, Sample, Utterance
from harness.words.rarity import BANDS, Rarity

SCHEMA_VERSION = 2  # of run.json, samples, summary.json and the JSON of `harness compare`


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of summary.json. `None` where a field does not apply, or where nothing could be counted."""

    backend: str
    condition: str
    retriever: str | None
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
    n: float | None = None  # what `value` is counted over, its denominator: rare words, entity mentions, utterances ...
    n_questions: int | None = None  # the questions that these come from


@dataclass(frozen=True, slots=True)
class Summary:
    """summary.json: all figures, the paired differences, the misrecognised rare words, where the loss comes from, and
    where the run has several retrievers, how they agree. `possible_typos` are rare words that may be typing errors of the
    references, each with the word that was probably meant. `not_speech` counts what was removed from hypotheses, and
    `normaliser` names the rules that texts were compared by.
    """

    schema_version: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    words: tuple[WordCost, ...] = ()
    attribution: tuple[Attribution, ...] = ()
    dose_response: tuple[DoseResponse, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    retriever_comparisons: tuple[RetrieverComparison, ...] = ()
    possible_typos: Mapping[str, str] = field(default_factory=dict)
    not_speech: tuple[NotSpeech, ...] = ()
    normaliser: str = ""


@dataclass(frozen=True, slots=True)
class Population:
    """What a run set out to measure. `planned` pairs utterance id and question id; `document_frequencies` maps words to
    the number of snippets that have them, `bias_words` each backend that has a bias list to the words of it that reach the
    engine, by question. `plain_backends` maps those to the same backends without a list, where the run has them. `rules` hold the
    run's outcome and its rare threshold, `rarity` is how rare words are told.
    """

    questions: Mapping[str, Question]
    utterances: Mapping[str, Utterance]
    planned: Sequence[tuple[str, str]]
    rules: Rules
    rarity: Rarity
    exclude_failed: bool
    seed: int
    document_frequencies: Mapping[str, int] = field(default_factory=dict)
    bias_words: Mapping[str, Mapping[str, Set[str]]] = field(default_factory=dict)
    plain_backends: Mapping[str, str] = field(default_factory=dict)


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
    attribution: list[Attribution] = []
    doses: list[DoseResponse] = []
    arms: list[Arm] = []
    contrasts: list[Contrast] = []
    agreement: list[Agreement] = []
    between: list[RetrieverComparison] = []
    not_speech: list[NotSpeech] = []
    question_of, language = dict(population.planned), population.rarity.language
    for (backend, condition), own in samples.items():
        table = _Table.of(own, population, entity_bands, order)
        alignments = {identity: charged_alignment(own[identity]) for identity in table.outcomes}
        has_transcripts = any(own[identity].status == "ok" for identity in table.outcomes)
        arms.append(Arm(backend, condition, table.outcomes, alignments, has_transcripts))
        rows += _rows(backend, condition, table, weights)
        bias_words = population.bias_words.get(backend, {})
        rows += _latency_rows((backend, condition), own.values(), table, order, weights)
        contrasts += inject_contrasts(table.outcomes, question_of, (backend, condition), weights, population.seed)
        not_speech += count_nonspeech(own.values(), backend, condition)
        counted = [own[identity] for identity in table.outcomes]
        agreement += agreements(counted, (backend, condition), order)
        between += compare_retrievers(
            table.outcomes, question_of, (backend, condition), weights, population.seed, population.rules
        )
        retrievers = _judging(own.values())
        for retriever in retrievers or (None,):
            words += word_costs(
                own.values(), (backend, condition, retriever), population.questions, bias_words, language
            )
        for retriever in retrievers:
            cell = (backend, condition, retriever)
            attribution += attribute(counted, cell, order, weights, population.document_frequencies, population.rarity)
            doses.append(dose_response(counted, *cell, language))
    first = next((label for own in samples.values() for label in _judging(own.values())), None)
    primary = (population.rules.metric, first) if first is not None else None
    pairs = paired_arms(arms, population.plain_backends)
    comparisons = compare_arms(
        pairs, question_of, weights, population.seed, compared_metrics(arms, population.rules), primary
    )
    return Summary(
        SCHEMA_VERSION, tuple(rows), comparisons, tuple(words), tuple(attribution), tuple(doses), tuple(contrasts),
        tuple(agreement), tuple(between), suspected_typos(words, (population.questions[q].text for q in order), language),
        tuple(not_speech),
    )  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """Numerators and denominators of one backend under one condition: float64[n_questions, n_columns]."""

    columns: tuple[tuple[str, Measure], ...]
    numerators: NDArray[np.float64]
    denominators: NDArray[np.float64]
    counts: Mapping[str, tuple[int, int, int, int]]  # group -> planned, scored, error, missing
    outcomes: Mapping[str, Outcomes]  # of the group `all`, by utterance

    @classmethod
    def of(
        cls,
        samples: Mapping[str, Sample],
        population: Population,
        entity_bands: Mapping[str, str],
        order: Mapping[str, int],
    ) -> _Table:
        parts: list[tuple[tuple[str, Measure], int, float, float]] = []  # column, question, numerator, denominator
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        outcomes: dict[str, Outcomes] = {}
        for utterance_id, question_id in population.planned:
            question, utterance = population.questions[question_id], population.utterances[utterance_id]
            groups = ["all", f"band:{entity_bands[question_id]}", *tag_groups(question, utterance)]
            sample = samples.get(utterance_id)
            fate = 3 if sample is None else 1 if sample.status == "ok" else 2
            for group in groups:
                counts[group][0] += 1
                counts[group][fate] += 1
            if sample is None or (sample.status == "error" and population.exclude_failed):
                continue
            own = list(contributions(sample, groups, population.rarity))
            outcomes[utterance_id] = outcomes_of(own)
            at = order[question_id]
            parts += [((group, measure), at, top, bottom) for group, measure, top, bottom in own]
        measured = {column for column, _, _, _ in parts}
        ranks = {group: _group_order(group) for group in {group for group, _ in measured}}
        columns = sorted(measured, key=lambda column: (ranks[column[0]], column[1]))
        place = {column: index for index, column in enumerate(columns)}
        shape = (len(columns), max(len(order), 1))
        cells = np.array([place[column] * shape[1] + at for column, at, _, _ in parts], dtype=np.int64)
        amounts = np.array([part[2:] for part in parts], dtype=np.float64).reshape(-1, 2).T
        numerators, denominators = (
            np.bincount(cells, amount, minlength=shape[0] * shape[1]).astype(np.float64, copy=False).reshape(shape).T
            for amount in amounts
        )
        counted = {group: (c[0], c[1], c[2], c[3]) for group, c in counts.items()}
        return cls(tuple(columns), numerators, denominators, counted, outcomes)


def entity_band(words: Iterable[str], language: str) -> str:
    """The band of the rarest of these words; `none` where there are none."""
    named = tuple(words)
    return Rarity(language).rarest_band(named) if named else "none"


def tag_groups(question: Question, utterance: Utterance) -> list[str]:
    """The groups that a recording is in by its tags, speaker and accent: `speaker:slt`, `relation:capital` ..."""
    tags = {**question.tags, **utterance.tags}
    tags |= {"speaker": utterance.speaker, "accent": utterance.accent}
    tags.pop("band", None)  # computed here, never taken from the suite
    tags.pop("pronunciation", None)  # how a name is pronounced: nearly every question has its own
    return [f"{name}:{value}" for name, value in sorted(tags.items()) if value]


def _judging(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The retrievers whose outcome can be judged, in the order of the run; none in a suite that has nothing to search."""
    labels = (label for s in samples for label, outcome in s.retrieval.items() if outcome.fate is not None)
    return tuple(dict.fromkeys(labels))


def _group_order(group: str) -> tuple[int, int, str]:
    kind, _, value = group.partition(":")
    if kind == "band" and value in BANDS:
        return (1, BANDS.index(value), "")
    return (0 if group == "all" else 2, 0, group)


def _rows(backend: str, condition: str, table: _Table, weights: NDArray[np.float64]) -> Iterator[Row]:
    counts = np.array([measure.is_count for _, measure in table.columns])
    # A count is a mean over the questions drawn, times their number.
    bottoms = np.where(counts, 1.0, table.denominators)
    scale = np.where(counts, float(len(bottoms)), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = scale * table.numerators.sum(axis=0) / bottoms.sum(axis=0)
    values[bottoms.sum(axis=0) == 0] = np.nan
    yes_or_no = np.array([measure.is_yes_or_no for _, measure in table.columns])
    intervals = outcome_intervals(yes_or_no, table.numerators, bottoms, weights)
    columns, tops, below = _leverages(table.columns)
    loss, regions = (resampled_ratios(table.numerators[:, at], bottoms[:, at], weights) for at in (tops, below))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.concatenate([values, values[tops] / values[below]])
        leverages = loss / regions
    values[np.isinf(values)] = leverages[np.isinf(leverages)] = np.nan
    of_leverages = percentile_intervals(leverages)
    low = np.concatenate([intervals.low * scale, of_leverages.low])
    high = np.concatenate([intervals.high * scale, of_leverages.high])
    bases = np.concatenate([np.where(counts, 0.0, table.denominators.sum(axis=0)), np.zeros(len(columns))])
    questions = (table.denominators > 0).sum(axis=0).tolist()
    for index, (group, measure) in enumerate([*table.columns, *columns]):
        has_base = bool(bases[index])
        of_words = group.startswith("band:") and measure.metric == "wer"  # words of a band stand in any question
        yield Row(
            backend, condition, measure.retriever or None, measure.source or None, group, measure.metric,
            rounded(values[index]), rounded(low[index]), rounded(high[index]),
            *table.counts["all" if of_words else group],
            rounded(bases[index]) if has_base else None, questions[index] if has_base else None,
        )  # fmt: skip


def _latency_rows(
    cell: tuple[str, str],
    samples: Iterable[Sample],
    table: _Table,
    order: Mapping[str, int],
    weights: NDArray[np.float64],
) -> Iterator[Row]:
    times = [(order[s.question_id], s.timings["recognise"]) for s in samples if "recognise" in s.timings]
    for metric, value, low, high in latencies(times, weights):
        yield Row(
            *cell, None, "hypothesis", "all", metric,
            rounded(value), rounded(low), rounded(high), *table.counts["all"], float(len(times)), len({q for q, _ in times}),
        )  # fmt: skip


def _leverages(
    columns: Sequence[tuple[str, Measure]],
) -> tuple[list[tuple[str, Measure]], list[int], list[int]]:
    """A column for each group and retriever: the rare words' share of the loss over their share of the error regions.

    The ratio of two columns, which stand at the places that are returned beside it, so it is resampled as one.
    """
    place = {column: index for index, column in enumerate(columns)}
    derived, tops, bottoms = [], [], []
    for group, measure in columns:
        regions = (group, Measure("region_share_rare", "", "hypothesis"))
        if measure.metric == "loss_share_rare" and regions in place:
            derived.append((group, Measure("leverage_rare", measure.retriever)))
            tops.append(place[group, measure])
            bottoms.append(place[regions])
    return derived, tops, bottoms
