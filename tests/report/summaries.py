"""Summaries made by hand, for what a report says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.analysis.attribution import Attribution, Estimate
from harness.analysis.comparisons import Comparison
from harness.analysis.rules import Rules
from harness.analysis.summary import Row, Summary
from harness.analysis.word_costs import WordCost
from harness.report.model import Figures

_SOURCES = {"wer": "hypothesis", "rare_wer": "hypothesis", "common_wer": "hypothesis", "entity_recall": "hypothesis"}


def row(backend: str, metric: str, value: float | None, n: float | None = 60, **of: Any) -> Row:
    """A figure with an interval of two points to either side; of bm25 where it is not of recognition."""
    source = _SOURCES.get(metric)
    n_scored = of.get("n_scored", 60)
    low, high = (None, None) if value is None else (max(0.0, value - 0.02), min(1.0, value + 0.02))
    return Row(
        backend=backend, condition=of.get("condition", "clean"), retriever=None if source else of.get("retriever", "bm25"),
        source=source, group=of.get("group", "all"), metric=metric, value=value, ci_low=low, ci_high=high,
        n_planned=60, n_scored=n_scored, n_error=60 - n_scored, n_missing=0, n=n, n_questions=None if n is None else int(n),
    )  # fmt: skip


def arm(backend: str, wer: float, lost: float, reached: float = 50, **of: Any) -> list[Row]:
    """WER, what is lost and what is retained of one backend under one condition."""
    retained = row(backend, "retained", 1 - lost, reached, **of)
    return [row(backend, "wer", wer, 480, **of), row(backend, "lost", lost, **of), retained]


def comparison(a: str, b: str, metric: str, p_holm: float | None, **of: Any) -> Comparison:
    """A stored difference, with its test."""
    retriever = None if metric in _SOURCES else of.get("retriever", "bm25")
    return Comparison(
        a, b, of.get("condition", "clean"), retriever, metric, 0.1, 0.05, 0.15, "sign-flip", p_holm, p_holm, 60
    )


def by_class(backend: str, lost: Mapping[str, float], **of: Any) -> list[Attribution]:
    """What the error regions of each class cost; each class has as many error regions."""
    total = sum(lost.values())
    nothing = Estimate(None, None, None)
    return [
        Attribution(
            backend, of.get("condition", "clean"), of.get("retriever", "bm25"), "class", group, 10, 0, 0, amount,
            Estimate(1 / len(lost), 0.1, 0.6), Estimate(amount / total, *of.get("interval", (0.2, 0.9))), nothing, nothing, nothing,
        )
        for group, amount in lost.items()
    ]  # fmt: skip


def word(text: str, n_reference: int, n_correct: int, *recognised_as: tuple[str, int], **of: Any) -> WordCost:
    """A rare word that was misrecognised."""
    cost = float(of.get("cost", 1))
    return WordCost(
        of.get("backend", "tiny"), of.get("condition", "clean"), of.get("retriever", "bm25"), text, 2.0, "[2,3)", True,
        n_reference, n_correct, None, int(cost), recognised_as, (), cost, 0.5,
    )  # fmt: skip


def figures(rows: Iterable[Row], rules: Rules | None = None, **parts: Any) -> Figures:
    """The figures of a summary of these rows and parts."""
    return Figures(
        Summary(2, tuple(rows), **{"comparisons": (), **{k: tuple(v) for k, v in parts.items()}}), rules or Rules()
    )
