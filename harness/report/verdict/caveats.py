"""What to keep in mind when reading the verdict: guessed names, possible typos of the reference, what was removed from
hypotheses, a weak reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.report.sections.reach import LEAST, reach_sentences
from harness.report.verdict.case import Case
from harness.report.verdict.records import Finding
from harness.report.verdict.wording import quotable, share
from harness.words.text.nonspeech import removed_in_words

_SHOWN = 8


def caveats(case: Case) -> Iterator[Finding]:
    """One finding with all of them; none where there is nothing to say."""
    typos = _typos(case.report.summary.possible_typos)
    sentences = [*_guessed(case), *typos, *_not_speech(case), *_weak_reader(case)]
    if sentences:
        yield case.finding("Caveats", sentences)


def _guessed(case: Case) -> Iterator[str]:
    if case.report.rules.guessed_names:
        n = case.report.record.entity_sources.get("rule", 0)
        yield (
            f"The suite annotates no entities in {n} questions: their names are guessed by a rule (capitalised, or unknown to "
            "the list of common words), and with them entity recall and rare entity words."
        )


def _typos(typos: Mapping[str, str]) -> Iterator[str]:
    if not typos:
        return
    told = [f"{word} ({commoner}?)" for word, commoner in typos.items()]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    yield f"Possible typos of the reference, which count as rare words: {', '.join(told[:_SHOWN])}{more}."


def _not_speech(case: Case) -> Iterator[str]:
    for counted in case.report.summary.not_speech:
        if counted.condition == case.condition:
            n = sum(counted.removed.values())
            things = "1 thing that is not speech was" if n == 1 else f"{n:,} things that are not speech were"
            yield (
                f"From {counted.n_affected:,} of {counted.n_transcripts:,} transcripts of {counted.backend}, {things} removed "
                f"before scoring: {removed_in_words(counted.removed)}."
            )


def _weak_reader(case: Case) -> Iterator[str]:
    """Where answers are not the outcome, which says so itself, that they cannot judge; in runs of earlier versions, that the
    answerer is seldom right.
    """
    if case.reach is not None:
        if not case.report.rules.reads and case.reach.is_too_low:
            yield from reach_sentences(case.figures, case.retriever, case.condition)
        return
    metric = case.figures.metric("exact_match")
    row = case.row(case.fullest, "exact_match", "reference") if case.arms else None
    if row is not None and row.value is not None and row.value < LEAST and quotable(row, metric):
        yield (
            f"From the reference text, the answerer is right for {share(row, metric)}: with so weak a reader, reader errors "
            "mean little."
        )
