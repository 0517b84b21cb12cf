"""The columns of the page's tables, and how a figure of summary.json stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import metric as metric_of
from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.summary import Row
from harness.report.attribution import p_text
from harness.report.figures import COST, HEARD, LISTS, RUNAWAYS, TIME_FACTORS, Column, Figures, interval, value
from harness.report.work import TIMES

_RATIOS = ("leverage_rare",)
_LOWER_IS_BETTER = (
    "wer", "cer", "rare_wer", "common_wer", "false_rare_insertions", "runaway_rate", "runaway_insertions", "lost",
    *TIME_FACTORS,
)  # fmt: skip

ANSWERED = (
    Column(
        "exact_match", "reference", "EM typed", "Share of answers to the typed question that match an accepted one."
    ),
    Column("exact_match", "hypothesis", "EM spoken", "The same for answers to what was heard."),
    Column("f1", "reference", "F1 typed", "Words that answer and accepted answer share (token F1), typed question."),
    Column("f1", "hypothesis", "F1 spoken", "The same for what was heard."),
)
RANKED = (
    Column("hit@5", "hypothesis", "hit@5 spoken", "A right snippet stands among the first five for the transcript."),
    Column("hit@10", "hypothesis", "hit@10 spoken", "A right snippet stands among the first ten."),
    Column("rr@10", "hypothesis", "RR@10 spoken", "1 / the rank of the first right snippet, 0 beyond ten, averaged."),
    Column("ndcg@10", "hypothesis", "nDCG@10 spoken", "How far up all right snippets stand; 1 is the best order."),
    Column("has_answer@5", "hypothesis", "answer in 5", "One of the first five snippets holds an accepted answer."),
    Column("kept", None, "kept", "Answered from the typed question and from the transcript."),
    Column("never", None, "never", "Answered from neither."),
)
CAUSES = (
    Column(
        "region_share_rare", "hypothesis", "errors on rare names", "Of all errors, those on rare words inside names."
    ),
    Column("loss_share_rare", None, "loss by rare names", "Of all answers lost, the part that falls to those errors."),
    Column("leverage_rare", None, "leverage", "The second over the first: 2 is an error that costs twice the average."),
    Column(
        "inject_break_rate_rare", None, "breaks alone", "Put alone into an answered question, such an error loses it."
    ),
    Column("inject_break_rate_other", None, "others break alone", "The same of all other errors."),
    Column(
        "repair_1_share", None, "back by 1 repair", "Of lost answers, those that come back with one error put right."
    ),
    Column("repair_2_share", None, "by 2", "With at most two put right."),
    Column("repair_3_share", None, "by 3", "With at most three put right."),
    Column("class_repair_rare", None, "by rare names", "With all rare words in names right and nothing else."),
    Column("class_repair_other", None, "by others", "With everything else right and the rare words in names as heard."),
)
CER = Column("cer", "hypothesis", "CER", "Character error rate.")
COMPARED = (
    *(column for column in HEARD if column.metric != "common_wer"),
    *RUNAWAYS,
    *COST[:4],  # what repairs bring back is a picture of its own
    *(column for column in ANSWERED if column.source == "hypothesis"),
)
SETS: Mapping[str, Sequence[Column]] = {
    "in short": COMPARED,
    "what was heard": (*HEARD, CER, *RUNAWAYS),
    "what was found": (*COST[:4], *RANKED),
    "what was answered": ANSWERED,
    "causes and repairs": CAUSES,
    "bias lists": LISTS,
    "how long it took": TIMES,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as a table shows it. `sort` is the stored number, to sort by."""

    sort: float | None
    text: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A stored difference from a baseline, as a table shows it; `clear`: beyond chance after Holm's adjustment."""

    baseline: str
    text: str
    interval: str
    p: str
    clear: bool
    better: bool | None


def find(
    figures: Figures, cell: tuple[str, str], column: Column, retriever: str | None, group: str = "all"
) -> Row | None:
    """The row behind a cell, whether the metric belongs to a retriever or to none."""
    for of in (retriever, None):
        if row := figures.rows.get((*cell, of, column.source, group, column.metric)):
            return row
    return None


def cell_of(row: Row | None, column: Column) -> Cell:
    """The figure and its interval, as every table of the reports writes them; of metrics that no table of theirs has,
    what can be no share as a plain number, anything else in per cent.
    """
    if row is None or row.value is None:
        return Cell(None, "-")
    form = None if column.form else _plain_form(row)
    if form is None:
        return Cell(row.value, value(row, column), interval(row, column))
    between = "" if row.ci_low is None or row.ci_high is None else f"[{form(row.ci_low)}, {form(row.ci_high)}]"
    return Cell(row.value, form(row.value), between)


def _plain_form(row: Row) -> Callable[[float], str] | None:
    """How a figure is written that is neither a share nor a count; `None` for those."""
    if row.metric in _RATIOS:
        return "{:.1f}".format
    timed = row.metric in TIME_FACTORS or row.metric.startswith("latency_")
    known = timed or metric_of(row.metric).unit == "count" or row.metric.endswith(("wer", "cer", "insertions"))
    return None if known or row.value is None or abs(row.value) <= 1 else "{:.2f}".format


def present(figures: Figures, columns: Iterable[Column], group: str | None = "all") -> tuple[Column, ...]:
    """The columns that the run has a figure for; those of runaway transcripts only where there is one."""
    known = {(row.metric, row.source) for row in figures.rows.values() if group is None or row.group == group}
    left_out = () if figures.ran_away else RUNAWAYS
    return tuple(column for column in columns if (column.metric, column.source) in known and column not in left_out)


def other_columns(figures: Figures) -> tuple[Column, ...]:
    """A plain column for every metric of the run that has none of its own here."""
    named = {(column.metric, column.source) for columns in SETS.values() for column in columns}
    found = dict.fromkeys((row.metric, row.source) for row in figures.rows.values())
    return tuple(
        Column(metric, source, " ".join(filter(None, (metric.replace("_", " "), _SOURCES.get(source or "")))), "",
               as_count=metric_of(metric).unit == "count")
        for metric, source in found if (metric, source) not in named
    )  # fmt: skip


_SOURCES = {"reference": "typed"}


def deltas(
    comparisons: Iterable[Comparison], cell: tuple[str, str], column: Column, retriever: str | None
) -> Iterator[Delta]:
    """The stored differences of one cell of the table, one for each baseline that it was compared with."""
    for c in comparisons:
        if (c.b, c.condition, c.metric) != (*cell, column.metric) or c.retriever not in (None, retriever):
            continue
        if column.source != "reference" and c.delta is not None:
            clear = c.p_holm is not None and c.p_holm < SIGNIFICANCE
            better = (c.delta < 0) == (c.metric in _LOWER_IS_BETTER) if c.delta else None
            text, _, between = difference(c).partition(" ")
            yield Delta(c.a, text, between, "" if c.p_holm is None else p_text(c.p_holm), clear, better)


def difference(c: Comparison) -> str:
    """In points of per cent, or as a count, with its interval."""
    if c.delta is None:
        return "-"
    form, factor = ("{:+.0f}", 1) if metric_of(c.metric).unit == "count" else ("{:+.1f}", 100)
    shown = form.format(factor * c.delta)
    if c.ci_low is None or c.ci_high is None:
        return shown
    return f"{shown} [{form.format(factor * c.ci_low)}, {form.format(factor * c.ci_high)}]"
