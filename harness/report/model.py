"""The report model: all that a report says is looked up here, whoever renders it. Nothing is computed.

`Report` holds one stored run, or several under labels that tell them apart. `verdict`, `tables` and the other modules put it
into sentences and tables; `terminal`, `markdown`, `html` and `notebook` render those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Family, Metric, Source, metric, ordered
from harness.analysis.rules import Rules, error_rate_of
from harness.analysis.summary import Row, Summary
from harness.records import BackendSpec, Question, Sample, Snippet, Utterance
from harness.runs.storage.record import RunRecord
from harness.runs.storage.stored_run import OF_BACKENDS, StoredRun, read_side_by_side

if TYPE_CHECKING:
    from harness.runs.compare import ComparedRuns

Result = TypeVar("Result")
Arm = tuple[str, str]  # backend and condition
_Key = tuple[str, str, str | None, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A metric of one text (`reference`, `hypothesis`), or of both together (`None`)."""

    metric: Metric
    source: Source | None

    @property
    def heading(self) -> str:
        """The metric's heading, and which text it is of where there are two: `hit@1 ref`, `hit@1 ASR`."""
        if len(self.metric.sources) == 1:
            return self.metric.heading
        return f"{self.metric.heading} {'ref' if self.source == 'reference' else 'ASR'}"


@dataclass(frozen=True)
class Figures:
    """The rows of a summary by what they are of, and the rules that they were counted by."""

    summary: Summary
    rules: Rules

    @cached_property
    def _rows(self) -> Mapping[_Key, Row]:
        return {(r.backend, r.condition, r.retriever, r.source, r.group, r.metric): r for r in self.summary.rows}

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Every backend under every condition, in the order of the run."""
        return tuple(dict.fromkeys((r.backend, r.condition) for r in self.summary.rows))

    @cached_property
    def _with_transcripts(self) -> frozenset[Arm]:
        return frozenset((r.backend, r.condition) for r in self.summary.rows if r.group == "all" and r.n_scored)

    def has_transcripts(self, arm: Arm) -> bool:
        """Whether at least one sample of the backend under the condition did not fail."""
        return arm in self._with_transcripts

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """In the order of the run."""
        return tuple(dict.fromkeys(condition for _, condition in self.arms))

    @cached_property
    def retrievers(self) -> tuple[str, ...]:
        """In the order of the run; none where nothing is searched."""
        return tuple(dict.fromkeys(r.retriever for r in self.summary.rows if r.retriever))

    def of_condition(self, condition: str) -> tuple[Arm, ...]:
        """Every backend under one condition."""
        return tuple(arm for arm in self.arms if arm[1] == condition)

    def metric(self, name: str) -> Metric:
        """The metric of that name, with its words for this run."""
        return metric(name, self.rules)

    @property
    def error_rate(self) -> Metric:
        """The error rate that leads: WER, or CER where words are not spaced."""
        return self.metric(self.rules.error_rate)

    def row(
        self, arm: Arm, name: str, source: str | None, retriever: str | None = None, group: str = "all"
    ) -> Row | None:
        """The row of one figure: that of the retriever, or of none where the metric knows no retriever."""
        for of in dict.fromkeys((retriever, None)):
            if row := self._rows.get((*arm, of, source, group, name)):
                return row
        return None

    def row_of(self, arm: Arm, column: Column, retriever: str | None = None, group: str = "all") -> Row | None:
        """The row behind one cell of a table."""
        return self.row(arm, column.metric.name, column.source, retriever, group)

    def columns(self, *families: Family, main: bool = True, group: str | None = "all") -> tuple[Column, ...]:
        """The columns of these families that the run has a figure for, in the order of the table of metrics.

        With `main`, those of the main tables only. Those of runaway transcripts only where one ran away, and what notation
        variants cost only where there are some.
        """
        known = {(r.metric, r.source) for r in self.summary.rows if group is None or r.group == group}
        return tuple(
            Column(kind, source)
            for kind in ordered((name for name, _ in known), self.rules)
            if kind.family in families and (kind.main or not main)
            and (self.ran_away or not kind.name.startswith("runaway"))
            and (self.has_notation_variants or not kind.name.endswith("_notation"))
            for source in kind.sources
            if (kind.name, source) in known
        )  # fmt: skip

    @cached_property
    def has_notation_variants(self) -> bool:
        """Whether any error region is a notation variant."""
        return any(row.metric == "notation_share" and row.value for row in self.summary.rows)

    @cached_property
    def ran_away(self) -> bool:
        """Whether any transcript ran away."""
        return any(row.metric == "runaway_rate" and row.value for row in self.summary.rows)

    def comparison(self, better: Arm, other: Arm, name: str, retriever: str | None) -> Comparison | None:
        """The stored difference `better` minus `other` under their condition, whichever way round it was stored."""
        for c in self.summary.comparisons:
            if (c.metric, c.condition) != (name, better[1]) or c.retriever not in (None, retriever) or c.delta is None:
                continue
            if (c.a, c.b) == (other[0], better[0]):
                return c
            if (c.a, c.b) == (better[0], other[0]):
                low, high = (None if end is None else 0.0 - end for end in (c.ci_high, c.ci_low))  # no -0.0
                return replace(c, a=c.b, b=c.a, delta=0.0 - c.delta, ci_low=low, ci_high=high)
        return None

    def groups(self, kind: str) -> tuple[str, ...]:
        """The groups of a kind (`band`, `speaker` ...), in the order of the summary."""
        return tuple(dict.fromkeys(r.group for r in self.summary.rows if r.group.startswith(f"{kind}:")))

    def name(self, arm: Arm) -> str:
        """How a row is headed: the backend, and the condition where there are several."""
        return arm[0] if len(self.conditions) == 1 else f"{arm[0]}, {arm[1]}"

    def where(self, arm: Arm | None = None, retriever: str | None = None) -> str:
        """Where a sentence holds: ` with bm25, under babble 10 dB`; only what the run has several of is named."""
        parts = [f" with {retriever}"] if retriever and len(self.retrievers) > 1 else []
        parts += [f" under {arm[1]}"] if arm and len(self.conditions) > 1 else []
        return ",".join(parts)

    def comparisons(self) -> Iterator[tuple[Comparison, Metric]]:
        """Every stored difference with its metric."""
        return ((c, self.metric(c.metric)) for c in self.summary.comparisons)


@dataclass(frozen=True)
class Report:
    """All that a report is rendered from: one stored run, or several under labels that tell them apart.

    `compared` is what `harness compare` made of them; `None` for a single run. Everything but the figures is read when it is
    first asked for.
    """

    runs: tuple[StoredRun, ...]
    figures: Figures
    compared: ComparedRuns | None = None

    @classmethod
    def read(cls, folder: Path) -> Report:
        """Read the run in a folder. Raises `RunError` where there is no finished one."""
        return cls.of_run(StoredRun.read(folder))

    @classmethod
    def of_run(cls, run: StoredRun) -> Report:
        """Report on one run."""
        return cls._of((run,), None)

    @classmethod
    def of_comparison(cls, compared: ComparedRuns) -> Report:
        """Report on compared runs, with their labels and differences."""
        return cls._of(read_side_by_side([Path(folder) for folder in compared.runs]), compared)

    @classmethod
    def _of(cls, runs: tuple[StoredRun, ...], compared: ComparedRuns | None) -> Report:
        summaries = [run.labelled_summary() for run in runs]
        parts: dict[str, Any] = {
            name: tuple(chain.from_iterable(getattr(s, name) for s in summaries)) for name in OF_BACKENDS
        }
        parts["possible_typos"] = {word: meant for s in summaries for word, meant in s.possible_typos.items()}
        if compared is not None:
            parts["comparisons"] = compared.comparisons
        return cls(runs, Figures(replace(summaries[0], **parts), _rules(runs[0])), compared)

    @property
    def record(self) -> RunRecord:
        """Of the first run: the suite, rules and versions that all of them share."""
        return self.runs[0].record

    @property
    def rules(self) -> Rules:
        """The outcome, the rare threshold, and whether names are guessed."""
        return self.figures.rules

    @property
    def language(self) -> str:
        """The suite's language."""
        return self.runs[0].language

    def study(self, name: str, kind: type[Result]) -> Result | None:
        """The result of a study, read as what the study makes; `None` where the run has none, and for several runs together."""
        return self.runs[0].study(name, kind) if len(self.runs) == 1 else None

    @property
    def summary(self) -> Summary:
        """The figures of all runs together."""
        return self.figures.summary

    @cached_property
    def backends(self) -> Mapping[str, BackendSpec]:
        """Each backend as it was asked for, by its label in the report."""
        return {run.prefix + label: backend for run in self.runs for label, backend in run.backends.items()}

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """The finished samples of all runs, failed ones among them."""
        return tuple(sample for run in self.runs for sample in run.labelled_samples())

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """The questions that the samples refer to, by id."""
        return {question.id: question for run in self.runs for question in run.evidence.questions}

    @cached_property
    def utterances(self) -> Mapping[str, Utterance]:
        """The utterances that the samples refer to, by id."""
        return {utterance.id: utterance for run in self.runs for utterance in run.evidence.utterances}

    @cached_property
    def snippets(self) -> Mapping[str, Snippet]:
        """The snippets that rank first for some sample, by id."""
        return {snippet.id: snippet for run in self.runs for snippet in run.evidence.snippets}


def _rules(run: StoredRun) -> Rules:
    """The rules that the run was counted by. Names are guessed where the rule took them from the text of the questions."""
    return Rules(
        run.spec.outcome,
        run.spec.rare_threshold,
        "rule" in run.record.entity_sources,
        run.spec.rare_words_name,
        error_rate_of(run.language),
    )
