"""What `harness.run` returns, and `harness.load_run` for a stored run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.analysis.summary import Summary
from harness.errors import UnknownName
from harness.records import Sample
from harness.runs.storage.record import RunRecord
from harness.runs.storage.stored_run import StoredRun
from harness.runs.storage.tidy_tables import MITIGATIONS, TABLES, mitigation_table, sample_tables, summary_tables

if TYPE_CHECKING:
    from pandas import DataFrame

Progress = Callable[[int, int, Sample], None]  # samples done, samples planned, the newest one
StudyProgress = Callable[[str, int, int], None]  # the study's name, steps done, steps in all


@dataclass(frozen=True, repr=False)
class RunResult:
    """A finished run: its folder, its record, and its figures. `errors` counts samples that failed."""

    folder: Path
    record: RunRecord
    summary: Summary
    planned: int
    errors: int

    @property
    def stored(self) -> StoredRun:
        """The same run with its plan, samples and evidence, which are read from its folder."""
        return StoredRun(self.folder, self.record, self.summary)

    @property
    def exit_status(self) -> int:
        """0, or 3 where some samples failed."""
        return 3 if self.errors else 0

    def to_frame(self, table: str = "rows") -> DataFrame:
        """One of the run's tables as a pandas DataFrame, a row a thing and a column a fact.

        `rows`: the figures of summary.json with their intervals; `comparisons`: backends against the first one; `words`:
        the misrecognised rare words; `samples`: reference and hypothesis, with their counts of words, which sum to the rates
        of `rows`, and the run's outcome from both with the first retriever; `retrieval`: the same for every retriever, a row
        from the reference and one from the hypothesis, with every metric; `mitigations`: what repairs changed, where the run has
        judged some. `docs/formats.md` lists their columns.

        Raises `UnknownName` for another table, `RunError` where samples are asked for and the folder has gone.
        """
        if table == MITIGATIONS:
            return mitigation_table(self.stored).to_frame()
        if table not in TABLES:
            raise UnknownName("table", table, (*TABLES, MITIGATIONS))
        tables = {made.name: made for made in summary_tables(self.summary)}
        if table not in tables:
            tables = {made.name: made for made in sample_tables(self.stored)}
        return tables[table].to_frame()

    def __repr__(self) -> str:
        suite, folder = self.record.suite["name"], str(self.folder)
        counts = f"{self.planned} samples, {self.errors} of them failed"
        return f"<run of {suite!r} in {folder!r}: {counts}; harness.show(result) shows its figures>"


def load_run(folder: Path | str) -> RunResult:
    """Return the run that `harness run` left in `folder`, as it was returned then.

    Raises `RunError` when the folder holds no finished run, or one of another version.
    """
    run = StoredRun.read(folder)
    errors = sum(not is_whole(sample) for sample in run.samples.values())
    return RunResult(run.folder, run.record, run.summary, len(run.plan), errors)


def is_whole(sample: Sample) -> bool:
    """Whether nothing of it failed, neither the recognition nor an answer, so that it need not be tried again."""
    outcomes = sample.retrieval.values()
    answers = [answer for outcome in outcomes for answer in (outcome.reference_answer, outcome.hypothesis_answer)]
    failed = any(answer is not None and answer.error is not None for answer in answers)
    unjudged = any(outcome.counterfactual is not None and outcome.counterfactual.n_failed for outcome in outcomes)
    return sample.status == "ok" and not failed and not unjudged
