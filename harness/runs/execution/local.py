"""Worker processes, each with a pipe of its own to this one, so that it is always known which works on what.

A worker that dies or is silent for too long costs the batch that it was working on and is replaced; what was waiting in
its pipe goes to the next. Ready-made pools share one queue among their workers: a death between two batches can break
the pool or leave a batch unanswered for ever, and they time a batch from its arrival, with the loading of the model in it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import connection
from threading import Thread
from time import monotonic, sleep
from types import ModuleType
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.records import Failure, Seconds
from harness.runs.execution.interrupt import deferred, unheeded
from harness.runs.execution.protocol import Outcome
from harness.runs.execution.recogniser import Batch, Phase, Recogniser

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

_LINE = 2  # batches: one at work, one waiting, so that no worker waits for this process to judge what it sent
_START_LIMIT: Seconds = 300.0  # from the start of a process, or of a batch, to its first sign of life
_UNBEGUN = Phase("no sign of life", _START_LIMIT)
_PARTING: Seconds = 2.0  # for a worker to end what it started (programs, temporary files) before it is killed


@dataclass
class _Worker:
    process: SpawnProcess
    line: Connection
    batches: deque[Batch] = field(default_factory=deque)
    phase: Phase = field(default_factory=lambda: _UNBEGUN)
    since: Seconds = field(default_factory=monotonic)
    proven: bool = False  # it has done something already

    def enters(self, phase: Phase) -> None:
        self.phase, self.since = phase, monotonic()

    @property
    def overdue_in(self) -> Seconds:
        return self.since + self.phase.limit - monotonic()


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Up to `jobs` processes of this machine."""

    jobs: int

    def start(self, recogniser: Recogniser) -> LocalWorkers:
        """Return workers that start when there is work for them."""
        return LocalWorkers(recogniser, self.jobs)


class LocalWorkers:
    """Up to `n` processes that recognise. They start when there is work for them; `stop` ends them."""

    def __init__(self, recogniser: Recogniser, n: int) -> None:
        self._recogniser, self._n = recogniser, n
        self._workers: list[_Worker] = []
        # Engines keep threads and locks that do not survive a fork.
        self._context = multiprocessing.get_context("spawn")

    @property
    def at_work(self) -> int:
        """Batches that have not come back."""
        return sum(len(worker.batches) for worker in self._workers)

    @property
    def has_room(self) -> bool:
        """Whether another batch may be submitted."""
        return self.at_work < self._n * _LINE

    def submit(self, batch: Batch) -> None:
        """Hand a batch to the worker with the least to do, a new one if all have some and there may be more."""
        worker = min(self._workers, key=lambda each: len(each.batches), default=None)
        if worker is None or (worker.batches and len(self._workers) < self._n):
            worker = self._start()
        if not worker.batches:
            worker.enters(_UNBEGUN)
        worker.batches.append(batch)
        try:
            worker.line.send(batch)
        except OSError:
            return  # it died a moment ago: `wait` finds that out, with the batch in its line

    def wait(self, timeout: Seconds) -> list[Outcome]:
        """Return what came back within `timeout` seconds, as soon as something did."""
        if not self._workers:
            sleep(min(timeout, 1.0))
            return []
        overdue = min((worker.overdue_in for worker in self._workers if worker.batches), default=timeout)
        ready = connection.wait([worker.line for worker in self._workers], max(0.0, min(timeout, overdue)))
        outcomes: list[Outcome] = []
        for worker in list(self._workers):
            if worker.line in ready:
                outcomes += self._read(worker)
            if worker in self._workers and worker.batches and worker.overdue_in <= 0:
                phase = worker.phase
                worker.process.kill()
                failure = Failure(
                    "recognise", "Timeout", f"{phase.what} after {phase.limit:g} s; the worker was replaced"
                )
                outcomes += self._replaced(worker, failure)
        return outcomes

    def stop(self) -> None:
        """End all workers, whatever they are doing; none is left when this returns."""
        for worker in self._workers:
            worker.line.close()
            worker.process.terminate()
        until = monotonic() + _PARTING
        for worker in self._workers:
            worker.process.join(max(0.0, until - monotonic()))
            worker.process.kill()
            worker.process.join()
            worker.process.close()
        self._workers.clear()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._recogniser), name="harness worker")
        try:
            with _no_main_module(), deferred():  # a worker that is sent half of what it needs says so in a traceback
                process.start()
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise UsageError(
                f"a backend cannot be sent to a worker process: {error}. Until it is warmed up it has to be an object "
                f"that can be pickled"
            ) from error
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _read(self, worker: _Worker) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            while worker.line.poll():
                message = worker.line.recv()
                if isinstance(message, Phase):
                    worker.enters(message)
                    continue
                outcomes.append(Outcome(worker.batches.popleft(), message))
                worker.proven = True
                worker.enters(_UNBEGUN)
        except (EOFError, OSError, pickle.UnpicklingError):
            worker.process.join(_PARTING)
            worker.process.kill()
            worker.process.join()
            failure = Failure("recognise", "WorkerDied", f"the worker process {_ended(worker.process.exitcode)}")
            outcomes += self._replaced(worker, failure)
        return outcomes

    def _replaced(self, worker: _Worker, failure: Failure) -> list[Outcome]:
        """Blame the batch at work, and send those behind it to others: all of them, if it died between two batches."""
        self._workers.remove(worker)
        worker.line.close()
        worker.process.join()
        worker.process.close()
        blamed = 0 if worker.proven and worker.phase is _UNBEGUN else 1
        batches = list(worker.batches)
        for batch in batches[blamed:]:
            self.submit(batch)
        return [Outcome(batch, failure) for batch in batches[:blamed]]


def _ended(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:  # a real-time signal
            return f"was ended by signal {-code}"
    return f"ended with exit status {code}"


# ---- in the worker


def _serve(line: Connection, recogniser: Recogniser) -> None:
    """Work as a worker: take batches, send phases and results, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which ends the work in order
    signal.signal(signal.SIGTERM, _leave)
    Thread(target=_follow_parent, daemon=True).start()
    try:
        while True:
            line.send(recogniser.work(line.recv(), line.send))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        signal.signal(signal.SIGTERM, unheeded)  # the parent has no more work, or is gone: we are leaving already


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, unheeded)  # a second one would interrupt what is called at exit
    sys.exit(128 + signal.SIGTERM)  # not at once: what a backend started in a `try` is ended by its `finally`


def _follow_parent() -> None:
    """End this process when its parent is gone, also in the middle of a recognition."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(_PARTING)
        os._exit(1)


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the program that called. A spawned process would run it again before its own work: a script whose first line
    starts a run would start another in every worker, and one read from standard input cannot be found at all.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
