"""Several retrievers on the same transcripts, for people: what each finds, and what the others would have saved."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.agreement import Agreement, RetrieverComparison
from harness.analysis.attribution import Estimate
from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.summary import Summary
from harness.report.figures import Figures, name
from harness.report.markup import line, text

Cell = tuple[str, str]
_HEADINGS = (
    "retriever", "hit@1 typed", "p", "hit@1 spoken", "p", "saves", "misses", "misses typed",
    "lost: only first / only this / both",
)  # fmt: skip
_ALIKE = {
    "loss_share_rare": "the share of the loss that falls to rare entity words",
    "inject_break_rate_rare": "how often an error on a rare entity word, alone, loses the answer",
}


def agreement_section(summary: Summary, figures: Figures) -> Iterator[str]:
    """The Markdown section: a table for each backend and condition; nothing where the run has one retriever."""
    if not summary.agreement:
        return
    first = summary.agreement[0].a
    yield "## Retrievers beside one another\n"
    yield (
        f"The same transcripts, searched by each retriever. *Saves* is the share of the answers lost with {text(first)} that "
        f"this retriever gives from the same transcript; *misses* is the share of what {text(first)} answers that it does "
        f"not, from the transcript and from the typed question: what it costs to use it instead. *Lost* counts the answers "
        f"that both give to the typed question: those that only {text(first)} loses with the transcript, those that only "
        f"this retriever loses, and those that both lose. p is Holm's, of hit@1 against {text(first)}.\n"
    )
    for cell in figures.cells:
        yield f"**{text(name(cell, len({condition for _, condition in figures.cells})))}**\n"
        yield line(_HEADINGS)
        yield line(("---", *("---:" for _ in _HEADINGS[1:])))
        for retriever in figures.retrievers:
            yield line(_cells(summary, figures, cell, first, retriever))
        yield ""
        yield from (f"- {text(sentence)}" for sentence in _alike(summary, cell))
        yield ""


def agreement_lines(summary: Summary, figures: Figures) -> Iterator[str]:
    """Sentences for the terminal: what each retriever saves of the first one's losses, and what it costs."""
    conditions = len({condition for _, condition in figures.cells})
    for pair in summary.agreement:
        if pair.a != summary.agreement[0].a or not pair.lost_a:
            continue
        yield (
            f"{name((pair.backend, pair.condition), conditions)}: of the {pair.lost_a} answers lost with {pair.a}, {pair.b} "
            f"gives {_share(pair.rescued)}; of those that {pair.a} gives, it misses {_share(pair.harmed)} spoken and "
            f"{_share(pair.harmed_reference)} typed."
        )


def _cells(summary: Summary, figures: Figures, cell: Cell, first: str, retriever: str) -> list[str]:
    pair = next((p for p in summary.agreement if (p.backend, p.condition, p.a, p.b) == (*cell, first, retriever)), None)
    found = [text(retriever)]
    for source in ("reference", "hypothesis"):
        row = figures.rows.get((*cell, retriever, source, "all", "hit@1"))
        known = row is not None and row.value is not None
        found += [_share(Estimate(row.value, row.ci_low, row.ci_high)) if row and known else "-"]
        found += [_p_value(_comparison(summary, cell, retriever, source))]
    return found + (_of_pair(pair) if pair else ["-"] * 4)


def _of_pair(pair: Agreement) -> list[str]:
    counts = f"{pair.lost_only_a} / {pair.lost_only_b} / {pair.lost_both}"
    return [*map(_share, (pair.rescued, pair.harmed, pair.harmed_reference)), counts]


def _comparison(summary: Summary, cell: Cell, retriever: str, source: str) -> RetrieverComparison | None:
    wanted = (*cell, retriever, "hit@1", source)
    return next(
        (c for c in summary.retriever_comparisons if (c.backend, c.condition, c.b, c.metric, c.source) == wanted), None
    )


def _alike(summary: Summary, cell: Cell) -> Iterator[str]:
    """Whether rare words hurt a retriever as they hurt the first one."""
    for c in summary.retriever_comparisons:
        if (c.backend, c.condition) != cell or c.metric not in _ALIKE or c.delta is None:
            continue
        if c.ci_low is None or c.ci_high is None or c.p_holm is None:
            continue
        chance = "" if c.p_holm < SIGNIFICANCE else ", within chance"
        yield (
            f"{c.b} against {c.a}, {_ALIKE[c.metric]}: {100 * c.delta:+.1f} points "
            f"[{100 * c.ci_low:+.1f}, {100 * c.ci_high:+.1f}] (p = {c.p_holm:.2g}{chance})."
        )


def _p_value(comparison: RetrieverComparison | None) -> str:
    return "-" if comparison is None or comparison.p_holm is None else f"{comparison.p_holm:.2g}"


def _share(estimate: Estimate) -> str:
    if estimate.value is None:
        return "-"
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{100 * estimate.value:.1f} %"
    return f"{100 * estimate.value:.1f} % [{100 * estimate.ci_low:.1f}, {100 * estimate.ci_high:.1f}]"
