"""Several retrievers on the same transcripts: what each finds, what the others recover of its losses, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.analysis.agreement import Agreement, RetrieverComparison
from harness.analysis.metrics import Source
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Arm, Column, Report
from harness.report.numbers import FEWEST, p_text, with_interval
from harness.report.tables import Cell, Heading, Section, Table, cell, texts

_OF_ERRORS: Mapping[str, str] = {
    "loss_share_rare": "the share of the loss that falls to rare entity words",
    "inject_break_rate_rare": "how often an error on a rare entity word, alone in the reference text, loses the outcome",
}


def agreement(report: Report) -> Section:
    """Return the comparison of retrievers; empty where the run has one."""
    pairs = report.summary.agreement
    if not pairs:
        return Section("agreement", "Retrievers beside one another")
    first, noun = pairs[0].a, report.rules.noun
    after = (
        f"The same transcripts, searched by each retriever. Recovered is the share of the {noun} lost with {first} that this "
        f"retriever reaches from the same transcript. Given up is the share of what {first} reaches that this retriever does "
        f"not, from the hypothesis and from the reference text: what it costs to use it instead. Lost counts the {noun} that "
        f"both reach from the reference text: lost with {first} only, with this retriever only, and with both. p is "
        f"Holm-adjusted, against {first}.",
    )
    tables = tuple(_table(report, arm, first) for arm in report.figures.arms if report.figures.has_transcripts(arm))
    return Section("agreement", "Retrievers beside one another", tuple(_sentences(report, first)), tables, after)


def _sentences(report: Report, first: str) -> Iterator[str]:
    """Yield what each retriever recovers of the first one's losses and what it gives up, and whether errors cost it the same."""
    figures, noun = report.figures, report.rules.noun
    share = figures.metric("retained")
    for pair in report.summary.agreement:
        if pair.a == first and pair.lost_a:
            yield (
                f"{figures.name((pair.backend, pair.condition))}: of the {pair.lost_a} {noun} lost with {first}, {pair.b} "
                f"recovers {with_interval(pair.rescued, share)}; of those that {first} reaches it gives up "
                f"{with_interval(pair.harmed, share)} from the hypothesis and {with_interval(pair.harmed_reference, share)} from "
                f"the reference text{_few(pair.lost_a)}."
            )
    for c in report.summary.retriever_comparisons:
        if c.metric not in _OF_ERRORS or c.delta is None or c.ci_low is None or c.ci_high is None or c.p_holm is None:
            continue
        if c.ci_low == c.ci_high == 0:
            continue  # equal on every question
        yield (
            f"{figures.name((c.backend, c.condition))}: {_OF_ERRORS[c.metric]} differs by {100 * c.delta:+.1f} points "
            f"[{100 * c.ci_low:+.1f}, {100 * c.ci_high:+.1f}] between {c.b} and {c.a} ({p_text(c.p_holm)}, "
            f"{'significant' if c.p_holm < SIGNIFICANCE else 'not significant'})."
        )


def _few(n: int) -> str:
    return f" (n = {n}, few)" if n < FEWEST else ""


def _table(report: Report, arm: Arm, first: str) -> Table:
    figures = report.figures
    outcome = report.rules.metric
    columns = [Column(figures.metric(outcome), source) for source in ("reference", "hypothesis")]
    headings = [Heading("retriever", is_number=False)]
    for column in columns:
        headings += [Heading(column.heading, column.metric.meaning), Heading("p")]
    headings += [
        Heading(text)
        for text in ("recovered", "given up, ASR", "given up, ref", f"lost: {first} only / this only / both")
    ]
    rows = tuple(_row(report, arm, first, retriever, columns) for retriever in figures.retrievers)
    return Table(figures.name(arm), tuple(headings), rows)


def _row(report: Report, arm: Arm, first: str, retriever: str, columns: list[Column]) -> tuple[Cell, ...]:
    cells = [Cell(retriever)]
    for column in columns:
        comparison = _comparison(report, arm, retriever, column.metric.name, column.source)
        cells.append(cell(report.figures.row_of(arm, column, retriever), column.metric))
        cells.append(Cell("-" if comparison is None or comparison.p_holm is None else p_text(comparison.p_holm)))
    pair = next(
        (p for p in report.summary.agreement if (p.backend, p.condition, p.a, p.b) == (*arm, first, retriever)), None
    )
    return (*cells, *(_of_pair(report, pair) if pair else texts("-", "-", "-", "-")))


def _of_pair(report: Report, pair: Agreement) -> tuple[Cell, ...]:
    share = report.figures.metric("retained")
    counts = f"{pair.lost_only_a} / {pair.lost_only_b} / {pair.lost_both}"
    return texts(*(with_interval(e, share) for e in (pair.rescued, pair.harmed, pair.harmed_reference)), counts)


def _comparison(
    report: Report, arm: Arm, retriever: str, metric: str, source: Source | None
) -> RetrieverComparison | None:
    wanted = (*arm, retriever, metric, source)
    return next(
        (
            c
            for c in report.summary.retriever_comparisons
            if (c.backend, c.condition, c.b, c.metric, c.source) == wanted
        ),
        None,
    )
