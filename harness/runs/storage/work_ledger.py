"""work.jsonl: what the samples of an unfinished run took, tries and billed usage too, appended with each of them.

run.json tells it when a call ends; this file is what a killed call leaves of it, and goes when the run is finished.

    {"backend":"whisper","recognised":1,"clock_seconds":0.41,"digest":"..."}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any, Final

import msgspec

from harness.errors import RunError, one_line
from harness.files import append_line, write_atomically, writing
from harness.runs.storage.record import BackendWork
from harness.runs.storage.sample_lines import whole_lines
from harness.seal import UNREADABLE, opened, sealed

NAME: Final = "work.jsonl"


class WorkLedger:
    """The work of all calls of a run, by backend; `before` is that of the earlier ones. Nothing is written before that."""

    def __init__(self, folder: Path, before: Mapping[str, BackendWork]) -> None:
        self._path, self._before = folder / NAME, dict(before)
        self._written: dict[str, BackendWork] = {}
        self._begun = False

    def add(self, done: Mapping[str, BackendWork]) -> None:
        """Append what this call has done for some backends since the last time; `done` is all that it did. Raises `RunError`."""
        lines = b"".join(
            _line(label, work.since(self._written.get(label, BackendWork()))) for label, work in done.items()
        )
        if not lines:
            return
        with writing(self._path):
            if not self._begun:
                self._begin()
            with FileIO(self._path, "ab") as file:
                append_line(file, lines)
        self._written |= {label: work.plus(BackendWork()) for label, work in done.items()}

    def _begin(self) -> None:
        write_atomically(self._path, b"".join(_line(label, work) for label, work in self._before.items()))
        self._begun = True

    def total(self, done: Mapping[str, BackendWork]) -> dict[str, BackendWork]:
        """Return the work of all calls, this one having done `done`."""
        work = dict(self._before)
        for label, own in done.items():
            work[label] = work.get(label, BackendWork()).plus(own)
        return work


def read_ledger(folder: Path) -> dict[str, BackendWork]:
    """Return the work that killed calls left, by backend. Raises `RunError` (file, line) for a damaged line."""
    path, work = folder / NAME, dict[str, BackendWork]()
    if not path.exists():
        return work
    for number, line in whole_lines(path.read_bytes()):
        try:
            parts = msgspec.json.decode(opened(line, NAME, required=True) or b"", type=dict[str, Any])
            backend = str(parts.pop("backend"))
            work[backend] = work.get(backend, BackendWork()).plus(msgspec.convert(parts, BackendWork))
        except (KeyError, *UNREADABLE) as error:
            raise RunError(
                f"does not read: {one_line(str(error))}. Delete that line and run the same command again.",
                file=path,
                line=number,
            ) from error
    return work


def remove_ledger(folder: Path) -> None:
    """Remove it: the run is finished, and run.json tells all of it."""
    (folder / NAME).unlink(missing_ok=True)


def _line(backend: str, work: BackendWork) -> bytes:
    """Return the line of some work; none where nothing was done."""
    parts = {name: value for name, value in asdict(work).items() if value}
    return sealed(msgspec.json.encode({"backend": backend, **parts}), NAME) + b"\n" if parts else b""
