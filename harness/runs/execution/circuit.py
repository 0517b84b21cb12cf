"""When to leave a backend or an answerer alone: it failed several times in a row, in a way that the next sample would share.

A circuit is closed while all is well. It opens after `threshold` failures that may pass (no connection, 5xx), and stays open for
a pause that doubles; one sample is then sent to see (Nygard, Release It!, 2007: half-open). If that succeeds the circuit closes
again.

Refusals do not pass by waiting. After `threshold` of them in a row with the same message (but for words with digits in them: ids,
times, sizes), nothing more is sent where the status is about the key, the model or the address (401, 403, 404 ...). Any other
refusal (413, 400, a program's exit status) may be about these few recordings: as long as no sample has succeeded, as many
again are sent one by one, those that tell most first, and it ends when they are all refused alike. Once a sample has
succeeded, such refusals are taken for the recordings' own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from harness.analysis.failures import LAST_TIME, NOT_TRIED, Kind, kind_of
from harness.records import Failure, Seconds

NOT_LOADED = "NotLoaded"
DOWN = frozenset({"Unavailable", "RateLimited", "Timeout", "WorkerDied", NOT_LOADED})
_REFUSED_FOR_ALL = frozenset({401, 402, 403, 404, 405, 407, 410, 501})  # whatever is sent
_OF_THE_SAMPLE = frozenset({"load", "condition", "score"})  # stages that no backend takes part in


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
        self._kind: Kind | None = None  # of the latest refusals
        self._alike = 0  # refusals of this kind in a row
        self._testing = False
        self.n_tests = 0  # samples refused that were sent to learn whether all are
        self.works = False  # a sample has succeeded
        self.cause: Failure | None = None
        self.opened = 0  # how often

    @property
    def is_open(self) -> bool:
        """Whether samples are held back."""
        return self._until is not None

    @property
    def hopeless(self) -> bool:
        """Whether waiting is useless: the model does not load, every sample is refused, or probe after probe failed."""
        return self.over or (self.is_open and self._failed_probes >= self._patience.last_probes)

    @property
    def over(self) -> bool:
        """Whether nothing more is sent: the model does not load, or every sample is refused."""
        return self.unloadable or self.refuses

    @property
    def refuses(self) -> bool:
        """Whether samples are refused alike, whatever is sent."""
        if self._alike < self._patience.threshold or self._kind is None:
            return False
        return self._kind[0] in _REFUSED_FOR_ALL or (not self.works and self.n_tests >= self._patience.threshold)

    @property
    def doubtful(self) -> bool:
        """Whether refusals may be about the samples or about all: the next ones are to be sent one by one."""
        return self._alike >= self._patience.threshold and not self.works and not self.refuses

    @property
    def most_at_once(self) -> int:
        """Samples that may be on their way, so that no more are refused than it takes to see that all are."""
        return 1 if self.is_open or self.doubtful else max(1, self._patience.threshold - self._alike)

    @property
    def unloadable(self) -> bool:
        """Whether the model does not load."""
        return self.is_open and self.cause is not None and self.cause.type == NOT_LOADED

    def wait(self) -> Seconds:
        """Return the seconds until a sample may be sent; 0 for now."""
        if self._probing or self._testing or self.over:
            return float("inf")
        if self._until is None:
            return 0.0
        return max(0.0, self._until - self._clock())

    def sent(self) -> None:
        """Note that a sample is on its way; with an open circuit it is the probe."""
        self._probing, self._testing = self.is_open, self.doubtful

    def succeeded(self) -> None:
        """Note that a sample came back with a transcript."""
        self._in_a_row = self._failed_probes = self._alike = self.n_tests = 0
        self._probing, self._testing, self._until, self.cause, self._kind = False, False, None, None, None
        self.works = True

    def failed(self, failure: Failure) -> None:
        """Note that a sample came back without a transcript. A failure of the sample's own tells nothing about the backend."""
        testing, self._testing = self._testing, False
        if failure.type not in DOWN:
            self._probing = False
            if failure.stage not in _OF_THE_SAMPLE:
                self._refused(failure, testing)
            return
        self._kind, self._alike, self.n_tests = None, 0, 0
        self.cause = failure
        self._in_a_row += 1
        if self._probing:
            self._failed_probes += 1
            self._pause()
        elif not self.is_open and (self._in_a_row >= self._patience.threshold or failure.type == NOT_LOADED):
            self.opened += 1
            self._pause()

    def refusal(self, stage: str = "recognise", who: str = "the backend") -> Failure:
        """Return what is recorded for a sample that was not sent."""
        cause = f"{self.cause.type}: {self.cause.message}" if self.cause else "unknown"
        if self.unloadable:
            return Failure(stage, NOT_TRIED, f"not tried, since {who} cannot be loaded. {cause}")
        happened = f"gave {self._alike} refusals alike" if self.refuses else f"failed {self._in_a_row} times in a row"
        return Failure(stage, NOT_TRIED, f"not tried, since {who} {happened}. {LAST_TIME}{cause}")

    def _refused(self, failure: Failure, testing: bool) -> None:
        kind = kind_of(failure)
        if kind != self._kind:
            self._kind, self._alike, self.n_tests = kind, 0, 0
        before = self.refuses
        self._alike += 1
        self.n_tests += testing
        if self.refuses or not self.is_open:
            self.cause = failure
        self.opened += self.refuses and not before

    def _pause(self) -> None:
        pause = min(self._patience.longest_pause, self._patience.first_pause * 2.0**self._failed_probes)
        self._probing, self._until = False, self._clock() + pause
