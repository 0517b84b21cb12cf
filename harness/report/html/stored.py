"""What a page shows: one stored run, or several under labels that tell them apart. Nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.analysis.summary import Summary
from harness.records import BackendSpec, Question, Sample, Snippet, Utterance
from harness.report.figures import Figures
from harness.runs.storage.record import RunRecord
from harness.runs.storage.stored_run import StoredRun, read_side_by_side

if TYPE_CHECKING:
    from harness.runs.compare import ComparedRuns


@dataclass(frozen=True)
class Shown:
    """All that a page is written from. `title` names the suite; `compared` is `None` for a single run."""

    runs: tuple[StoredRun, ...]
    summary: Summary
    figures: Figures
    samples: tuple[Sample, ...]
    questions: Mapping[str, Question]
    utterances: Mapping[str, Utterance]
    snippets: Sequence[Snippet]
    compared: ComparedRuns | None = None

    @classmethod
    def of_run(cls, folder: Path) -> Shown:
        """The page of one run."""
        return cls._of((StoredRun.read(folder),), None)

    @classmethod
    def of_comparison(cls, compared: ComparedRuns) -> Shown:
        """The page of what `harness compare` found, with its labels and its differences."""
        runs = read_side_by_side([Path(folder) for folder in compared.runs])
        return cls._of(runs, compared)

    @classmethod
    def _of(cls, runs: tuple[StoredRun, ...], compared: ComparedRuns | None) -> Shown:
        summaries = [run.labelled_summary() for run in runs]
        merged = replace(
            summaries[0],
            rows=tuple(row for summary in summaries for row in summary.rows),
            comparisons=compared.comparisons if compared is not None else summaries[0].comparisons,
            words=tuple(word for summary in summaries for word in summary.words),
            attribution=tuple(row for summary in summaries for row in summary.attribution),
            dose_response=tuple(dose for summary in summaries for dose in summary.dose_response),
            contrasts=tuple(contrast for summary in summaries for contrast in summary.contrasts),
        )
        evidence = [run.evidence for run in runs]
        return cls(
            runs,
            merged,
            Figures.of(merged),
            tuple(sample for run in runs for sample in run.labelled_samples()),
            {question.id: question for one in evidence for question in one.questions},
            {utterance.id: utterance for one in evidence for utterance in one.utterances},
            tuple({snippet.id: snippet for one in evidence for snippet in one.snippets}.values()),
            compared,
        )

    @property
    def record(self) -> RunRecord:
        """Of the first run: suite, rules and versions that all of them share."""
        return self.runs[0].record

    @property
    def backends(self) -> dict[str, BackendSpec]:
        """Each backend as the page labels it."""
        return {run.prefix + label: backend for run in self.runs for label, backend in run.backends.items()}

    @property
    def conditions(self) -> tuple[str, ...]:
        """In the order of the runs."""
        return tuple(dict.fromkeys(condition for _, condition in self.figures.cells))

    def cells(self, condition: str) -> list[tuple[str, str]]:
        """Backend and condition of every row under one condition."""
        return [cell for cell in self.figures.cells if cell[1] == condition]
