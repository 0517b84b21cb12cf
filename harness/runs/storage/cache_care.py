"""`harness cache`: what is in the cache, what may be removed, and what no longer reads."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import time

from harness.errors import UsageError
from harness.files import default_cache
from harness.records import Seconds
from harness.runs.storage.cache import CachedTranscript, read_entry
from harness.seal import UNREADABLE, BrokenSeal, opened

_LEFT_OVER_AFTER: Seconds = 3_600.0  # what a process writes beside its place is renamed within moments, or never
_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_PERIODS = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What the cache holds. `engines` counts transcripts by the engine that made them; sizes are bytes of content."""

    folder: str
    transcripts: int
    transcript_bytes: int
    engines: Mapping[str, int]
    unreadable: int
    indexes: int
    index_bytes: int
    leftovers: int
    features: int = 0
    feature_bytes: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the counts as lines of text."""
        yield self.folder
        yield f"  {self.transcripts} transcripts, {_megabytes(self.transcript_bytes)}"
        yield from (f"    {engine} {count}" for engine, count in self.engines.items())
        yield f"  {self.indexes} indexes, {_megabytes(self.index_bytes)}"
        if self.features:
            yield f"  features of {self.features} recordings, {_megabytes(self.feature_bytes)}"
        if self.unreadable or self.leftovers:
            yield f"  {self.unreadable} unreadable, {self.leftovers} left over from writing: see `harness cache verify`"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, and what is left."""

    removed: int
    removed_bytes: int
    kept: int
    kept_bytes: int

    def line(self) -> str:
        """Return both as a line of text."""
        return (
            f"removed {self.removed} entries, {_megabytes(self.removed_bytes)}; "
            f"kept {self.kept}, {_megabytes(self.kept_bytes)}"
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A transcript's file, an index's folder, or a leftover. `made`: seconds since 1970."""

    path: Path
    kind: str
    size_bytes: int
    made: Seconds


def cache_info(folder: Path | None = None) -> CacheInfo:
    """Count what is in the cache (the default one unless named), reading every transcript and all features."""
    root = folder or default_cache()
    entries = list(_entries(root))
    transcripts, indexes, features = (
        [entry for entry in entries if entry.kind == kind] for kind in ("transcript", "index", "feature")
    )
    read = [_read(entry.path) for entry in transcripts]
    engines = Counter(kept.engine or "made by an earlier version" for kept in read if kept is not None)
    return CacheInfo(
        folder=str(root),
        transcripts=len(transcripts),
        transcript_bytes=sum(entry.size_bytes for entry in transcripts),
        engines=dict(sorted(engines.items())),
        unreadable=read.count(None) + sum(bool(_problem(entry)) for entry in features),
        indexes=len(indexes),
        index_bytes=sum(entry.size_bytes for entry in indexes),
        leftovers=sum(entry.kind == "leftover" for entry in entries),
        features=len(features),
        feature_bytes=sum(entry.size_bytes for entry in features),
    )


def cache_verify(folder: Path | None = None) -> list[str]:
    """Return what is wrong, one line each: entries that are not what was kept under their names, damaged indexes, leftovers."""
    from harness.retrieval.indexing import verify_kept

    problems = []
    for entry in _entries(folder or default_cache()):
        if entry.kind == "leftover":
            if time() - entry.made > _LEFT_OVER_AFTER:
                problems.append(f"{entry.path}: left over from writing that was cut short")
        elif entry.kind == "index":
            problems += verify_kept(entry.path)
        elif not re.fullmatch(r"[0-9a-f]{64}", entry.path.stem) or entry.path.parent.name != entry.path.stem[:2]:
            problems.append(f"{entry.path}: no name of an entry, so it is never read")
        elif problem := _problem(entry):
            problems.append(f"{entry.path}: {problem}. It will be made again; `harness cache prune` removes it")
    return problems


def cache_prune(
    *, older_than: str | None = None, max_bytes: str | int | None = None, folder: Path | None = None
) -> Pruned:
    """Remove entries made longer ago than `older_than` (`30d`, `12h`), then the oldest until at most `max_bytes` (`2GB`)
    are left; leftovers, and what does not read, go in any case.

    A run that goes on meanwhile loses nothing: what it no longer finds it makes again. Raises `UsageError`.
    """
    if older_than is None and max_bytes is None:
        raise UsageError("nothing says what may go: give --older-than 30d, --max-bytes 2GB, or both")
    now = time()
    before = now - parse_period(older_than) if older_than is not None else 0.0
    most = parse_bytes(max_bytes) if max_bytes is not None else None
    entries = sorted(_entries(folder or default_cache()), key=lambda entry: (entry.made, str(entry.path)))
    worthless = {entry.path for entry in entries if _worthless(entry, now)}
    left = sum(entry.size_bytes for entry in entries if entry.path not in worthless)
    removed, kept = [], []
    for entry in entries:
        if entry.path not in worthless:
            if entry.made >= before and (most is None or left <= most):
                kept.append(entry)
                continue
            left -= entry.size_bytes
        _remove(entry)
        removed.append(entry)
    return Pruned(
        len(removed), sum(entry.size_bytes for entry in removed), len(kept), sum(entry.size_bytes for entry in kept)
    )


def parse_period(text: str) -> Seconds:
    """Return `30d`, `12h`, `90m` or `2w` in seconds. Raises `UsageError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhdw])", text.strip().lower())
    if match is None:
        raise UsageError(f"{text!r} is no period: expected a number and m, h, d or w, such as 30d")
    return float(match[1]) * _PERIODS[match[2]]


def parse_bytes(text: str | int) -> int:
    """Return `2GB`, `500M` or `1000000` in bytes; units are powers of 1,000. Raises `UsageError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?b?)", str(text).strip().lower())
    if match is None:
        raise UsageError(f"{text!r} is no size: expected bytes, or a number and k, M or G, such as 2GB")
    return int(float(match[1]) * _UNITS[match[2]])


def _entries(root: Path) -> Iterator[_Entry]:
    """Yield all that the cache made under `root`, by kind; files that are none of it are left alone."""
    for folder, kept in (("transcripts", "transcript"), ("features", "feature")):
        for path in sorted((root / folder).glob("*/*")):
            if path.is_file():
                kind = "leftover" if path.name.startswith(".") else kept
                if kind == "leftover" or path.suffix == ".json":
                    yield _entry(path, kind, [path])
    for path in sorted((root / "indexes").glob("*")):
        if path.is_dir():
            yield _entry(path, "leftover" if path.name.startswith(".") else "index", list(path.rglob("*")))


def _entry(path: Path, kind: str, files: list[Path]) -> _Entry:
    sizes, made = 0, 0.0
    for file in files or [path]:
        try:
            status = file.stat()
        except FileNotFoundError:  # another process removed it a moment ago
            continue
        sizes, made = sizes + (status.st_size if file.is_file() else 0), max(made, status.st_mtime)
    return _Entry(path, kind, sizes, made)


def _worthless(entry: _Entry, now: Seconds) -> bool:
    if entry.kind == "leftover":
        return now - entry.made > _LEFT_OVER_AFTER
    return entry.kind in ("transcript", "feature") and bool(_problem(entry))


def _remove(entry: _Entry) -> None:
    if entry.path.is_dir():
        shutil.rmtree(entry.path)
    else:
        entry.path.unlink(missing_ok=True)


def _read(path: Path) -> CachedTranscript | None:
    try:
        return read_entry(path, path.stem)
    except (OSError, *UNREADABLE):
        return None


def _problem(entry: _Entry) -> str:
    """Return why a transcript or features are not what was kept under their key; empty where they are."""
    key = entry.path.stem
    try:
        if entry.kind == "feature":
            opened(entry.path.read_bytes(), key, required=True)
        else:
            read_entry(entry.path, key)
    except FileNotFoundError:  # another process removed it a moment ago
        return "has gone"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except BrokenSeal:
        return "is not what was kept under this name: it was changed, or is another's"
    except UNREADABLE:
        return "does not read"
    return ""


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 10**6:.1f} MB"
