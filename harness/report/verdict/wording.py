"""How figures stand in the sentences of a verdict: each with what it is counted over and its interval."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Metric
from harness.analysis.summary import Row
from harness.report import tables
from harness.report.model import Arm
from harness.report.numbers import is_few, size, with_interval
from harness.report.verdict.case import Case, as_number, known, n_of

HEADLINE = 100  # characters, and not one more


def out_of(row: Row | None, noun: str = "utterances") -> str:
    """Return a share as a number: `46 of 48 questions`, `876 of 1000 utterances of 250 questions`."""
    if row is None or row.value is None:
        return f"an unknown number of {noun}"
    n = n_of(row)
    if noun != "utterances":
        return f"{as_number(row)} of {n} {noun}"
    if row.n_questions == n:
        return f"{as_number(row)} of {n} questions"
    return f"{as_number(row)} of {n} utterances" + (f" of {row.n_questions} questions" if row.n_questions else "")


def share(row: Row | None, metric: Metric, noun: str = "utterances") -> str:
    """Return a share as a number, with per cent and interval where it is of enough: `46 of 48 questions, 95.8 % [85.7, 99.5]`;
    a mean of graded outcomes as it is: `0.812 [0.741, 0.890] over 48 questions`.
    """
    if row is not None and metric.unit != "share":
        return f"{with_interval(row, metric)} over {row.n_questions or n_of(row)} questions"
    if row is None or not known(row) or is_few(row, metric):
        return out_of(row, noun)
    return f"{out_of(row, noun)}, {with_interval(row, metric)}"


def figure_of(case: Case, arm: Arm, metric: Metric) -> str:
    """Return a figure of a backend's hypotheses with its interval: `WER 12.9 % [10.0, 16.2]`."""
    return f"{metric.heading} {with_interval(case.row(arm, metric.name), metric)}"


def lost(case: Case, arm: Arm, *, brief: bool = False) -> str:
    """Return what a backend loses of what the reference reaches: `8 [4, 15] of the 46 hits that the reference reaches`, or
    briefly `8 [4, 15] of 46 hits`.
    """
    retained = case.row(arm, "retained", None)
    if retained is None:
        return f"{case.n_lost(arm)} {case.noun}"
    n, between = n_of(retained), ""
    if retained.ci_low is not None and retained.ci_high is not None:
        between = f" [{n * (1 - retained.ci_high):.0f}, {n * (1 - retained.ci_low):.0f}]"
    of = f"{n} {case.noun}" if brief else f"the {n} {case.noun} that the reference reaches"
    return f"{case.n_lost(arm)}{between} of {of}"


def is_significantly_better(c: Comparison | None, metric: Metric) -> bool:
    """Whether the first of the two is significantly the better one: of unequal samples, the paired ones may say otherwise."""
    return c is not None and tables.is_significant(c) and tables.is_better(c, metric) is True


def could_show(c: Comparison, metric: Metric) -> str:
    """Return which difference the suite would have shown; empty where that is not known."""
    if c.detectable is None or c.n == 0:
        return ""
    if metric.unit in ("share", "rate", "score") and c.detectable >= 1:
        return f"{c.n} questions cannot show a difference in {metric.heading}."
    return f"{c.n} questions would show a difference of {size(c.detectable, metric)} 4 times in 5."


def first_that_fits(wordings: Sequence[str]) -> str:
    """Return the first wording that is short enough for a headline, else the last."""
    return next((text for text in wordings if len(text) < HEADLINE), wordings[-1])


def quotable(row: Row | None, metric: Metric) -> bool:
    """Whether a figure rests on enough to be quoted."""
    return known(row) and not is_few(row, metric)
