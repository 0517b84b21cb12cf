"""Transcripts by content: the same audio, backend and options are recognised once, whichever run asks.

One small JSON file an entry, written beside its place and renamed into it, so that any number of processes may share a
cache and a kill leaves whole entries only. Its digest (`seal`) covers its key too: an entry that was damaged, or lies under
another's key, counts as none and is made again. A lock for each of a few thousand parts of the key space lets one process wait
for what another is already recognising. A cache that cannot be read or written is an inconvenience, never a reason to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import msgspec

from harness.files import remove_leftovers, write_atomically
from harness.records import Partial, Seconds, Transcript
from harness.seal import UNREADABLE, BrokenSeal, opened, sealed

_LOCK_DIGITS = (
    3  # 4,096 parts: two of sixteen workers meet by chance in one sample out of thirty, and then wait a moment
)


@dataclass(frozen=True, slots=True)
class CachedTranscript:
    """A transcript, how long it took when it was made (and to bring the bias list in), and which engine made it.

    `processor_seconds` is `None` where processor time is not the measure, and in entries of earlier versions. `notes` say what
    was mended of the recording; `partials` are of a backend that reads it as it goes.
    """

    transcript: Transcript
    audio_seconds: Seconds
    recognition_seconds: Seconds
    engine: str = ""
    preparation_seconds: Seconds | None = None
    processor_seconds: Seconds | None = None
    notes: tuple[str, ...] = ()
    partials: tuple[Partial, ...] = ()


_FIELDS = {field.name for field in fields(CachedTranscript)}


class TranscriptCache:
    """Entries under `folder/transcripts`, by the key of `key()`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "transcripts"
        self._swept: set[Path] = set()  # folders without what killed processes left
        self.damaged: set[str] = set()  # keys of entries that were there and did not read

    @staticmethod
    def key(
        audio_digest: str, condition: Mapping[str, str], identity: Mapping[str, str], phrases: Sequence[str] = ()
    ) -> str:
        """Return the SHA-256 of all that decides a transcript; `condition` and `identity` are what condition and backend tell of
        themselves, `phrases` those of the recording's bias list that reach the engine.
        """
        parts = [audio_digest, condition, identity, *([phrases] if phrases else [])]
        return sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> CachedTranscript | None:
        """Return the entry, or `None` where there is none or it does not read (then it is made again)."""
        try:
            return read_entry(self._path(key), key)
        except OSError:
            return None
        except UNREADABLE:
            self.damaged.add(key)
            return None

    @contextmanager
    def reserved(self, keys: Iterable[str], patience: Seconds) -> Iterator[None]:
        """Wait while another process works on one of these keys, for `patience` seconds at most, and keep others waiting.

        Where there can be no locks there is no waiting: the same is then recognised twice, and nothing is harmed.
        """
        from filelock import FileLock, Timeout

        folder = self.folder.parent / "locks"
        with ExitStack() as held:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                for part in sorted(
                    {key[:_LOCK_DIGITS] for key in keys}
                ):  # one order for all: no two wait for each other
                    held.enter_context(FileLock(folder / f"{part}.lock", timeout=patience, poll_interval=0.05))
            except (OSError, NotImplementedError, Timeout):
                held.close()
            yield

    def put(self, key: str, entry: CachedTranscript) -> None:
        """Keep an entry; the last of several writers wins, and all of them wrote the same text. Raises `OSError`."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent not in self._swept:
            self._swept.add(path.parent)
            remove_leftovers(path.parent)
        write_atomically(path, sealed(msgspec.json.encode(entry), key))


def read_entry(path: Path, key: str) -> CachedTranscript:
    """Return the entry in a file. Raises `OSError`, and one of `UNREADABLE` unless it is what was kept under this key.

    Entries of versions that wrote no digest are taken as they are, if they have no other fields.
    """
    content = path.read_bytes()
    body = opened(content, key)
    if body is None and not msgspec.json.decode(content, type=dict[str, msgspec.Raw]).keys() <= _FIELDS:
        raise BrokenSeal("has fields that no entry has")
    return msgspec.json.decode(content if body is None else body, type=CachedTranscript)
