"""What a picture is drawn from, and how its sentence quotes figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.analysis.attribution import Estimate
from harness.analysis.metrics import Metric
from harness.analysis.summary import Row
from harness.records import BackendSpec
from harness.report.model import Arm, Figures
from harness.report.numbers import count, figure, is_few, p_text, utterances
from harness.report.pictures.drawing import Marks
from harness.report.tables import is_significant

TOLD = 2  # backends whose figures a sentence quotes; the table under the picture has those of all


@dataclass(frozen=True, slots=True)
class View:
    """The figures that a picture shows: those with one retriever, under one condition, of one backend.

    `retriever` is `None` where nothing is searched; `condition` and `backend` are `None` where the picture shows all of them.
    `specs` are the backends as they were asked for, by label.
    """

    figures: Figures
    specs: Mapping[str, BackendSpec]
    retriever: str | None = None
    condition: str | None = None
    backend: str | None = None

    @property
    def arms(self) -> list[Arm]:
        """Every backend under every condition that is shown and has a transcript."""
        return [
            arm for arm in self.figures.arms
            if self.backend in (None, arm[0]) and self.condition in (None, arm[1]) and self.figures.has_transcripts(arm)
        ]  # fmt: skip

    @property
    def noun(self) -> str:
        """What is lost: hits, or answers."""
        return self.figures.rules.noun

    def marks(self, shown: Iterable[str], *, legend: bool = True) -> Marks:
        """Colours and marks of these backends or engines, the same in every picture of the run."""
        series = tuple(dict.fromkeys(shown))
        backends = [backend for backend, _ in self.figures.arms]
        return Marks(series, tuple(dict.fromkeys([*backends, *series])), legend)

    def metric(self, name: str) -> Metric:
        """The metric of that name, with its words for this run."""
        return self.figures.metric(name)

    def row(self, arm: Arm, name: str, source: str | None = None, group: str = "all") -> Row | None:
        """The row of a figure that has a value; `None` where there is none, and of a share of fewer than ten."""
        row = self.figures.row(arm, name, source, self.retriever, group)
        return None if row is None or row.value is None or is_few(row, self.metric(name)) else row

    def can_lose(self, arm: Arm) -> bool:
        """Whether the reference reaches the outcome often enough, ten times, that a loss could be told from chance."""
        return not is_few(self.figures.row(arm, "retained", None, self.retriever), self.metric("retained"))

    def lost(self, arm: Arm) -> Row | None:
        """The row of what is lost, however few."""
        row = self.figures.row(arm, "lost", None, self.retriever)
        return None if row is None or row.value is None else row

    def of(self, arm: Arm) -> bool:
        """Whether a backend under a condition is shown."""
        return arm in self.arms

    def name(self, arm: Arm) -> str:
        """Return the backend, with the retriever and the condition where the run has several: `tiny with bm25, under clean`."""
        return arm[0] + self.figures.where(arm, self.retriever)


def quoted(row: Row | None, metric: Metric) -> str:
    """Return a figure with its interval; of a share of fewer than ten, the numbers: `2 of 7`."""
    if row is None or row.value is None:
        return "-"
    if is_few(row, metric):
        return f"{count(row)} of {utterances(row):.0f}"
    return estimated(Estimate(row.value, row.ci_low, row.ci_high), metric)


def estimated(estimate: Estimate, metric: Metric) -> str:
    """Return a figure with its interval, but for one without width: resampling equal values has not shown it to be certain."""
    if estimate.ci_low is None or estimate.ci_high is None:
        return figure(estimate.value, metric)
    low, high = (figure(end, metric, bare=True) for end in (estimate.ci_low, estimate.ci_high))
    return figure(estimate.value, metric) + (f" [{low}, {high}]" if low != high else "")


def test_result(figures: Figures, better: Arm, other: Arm, name: str, retriever: str | None) -> str:
    """Return what the stored test of a difference says: `significant, p = 0.012`; `not tested` where there is none."""
    c = figures.comparison(better, other, name, retriever)
    if c is None or c.p_holm is None:
        return "not tested"
    return f"{'significant' if is_significant(c) else 'not significant'}, {p_text(c.p_holm)}"


def counted_over(row: Row, noun: str = "") -> str:
    """Return what a figure is counted over: `24 hits`; without the number in runs that did not count it."""
    return " ".join(filter(None, ("" if row.n is None else f"{row.n:g}", noun)))


def highest(rows: Iterable[Row]) -> float:
    """Return where an axis of WER ends: a little above the highest interval."""
    return max(0.1, *(1.05 * (row.ci_high or row.value or 0.0) for row in rows))
