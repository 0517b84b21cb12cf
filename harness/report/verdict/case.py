"""The part of a report that one verdict is about: one retriever, one condition, and the backends in order of merit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import inf

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Metric, metric
from harness.analysis.rules import BY_TEXT
from harness.analysis.summary import Row
from harness.asr.bias_list import is_deployable
from harness.report.model import Arm, Figures, Report
from harness.report.numbers import FEWEST
from harness.report.sections.reach import Reach
from harness.report.verdict.records import Finding


@dataclass(frozen=True)
class Case:
    """A report as one retriever and condition see it. Backends without a single transcript are `dead` and take no part."""

    report: Report
    retriever: str | None
    condition: str

    @property
    def figures(self) -> Figures:
        """All figures of the report."""
        return self.report.figures

    @property
    def noun(self) -> str:
        """What is lost: hits, or answers."""
        return self.report.rules.noun

    @cached_property
    def outcome(self) -> Metric:
        """The metric that the run judges by."""
        return self.figures.metric(self.report.rules.metric)

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The backends with transcripts, in the order of the run."""
        return tuple(arm for arm in self.figures.of_condition(self.condition) if self.figures.has_transcripts(arm))

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """The backends without a single transcript: failed samples that the spec leaves out have no figures at all.

        Of several runs, one may not have the condition: its backends are not dead.
        """
        with_figures = {label for label, _ in self.figures.arms}
        here = [label for label, _ in self.figures.of_condition(self.condition)]
        without = [label for label in self.report.backends if label not in here]
        if with_figures & {*without}:
            failed = {sample.backend for sample in self.report.samples if sample.condition == self.condition}
            without = [label for label in without if label not in with_figures or label in failed]
        alive = {label for label, _ in self.arms}
        return tuple(label for label in (*here, *without) if label not in alive)

    @cached_property
    def is_judged(self) -> bool:
        """Whether the outcome is known of the hypotheses."""
        return any(known(self.row(arm, self.outcome.name)) for arm in self.arms)

    @cached_property
    def reach(self) -> Reach | None:
        """What the reader can do; `None` where nobody reads."""
        return Reach.of(self.figures, self.fullest, self.retriever) if self.arms else None

    @property
    def reader_cannot_judge(self) -> bool:
        """Whether the outcome is an answer, and the reader's answers say little of recognition."""
        return self.report.rules.reads and self.reach is not None and self.reach.is_too_low

    @cached_property
    def by(self) -> Metric:
        """The metric that backends are ordered by: the outcome; answers in the snippets where the reader cannot judge; the error
        rate where those are unknown or reached too seldom.
        """
        if self.is_judged and not self.reader_cannot_judge and self.reached_questions >= FEWEST:
            return self.outcome
        in_snippets = self.row(self.fullest, BY_TEXT, "reference") if self.reader_cannot_judge else None
        return self.figures.metric(BY_TEXT) if as_number(in_snippets) >= FEWEST else self.figures.error_rate

    @property
    def by_snippets(self) -> bool:
        """Whether backends are ordered by answers in the snippets, since the reader cannot judge."""
        return not self.by_outcome and self.by.name == BY_TEXT

    @property
    def by_outcome(self) -> bool:
        """Whether backends are ordered by the run's outcome."""
        return self.by.name == self.outcome.name

    @cached_property
    def ranked(self) -> tuple[Arm, ...]:
        """The backends, the best first; equal ones by their error rate, then in the order of the run."""
        return tuple(sorted((arm for arm in self.arms if known(self.row(arm, self.by.name))), key=self._merit))

    def _merit(self, arm: Arm) -> tuple[float, float]:
        row, rate = self.row(arm, self.by.name), self.row(arm, self.figures.error_rate.name)
        value, errors = (inf if of is None or of.value is None else of.value for of in (row, rate))
        return -value if self.by.better == "higher" else value, errors

    @cached_property
    def deployable(self) -> tuple[Arm, ...]:
        """Those of them that a user could have as they are: not with a list of the names that are asked for."""
        specs = self.report.backends
        return tuple(arm for arm in self.ranked if arm[0] not in specs or is_deployable(specs[arm[0]]))

    @property
    def candidates(self) -> tuple[Arm, ...]:
        """Those that the verdict is about: the deployable ones, or all where none is."""
        return self.deployable or self.ranked

    @property
    def fullest(self) -> Arm:
        """The backend with the most samples: figures of the reference are read from it."""
        return max(self.arms, key=lambda arm: n_of(self.row(arm, self.outcome.name, "reference")))

    @cached_property
    def reached_questions(self) -> int:
        """The questions whose reference reaches the outcome."""
        row, retained = self.row(self.fullest, self.outcome.name, "reference"), self.row(self.fullest, "retained", None)
        if retained is not None and retained.n_questions is not None:
            return retained.n_questions
        if row is None or row.value is None or self.outcome.unit != "share":
            return 0
        return round(row.value * (row.n_questions or n_of(row)))

    def row(self, arm: Arm, name: str, source: str | None = "hypothesis", retriever: str | None = None) -> Row | None:
        """The row of a metric, with this verdict's retriever unless another is given."""
        return self.figures.row(arm, name, source, retriever or self.retriever)

    def comparison(self, better: Arm, other: Arm, name: str) -> Comparison | None:
        """The stored difference `better` minus `other`."""
        return self.figures.comparison(better, other, name, self.retriever)

    def n_lost(self, arm: Arm) -> int:
        """How many outcomes a backend lost."""
        return as_number(self.row(arm, "lost", None))

    @property
    def telling(self) -> Arm | None:
        """The best candidate that lost enough outcomes to say where the loss comes from."""
        return next((arm for arm in self.candidates if self.n_lost(arm) >= FEWEST), None)

    def where(self, *, searched: bool = True) -> str:
        """Where a sentence holds: ` with bm25, under clean`; only what the run has several of is named."""
        return self.figures.where(("", self.condition), self.retriever if searched else None)

    def placed(self, sentences: Iterable[str], *, searched: bool = True) -> str:
        """The sentences, which hold where the first words say, if the run has several conditions or retrievers."""
        text, where = " ".join(sentences), self.where(searched=searched).strip()
        return f"{where[0].upper()}{where[1:]}: {text}" if where and text else text

    def finding(
        self, heading: str, sentences: Iterable[str], *, searched: bool = True, in_short: bool = True
    ) -> Finding:
        """A finding that says first where it holds."""
        return Finding(heading, self.placed(sentences, searched=searched), in_short)


def known(row: Row | None) -> bool:
    """Whether there is a figure."""
    return row is not None and row.value is not None


def n_of(row: Row | None) -> int:
    """What a share is counted over; 0 where that is not known. Of utterances, it is the samples that are counted in runs of the
    first schema, which does not say.
    """
    if row is None:
        return 0
    if row.n is not None:
        return round(row.n)
    return row.n_scored + row.n_error if metric(row.metric).of == "utterances" else 0


def as_number(row: Row | None) -> int:
    """A share as a number."""
    return 0 if row is None or row.value is None else round(row.value * n_of(row))
