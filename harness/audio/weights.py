"""Digests of the weights of models: a model is known by the digest of its files, never by where they lie."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from harness.audio.reading import file_digest


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of a model's files, hidden ones left out. Each is read once in a process."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            digest.update(f"{relative.as_posix()} {weights_digest(path)}\n".encode())
    return digest.hexdigest()


def weights_digest(path: Path) -> str:
    """SHA-256 of a file that may be gigabytes long; read again only where its size or time has changed."""
    status = path.stat()
    return _digest(path, status.st_size, status.st_mtime_ns)


@cache
def _digest(path: Path, size: int, changed: int) -> str:
    return file_digest(path)
