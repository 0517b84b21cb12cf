"""A run with another executor than the processes of this machine: the seam for one that spreads over several."""

from __future__ import annotations

import pickle
from collections import deque
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

import harness
from harness.errors import UsageError
from harness.records import Failure, Sample, Seconds
from harness.runs import runner
from harness.runs.execution.circuit import Patience
from harness.runs.execution.protocol import Outcome
from harness.runs.execution.recogniser import Batch, Phase, Recogniser
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install


@dataclass
class InPlace:
    """Recognises in this very process. The first `deaths` batches are lost with their worker."""

    deaths: int = 0
    pickled: bytes = b""
    submitted: list[Batch] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    waiting: deque[Batch] = field(default_factory=deque)
    stopped: int = 0

    def start(self, recogniser: Recogniser) -> InPlace:
        self.pickled = pickle.dumps(recogniser)
        return self

    @property
    def at_work(self) -> int:
        return len(self.waiting)

    @property
    def has_room(self) -> bool:
        return len(self.waiting) < 3

    def submit(self, batch: Batch) -> None:
        self.submitted.append(batch)
        self.waiting.append(batch)

    def wait(self, timeout: Seconds) -> list[Outcome]:
        if not self.waiting:
            return []
        batch = self.waiting.pop()  # not the oldest: they may come back in any order
        if self.deaths:
            self.deaths -= 1
            return [Outcome(batch, Failure("recognise", "WorkerDied", "the machine went away"))]
        recogniser: Recogniser = pickle.loads(self.pickled)
        return [Outcome(batch, recogniser.work(batch, self.phases.append))]

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def suite(write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))
    monkeypatch.setattr(runner, "Patience", partial(Patience, first_pause=0.05))
    return voiced_suite(write_suite)


def backend(tmp_path: Path) -> str:
    return f"faulty:none,label=f,log={tmp_path / 'log'}"


def samples_of(result: harness.RunResult) -> list[Sample]:
    return [replace(sample, timings={}) for sample in result.stored.samples.values()]


def test_a_run_with_another_executor_is_the_same_run(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / "local", jobs=2)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "another"))
    executor = InPlace()
    result = harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / "run", executor=executor)
    assert samples_of(result) == samples_of(local)
    assert {s.status for s in samples_of(result)} == {"ok"}
    assert [task.utterance.id for batch in executor.submitted for task in batch.tasks] == [
        planned.utterance_id for planned in result.stored.plan
    ]
    assert {phase.what for phase in executor.phases} >= {"the model was not loaded", "no transcript"}
    assert executor.stopped == 1


def test_what_the_cache_has_goes_to_no_executor(suite: Path, tmp_path: Path) -> None:
    first, second = InPlace(), InPlace()
    for out, executor in (("first", first), ("second", second)):
        result = harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / out, executor=executor)
        assert result.exit_status == 0
    assert len(first.submitted) == result.planned
    assert second.submitted == []
    assert second.stopped == 1


def test_a_batch_that_was_lost_elsewhere_is_tried_again(suite: Path, tmp_path: Path) -> None:
    executor = InPlace(deaths=2)
    result = harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / "run", executor=executor)
    assert result.exit_status == 0
    assert len(executor.submitted) == result.planned + 2
    assert (result.record.work["f"].retried, result.record.work["f"].recovered) == (2, 2)


def test_an_executor_is_stopped_when_the_run_is(suite: Path, tmp_path: Path) -> None:
    def stop(done: int, planned: int, sample: Sample) -> None:
        raise KeyboardInterrupt

    executor = InPlace()
    with pytest.raises(KeyboardInterrupt):
        harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / "run", executor=executor, progress=stop)
    assert executor.stopped == 1
    assert executor.waiting, "the run was stopped in the middle"


def test_jobs_and_an_executor_are_one_too_many(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Give one of the two"):
        harness.run(suite, backends=[backend(tmp_path)], out=tmp_path / "run", executor=InPlace(), jobs=2)
