"""The stored differences in sentences: how a backend differs from the one it is compared with, and whether significantly."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Metric
from harness.report.model import Figures
from harness.report.phrasing import is_equal, tested

_TOLD = ("wer", "rare_wer", "entity_recall", "runaway_rate", "hit@1", "lost", "exact_match")


def difference_sentences(figures: Figures) -> Iterator[str]:
    """One sentence for each compared backend and condition on recognition, and one for each retriever on what is searched with
    it. Each names its condition and retriever where the run has several.
    """
    grouped: dict[tuple[str, str, str, str | None], list[tuple[Comparison, Metric]]] = {}
    for c, metric in figures.comparisons():
        if _is_told(c, metric, figures):
            grouped.setdefault((c.a, c.b, c.condition, c.retriever), []).append((c, metric))
    for (a, b, condition, retriever), told in grouped.items():
        where = figures.where((b, condition), retriever)
        texts = [f"{metric.heading} {tested(c, metric)}" for c, metric in told]
        yield f"{b} against {a}{where}: {'; '.join(texts)}."


def _is_told(c: Comparison, metric: Metric, figures: Figures) -> bool:
    if c.delta is None or c.ci_low is None or c.ci_high is None:
        return False
    if metric.name == "runaway_rate" and is_equal(c):
        return False  # neither ran away, where a third one did
    return metric.name in (figures.rules.error_rate, *_TOLD, figures.rules.metric)
