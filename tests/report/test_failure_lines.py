"""The first lines on the terminal: what failed, of how many, and why."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest

from harness.records import Answer, Failure, Sample
from harness.report.failure_lines import brief, failure_lines
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.terminal import print_run
from tests.conftest import GoldenRun
from tests.report.altered import of

_REFUSED = "POST http://h:8000/v1/audio/transcriptions: status {}, expected 200; the server says: {}"


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (("Rejected", _REFUSED.format(401, "Incorrect API key provided. Check the API key in the environment")),
         '401 Unauthorized: "Incorrect API key provided"'),
        (("Rejected", _REFUSED.format(413, "too: large")), '413 Request Entity Too Large: "too: large"'),
        (("Unavailable", _REFUSED.format(503, "busy (tried 4 times) (the sample was tried 2 times)")), '503 Service Unavailable: "busy"'),
        (("Rejected", _REFUSED.format(499, "gone")), '499: "gone"'),
        (("BadResponse", 'POST http://h: status 200: expected JSON with a field \'text\' that holds the transcript: Object missing '
          'required field `text`. It is an error: "no quota" (the sample was tried 2 times)'), '200 OK, but an error: "no quota"'),
        (("BadResponse", 'POST http://h: status 200, and an error: "no quota"'), '200 OK, but an error: "no quota"'),
        (("BadResponse", "POST http://h: status 200: expected JSON: no. It is nothing"), "200 OK, but nothing"),
        (("Timeout", "no answer in 5 s: raise the option timeout."), "Timeout: no answer in 5 s: raise the option timeout"),
        (("NonZeroExit", "asr ended with exit status 3, expected 0: no model"), "NonZeroExit: asr ended with exit status 3, expected 0: no model"),
        (("ValueError", "x" * 500), f"ValueError: {'x' * 188} ..."),
    ],
)  # fmt: skip
def test_a_reason_in_few_words(failure: tuple[str, str], text: str) -> None:
    assert brief(Failure("recognise", *failure)).replace("Content Too Large", "Request Entity Too Large") == text


def terminal(report: Report) -> list[str]:
    console = Screen(file=StringIO(), width=200)
    print_run(console, report)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def with_errors(report: Report, backend: str, errors: list[Failure | None]) -> Report:
    """The report with these errors for the samples of a backend, in order."""
    (run,) = report.runs
    left = iter(errors)

    def altered(sample: Sample) -> Sample:
        error = next(left, None) if sample.backend == backend else None
        return sample if error is None else replace(sample, status="error", error=error)

    another = replace(run)
    another.__dict__["samples"] = {key: altered(sample) for key, sample in run.samples.items()}
    return replace(report, runs=(another,))


REFUSED = Failure("recognise", "Rejected", _REFUSED.format(401, "no such key"))
NOT_TRIED = Failure(
    "recognise", "CircuitOpen", f"not tried, since the backend gave 5 refusals alike. The last time: Rejected: {REFUSED.message}"
)  # fmt: skip
DOWN = Failure("recognise", "Timeout", "no answer in 5 s")


def test_the_first_line_on_the_terminal_says_what_failed_and_why(golden_run: GoldenRun) -> None:
    report = of(golden_run, "dead_backend")
    assert terminal(report)[0] == 'dead: 30 of 30 samples failed: 404 Not Found: "no such model"'
    stopped = with_errors(report, "base", [REFUSED] * 5 + [NOT_TRIED] * 25)
    assert sorted(terminal(stopped)[:2]) == [
        'base: 30 of 30 samples failed: 401 Unauthorized: "no such key" (25 were not tried any more)',
        'dead: 30 of 30 samples failed: 404 Not Found: "no such model"',
    ]
    mixed = with_errors(report, "base", [DOWN, None, REFUSED, DOWN])
    assert "base: 3 of 30 samples failed, 2 of them: Timeout: no answer in 5 s" in failure_lines(mixed)


def test_refusals_that_differ_in_numbers_are_one_reason(golden_run: GoldenRun) -> None:
    errors = [Failure("recognise", "Rejected", _REFUSED.format(404, f"no model (request {n}f)")) for n in range(4)]
    lines = list(failure_lines(with_errors(of(golden_run, "tie"), "base", [*errors, DOWN])))
    assert lines == ['base: 5 of 60 samples failed, 4 of them: 404 Not Found: "no model (request 0f)"']


def test_answers_that_failed_are_told_by_themselves(golden_run: GoldenRun) -> None:
    report = of(golden_run, "answers")
    (run,) = report.runs
    failed = Answer("", error=Failure("answer", "Rejected", _REFUSED.format(401, "no such key")))
    samples = {}
    for number, (key, sample) in enumerate(run.samples.items()):
        outcomes = {
            label: replace(outcome, hypothesis_answer=failed) if number < 3 else outcome
            for label, outcome in sample.retrieval.items()
        }
        samples[key] = replace(sample, retrieval=outcomes)
    another = replace(run)
    another.__dict__["samples"] = samples
    (line,) = failure_lines(replace(report, runs=(another,)))
    assert line.startswith("answerer ")
    assert " answers failed: 401 Unauthorized: " in line
    assert int(line.split(": ")[-3].split()[0]) == 3 * len(report.figures.retrievers)


@pytest.mark.parametrize("name", ["tie", "answers", "two_by_two"])
def test_nothing_is_said_where_nothing_failed(golden_run: GoldenRun, name: str) -> None:
    report = of(golden_run, name)
    assert list(failure_lines(report)) == []
    assert terminal(report)[0].startswith(report.record.suite["name"])
