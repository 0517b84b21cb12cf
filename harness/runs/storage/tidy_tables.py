"""A run as tidy tables: a row a thing, a column a fact. CSV, Parquet and pandas are written from these, so they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_type_hints

from harness.analysis.comparisons import Comparison
from harness.analysis.measures import charged_alignment
from harness.analysis.mitigation.records import Effect, Judged, MitigationResult, Scoreboard
from harness.analysis.outcomes import Judge
from harness.analysis.summary import Row, Summary
from harness.analysis.word_costs import WordCost
from harness.records import Answer, Ranking, RetrievalOutcome, Sample, Utterance
from harness.runs.storage.stored_run import StoredRun

if TYPE_CHECKING:
    from pandas import DataFrame

Kind = Literal["text", "number", "count", "flag", "texts", "forms"]  # forms: (text, how often) pairs
TABLES: Final = ("rows", "comparisons", "words", "samples", "retrieval")
MITIGATIONS: Final = "mitigations"  # of runs whose repairs were judged

_KINDS: Mapping[object, Kind] = {
    str: "text", float: "number", int: "count", bool: "flag", tuple[str, ...]: "texts",
    tuple[tuple[str, int], ...]: "forms",
}  # fmt: skip
_SAMPLES: Mapping[str, Kind] = {
    "key": "text", "backend": "text", "condition": "text", "utterance_id": "text", "question_id": "text",
    "speaker": "text", "accent": "text", "status": "text", "reference": "text", "hypothesis": "text", "transcript": "text",
    "runaway": "text", "words": "count", "correct": "count", "substitutions": "count", "deletions": "count",
    "insertions": "count", "rare_words": "count", "rare_words_correct": "count", "entities": "count",
    "entities_recalled": "count", "error_regions": "count", "notation_variants": "count", "retriever": "text",
    "outcome": "text", "outcome_from_reference": "number", "outcome_from_hypothesis": "number", "fate": "text",
    "audio_seconds": "number", "recognition_seconds": "number", "processor_seconds": "number", "error_stage": "text",
    "error_type": "text", "error_message": "text",
}  # fmt: skip
_RETRIEVAL: Mapping[str, Kind] = {
    "key": "text", "backend": "text", "condition": "text", "utterance_id": "text", "question_id": "text",
    "retriever": "text", "source": "text", "fate": "text", "snippet_ids": "texts", "answer": "text",
}  # fmt: skip

_MITIGATIONS: Mapping[str, Kind] = {
    "backend": "text", "condition": "text", "retriever": "text", "mitigation": "text", "kind": "text", "on_top_of": "text",
    "source": "text", "metric": "text", "before": "number", "after": "number", "delta": "number", "ci_low": "number",
    "ci_high": "number", "fixed": "count", "broken": "count", "n": "count", "n_questions": "count", "test": "text",
    "p_value": "number", "p_holm": "number",
}  # fmt: skip


@dataclass(frozen=True)
class TidyTable:
    """`columns` maps names to kinds of value, in order; each of `rows` has a value for every column, or `None`."""

    name: str
    columns: Mapping[str, Kind]
    rows: Sequence[tuple[Any, ...]]

    def values(self) -> Iterator[tuple[str, Kind, list[Any]]]:
        """Name, kind and values of each column."""
        for place, (name, kind) in enumerate(self.columns.items()):
            yield name, kind, [row[place] for row in self.rows]

    def to_frame(self) -> DataFrame:
        """As a pandas DataFrame. Whole numbers and flags with gaps get pandas' own types that allow them."""
        import pandas

        frame: DataFrame = pandas.DataFrame(
            {name: pandas.Series(values, dtype=_dtype(kind, values)) for name, kind, values in self.values()}
        )
        return frame


def _dtype(kind: Kind, values: Sequence[object]) -> str | None:
    gaps = None in values
    return {
        "text": None if any(value is not None for value in values) else "object",  # pandas' own, which versions change
        "number": "float64",
        "count": "Int64" if gaps else "int64",
        "flag": "boolean" if gaps else "bool",
    }.get(kind, "object")


def read_tables(folder: Path) -> tuple[TidyTable, ...]:
    """All tables of the run in `folder`, in the order of `TABLES`, and `mitigations` where repairs were judged.

    Raises `RunError` where there is no finished run.
    """
    run = StoredRun.read(folder)
    judged = mitigation_table(run)
    return *summary_tables(run.summary), *sample_tables(run), *([judged] if judged.rows else [])


def summary_tables(summary: Summary) -> tuple[TidyTable, ...]:
    """`rows`, `comparisons` and `words`, as they stand in summary.json, whose `normaliser` is a column of the first two."""
    return (
        _with_normaliser(_of_records("rows", Row, summary.rows), summary.normaliser),
        _with_normaliser(_of_records("comparisons", Comparison, summary.comparisons), summary.normaliser),
        _of_records("words", WordCost, summary.words),
    )


def _with_normaliser(table: TidyTable, normaliser: str) -> TidyTable:
    """The table with a column that says by which rules texts were compared, so that rows of several runs can be told apart."""
    return TidyTable(table.name, {**table.columns, "normaliser": "text"}, [(*row, normaliser) for row in table.rows])


def sample_tables(run: StoredRun) -> tuple[TidyTable, ...]:
    """`samples` and `retrieval`, from the sample files. Speaker and accent are empty where nothing tells them any more."""
    samples = run.samples.values()
    utterances = {utterance.id: utterance for utterance in run.evidence.utterances}
    retriever = next((retriever.label for retriever in run.spec.retrievers), None)
    judge = Judge.named(run.spec.outcome)
    rows = [_sample_row(sample, utterances.get(sample.utterance_id), retriever, judge) for sample in samples]
    return TidyTable("samples", _SAMPLES, rows), _retrieval(samples)


def _of_records(name: str, kind: type[Any], records: Iterable[object]) -> TidyTable:
    """A table whose columns are the fields of a record."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    rows = [tuple(getattr(record, name) for name in names) for record in records]
    return TidyTable(name, {name: _KINDS[_without_none(hints[name])] for name in names}, rows)


def _without_none(hint: object) -> object:
    if not isinstance(hint, UnionType):
        return hint
    return next(part for part in get_args(hint) if part is not type(None))


def _sample_row(sample: Sample, utterance: Utterance | None, retriever: str | None, judge: Judge) -> tuple[object, ...]:
    """Words are counted as in the error rates: of a failed sample, all of them are deleted. The outcome is that of the run,
    with its first retriever.
    """
    steps = charged_alignment(sample)
    operations = [step.operation for step in steps]
    hypothesis = None
    if sample.status == "ok":
        hypothesis = " ".join(step.hypothesis for step in steps if step.hypothesis is not None)
    error = sample.error
    return (
        sample.key, sample.backend, sample.condition, sample.utterance_id, sample.question_id,
        utterance.speaker if utterance else None, utterance.accent if utterance else None,
        sample.status, sample.reference, hypothesis, sample.transcript.text if sample.transcript else None, sample.runaway,
        len(sample.reference.split()),
        *(operations.count(name) for name in ("hit", "substitution", "deletion", "insertion")),
        len(sample.rare_words), sum(word.fate == "hit" for word in sample.rare_words),
        len(sample.entities), sum(entity.recalled for entity in sample.entities),
        len(sample.error_regions), sum(region.notation for region in sample.error_regions),
        *_outcome(sample, retriever, judge),
        sample.timings.get("audio"), sample.timings.get("recognise"), sample.timings.get("processor"),
        error.stage if error else None, error.type if error else None, error.message if error else None,
    )  # fmt: skip


def _outcome(
    sample: Sample, retriever: str | None, judge: Judge
) -> tuple[str | None, str, float | None, float | None, str | None]:
    """Return retriever, outcome, its values from reference and hypothesis, and the fate; `None` where nothing can be judged.

    Where a sample failed, its outcome from the hypothesis is worth 0, as in the rates.
    """
    retrieval = sample.retrieval.get(retriever) if retriever is not None else None
    if retrieval is None or judge.metric not in retrieval.reference_metrics:
        return retriever, judge.outcome, None, None, None
    from_hypothesis = retrieval.hypothesis_metrics.get(judge.metric, 0.0)
    return retriever, judge.outcome, retrieval.reference_metrics[judge.metric], from_hypothesis, retrieval.fate


def _retrieval(samples: Iterable[Sample]) -> TidyTable:
    """A column for every metric of the run. Where a sample failed, they are worth 0 from the hypothesis, as in the rates."""
    judged = [(sample, label, outcome) for sample in samples for label, outcome in sample.retrieval.items()]
    metrics = list(dict.fromkeys(name for _, _, outcome in judged for name in outcome.reference_metrics))
    columns: dict[str, Kind] = {**_RETRIEVAL, **dict.fromkeys(metrics, "number")}
    rows = [
        (
            sample.key, sample.backend, sample.condition, sample.utterance_id, sample.question_id, label, source,
            outcome.fate, ranking.snippet_ids, answer.text if answer is not None and answer.error is None else None,
            *(worth.get(name, 0.0) if name in outcome.reference_metrics else None for name in metrics),
        )
        for sample, label, outcome in judged
        for source, ranking, worth, answer in _sources(outcome)
    ]  # fmt: skip
    return TidyTable("retrieval", columns, rows)


def _sources(outcome: RetrievalOutcome) -> Iterator[tuple[str, Ranking, Mapping[str, float], Answer | None]]:
    yield "reference", outcome.reference, outcome.reference_metrics, outcome.reference_answer
    yield "hypothesis", outcome.hypothesis, outcome.hypothesis_metrics, outcome.hypothesis_answer


def mitigation_table(run: StoredRun) -> TidyTable:
    """What repairs do: a row an effect on one outcome from one kind of text. Empty where the run has judged none."""
    result = run.study("mitigation", MitigationResult)
    retriever, outcome = (result.retriever, result.outcome) if result else ("", "")
    rows = [
        (board.backend, board.condition, retriever, judged.label, judged.kind, below, source, metric,
         effect.before, effect.after, effect.delta, effect.ci_low, effect.ci_high, effect.fixed, effect.broken,
         effect.n, effect.n_questions, effect.test, effect.p_value, effect.p_holm)
        for board in (result.scoreboards if result else ())
        for judged, below in _judged(board)
        for source, metric, effect in _effects(judged, outcome)
    ]  # fmt: skip
    return TidyTable(MITIGATIONS, _MITIGATIONS, rows)


def _judged(board: Scoreboard) -> Iterator[tuple[Judged, str | None]]:
    yield from ((one, None) for one in board.judged)
    yield from ((one, board.best) for one in board.on_top)


def _effects(judged: Judged, outcome: str) -> Iterator[tuple[str | None, str, Effect]]:
    for source, metric, effect in (
        ("hypothesis", outcome, judged.hypothesis),
        ("reference", outcome, judged.reference),
        (None, f"gap in {outcome}", judged.gap),
        ("hypothesis", "exact_match", judged.answers),
        ("reference", "exact_match", judged.reference_answers),
    ):
        if effect is not None:
            yield source, metric, effect
