"""Backends and answerers that refuse everything, or only some: how many requests it takes, and what becomes of the rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
import soundfile

import harness
from harness.analysis.failures import cause_of
from harness.answering.protocol import Reading
from harness.records import Answer, Failure, Sample
from harness.runs import runner
from harness.runs.execution.circuit import Circuit, Patience
from harness.runs.execution.guarded_answerer import GuardedAnswerer
from harness.runs.result import RunResult
from harness.runs.storage.store import RunStore
from tests import loopback
from tests.conftest import QUESTIONS, WriteSuite, write_lines
from tests.loopback import Server, send

N = 24
Rule = Callable[[int, int], tuple[int, object]]  # number of the request and bytes of it: status and body


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(runner, "Patience", partial(Patience, first_pause=0.01))


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """Recordings of different lengths, the first half of the plan being the longest ones."""
    questions = [{**QUESTIONS[number % 4], "id": f"q{number:02}"} for number in range(N)]
    root = write_suite(questions=questions, hypotheses={str(q["id"]): str(q["text"]) for q in questions})
    utterances = []
    for number, question in enumerate(questions):
        seconds = 0.8 if number < N // 2 else 0.1
        samples = np.random.default_rng(number).uniform(-1, 1, round(16_000 * seconds)).astype(np.float32)
        soundfile.write(root / f"{number}.wav", samples, 16_000, subtype="PCM_16")
        utterances.append({"id": f"{question['id']}.a", "question_id": question["id"], "audio": f"{number}.wav"})
    write_lines(root / "utterances.jsonl", utterances)
    return root


def serving(rule: Rule) -> Iterator[Server[int]]:
    def act(handler: BaseHTTPRequestHandler, number: int) -> None:
        status, body = rule(number, server.received[number])
        send(handler, body, status)

    with loopback.serving(act, lambda request: len(request.body)) as server:
        yield server


def run(suite: Path, folder: Path, rule: Rule) -> tuple[RunResult, list[int], dict[str, Sample]]:
    """The run with one backend at such a server and a good one, the sizes of what the server got, and the samples."""
    for server in serving(rule):
        name = f"openai-api:m,url={server.url},retries=0,label=asked"
        result = harness.run(suite, backends=[name, "replay:perfect"], answerer="none", out=folder, jobs=2)
        samples = RunStore(folder).read_samples(["asked", "replay:perfect"])
        received = list(server.received)
    return result, received, samples


GOOD = 200, {"text": "where does the okapi live"}


@pytest.mark.parametrize(
    ("status", "body", "requests"),
    [
        (401, lambda n: {"error": {"message": f"Incorrect API key, request req_{n}x{n * n} at 12:{n:02}:01"}}, 5),
        (404, lambda n: {"detail": "no such model"}, 5),
        (400, lambda n: f"bad request {n}".encode(), 10),
        (413, lambda n: f"{n}00 bytes are too many".encode(), 10),
        (200, lambda n: {"error": {"message": f"quota of {n} used up"}}, 10),
    ],
)
def test_a_backend_that_refuses_everything_is_stopped_and_the_others_go_on(
    suite: Path, tmp_path: Path, status: int, body: Callable[[int], object], requests: int
) -> None:
    result, received, samples = run(suite, tmp_path / "run", lambda n, size: (status, body(n)))
    assert len(received) == requests
    assert (result.exit_status, result.record.status, result.errors, result.planned) == (3, "partial", N, 2 * N)
    assert result.record.work["asked"].circuit_opened == 1
    failed = [s.error for s in samples.values() if s.backend == "asked" and s.error is not None]
    not_tried = [error for error in failed if error.type == "CircuitOpen"]
    assert (len(failed), len(not_tried)) == (N, N - requests)
    assert f"not tried, since the backend gave {requests} refusals alike. The last time: " in not_tried[-1].message
    assert f"status {status}" in cause_of(not_tried[-1]).message
    wer = {row.backend: row for row in result.summary.rows if (row.metric, row.group) == ("wer", "all")}
    assert (wer["asked"].n_planned, wer["asked"].n_error) == (N, N)
    assert (wer["replay:perfect"].n_planned, wer["replay:perfect"].n_error) == (N, 0)


def test_what_is_too_large_costs_those_recordings_only(suite: Path, tmp_path: Path) -> None:
    """The first twelve of the plan are refused for their size: the shortest that is left tells that not all are."""
    rule: Rule = lambda n, size: (413, b"too large") if size > 20_000 else GOOD  # noqa: E731
    result, received, samples = run(suite, tmp_path / "run", rule)
    assert len(received) == N
    assert received.index(min(received)) == 5
    errors = Counter(s.error.type for s in samples.values() if s.error is not None)
    assert errors == {"Rejected": N // 2}
    assert result.errors == N // 2


def test_after_a_success_only_the_key_the_model_and_the_address_stop_a_backend(suite: Path, tmp_path: Path) -> None:
    for status, requests in ((400, N), (401, 3 + 5)):
        _, received, samples = run(
            suite, tmp_path / str(status), lambda n, size, status=status: GOOD if n < 3 else (status, b"no")
        )
        assert requests <= len(received) <= requests + 4 * (requests < N)  # what was on its way
        assert sum(s.status == "ok" for s in samples.values() if s.backend == "asked") == 3


def test_refusals_that_differ_are_the_recordings_own(suite: Path, tmp_path: Path) -> None:
    words = ["no", "none", "nothing", "never"]
    _, received, samples = run(suite, tmp_path / "run", lambda n, size: (400, words[n % 4].encode()))
    assert len(received) == N
    assert {s.error.type for s in samples.values() if s.error} == {"Rejected"}


def test_the_same_command_goes_on_when_the_key_is_right(suite: Path, tmp_path: Path) -> None:
    right: list[bool] = []
    answered = []

    def act(handler: BaseHTTPRequestHandler, number: int) -> None:
        answered.append(number)
        send(handler, *reversed(GOOD)) if right else send(handler, b"bad key", 401)

    with loopback.serving(act, lambda _: None) as server:
        backend = f"openai-api:m,url={server.url},label=asked"
        stopped = harness.run(suite, backends=[backend], answerer="none", out=tmp_path / "run", jobs=2)
        assert (stopped.errors, len(answered)) == (N, 5)
        right.append(True)
        again = harness.run(suite, backends=[backend], answerer="none", out=tmp_path / "run", jobs=2)
    assert (again.exit_status, again.errors, len(answered)) == (0, 0, 5 + N)


def test_a_program_that_fails_alike_on_everything_is_stopped_too(suite: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = f"sh -c 'echo $0 >> {log}; echo no model >&2; exit 3' {{audio}}"
    result = harness.run(
        suite, backends=[f"command,run={line},label=own"], answerer="none", out=tmp_path / "run", jobs=1
    )
    assert 10 <= len(log.read_text().splitlines()) <= 12  # two are on their way while the fifth comes back
    failed = [s.error for s in RunStore(tmp_path / "run").read_samples(["own"]).values() if s.error is not None]
    assert {cause_of(error).message for error in failed} == {"sh ended with exit status 3, expected 0: no model"}
    assert result.errors == N


# ---- answerers


def test_an_answerer_that_refuses_is_asked_five_times(suite: Path, tmp_path: Path) -> None:
    with loopback.serving(lambda handler, n: send(handler, {"error": f"bad key {n}"}, 401), lambda _: None) as server:
        answerer = f"openai-api:m,url={server.url},retries=0"
        result = harness.run(suite, backends=["replay:vendor"], answerer=answerer, out=tmp_path / "run", jobs=1)
    assert len(server.received) == 5
    assert result.exit_status == 3
    rates = {r.source: r for r in result.summary.rows if (r.metric, r.group) == ("answer_error_rate", "all")}
    assert {source: row.value for source, row in rates.items()} == {"reference": 1.0, "hypothesis": 1.0}
    wer = next(row for row in result.summary.rows if (row.metric, row.group) == ("wer", "all"))
    assert (wer.n_error, wer.n_scored) == (0, N), "the transcripts are good"


class Table:
    """Answers by a rule; what it was asked is kept."""

    is_judge = False
    depth = 2

    def __init__(self, rule: Callable[[int], Failure | None]) -> None:
        self.rule = rule
        self.sizes: list[int] = []

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        self.sizes.append(len(readings))
        before = sum(self.sizes[:-1])
        return [Answer("", error=self.rule(before + n)) for n in range(len(readings))]


def refused(status: int) -> Failure:
    return Failure("answer", "Rejected", f"POST http://h: status {status}, expected 200; the server says: no")


READINGS = [Reading(f"question {n}", ()) for n in range(40)]


def test_an_answerer_that_works_gets_whole_batches() -> None:
    table = Table(lambda n: None)
    guarded = GuardedAnswerer(table, Patience())
    assert len(guarded.answer(READINGS)) == len(guarded.answer(READINGS)) == 40
    assert table.sizes == [5, 35, 40]


def test_a_refusal_that_may_be_the_questions_own_is_tried_on_ten() -> None:
    table = Table(lambda n: refused(400))
    answers = GuardedAnswerer(table, Patience()).answer(READINGS)
    assert table.sizes == [5, 1, 1, 1, 1, 1]
    assert [answer.error.type for answer in answers if answer.error] == ["Rejected"] * 10 + ["CircuitOpen"] * 30
    assert "not tried, since the answerer gave 10 refusals alike" in str(answers[-1].error)
    some = Table(lambda n: refused(400) if n < 9 else None)
    assert sum(answer.error is not None for answer in GuardedAnswerer(some, Patience()).answer(READINGS)) == 9


def test_an_answerer_that_is_down_is_waited_for() -> None:
    down = Failure("answer", "Unavailable", "no connection")
    naps: list[float] = []
    table = Table(lambda n: down if n < 6 else None)
    answers = GuardedAnswerer(table, Patience(first_pause=0.01), naps.append).answer(READINGS)
    assert sum(answer.error is not None for answer in answers) == 6
    assert max(naps) > 0
    dead = Table(lambda n: down)
    answers = GuardedAnswerer(dead, Patience(first_pause=0.01, longest_pause=0.01)).answer(READINGS)
    assert dead.sizes == [5, 1, 1, 1], "and given up after three probes"
    assert json.dumps([str(answer.error) for answer in answers]).count("no connection") == 40


# ---- the rule by itself


def test_what_counts_as_the_same_refusal() -> None:
    def stops(*messages: str) -> bool:
        circuit = Circuit(Patience())
        for text in messages:
            circuit.sent()
            circuit.failed(Failure("recognise", "Rejected", text))
        return circuit.refuses

    line = "POST http://h:8000/v1: status {}, expected 200; the server says: {}"
    assert stops(*(line.format(401, f"key sk-{n}ab… is wrong (id 0f3{n}-77, 2026-01-0{n}T10:00)") for n in range(5)))
    assert not stops(*(line.format(401, "key is wrong") for n in range(4)))
    assert not stops(*(line.format(401 + 2 * (n % 2), "no") for n in range(9)))
    assert not stops(*(line.format(401, "no" if n % 2 else "never") for n in range(9)))
    assert not stops(*(line.format(400, "no") for n in range(5)))
    assert not stops(*("status 401" if n != 2 else "" for n in range(6)))


def test_a_recording_that_cannot_be_read_says_nothing_of_the_backend() -> None:
    circuit = Circuit(Patience())
    for _ in range(30):
        circuit.sent()
        circuit.failed(Failure("load", "AudioError", "status 401"))
    assert (circuit.refuses, circuit.doubtful, circuit.wait()) == (False, False, 0)
