"""What failed, in a line each: how many samples of which backend, or answers, and why. None where nothing failed.

These are the first lines that `harness run` prints of a run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from harness.analysis.failures import NOT_TRIED, cause_of, kind_of
from harness.records import Answer, Failure
from harness.report.model import Report

_LONGEST = 200  # characters of a reason
_TRIED = re.compile(r"(?: \((?:the sample was )?tried \d+ times\))+$")
_REFUSED = re.compile(
    r"\bstatus (\d{3}), expected 200; the server says: (.*?)(?:\. Check the API key in the environment)?", re.DOTALL
)
_NO_ANSWER = re.compile(
    r".*\bstatus 200\b.*?(?:\. It is|, and) ((?:an error|a web page|plain text|JSON): .*|nothing)", re.DOTALL
)


_PHRASES = {status.value: f" {status.phrase}" for status in HTTPStatus}


def failure_lines(report: Report) -> Iterator[str]:
    """Yield a line for each backend with failed samples, in the order of the run, then one for answers."""
    samples = report.samples
    for label in dict.fromkeys(sample.backend for sample in samples):
        errors = [sample.error for sample in samples if sample.backend == label and sample.error is not None]
        if errors:
            total = sum(sample.backend == label for sample in samples)
            yield f"{label}: {len(errors)} of {total} samples failed{_why(errors)}"
    answers = list(_answers(report))
    errors = [answer.error for answer in answers if answer.error is not None]
    if errors:
        yield f"{_answerer(report)}: {len(errors)} of {len(answers)} answers failed{_why(errors)}"


def brief(failure: Failure) -> str:
    """Return why something failed, in few words: `401 Unauthorized: "Incorrect API key"`, `Timeout: no answer in 5 s`."""
    message = _TRIED.sub("", " ".join(failure.message.split()))
    if refused := _REFUSED.fullmatch(message[message.find("status") :] if "status" in message else message):
        return f'{refused[1]}{_PHRASES.get(int(refused[1]), "")}: "{refused[2]}"'
    if no_answer := _NO_ANSWER.fullmatch(message):
        return f"200 OK, but {no_answer[1]}"
    text = f"{failure.type}: {message}".rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} ..."


def _why(errors: Sequence[Failure]) -> str:
    """Return the most frequent reason, how many have it where there are others, and how many were not even tried."""
    causes = [cause_of(error) for error in errors]
    kinds = Counter(kind_of(cause) for cause in causes)
    ((kind, n),) = kinds.most_common(1)
    cause = next(each for each in causes if kind_of(each) == kind)
    n_not_tried = sum(error.type == NOT_TRIED for error in errors)
    share = "" if n == len(errors) else f", {n} of them"
    return f"{share}: {brief(cause)}" + (f" ({n_not_tried} were not tried any more)" if n_not_tried else "")


def _answers(report: Report) -> Iterator[Answer]:
    """Yield every answer: those to a question's reference text once, however many samples it has."""
    known: set[tuple[str, str]] = set()
    for sample in report.samples:
        for retriever, outcome in sample.retrieval.items():
            if outcome.hypothesis_answer is not None:
                yield outcome.hypothesis_answer
            if outcome.reference_answer is not None and (sample.question_id, retriever) not in known:
                known.add((sample.question_id, retriever))
                yield outcome.reference_answer


def _answerer(report: Report) -> str:
    identity = report.record.answerer or {}
    name, model = identity.get("answerer", "answerer"), identity.get("model")
    return f"answerer {name}:{model}" if model else f"answerer {name}"
