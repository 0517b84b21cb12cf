"""The work on samples inside one process: load the model, make the sound, recognise, keep the transcript."""

from __future__ import annotations

import gc
import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter, process_time

import numpy as np

from harness.asr.bias_list import NO_LIST, BiasList
from harness.asr.protocol import Backend, Measured, sent
from harness.errors import AudioError, HarnessError, UsageError, one_line
from harness.http.secrets import presentable
from harness.records import Clip, Failure, Partial, Seconds, Transcript, Utterance
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.circuit import NOT_LOADED
from harness.runs.storage.cache import CachedTranscript, TranscriptCache


@dataclass(frozen=True, slots=True)
class Task:
    """One sample to be recognised."""

    utterance: Utterance
    condition: str
    backend: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A transcript or a failure. Times are those of the recognition itself, also when it comes from the cache.

    `processor_seconds` is `None` where a server or an accelerator does the work.
    """

    result: Transcript | Failure
    audio_seconds: Seconds | None = None
    recognition_seconds: Seconds | None = None
    cached: bool = False
    preparation_seconds: Seconds | None = None  # for another bias list
    processor_seconds: Seconds | None = None
    notes: tuple[str, ...] = ()  # on what was mended of the recording
    partials: tuple[Partial, ...] = ()  # where the backend reads the recording as it goes


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one backend for one call of it, and their cache keys."""

    tasks: tuple[Task, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """What a worker begins, and how long it may take over it."""

    what: str
    limit: Seconds


@dataclass(frozen=True, slots=True)
class Done:
    """A batch's results, in order. `load_seconds` where the model was loaded for it; `usage` is what a service bills."""

    results: tuple[Recognised, ...]
    load_seconds: Seconds | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    cache_problem: str | None = None


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """After how long a worker is taken for hung. `sample` is the user's own bound on one sample, whatever its length."""

    sample: Seconds | None = None
    load: Seconds = 900.0  # a large model from a slow disk
    floor: Seconds = 60.0
    per_second: float = 30.0  # of audio: the slowest engines that people use take a tenth of that on one core

    def of(self, backend: Backend, clips: Sequence[Clip]) -> Seconds:
        """Return the bound on one call."""
        own: Seconds | None = getattr(backend, "longest_call", None)
        if self.sample is not None:
            return self.sample * len(clips)
        return sum(self.floor + self.per_second * clip.duration if own is None else own for clip in clips)


@dataclass
class Recogniser:
    """Recognises batches. Sent to every worker before any model is loaded; holds one loaded model at a time."""

    audio: AudioSource
    backends: Mapping[str, Backend]
    cache: TranscriptCache | None
    limits: TimeLimits = field(default_factory=TimeLimits)
    lists: Mapping[str, BiasList] = field(default_factory=dict)  # by label
    _identities: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _loaded: tuple[str, Backend] | None = None

    # ---- without an engine

    def lookup(self, task: Task) -> Recognised | str:
        """Return what needs no engine: a recorded or a cached transcript, or a recording that cannot even be opened.

        Otherwise the key under which the cache would have it.
        """
        backend = self.backends[task.backend]
        if not backend.capabilities.needs_audio:
            clip = Clip(task.utterance.id, np.zeros(0, np.float32), 16_000)
            return Recognised(presentable(_transcribe(backend, [clip])[0]))
        try:
            key = self._key(task)
        except (AudioError, OSError) as error:
            return Recognised(_unreadable(task, error))
        return self._cached(key) or key

    @property
    def n_damaged(self) -> int:
        """How many entries of the cache were asked for and did not read."""
        return len(self.cache.damaged) if self.cache else 0

    def batch_size(self, label: str) -> int:
        """Return how many clips the backend takes in one call."""
        return max(1, int(getattr(self.backends[label], "batch_size", 1)))

    def _cached(self, key: str) -> Recognised | None:
        entry = self.cache.get(key) if self.cache else None
        if entry is None:
            return None
        times = entry.audio_seconds, entry.recognition_seconds
        return Recognised(
            entry.transcript,
            *times,
            True,
            entry.preparation_seconds,
            entry.processor_seconds,
            entry.notes,
            entry.partials,
        )

    def _key(self, task: Task) -> str:
        condition = self.audio.identity(task.utterance, task.condition)
        phrases = sent(self.backends[task.backend], self.lists.get(task.backend, NO_LIST), task.utterance.id)
        return TranscriptCache.key(self.audio.digest(task.utterance), condition, self._identity(task.backend), phrases)

    def know(self, labels: Iterable[str]) -> None:
        """Note what these backends are now, for workers to compare with what they load."""
        for label in labels:
            self._identity(label)

    def _identity(self, label: str) -> Mapping[str, str]:
        if label not in self._identities:
            self._identities[label] = self.backends[label].identity()
        return self._identities[label]

    # ---- with an engine

    def work(self, batch: Batch, begin: Callable[[Phase], None]) -> Done:
        """Load, recognise, and keep the transcripts before returning them. `begin` is called with each phase."""
        begin(Phase("the model was not loaded", self.limits.load))
        label, load_seconds = batch.tasks[0].backend, None
        try:
            backend, load_seconds = self._ready(label)
        except Exception as error:
            failure = presentable(Failure("recognise", NOT_LOADED, _explained(error)))
            return Done(tuple(Recognised(failure) for _ in batch.tasks))
        if self.cache is None:
            return self._recognise(batch, backend, load_seconds, begin)
        begin(Phase("the recording was not ready", 2 * self.limits.load))
        with self.cache.reserved(batch.keys, self.limits.load):
            return self._recognise(batch, backend, load_seconds, begin)

    def _ready(self, label: str) -> tuple[Backend, Seconds | None]:
        """Return the backend with its model loaded, and how long that took where it was not loaded already."""
        if self._loaded and self._loaded[0] == label:
            return self._loaded[1], None
        if self._loaded:
            self._loaded = None
            gc.collect()  # several large models in each of several workers would not fit
        backend: Backend = pickle.loads(pickle.dumps(self.backends[label]))  # noqa: S301 - our own object, not yet loaded
        begun = perf_counter()
        backend.warm_up()
        load_seconds = perf_counter() - begun
        self._require_same(label, backend)
        self._loaded = label, backend
        return backend, load_seconds

    def _require_same(self, label: str, loaded: Backend) -> None:
        """Raise `UsageError` where a model is not the one that the run began with, under whose name transcripts are kept."""
        begun, now = self._identity(label), loaded.identity()
        changed = [name for name in dict.fromkeys([*begun, *now]) if begun.get(name) != now.get(name)]
        if changed:
            values = ", ".join(
                f"{name}: {begun.get(name, '')[:40]} then, {now.get(name, '')[:40]} now" for name in changed
            )
            raise UsageError(
                f"{label}: its model changed while the run was going on ({values}). Put the model back, or begin another run"
            )

    def _recognise(
        self, batch: Batch, backend: Backend, load_seconds: Seconds | None, begin: Callable[[Phase], None]
    ) -> Done:
        """Return the batch's results: from the cache where another process was quicker, else from the engine."""
        results: dict[int, Recognised] = {}
        clips: dict[int, Clip] = {}
        for place, (task, key) in enumerate(zip(batch.tasks, batch.keys, strict=True)):
            if (cached := self._cached(key)) is not None:
                results[place] = cached
                continue
            try:
                clips[place] = self.audio.clip(task.utterance, task.condition)
            except (AudioError, OSError) as error:
                results[place] = Recognised(_unreadable(task, error))
        usage: Counter[str] = Counter()
        problem = None
        if clips:
            audio = list(clips.values())
            begin(Phase("no transcript", self.limits.of(backend, audio)))
            for place, (done, used) in zip(clips, self._timed(batch.tasks[0].backend, backend, audio), strict=True):
                results[place] = replace(done, notes=self.audio.notes(batch.tasks[place].utterance))
                usage.update(used)
                problem = self._keep(batch.keys[place], results[place], batch.tasks[place].backend) or problem
        return Done(tuple(results[place] for place in range(len(batch.tasks))), load_seconds, dict(usage), problem)

    def _timed(
        self, label: str, backend: Backend, clips: Sequence[Clip]
    ) -> Iterator[tuple[Recognised, Mapping[str, float]]]:
        """Yield each clip's result with its own times: what the backend measured, or its share of the call by its length."""
        begun, processor_begun = perf_counter(), _processor_seconds()
        results = _transcribe(backend, clips)
        took, processor_took = perf_counter() - begun, _processor_seconds() - processor_begun
        measured: Sequence[Measured] = getattr(backend, "measured", ())
        if len(measured) != len(clips):
            measured = [Measured()] * len(clips)
        recognition = took - sum(own.preparation or 0.0 for own in measured)
        processor_took *= recognition / took  # preparing is told by the clock only
        # A processor that waits for a server or an accelerator has done none of the work.
        on_processor = backend.capabilities.works_in != "server" and self._identity(label).get("device", "cpu") == "cpu"
        total = sum(clip.duration for clip in clips)
        for clip, result, own in zip(clips, results, measured, strict=True):
            share = clip.duration / total if total else 1 / len(clips)
            seconds = share * recognition if own.seconds is None else own.seconds
            processor = share * processor_took if on_processor else None
            yield (
                Recognised(
                    presentable(result),
                    clip.duration,
                    seconds,
                    preparation_seconds=own.preparation,
                    processor_seconds=processor,
                    partials=own.partials,
                ),
                own.usage,
            )

    def _keep(self, key: str, done: Recognised, label: str) -> str | None:
        """Put a transcript into the cache; return what hinders that, if something does."""
        if self.cache is None or not isinstance(done.result, Transcript):
            return None
        engine = self._identity(label).get("engine", label)
        times = done.audio_seconds or 0.0, done.recognition_seconds or 0.0
        entry = CachedTranscript(
            done.result,
            *times,
            engine,
            done.preparation_seconds,
            done.processor_seconds,
            done.notes,
            done.partials,
        )
        try:
            self.cache.put(key, entry)
        except OSError as error:
            return error.strerror or type(error).__name__
        return None


def _processor_seconds() -> Seconds:
    """Return the processor time so far of this process, all of its threads, and the programs that it started and waited for."""
    times = os.times()
    return process_time() + times.children_user + times.children_system


def _transcribe(backend: Backend, clips: Sequence[Clip]) -> list[Transcript | Failure]:
    """Return the backend's results, whatever it does: an engine that raises costs the clip that it raised for."""
    try:
        backend.warm_up()  # loaded long ago, except where no audio is needed
        results = list(backend.transcribe(clips))
    except Exception as error:
        if len(clips) > 1:
            return [result for clip in clips for result in _transcribe(backend, [clip])]
        return [Failure("recognise", type(error).__name__, _explained(error))]
    if len(results) == len(clips) and all(isinstance(result, Transcript | Failure) for result in results):
        return results
    if len(clips) > 1:
        return [result for clip in clips for result in _transcribe(backend, [clip])]
    kinds = ", ".join(type(result).__name__ for result in results) or "nothing"
    return [
        Failure(
            "recognise", "BadOutput", f"the backend gave {kinds} for one recording: expected a Transcript or a Failure"
        )
    ]


def _unreadable(task: Task, error: AudioError | OSError) -> Failure:
    """Return why a recording or its condition could not be made into a clip."""
    if isinstance(error, AudioError):
        return Failure(error.stage, type(error).__name__, str(error))
    return Failure("load", AudioError.__name__, f"{task.utterance.id}: cannot be read: {error.strerror or error}")


def _explained(error: Exception) -> str:
    """Return an engine's error as a message; the harness's own are messages already."""
    return str(error) if isinstance(error, HarnessError) else one_line(f"{type(error).__name__}: {error}")
