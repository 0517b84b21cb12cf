"""Files of a run that may lie compressed: `samples/x.jsonl.gz` stands for `samples/x.jsonl`, wherever a run is read.

A file is found in either form, and written anew in the form that it had. Equal content gives equal bytes: no name and no
time goes into the compressed form. Where both lie side by side, after a kill between writing one and removing the other, the
plain one holds.
"""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from harness.errors import RunError
from harness.files import write_atomically

SUFFIX = ".gz"


def packed(path: Path) -> Path:
    """Return where the compressed form of a file lies."""
    return path.with_name(path.name + SUFFIX)


def stored(path: Path) -> bool:
    """Return whether the file is there, in either form."""
    return path.exists() or packed(path).exists()


def read(path: Path) -> bytes:
    """Return the content of a file, in whichever form it lies.

    Raises `FileNotFoundError` where it lies in neither, `RunError` where it cannot be read, or the compressed form does not
    read as such.
    """
    try:
        return _content(path)
    except FileNotFoundError:
        content = _content(packed(path))
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise RunError(
            f"does not read as gzip: {error}. Delete it and run the same command again.", file=packed(path)
        ) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RunError(
            f"cannot be read: {error.strerror or error}. Put the run's own file back, or take away what lies in its place.",
            file=path,
        ) from error


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: compressed where it lay compressed, else plain. Raises `OSError`."""
    if packed(path).exists() and not path.exists():
        write_atomically(packed(path), _compress(content))
    else:
        write_atomically(path, content)
        packed(path).unlink(missing_ok=True)


def pack(path: Path) -> None:
    """Put the compressed form of a file in its place. One that is compressed already stays as it is."""
    if path.exists():
        write_atomically(packed(path), _compress(path.read_bytes()))
        path.unlink()


def unpack(path: Path) -> None:
    """Put the plain form of a file back in its place, so that it can be added to. One that is plain already stays."""
    if packed(path).exists():
        if not path.exists():
            write_atomically(path, read(path))
        packed(path).unlink()


def _compress(content: bytes) -> bytes:
    made = BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=made, mtime=0) as file:
        file.write(content)
    return made.getvalue()
