"""Transcripts by content: the same audio, backend and options are recognised once, whichever run asks.

One small JSON file an entry, written beside its place and renamed into it, so that any number of processes may share a
cache and a kill leaves whole entries only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import msgspec

from harness.records import Seconds, Transcript


@dataclass(frozen=True, slots=True)
class CachedTranscript:
    """A transcript and how long it took when it was made."""

    transcript: Transcript
    audio_seconds: Seconds
    recognition_seconds: Seconds


def default_cache() -> Path:
    """`$HARNESS_CACHE`, or `harness` in the user's cache folder."""
    if chosen := os.environ.get("HARNESS_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harness"


class TranscriptCache:
    """Entries under `folder/transcripts`, by the key of `key()`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "transcripts"

    @staticmethod
    def key(audio_digest: str, condition: Mapping[str, str], identity: Mapping[str, str]) -> str:
        """SHA-256 over all that decides a transcript; `condition` and `identity` are what condition and backend say of
        themselves.
        """
        return sha256(msgspec.json.encode([audio_digest, condition, identity], order="deterministic")).hexdigest()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> CachedTranscript | None:
        """The entry, or `None` where there is none or it does not read (then it is made again)."""
        try:
            return msgspec.json.decode(self._path(key).read_bytes(), type=CachedTranscript)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def put(self, key: str, entry: CachedTranscript) -> None:
        """Keeps an entry; the last of several writers wins, and all of them wrote the same text."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(entry))


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: beside its place, flushed to the disk, then renamed into it."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:  # not tempfile: results are for whoever may read the folder
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
