"""What is worked out of a recording once, and kept in the cache by the recording's digest and the engine's identity.

One small JSON file a recording, under `features` in the cache, written beside its place and renamed into it: a kill leaves
whole entries only, and the same command goes on from there. An entry carries a digest over its key and content; one that is
damaged, or lies under another's key, is worked out again. A cache that cannot be read or written costs time, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from harness.errors import AudioError
from harness.files import default_cache, remove_leftovers, write_atomically
from harness.interpretation.speech.protocol import Recording
from harness.records import Clip
from harness.seal import UNREADABLE, opened, sealed

FOLDER = "features"
T = TypeVar("T")


class Kept(Generic[T]):
    """Entries of one engine, as values of the type `kind`, a `msgspec.Struct`. `folder` is the cache's, unless given."""

    def __init__(self, kind: type[T], identity: Mapping[str, str], folder: Path | None = None) -> None:
        self._kind, self._identity = kind, identity
        self._folder = (folder or default_cache()) / FOLDER
        self._swept: set[Path] = set()  # folders without what killed processes left

    def of(self, recordings: Sequence[Recording], work: Callable[[Clip], T]) -> list[T | None]:
        """Return what `work` makes of each recording, kept or new; `None` where the recording cannot be read.

        A recording that comes twice is worked on once.
        """
        made: dict[str, T | None] = {}
        for recording in recordings:
            if recording.digest not in made:
                made[recording.digest] = self._get(recording) or self._make(recording, work)
        return [made[recording.digest] for recording in recordings]

    def _make(self, recording: Recording, work: Callable[[Clip], T]) -> T | None:
        try:
            clip = recording.clip()
        except (AudioError, OSError):
            return None  # it failed in the run as well, which says why
        value = work(clip)
        with suppress(OSError):
            self._put(recording, value)
        return value

    def _get(self, recording: Recording) -> T | None:
        key = self._key(recording)
        try:
            content = opened(self._path(key).read_bytes(), key, required=True)
            return msgspec.json.decode(content or b"", type=self._kind)
        except (OSError, *UNREADABLE):
            return None

    def _put(self, recording: Recording, value: T) -> None:
        key = self._key(recording)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent not in self._swept:
            self._swept.add(path.parent)
            remove_leftovers(path.parent)
        write_atomically(path, sealed(msgspec.json.encode(value), key))

    def _key(self, recording: Recording) -> str:
        return sha256(msgspec.json.encode([recording.digest, self._identity], order="deterministic")).hexdigest()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
