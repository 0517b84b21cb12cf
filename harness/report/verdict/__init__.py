"""The verdict of a report, the same for every renderer: sentences only, from stored figures and stored tests.

    verdicts(report)   one for each retriever and condition, the first retriever's and condition's first
    primary(report)    that first one

A verdict answers, in this order: can this suite tell (`suitability`), which backend (`choice`), what WER says (`by_wer`), where
the loss comes from (`loss`), what to do first (`remedies`, `phrases`, `lists`), what failed (`failed`), and what to keep in
mind (`caveats`). Every finding says first with which retriever and under which condition it holds, where the run has several.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.model import Report
from harness.report.verdict.by_wer import most_misrecognised, what_wer_says
from harness.report.verdict.case import Case
from harness.report.verdict.caveats import caveats
from harness.report.verdict.choice import detail, headline, which_backend
from harness.report.verdict.failed import dead_sentences, what_failed
from harness.report.verdict.lists import what_lists_win
from harness.report.verdict.loss import where_the_loss_comes_from
from harness.report.verdict.phrases import bias_phrases
from harness.report.verdict.records import BiasPhrases, Finding, Phrase, Verdict
from harness.report.verdict.remedies import what_to_do_first
from harness.report.verdict.suitability import can_tell, what_is_missing

__all__ = ["BiasPhrases", "Finding", "Phrase", "Verdict", "primary", "verdict", "verdicts"]


def verdicts(report: Report) -> tuple[Verdict, ...]:
    """Return the verdict for every retriever and condition: those of the first retriever first."""
    figures = report.figures
    return tuple(
        verdict(report, retriever, condition)
        for retriever in figures.retrievers or (None,)
        for condition in figures.conditions
    )


def primary(report: Report) -> Verdict | None:
    """Return the verdict with the first retriever under the first condition; `None` where the run has no sample at all."""
    figures = report.figures
    if not figures.conditions:
        return None
    return verdict(report, next(iter(figures.retrievers), None), figures.conditions[0])


def verdict(report: Report, retriever: str | None, condition: str) -> Verdict:
    """Return what the figures say with one retriever under one condition."""
    case = Case(report, retriever, condition)
    dead = list(dead_sentences(case))
    if not case.arms:
        return Verdict(retriever, condition, "No backend transcribed anything.", " ".join(dead), (), None)
    bias = bias_phrases(case)
    return Verdict(
        retriever,
        condition,
        headline(case),
        " ".join(filter(None, (*dead, detail(case)))),
        tuple(_findings(case, bias)),
        bias,
    )


def _findings(case: Case, bias: BiasPhrases | None) -> Iterator[Finding]:
    yield from can_tell(case)
    yield from which_backend(case)
    yield from what_wer_says(case)
    yield from where_the_loss_comes_from(case)
    if not case.by_outcome:
        yield from most_misrecognised(case)
    yield from what_to_do_first(case, bias)
    yield from what_lists_win(case)
    yield from what_failed(case)
    yield from caveats(case)
    yield from what_is_missing(case)
