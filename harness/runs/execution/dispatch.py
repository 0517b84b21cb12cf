"""Audio to transcripts: through the cache, by the workers of an executor, whatever fails meanwhile.

Each backend has a queue, in the order of the plan. A sample that fails in a way that may pass goes to the end of its
queue and is tried again; a backend that fails again and again is left alone for a while, and one that refuses everything for
good (`circuit`); the others go on.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import inf

from harness.records import Failure, Seconds, Transcript
from harness.runs.execution.circuit import DOWN, NOT_LOADED, Circuit, Patience
from harness.runs.execution.protocol import Executor, Outcome, Workers
from harness.runs.execution.recogniser import Batch, Done, Recognised, Recogniser, Task
from harness.runs.storage.record import BackendWork

MAY_PASS = DOWN - {NOT_LOADED} | {"BadResponse"}
_LONGEST_WAIT: Seconds = 5.0


@dataclass
class _Item:
    """A task's way through the work. `position` is its place among the tasks; `alone`: not in a batch again."""

    position: int
    task: Task
    key: str = ""
    tries: int = 0
    alone: bool = False
    last: Failure | None = None


Finished = tuple[int, Recognised]


class Execution:
    """One pass over tasks with the workers of `executor`. `work`, `unloadable` and `notes` say how it went."""

    def __init__(self, recogniser: Recogniser, executor: Executor, patience: Patience | None = None) -> None:
        self._recogniser, self._executor, self._patience = recogniser, executor, patience or Patience()
        self._queues: dict[str, deque[_Item]] = {}
        self._circuits: dict[str, Circuit] = {}
        self._out: dict[int, list[_Item]] = {}  # by the identity of the batch that is out
        self._n_out: Counter[str] = Counter()  # batches of each backend
        self.work: dict[str, BackendWork] = {}
        self._cache_notes: list[str] = []
        self._mended: dict[str, set[str]] = {}  # recordings by what was done to them

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the run should know of how it went."""
        return (
            *self._cache_notes,
            *(
                f"{len(recordings)} recording{'s' * (len(recordings) > 1)} mended when read ({min(recordings)!r}): {note}"
                for note, recordings in sorted(self._mended.items())
            ),
        )

    @property
    def unloadable(self) -> dict[str, str]:
        """Backends whose model does not load, and why."""
        return {
            label: circuit.cause.message
            for label, circuit in self._circuits.items()
            if circuit.unloadable and circuit.cause is not None
        }

    def run(self, tasks: Sequence[Task]) -> Generator[Finished, None, None]:
        """Yield each task's position and result as it is known. Workers get something to do only when it has to be
        recognised; closing the iterator stops them.
        """
        for position, task in enumerate(tasks):
            self._queues.setdefault(task.backend, deque()).append(_Item(position, task))
        for label in self._queues:
            self._circuits[label], self.work[label] = Circuit(self._patience), BackendWork()
        self._recogniser.know(self._queues)
        workers = self._executor.start(self._recogniser)
        try:
            while any(self._queues.values()) or workers.at_work:
                yield from self._fill(workers)
                if workers.at_work:
                    for outcome in workers.wait(min(_LONGEST_WAIT, self._pause(workers))):
                        yield from self._back(outcome)
                elif any(self._queues.values()):
                    yield from self._stuck(workers)
        finally:
            workers.stop()
            for label, circuit in self._circuits.items():
                self.work[label].circuit_opened = circuit.opened
            if damaged := self._recogniser.n_damaged:
                self._cache_notes.append(f"{damaged} transcripts in the cache were damaged, and were made again")

    # ---- what is sent

    def _fill(self, workers: Workers) -> Generator[Finished, None, None]:
        """Give the workers as much as they take; yield what needs no worker."""
        for label, queue in self._queues.items():
            if self._circuits[label].over:
                yield from self._give_up(label, queue)
            while queue and workers.has_room and self._wait(label) == 0:
                if self._circuits[label].doubtful:
                    self._bring_forward(label, queue)
                result = self._look_up(queue[0])
                if result is not None:
                    queue.popleft()
                    yield result
                else:
                    yield from self._send(label, queue, workers)

    def _send(self, label: str, queue: deque[_Item], workers: Workers) -> Generator[Finished, None, None]:
        """Send the first samples of the queue as one batch: neighbours in the plan, of one condition."""
        items = [queue.popleft()]
        circuit = self._circuits[label]
        alone = items[0].alone or circuit.is_open or circuit.doubtful
        size = 1 if alone else self._recogniser.batch_size(label)
        while queue and len(items) < size and not queue[0].alone and queue[0].task.condition == items[0].task.condition:
            result = self._look_up(queue[0])
            if result is not None:
                yield result
            else:
                items.append(queue[0])
            queue.popleft()
        batch = Batch(tuple(item.task for item in items), tuple(item.key for item in items))
        self._out[id(batch)] = items
        self._n_out[label] += 1
        circuit.sent()
        workers.submit(batch)

    def _wait(self, label: str) -> Seconds:
        """Return the seconds until a sample of a backend may be sent; without end while others have to come back first."""
        circuit = self._circuits[label]
        in_server = self._recogniser.backends[label].capabilities.works_in == "server"
        if (circuit.doubtful or (in_server and not circuit.works)) and self._n_out[label] >= circuit.most_at_once:
            return inf
        return circuit.wait()

    def _bring_forward(self, label: str, queue: deque[_Item]) -> None:
        """Put the sample first that tells most of whether all are refused: the shortest recording, then some from all over."""
        n_tests, most = self._circuits[label].n_tests, max(1, self._patience.threshold - 1)
        places = [at for at, item in enumerate(queue) if not item.tries] or range(len(queue))
        place = places[(len(places) - 1) * n_tests // most]
        if n_tests == 0:
            place = min(places, key=lambda at: self._recogniser.audio.n_bytes(queue[at].task.utterance))
        queue.rotate(-place)
        item = queue.popleft()
        queue.rotate(place)
        queue.appendleft(item)

    def _look_up(self, item: _Item) -> Finished | None:
        """Return the result, if no engine is needed for it."""
        recognised = self._recogniser.lookup(item.task)
        if isinstance(recognised, str):
            item.key = recognised
            return None
        self._count(item, recognised)
        return item.position, recognised

    # ---- what comes back

    def _back(self, outcome: Outcome) -> Generator[Finished, None, None]:
        """Take in a batch; yield the samples that are finished by it."""
        items = self._out.pop(id(outcome.batch))
        label = items[0].task.backend
        self._n_out[label] -= 1
        if isinstance(outcome.done, Done):
            self._note(label, outcome.done)
            for item, recognised in zip(items, outcome.done.results, strict=True):
                yield from self._settle(item, recognised)
            return
        if len(items) > 1:  # one of them did it, and the others are not to blame
            self._circuits[label].failed(outcome.done)
            for item in reversed(items):
                item.alone = True
                self._queues[label].appendleft(item)
            return
        yield from self._settle(items[0], Recognised(outcome.done))

    def _settle(self, item: _Item, recognised: Recognised) -> Generator[Finished, None, None]:
        """Yield the result, or put the sample back to be tried again."""
        label, result = item.task.backend, recognised.result
        circuit = self._circuits[label]
        if isinstance(result, Transcript):
            circuit.succeeded()
        else:
            circuit.failed(result)
            if result.type in MAY_PASS and item.tries < self._patience.retries:
                item.tries, item.last = item.tries + 1, result
                self._queues[label].append(item)
                return
            if item.tries:
                result = Failure(
                    result.stage, result.type, f"{result.message} (the sample was tried {item.tries + 1} times)"
                )
                recognised = Recognised(result, recognised.audio_seconds)
        self._count(item, recognised)
        yield item.position, recognised

    def _count(self, item: _Item, recognised: Recognised) -> None:
        for note in recognised.notes:
            self._mended.setdefault(note, set()).add(item.task.utterance.audio or "")
        work, good = self.work[item.task.backend], isinstance(recognised.result, Transcript)
        work.cached += recognised.cached
        work.recognised += good and not recognised.cached
        work.failed += not good
        work.retried += item.tries > 0
        work.recovered += item.tries > 0 and good
        in_process = self._recogniser.backends[item.task.backend].capabilities.works_in == "process"
        if good and in_process and recognised.processor_seconds is not None:
            work.clock_seconds += recognised.recognition_seconds or 0.0
            work.processor_seconds += recognised.processor_seconds

    def _note(self, label: str, done: Done) -> None:
        work = self.work[label]
        if done.load_seconds is not None:
            work.load_seconds = max(work.load_seconds or 0.0, done.load_seconds)
        for name, amount in done.usage.items():
            work.usage[name] = work.usage.get(name, 0) + amount
        if done.cache_problem and not self._cache_notes:
            self._cache_notes.append(
                f"transcripts could not be kept in the cache ({done.cache_problem}): this run is whole, and another run of "
                f"the same recordings will have to recognise them again. Make room there, or set HARNESS_CACHE to a folder "
                f"that can be written."
            )

    # ---- when every queue is held back

    def _pause(self, workers: Workers) -> Seconds:
        """Return the seconds until something may be sent; without end while every worker has enough to do."""
        if not workers.has_room:
            return inf
        return min((self._wait(label) for label, queue in self._queues.items() if queue), default=inf)

    def _stuck(self, workers: Workers) -> Generator[Finished, None, None]:
        """Wait for a backend, where none may be tried yet and nothing is at work, or give up those that are past hope."""
        for label, queue in self._queues.items():
            if queue and self._circuits[label].hopeless:
                yield from self._give_up(label, queue)
        if any(self._queues.values()):
            workers.wait(min(_LONGEST_WAIT, self._pause(workers)))

    def _give_up(self, label: str, queue: deque[_Item]) -> Generator[Finished, None, None]:
        """End a queue without its engine: with what the cache has, and otherwise with the reason."""
        while queue:
            item = queue.popleft()
            result = self._look_up(item)
            if result is None:
                refused = Recognised(item.last or self._circuits[label].refusal())
                self._count(item, refused)
                result = item.position, refused
            yield result
