"""Files that the harness writes for itself: where its cache lies, and how a file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from harness.errors import RunError


def default_cache() -> Path:
    """`$HARNESS_CACHE`, or `harness` in the user's cache folder."""
    if chosen := os.environ.get("HARNESS_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harness"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into; at the end of the block it takes the place of `path`, or is removed after an exception.

    It lies beside its place, is flushed to the disk, then renamed: readers see the old file or the whole new one.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
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
def writing(place: Path) -> Iterator[None]:
    """Turn the refusal of a disk or a folder into a `RunError` that tells what to do."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot be written: {error.strerror or error}. What was finished is kept: make room there or make it writable, "
            f"and the same command goes on from there; `--out` names another folder.",
            file=place,
        ) from error
