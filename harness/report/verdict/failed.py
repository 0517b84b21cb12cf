"""Backends without a single transcript, and samples and answers that failed, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.analysis.failures import cause_of
from harness.report.verdict.case import Case, as_number, n_of
from harness.report.verdict.records import Finding

_LONGEST_REASON = 160  # characters


def dead_headlines(case: Case) -> list[str]:
    """What the headline may begin with, the fullest first; empty where every backend has transcripts."""
    if not case.dead:
        return [""]
    if len(case.dead) > 1:
        return [f"{len(case.dead)} backends transcribed nothing. ", ""]
    return [f"{case.dead[0]} transcribed nothing. ", "One backend transcribed nothing. ", ""]


def dead_sentences(case: Case) -> Iterator[str]:
    """Why each backend without a transcript has none; it takes no part in the verdict."""
    for label in case.dead:
        failures, n = _failures(case, label)
        if n:
            yield f"{label} takes no part: all of its {n} samples failed{where(case)} ({most_frequent_error(failures)})."
        else:
            yield f"{label} takes no part: it has no finished sample{where(case)}."


def what_failed(case: Case) -> Iterator[Finding]:
    """Failed samples of the backends that have transcripts, and answers that the answerer did not give."""
    sentences = [*_samples(case), *_answers(case)]
    if sentences:
        yield case.finding("What failed?", sentences)


def _samples(case: Case) -> Iterator[str]:
    for arm in case.arms:
        row = case.row(arm, "wer")
        if row is not None and row.n_error:
            failures, n = _failures(case, arm[0])
            yield f"{arm[0]}: {n} of {row.n_planned} samples, most often {most_frequent_error(failures)}."


def _answers(case: Case) -> Iterator[str]:
    for arm in case.arms:
        rows = [(source, case.row(arm, "answer_error_rate", source)) for source in ("reference", "hypothesis")]
        failed = [(source, row) for source, row in rows if row is not None and as_number(row)]
        if failed:
            told = " and ".join(f"{as_number(row)} of {n_of(row)} from the {source}" for source, row in failed)
            yield f"The answerer failed on {told} ({arm[0]}); these count as not answered."


def _failures(case: Case, label: str) -> tuple[Counter[tuple[str, str]], int]:
    """How often each error came up, by type and message, and the number of failed samples."""
    errors = [
        s.error
        for s in case.report.samples
        if s.error is not None and (s.backend, s.condition) == (label, case.condition)
    ]
    causes = [cause_of(error) for error in errors]
    return Counter((cause.type, cause.message) for cause in causes), len(errors)


def most_frequent_error(failures: Counter[tuple[str, str]]) -> str:
    """Return the most frequent error in words: `Rejected: POST http://...: status 404`."""
    if not failures:
        return "for a reason that is not stored"
    (kind, message), _ = failures.most_common(1)[0]
    text = " ".join(message.split()).rstrip(".")
    return f"{kind}: {text if len(text) <= _LONGEST_REASON else f'{text[:_LONGEST_REASON].rstrip()} ...'}"


def where(case: Case) -> str:
    """The condition, where the run has several."""
    return case.where(searched=False)
