"""What the answerer answers from the reference text and from the hypothesis, and which errors cost the answers."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.model import Arm, Report
from harness.report.numbers import count, utterances
from harness.report.tables import Section, family_tables

_FEW_RIGHT = 0.5


def answers(report: Report, retriever: str) -> Section:
    """Return what is answered with one retriever, by backend and condition; empty where nobody answers."""
    shown = family_tables(report.figures, "answer", retriever=retriever) if report.record.answerer else ()
    return Section(
        f"answers-{retriever}", f"Answers with {retriever}", tuple(_sentences(report, retriever)) if shown else (), shown,
        (answerer_sentence(report, retriever),) if shown else (),
    )  # fmt: skip


def answerer_sentence(report: Report, retriever: str) -> str:
    """Return who answers. A judge is no reader, and the sentence says so."""
    identity = report.record.answerer or {}
    model = f":{identity['model']}" if "model" in identity else ""
    who = f"{identity.get('answerer', 'the answerer')}{model}"
    if "sees_accepted_answers" in identity:
        return f"{who} is shown the accepted answers: it judges whether one stands in what {retriever} found, and is no reader."
    return f"{who} reads what {retriever} found."


def _sentences(report: Report, retriever: str) -> Iterator[str]:
    figures = report.figures
    for arm in figures.arms:
        reference, hypothesis = (figures.row(arm, "exact_match", s, retriever) for s in ("reference", "hypothesis"))
        lost, by_retrieval, by_reader = (
            figures.row(arm, name, None, retriever)
            for name in ("answers_lost", "retrieval_error_rate", "reader_error_rate")
        )
        if not figures.has_transcripts(arm) or reference is None or hypothesis is None or lost is None:
            continue
        of = f"{figures.name(arm)}: {count(reference)} of {utterances(lost):.0f} utterances"
        yield (
            f"{of} are answered exactly from the reference text and {count(hypothesis)} from the hypothesis; of {count(lost)} "
            f"answers lost {count(by_retrieval)} are retrieval errors and {count(by_reader)} reader errors"
            f"{_failed(report, arm, retriever)}."
        )
        if reference.value is not None and reference.value < _FEW_RIGHT:
            yield (
                f"{figures.name(arm)}: the answerer is right for fewer than half of the reference texts, so reader errors say "
                f"little about recognition."
            )


def _failed(report: Report, arm: Arm, retriever: str) -> str:
    """Return what there is to say of an answerer that failed: those answers count as wrong."""
    reference, hypothesis = (
        report.figures.row(arm, "answer_error_rate", source, retriever) for source in ("reference", "hypothesis")
    )
    if count(reference) in ("0", "?") and count(hypothesis) in ("0", "?"):
        return ""
    return (
        f" (the answerer failed on {count(reference)} reference texts and {count(hypothesis)} hypotheses, which count as not "
        f"answered)"
    )
