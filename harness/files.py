"""Files that the harness writes for itself: where its cache lies, what they are called, and how one is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from harness.errors import RunError

_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?![^.])", re.IGNORECASE
)  # devices of Windows, con.txt too


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
