"""What the answerer answers from the reference text and from the hypothesis, and which errors cost the answers."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.summary import Row
from harness.report.model import Arm, Report
from harness.report.numbers import count, utterances
from harness.report.sections.reach import LEAST, in_snippets, reach_sentences, reaches
from harness.report.tables import Section, family_tables


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
    yield from reach_sentences(figures, retriever)
    is_judge = "sees_accepted_answers" in (report.record.answerer or {})
    says_reach = is_judge or bool(reaches(figures, retriever))
    for arm in figures.arms:
        reference, hypothesis = (figures.row(arm, "exact_match", s, retriever) for s in ("reference", "hypothesis"))
        lost = figures.row(arm, "answers_lost", None, retriever)
        if not figures.has_transcripts(arm) or reference is None or hypothesis is None or lost is None:
            continue
        of = f"{figures.name(arm)}: {count(reference)} of {utterances(lost):.0f} utterances"
        yield (
            f"{of} are answered exactly from the reference text and {count(hypothesis)} from the hypothesis"
            f"{_in_any_notation(report, arm, retriever)}; {_lost(report, arm, retriever)}{_failed(report, arm, retriever)}."
        )
        if told := in_snippets(figures, arm, retriever):
            yield told
        # Runs of earlier versions do not tell what the reader was shown.
        if not says_reach and reference.value is not None and reference.value < LEAST:
            yield (
                f"{figures.name(arm)}: the answerer is right for fewer than half of the reference texts, so reader errors say "
                f"little about recognition."
            )


def _lost(report: Report, arm: Arm, retriever: str) -> str:
    """Return how many answers are lost, and how many of them to retrieval and to the reader."""
    lost, by_retrieval, by_reader = (
        report.figures.row(arm, name, None, retriever)
        for name in ("answers_lost", "retrieval_error_rate", "reader_error_rate")
    )
    if count(lost) == "0":
        return "no answer is lost"
    answers = "1 answer" if count(lost) == "1" else f"{count(lost)} answers"
    return (
        f"of {answers} lost {count(by_retrieval)} {_are(by_retrieval, 'retrieval')} (no snippet that bears the answer was "
        f"retrieved) and {count(by_reader)} {_are(by_reader, 'reader')} (one was, and the reader failed)"
    )


def _are(row: Row | None, which: str) -> str:
    return f"is a {which} error" if count(row) == "1" else f"are {which} errors"


def _in_any_notation(report: Report, arm: Arm, retriever: str) -> str:
    """Return how many are right where notation does not count, if that is another number."""
    strict, any_notation = (
        [count(report.figures.row(arm, name, source, retriever)) for source in ("reference", "hypothesis")]
        for name in ("exact_match", "match_any_notation")
    )
    if any_notation == strict or "?" in any_notation:
        return ""
    return f" ({any_notation[0]} and {any_notation[1]} in any notation)"


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
