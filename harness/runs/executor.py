"""Audio to transcripts: in worker processes, in the order of the plan, through the cache.

`Recogniser` is the work on one sample; `run_local` spreads it over processes. A worker builds each backend once. A
worker that dies or hangs costs the sample it was working on, and is replaced.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.asr.protocol import Backend
from harness.errors import AudioError
from harness.records import Clip, Failure, Seconds, Transcript, Utterance
from harness.runs.audio_source import AudioSource
from harness.runs.cache import CachedTranscript, TranscriptCache

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

HUNG_AFTER: Seconds = 900.0  # the longest recording allowed is 600 s; an engine slower than this is taken for hung


@dataclass(frozen=True, slots=True)
class Task:
    """One sample to be recognised."""

    utterance: Utterance
    condition: str
    backend: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A transcript or a failure. Times are those of the recognition itself, also when it comes from the cache."""

    result: Transcript | Failure
    audio_seconds: Seconds | None = None
    recognition_seconds: Seconds | None = None
    cached: bool = False


@dataclass
class Recogniser:
    """Recognises one sample. Sent to every worker before any model is loaded."""

    audio: AudioSource
    backends: Mapping[str, Backend]
    cache: TranscriptCache | None
    _identities: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _warm: set[str] = field(default_factory=set)

    def lookup(self, task: Task) -> Recognised | None:
        """What needs no engine: a recorded or a cached transcript, or a recording that cannot even be opened."""
        backend = self.backends[task.backend]
        if not backend.capabilities.needs_audio:
            return self._recognise(task, None)
        try:
            key = self._key(task)
        except AudioError as error:
            return Recognised(_failure(error))
        entry = self.cache.get(key) if self.cache else None
        if entry is None:
            return None
        return Recognised(entry.transcript, entry.audio_seconds, entry.recognition_seconds, cached=True)

    def __call__(self, task: Task) -> Recognised:
        """Loads, recognises, and keeps the transcript before returning it."""
        try:
            clip = self.audio.clip(task.utterance, task.condition)
            done = self._recognise(task, clip)
            if self.cache and isinstance(done.result, Transcript):
                self.cache.put(
                    self._key(task),
                    CachedTranscript(done.result, clip.duration, done.recognition_seconds or 0.0),
                )
        except AudioError as error:
            return Recognised(_failure(error))
        return done

    def _recognise(self, task: Task, clip: Clip | None) -> Recognised:
        backend = self.backends[task.backend]
        if task.backend not in self._warm:
            backend.warm_up()  # loading a model is not recognition time
            self._warm.add(task.backend)
        given = clip or Clip(task.utterance.id, np.zeros(0, np.float32), 16_000)
        begun = perf_counter()
        result = backend.transcribe([given])[0]
        return Recognised(result, clip.duration if clip else None, perf_counter() - begun if clip else None)

    def _key(self, task: Task) -> str:
        if task.backend not in self._identities:
            self._identities[task.backend] = self.backends[task.backend].identity()
        condition = self.audio.identity(task.utterance, task.condition)
        return TranscriptCache.key(self.audio.digest(task.utterance), condition, self._identities[task.backend])


def run_local(recogniser: Recogniser, tasks: Sequence[Task], jobs: int) -> Generator[Recognised, None, None]:
    """Yields one result for each task, in the order of the tasks, working on `jobs` of them at once.

    Worker processes start only when something has to be recognised. Closing the iterator stops them.
    """
    ahead: deque[Recognised | ProcessFuture[Any]] = deque()
    window = 4 * jobs  # enough that no worker waits for the head of the queue, and little is lost on a kill
    pool: ProcessPool | None = None
    try:
        for task in tasks:
            found = recogniser.lookup(task)
            if found is None:
                pool = pool or _start(recogniser, jobs)
                ahead.append(pool.schedule(_work, args=[task], timeout=HUNG_AFTER))
            else:
                ahead.append(found)
            while ahead and (len(ahead) > window or isinstance(ahead[0], Recognised)):
                yield _wait(ahead.popleft())
        while ahead:
            yield _wait(ahead.popleft())
    finally:
        if pool is not None:
            if ahead:
                pool.stop()
            else:
                pool.close()
            pool.join()


def _start(recogniser: Recogniser, jobs: int) -> ProcessPool:
    from pebble import ProcessPool

    context = multiprocessing.get_context("spawn")  # engines keep threads and locks that do not survive a fork
    return ProcessPool(max_workers=jobs, initializer=_initialise, initargs=[recogniser], context=context)


def _wait(ahead: Recognised | ProcessFuture[Any]) -> Recognised:
    from pebble import ProcessExpired

    if isinstance(ahead, Recognised):
        return ahead
    try:
        done: Recognised = ahead.result()
    except ProcessExpired as error:
        return Recognised(Failure("recognise", "WorkerDied", f"the worker process ended with code {error.exitcode}"))
    except FutureTimeoutError:
        return Recognised(
            Failure("recognise", "Timeout", f"no result after {HUNG_AFTER:.0f} s; the worker was replaced")
        )
    return done


class _Worker:
    """The one place where a worker process keeps its recogniser between tasks."""

    recogniser: Recogniser


def _initialise(recogniser: Recogniser) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which ends the work in order
    _Worker.recogniser = recogniser


def _work(task: Task) -> Recognised:
    return _Worker.recogniser(task)


def _failure(error: AudioError) -> Failure:
    return Failure(error.stage, type(error).__name__, str(error))
