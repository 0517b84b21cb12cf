"""Ctrl-C in the middle of a run: what is half written is finished first, and no worker is left over."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 130  # 128 + SIGINT, as shells count


class Interrupts:
    """The first Ctrl-C raises `KeyboardInterrupt`, after the block under `held` if one is being run; the second kills the
    workers and leaves at once. Other threads than the main one get no signals, and there nothing changes.
    """

    def __init__(self) -> None:
        self._asked = self._held = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Handle Ctrl-C as the class tells, while this lasts."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish this block before a Ctrl-C takes effect."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._asked:
            raise KeyboardInterrupt

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            for process in multiprocessing.active_children():
                process.kill()
            os._exit(STATUS)
        self._asked = True
        if not self._held:
            raise KeyboardInterrupt
