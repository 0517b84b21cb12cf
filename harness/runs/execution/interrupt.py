"""Ctrl-C or SIGTERM in the middle of a run: what is half written is finished first, and no worker is left over.

SIGTERM is what `docker stop`, systemd and batch schedulers send before they kill.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType

from harness.records import Seconds

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PARTING: Seconds = 0.5


class Interrupts:
    """The first of the signals raises `KeyboardInterrupt(number)`, after the block under `held` if one is being run; the second
    kills the workers and leaves at once. Other threads than the main one get no signals, and there nothing changes.
    """

    def __init__(self) -> None:
        self._asked: int | None = None
        self._held = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Handle the signals as the class tells, while this lasts."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._interrupted) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish this block before a signal takes effect."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._asked is not None:
            raise KeyboardInterrupt(self._asked)

    def _interrupted(self, number: int, _frame: FrameType | None) -> None:
        if self._asked is not None:
            _end_workers()
            os._exit(exit_status(KeyboardInterrupt(self._asked)))
        self._asked = number
        if not self._held:
            raise KeyboardInterrupt(number)


def _end_workers() -> None:
    """Kill the workers, after half a second in which they may end the programs that they started."""
    import multiprocessing

    workers, until = multiprocessing.active_children(), monotonic() + _PARTING
    with suppress(ValueError):  # one that was closed a moment ago has ended
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(max(0.0, until - monotonic()))
        for worker in workers:
            worker.kill()


@contextmanager
def sigterm_is_ctrl_c() -> Iterator[None]:
    """Let SIGTERM raise `KeyboardInterrupt` while this lasts, in the main thread."""

    def interrupted(number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def not_interrupted() -> Iterator[None]:
    """Ignore the signals while this lasts, for what is told at the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, unheeded) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deferred() -> Iterator[None]:
    """Let signals take effect when this block has ended, in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda asked, _frame: came.append(asked)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for asked in came:
            signal.raise_signal(asked)


def unheeded(_number: int, _frame: FrameType | None) -> None:
    """Do nothing at a signal. Where one is on its way already, `SIG_IGN` in its place prints an `OSError`."""


def exit_status(stop: KeyboardInterrupt) -> int:
    """Return 128 and the number of the signal, as shells count: 130 after Ctrl-C, 143 after SIGTERM."""
    return 128 + (stop.args[0] if stop.args else signal.SIGINT)
