"""Worker processes by themselves: deaths between two batches, and an end that leaves nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.asr.conditions import build as build_condition
from harness.asr.conditions import parse_condition
from harness.asr.protocol import BackendContext, parse_backend
from harness.records import Failure, Transcript
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.local import LocalExecutor, LocalWorkers
from harness.runs.execution.protocol import Outcome
from harness.runs.execution.recogniser import Batch, Done, Recogniser, Task
from harness.suites.load import load_suite
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import Faulty


@pytest.fixture
def recogniser(write_suite: WriteSuite, tmp_path: Path) -> Recogniser:
    suite = load_suite(voiced_suite(write_suite))
    clean = {"clean": build_condition(parse_condition("clean"))}
    spec = parse_backend(
        f"faulty:exits,label=f,log={tmp_path / 'log'},on=okapi.b,trouble={tmp_path / 'trouble'},nap=0.01"
    )
    (tmp_path / "trouble").touch()
    return Recogniser(
        AudioSource(suite.root, suite.utterances, clean, 7),
        {"f": Faulty(spec, BackendContext(suite.root, suite.language))},
        None,
    )


@pytest.fixture
def workers(recogniser: Recogniser) -> Iterator[LocalWorkers]:
    made = LocalExecutor(1).start(recogniser)
    yield made
    made.stop()
    assert not multiprocessing.active_children()


def batches(recogniser: Recogniser) -> list[Batch]:
    return [Batch((Task(utterance, "clean", "f"),), ("0" * 64,)) for utterance in recogniser.audio.utterances]


def outcome(workers: LocalWorkers) -> Outcome:
    for _ in range(600):
        if found := workers.wait(0.2):
            return found[0]
    raise AssertionError("nothing came back")


def test_a_worker_that_dies_between_two_batches_costs_nothing(workers: LocalWorkers, recogniser: Recogniser) -> None:
    first, second, *_ = batches(recogniser)
    workers.submit(first)
    assert isinstance(outcome(workers).done, Done)
    (process,) = multiprocessing.active_children()
    os.kill(process.pid or 0, signal.SIGKILL)
    while process.is_alive():
        time.sleep(0.01)
    workers.submit(second)
    found = outcome(workers)
    assert found.batch is second
    assert isinstance(found.done, Done)
    assert isinstance(found.done.results[0].result, Transcript)


def test_only_the_batch_at_work_is_blamed(workers: LocalWorkers, recogniser: Recogniser) -> None:
    *others, bad = batches(recogniser)
    workers.submit(bad)
    workers.submit(others[0])
    assert not workers.has_room
    found = outcome(workers)
    assert (found.batch, found.done) == (
        bad,
        Failure("recognise", "WorkerDied", "the worker process ended with exit status 7"),
    )
    found = outcome(workers)
    assert found.batch is others[0]
    assert isinstance(found.done, Done)
    assert workers.at_work == 0


def test_a_batch_that_was_never_begun_by_a_worker_that_never_lived_is_given_up(
    workers: LocalWorkers, recogniser: Recogniser
) -> None:
    first, *_ = batches(recogniser)
    workers.submit(first)
    (process,) = multiprocessing.active_children()
    os.kill(process.pid or 0, signal.SIGKILL)
    found = outcome(workers)
    assert found.batch is first
    assert isinstance(found.done, Failure)
    assert found.done.type == "WorkerDied"


@pytest.mark.parametrize("how", ["script", "standard input"])
def test_a_program_without_a_guard_is_not_run_again_in_every_worker(how: str, tmp_path: Path) -> None:
    program = (
        "import harness\n"
        "result = harness.run('demo', backends=['pocketsphinx,preset=fast'], limit=2, jobs=2, out='run')\n"
        "print('samples:', result.planned, 'failed:', result.errors)\n"
    )
    script = tmp_path / "mine.py"
    script.write_text(program)
    command, text = ([sys.executable, str(script)], None) if how == "script" else ([sys.executable, "-"], program)
    done = subprocess.run(command, input=text, text=True, capture_output=True, cwd=tmp_path, check=False, timeout=120)
    assert done.stdout == "samples: 2 failed: 0\n", done.stderr


def test_a_model_that_changes_while_the_run_goes_on_is_refused(recogniser: Recogniser, tmp_path: Path) -> None:
    """Its transcripts would be kept under the name of the model that was there before."""
    weights = tmp_path / "weights"
    weights.write_text("old")
    backend = recogniser.backends["f"]
    assert isinstance(backend, Faulty)
    backend.options["weights"] = str(weights)
    recogniser.know(["f"])
    first, second, *_ = batches(recogniser)
    workers = LocalExecutor(1).start(recogniser)
    try:
        workers.submit(first)
        assert isinstance(outcome(workers).done, Done)
        weights.write_text("new")
        (process,) = multiprocessing.active_children()
        os.kill(process.pid or 0, signal.SIGKILL)  # the next one loads the model again
        while process.is_alive():
            time.sleep(0.01)
        workers.submit(second)
        done = outcome(workers).done
    finally:
        workers.stop()
    assert isinstance(done, Done)
    failure = done.results[0].result
    assert isinstance(failure, Failure)
    assert failure.message.startswith("f: its model changed while the run was going on (weights: old then, new now).")
    assert "begin another run" in failure.message
