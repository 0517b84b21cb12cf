"""What an executor is: where batches are recognised, in processes of this machine (`local`) or on other machines.

A run plans, looks into the cache, judges and keeps by itself; an executor only takes batches to a `Recogniser` and returns
what that gives. So one that spreads the work over a cluster needs no more than these two classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.records import Failure, Seconds
from harness.runs.execution.recogniser import Batch, Done, Recogniser


@dataclass(frozen=True, slots=True)
class Outcome:
    """A batch that came back, the very object that was submitted: `done`, or the failure of the worker that had it."""

    batch: Batch
    done: Done | Failure


class Workers(Protocol):
    """The workers of one pass over the samples. Every batch comes back once."""

    @property
    def at_work(self) -> int:
        """Batches that have not come back."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether another batch may be submitted."""
        ...

    def submit(self, batch: Batch) -> None:
        """Hand a batch to a worker, which calls `Recogniser.work` with it; return at once."""
        ...

    def wait(self, timeout: Seconds) -> list[Outcome]:
        """Return what came back within `timeout` seconds, as soon as something did.

        A worker that dies, or takes longer over a phase than the phase's limit, is a `Failure` of the type `WorkerDied` or
        `Timeout`, and is replaced.
        """
        ...

    def stop(self) -> None:
        """End all workers, whatever they are doing; none is left when this returns."""
        ...


class Executor(Protocol):
    """What starts workers: a place and a number of them, without any work yet."""

    def start(self, recogniser: Recogniser) -> Workers:
        """Return workers with copies of this recogniser, which can be pickled: no model is loaded in it. They need not exist
        before the first batch is submitted; often the cache has everything.
        """
        ...
