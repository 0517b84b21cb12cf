"""Can this suite tell backends apart at all: what the reference reaches, what failed, and what the suite lacks."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.rules import OF_ANSWERS
from harness.report.numbers import FEWEST
from harness.report.sections.reach import reach_sentences
from harness.report.sections.recognition import runaway_sentences
from harness.report.verdict.case import Case, n_of
from harness.report.verdict.records import Finding
from harness.report.verdict.wording import out_of, share

_SUGGESTED = ("hit@5", "hit@10", "answer")  # outcomes that a spec can name instead
_SUGGESTED_BY_TEXT = (
    "has_answer@5",
    "has_answer@10",
    "answer",
)  # the same where the suite does not say what is relevant


def can_tell(case: Case) -> Iterator[Finding]:
    """The outcome from the reference, with failed samples and transcripts that ran away."""
    sentences = [
        *(_reference(case) if case.is_judged else _not_judged(case)),
        *_missing_samples(case),
        *_runaways(case),
    ]
    if sentences:
        told = case.is_judged and not case.by_outcome and not case.by_snippets  # in the headline
        expected = (2 if told else 1) + bool(case.report.rules.reads and case.reach and not case.reach.is_too_low)
        warns = len(sentences) > expected or not case.is_judged
        yield case.finding("Can this suite tell?", sentences, searched=False, in_short=warns)


def reached(case: Case) -> str:
    """Return what the reference reaches, as a number: `2 of 60 questions`."""
    row = case.row(case.fullest, case.outcome.name, "reference")
    if case.outcome.unit == "share":
        return out_of(row)
    return f"{case.reached_questions} of {row.n_questions or n_of(row) if row else 0} questions"


def suggestion(case: Case) -> str:
    """Return the stored outcome that the reference reaches most, with the line of a spec that asks for it."""
    best = max(_other_outcomes(case), key=lambda one: one[1], default=None)
    row = case.row(case.fullest, case.outcome.name, "reference")
    n_questions = (row.n_questions or n_of(row)) if row else 0
    if n_questions and case.reached_questions == n_questions:
        return "The reference reaches it for all of them: it takes more questions."
    remedy = "it takes more questions, or snippets that bear their answers."
    if best is None or best[1] <= case.reached_questions:
        return f"No other outcome of this run is reached for more of them: {remedy}"
    outcome, reached_by_it, told = best
    if reached_by_it < FEWEST:
        return f"The most that the reference reaches is {outcome}, for {told}, too few as well: {remedy}"
    return f'The reference reaches {outcome} for {told}. Set `outcome = "{outcome}"` in the spec.'


def _other_outcomes(case: Case) -> Iterator[tuple[str, int, str]]:
    """Outcome, how many questions reach it, and that in words."""
    for outcome in _SUGGESTED_BY_TEXT if case.report.rules.by_text else _SUGGESTED:
        metric = case.figures.metric(OF_ANSWERS.get(outcome, outcome))
        row = case.row(case.fullest, metric.name, "reference")
        if row is not None and row.value is not None:
            yield outcome, round(row.value * (row.n_questions or n_of(row))), share(row, metric)


def _reference(case: Case) -> Iterator[str]:
    row = case.row(case.fullest, case.outcome.name, "reference")
    does = f"the answerer gives, with {case.retriever}," if case.report.rules.reads else f"{case.retriever} puts"
    is_share = case.outcome.unit == "share"
    yield (
        f"From the reference text, {does} {case.report.rules.reached} for "
        f"{share(row, case.outcome) if is_share else reached(case)}."
    )
    if not is_share:
        yield f"Its {case.outcome.heading} is {share(row, case.outcome)}."
    if case.report.rules.reads:
        yield from reach_sentences(case.figures, case.retriever, case.condition)
    if case.by_snippets:
        yield f'Set `outcome = "{case.by.name}"` in the spec to see which errors cost these.'
        return
    n_questions = (row.n_questions or n_of(row)) if row is not None else 0
    if case.reached_questions < FEWEST:
        yield f"Fewer than {FEWEST} are too few to tell backends apart by {case.outcome.heading}."
    elif 2 * case.reached_questions < n_questions:
        yield (
            f"Of the other {n_questions - case.reached_questions} questions, {case.outcome.heading} shows no loss, whatever is "
            f"misrecognised. {suggestion(case)}"
        )


def _missing_samples(case: Case) -> Iterator[str]:
    """Samples that failed, or are not there, of backends that have transcripts."""
    for arm in case.arms:
        row = case.row(arm, "wer")
        if row is None:
            continue
        if row.n_error:
            counted = "count as wrong" if case.report.runs[0].spec.missing == "count" else "are left out"
            yield f"{row.n_error} of {row.n_planned} samples of {arm[0]} failed; they {counted}."
        if row.n_missing:
            yield f"{row.n_missing} of {row.n_planned} samples of {arm[0]} are missing: the run is not finished."


def _runaways(case: Case) -> Iterator[str]:
    """Transcripts that ran away, which decide a WER, and the WER without what they inserted."""
    if case.figures.ran_away:
        yield from runaway_sentences(case.report.samples, case.figures, case.condition)


def what_is_missing(case: Case) -> Iterator[Finding]:
    """What the suite lacks, and the line that adds it."""
    sentences = [*_no_answers(case), *_no_audio(case)]
    if sentences:
        yield Finding("What does this suite lack?", " ".join(sentences))


def _not_judged(case: Case) -> Iterator[str]:
    """Why the outcome is not known, and the line that adds what it takes."""
    if case.retriever is None:
        yield (
            "The suite has no snippets, so nothing was searched: it tells only how well words are recognised. `harness web "
            "collect SUITE --provider searxng --url URL --out DIR` collects them."
        )
    elif case.report.rules.reads or case.report.rules.by_text:
        yield (
            "No question has accepted answers (`answers` in questions.jsonl), so the run tells only how well words are "
            "recognised."
        )
    else:
        yield (
            "No question says which snippets are relevant (`snippet_ids` in questions.jsonl), so the run tells only how well "
            "words are recognised."
        )


def _no_answers(case: Case) -> Iterator[str]:
    questions = case.report.questions.values()
    if questions and not any(question.answers for question in questions):
        yield "The suite has no accepted answers: add the field `answers` to questions.jsonl to have answers judged."


def _no_audio(case: Case) -> Iterator[str]:
    utterances = case.report.utterances.values()
    if utterances and not any(utterance.audio for utterance in utterances):
        yield "The suite has no audio: only recorded transcripts can be compared (backend `replay`)."
