"""A database file of Milvus Lite for this process alone: only one process at a time may have one open.

Where none is named, an index folder has up to sixteen of them, `milvus.db`, `milvus-2.db` ...: a run that finds the first one
taken uses the next, and each is filled once and used again. A file that was named is waited for. The locks are the system's,
so those of a process that was killed are free at once.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final
from warnings import warn

from harness.errors import HarnessError, Notice
from harness.records import Seconds

if TYPE_CHECKING:
    from filelock import FileLock

PATIENCE: Final[Seconds] = 60.0
_FILES: Final = 16
_LOGGERS: Final = ("pymilvus", "pymilvus.milvus_client", "milvus_lite", "grpc")


def own_file(chosen: str, folder: Path) -> tuple[Path, FileLock]:
    """Return the file `chosen`, or one of `folder` that no other process has, with the lock that keeps it for this one.

    Raises `HarnessError` where other processes have it for longer than `PATIENCE`.
    """
    names = [Path(chosen).resolve()] if chosen else _names(folder)
    until, told = monotonic() + PATIENCE, False
    while True:
        for path in names:
            if lock := _locked(path):
                return path, lock
        if not told:
            told = True
            warn(
                f"another process has {names[0]} open in Milvus Lite: waiting up to {PATIENCE:g} s for it",
                Notice,
                stacklevel=2,
            )
        if monotonic() >= until:
            raise HarnessError(
                f"milvus at {names[0]}: another process has had it open for {PATIENCE:g} s, and Milvus Lite lets one process "
                f"at a time. Wait for that run, name another file (`milvus:FILE`), or use a server (`milvus:http://HOST:19530`)."
            )
        sleep(0.2)


def _names(folder: Path) -> Sequence[Path]:
    return [folder.resolve() / f"milvus{'' if n == 1 else f'-{n}'}.db" for n in range(1, _FILES + 1)]


def _locked(path: Path) -> FileLock | None:
    """Return the lock of a database file, or `None` where another process has it; this process may take it again."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.lock"), thread_local=False, is_singleton=True)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    if _is_open_elsewhere(path, lock):
        lock.release()
        return None
    return lock


def _is_open_elsewhere(path: Path, lock: FileLock) -> bool:
    """Whether a process that does not take our lock has the database: Milvus Lite's own lock tells."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return False
    if lock.lock_counter > 1:  # it is open in this process already
        return False
    try:
        opened = os.open(path / "LOCK", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(opened)
    return False


def quiet() -> None:
    """Keep what Milvus's packages log off the terminal: tracebacks of what is raised here as one line, also while they end."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def reasons() -> Iterator[list[str]]:
    """Yield a list of why Milvus Lite did not open a file: it logs that, and raises something that does not tell."""
    logger = logging.getLogger("milvus_lite.server_manager")
    told: list[str] = []

    def noted(record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            told.append(str(record.exc_info[1]))
        return False

    logger.addFilter(noted)
    logger.setLevel(logging.ERROR)
    try:
        yield told
    finally:
        logger.removeFilter(noted)
        logger.setLevel(logging.NOTSET)
