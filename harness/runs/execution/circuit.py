"""When to leave a backend alone: it failed several times in a row, in a way that the next sample would share.

A circuit is closed while all is well. It opens after `threshold` such failures, and stays open for a pause that doubles;
one sample is then sent to see (Nygard, Release It!, 2007: half-open). If that succeeds the circuit closes again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from harness.records import Failure, Seconds

NOT_LOADED = "NotLoaded"
DOWN = frozenset({"Unavailable", "RateLimited", "Timeout", "WorkerDied", NOT_LOADED})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a backend that seems down is tried.

    A sample that failed in a way that may pass is tried `retries` times more, after the others. `last_probes` failed
    probes in a row are the end of it where no other backend has work meanwhile.
    """

    retries: int = 1
    threshold: int = 5
    first_pause: Seconds = 2.0
    longest_pause: Seconds = 60.0
    last_probes: int = 3


class Circuit:
    """What is known of one backend's health."""

    def __init__(self, patience: Patience, clock: Callable[[], Seconds] = monotonic) -> None:
        self._patience, self._clock = patience, clock
        self._in_a_row = 0
        self._failed_probes = 0
        self._probing = False
        self._until: Seconds | None = None
        self.cause: Failure | None = None
        self.opened = 0  # how often

    @property
    def is_open(self) -> bool:
        """Whether samples are held back."""
        return self._until is not None

    @property
    def hopeless(self) -> bool:
        """Whether waiting is useless: the model does not load, or probe after probe failed."""
        unloadable = self.cause is not None and self.cause.type == NOT_LOADED
        return self.is_open and (unloadable or self._failed_probes >= self._patience.last_probes)

    @property
    def unloadable(self) -> bool:
        """Whether the model does not load."""
        return self.is_open and self.cause is not None and self.cause.type == NOT_LOADED

    def wait(self) -> Seconds:
        """Return the seconds until a sample may be sent; 0 for now."""
        if self._until is None:
            return 0.0
        if self._probing or self.unloadable:
            return float("inf")
        return max(0.0, self._until - self._clock())

    def sent(self) -> None:
        """Note that a sample is on its way; with an open circuit it is the probe."""
        self._probing = self.is_open

    def succeeded(self) -> None:
        """Note that a sample came back with a transcript."""
        self._in_a_row = self._failed_probes = 0
        self._probing, self._until, self.cause = False, None, None

    def failed(self, failure: Failure) -> None:
        """Note that a sample came back without a transcript. A failure of the sample's own tells nothing about the backend."""
        if failure.type not in DOWN:
            self._probing = False
            return
        self.cause = failure
        self._in_a_row += 1
        if self._probing:
            self._failed_probes += 1
            self._pause()
        elif not self.is_open and (self._in_a_row >= self._patience.threshold or failure.type == NOT_LOADED):
            self.opened += 1
            self._pause()

    def refusal(self) -> Failure:
        """Return what is recorded for a sample that was not sent."""
        cause = f"{self.cause.type}: {self.cause.message}" if self.cause else "unknown"
        if self.unloadable:
            return Failure("recognise", "CircuitOpen", f"not tried, since the backend cannot be loaded. {cause}")
        return Failure(
            "recognise",
            "CircuitOpen",
            f"not tried, since the backend failed {self._in_a_row} times in a row. The last time: {cause}",
        )

    def _pause(self) -> None:
        pause = min(self._patience.longest_pause, self._patience.first_pause * 2.0**self._failed_probes)
        self._probing, self._until = False, self._clock() + pause
