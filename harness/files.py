"""Files and folders that the harness writes: where its cache lies, what they are called, and how one appears whole or not at all.

What is not finished yet lies beside its place, under a name that tells which process is writing it (`name_beside`). A process
that is killed leaves it there; whoever next writes in that folder removes it (`remove_leftovers`).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from io import FileIO
from pathlib import Path
from time import time
from typing import BinaryIO, Final
from uuid import uuid4

from harness.errors import RunError
from harness.records import Seconds

_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?![^.])", re.IGNORECASE
)  # devices of Windows, con.txt too
_UNFINISHED: Final = re.compile(r"\..+\.(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{32}", re.DOTALL)
_KEPT_OF_NAME: Final = 40  # file systems take 255 bytes
_ABANDONED_AFTER: Seconds = 86_400.0  # whatever process it was


def default_cache() -> Path:
    """`$HARNESS_CACHE`, or `harness` in the user's cache folder."""
    if chosen := os.environ.get("HARNESS_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harness"


def safe_stem(text: str, longest: int = 80) -> str:
    """Return the stem of a file name that any system takes as it is: `a/b?` -> `a_b_`, `CON` -> `_CON`.

    Text is data: it may be empty, hold any character, and be as long as it likes. Two texts may give one stem.
    """
    stem = re.sub(r"[^A-Za-z0-9.+_-]", "_", text)[:longest].strip(".") or "_"
    return f"_{stem}" if _RESERVED.match(stem) else stem


def distinct_stem(text: str) -> str:
    """Return a safe stem that no other text has, on systems without regard to case either.

    Text in small letters that is safe is its own stem; any other gets a digest: `Tiny` -> `Tiny-9ee5f2a8`.
    """
    stem = safe_stem(text)
    return stem if stem == text == text.lower() else f"{stem}-{sha256(text.encode()).hexdigest()[:8]}"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into; at the end of the block it takes the place of `path`, or is removed after an exception.

    It lies beside its place, is flushed to the disk, then renamed: readers see the old file or the whole new one.
    """
    beside = name_beside(path)
    try:
        with beside.open("xb") as file:  # not tempfile: results have the folder's permissions
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def building(place: Path) -> Iterator[Path]:
    """A new folder to fill; at the end of the block it takes the place of `place`, or is removed after an exception.

    A folder that is there goes; a link to one stays a link. Killed at any moment, this leaves the old folder, the new one, or
    none, never part of one.
    """
    place = place.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(place.parent)
    folder, old = name_beside(place), name_beside(place)
    folder.mkdir()
    try:
        yield folder
        if place.exists():
            place.rename(old)
        try:
            folder.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)
            raise
    finally:
        for left in (folder, old):
            shutil.rmtree(left, ignore_errors=True)


def name_beside(place: Path) -> Path:
    """Return a new name for what is written before it takes `place`: `.x.json.5f3a09c1-4711-9e8d7c6b...`.

    It names the machine and the process, so that what a killed one has left is told from what another one is writing.
    """
    return place.with_name(f".{place.name[:_KEPT_OF_NAME]}.{_machine()}-{os.getpid()}-{uuid4().hex}")


def remove_leftovers(folder: Path) -> None:
    """Remove from `folder` what killed processes of this machine were writing, and what is a day old of any machine."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:
        return
    for name in names:
        unfinished = _UNFINISHED.fullmatch(name)
        if unfinished is not None and _is_abandoned(folder / name, unfinished["machine"], int(unfinished["process"])):
            shutil.rmtree(folder / name, ignore_errors=True)
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)


def _is_abandoned(path: Path, machine: str, process: int) -> bool:
    with suppress(OSError):
        if time() - path.stat().st_mtime > _ABANDONED_AFTER:
            return True
    if machine != _machine() or os.name != "posix":  # elsewhere signal 0 is no question
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False  # another user's
    return False


@cache
def _machine() -> str:
    """Return eight digits for this host and, in a container, its own numbers of processes."""
    try:
        numbers = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        numbers = ""
    return sha256(f"{socket.gethostname()} {numbers}".encode()).hexdigest()[:8]


def append_line(file: FileIO, line: bytes) -> None:
    """Add a line to an unbuffered file, whole or not at all. Raises `OSError`."""
    whole, left = file.seek(0, os.SEEK_END), memoryview(line)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        file.truncate(whole)
        raise


def write_report(path: Path, content: bytes) -> None:
    """Write a file for a user at a place of the user's, whole or not at all. Raises `RunError` where it cannot be written."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        write_atomically(path, content)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the refusal of a disk or a folder into a `RunError` that tells what to do."""
    try:
        yield
    except TimeoutError:
        raise  # of a lock
    except OSError as error:
        raise RunError(
            f"cannot be written: {error.strerror or error}. What was finished is kept: make room there or make it writable, "
            f"and the same command goes on from there; `--out` names another folder.",
            file=place,
        ) from error
