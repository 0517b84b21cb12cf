"""What a page shows: one stored run, or several under labels that tell them apart. Nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness.analysis.summary import Summary
from harness.errors import HarnessError, RunError
from harness.records import BackendSpec, Question, Sample, Snippet, Utterance
from harness.report.figures import Figures
from harness.runs.spec import RunSpec
from harness.runs.storage.evidence import Evidence, gather
from harness.runs.storage.record import RunRecord
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite

if TYPE_CHECKING:
    from harness.runs.compare import ComparedRuns


_OF_BACKENDS = ("rows", "words", "attribution", "dose_response", "contrasts")  # parts of a summary that name backends


@dataclass(frozen=True)
class StoredRun:
    """One run as it lies in its folder. `prefix` stands before its labels; `suite_root` is `None` where the suite is gone."""

    folder: Path
    prefix: str
    record: RunRecord
    spec: RunSpec
    summary: Summary
    samples: tuple[Sample, ...]
    planned: int
    evidence: Evidence
    suite_root: Path | None

    @classmethod
    def read(cls, folder: Path, prefix: str = "") -> StoredRun:
        """Raises `RunError` when there is no finished run in `folder`, or one of another version."""
        store = RunStore(folder)
        record, summary = store.read_run(), store.read_summary()
        try:
            spec = msgspec.convert(record.spec, RunSpec)
        except msgspec.ValidationError as error:
            raise RunError(
                f"does not read as a spec of this version: {error}. Run it again elsewhere.",
                file=folder / "run.json",
                field="spec",
            ) from error
        samples = tuple(store.read_samples(record.backends).values())
        evidence, root = _evidence(store, record, spec, samples)
        return cls(folder, prefix, record, spec, summary, samples, len(store.read_plan()), evidence, root)

    def labelled_summary(self) -> Summary:
        """The summary under the labels of the page."""
        if not self.prefix:
            return self.summary
        parts: dict[str, Any] = {
            name: tuple(replace(one, backend=self.prefix + one.backend) for one in getattr(self.summary, name))
            for name in _OF_BACKENDS
        }
        return replace(self.summary, **parts)

    def labelled_samples(self) -> Iterator[Sample]:
        """The samples under the labels of the page."""
        for sample in self.samples:
            yield replace(sample, backend=self.prefix + sample.backend) if self.prefix else sample


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
        folders = [Path(folder) for folder in compared.runs]
        names = [folder.resolve().name for folder in folders]
        if len(set(names)) < len(names):
            names = [str(folder) for folder in folders]
        prefixes = [f"{name}/" for name in names] if len(folders) > 1 else [""]
        runs = tuple(StoredRun.read(folder, prefix) for folder, prefix in zip(folders, prefixes, strict=True))
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
        return {run.prefix + backend.label: backend for run in self.runs for backend in run.spec.backends}

    @property
    def conditions(self) -> tuple[str, ...]:
        """In the order of the runs."""
        return tuple(dict.fromkeys(condition for _, condition in self.figures.cells))

    def cells(self, condition: str) -> list[tuple[str, str]]:
        """Backend and condition of every row under one condition."""
        return [cell for cell in self.figures.cells if cell[1] == condition]


def _evidence(
    store: RunStore, record: RunRecord, spec: RunSpec, samples: Sequence[Sample]
) -> tuple[Evidence, Path | None]:
    """What the run kept, and where its suite lies. A run that kept nothing is given what the suite, if unchanged, says."""
    try:
        root = find_suite(spec.suite)
    except HarnessError:
        root = None
    kept = store.read_evidence()
    if kept is not None:
        return kept, root
    if root is not None:
        try:
            suite = load_suite(root)
        except HarnessError:
            return Evidence(), None
        if suite.digest == record.digests.get("suite"):
            return gather(suite, samples), root
    return Evidence(), None
