"""The transcript cache: what decides a key, what a damaged entry does, and writing whole files only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from harness.records import Transcript, Word
from harness.runs.cache import CachedTranscript, TranscriptCache, default_cache, write_atomically

CLEAN = {"condition": "clean"}
ENTRY = CachedTranscript(Transcript("who was medawar", words=(Word("who", 0.1, 0.3, 0.9),)), 2.5, 0.6)


def test_an_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    cache, key = TranscriptCache(tmp_path), TranscriptCache.key("audio", CLEAN, {"engine": "x"})
    assert cache.get(key) is None
    cache.put(key, ENTRY)
    assert cache.get(key) == ENTRY
    assert TranscriptCache(tmp_path).get(key) == ENTRY


def test_a_key_covers_audio_condition_and_backend_and_no_order() -> None:
    key = TranscriptCache.key("audio", CLEAN, {"engine": "x", "beam": "1"})
    assert key == TranscriptCache.key("audio", CLEAN, {"beam": "1", "engine": "x"})
    others = [("other", CLEAN, {"engine": "x", "beam": "1"}), ("audio", {"condition": "babble"}, {"engine": "x", "beam": "1"}),
              ("audio", CLEAN, {"engine": "x", "beam": "2"}), ("audio", CLEAN, {"engine": "x"}),
              *(("audio", CLEAN, {"engine": "x", "beam": "1"}, phrases) for phrases in (["a", "b"], ["b", "a"], ["a b"]))]  # fmt: skip
    assert len({key, *(TranscriptCache.key(*other) for other in others)}) == 8
    assert key == TranscriptCache.key("audio", CLEAN, {"engine": "x", "beam": "1"}, ())


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    cache, key = TranscriptCache(tmp_path), TranscriptCache.key("audio", CLEAN, {})
    cache.put(key, ENTRY)
    entry = next(tmp_path.rglob("*.json"))
    entry.write_bytes(entry.read_bytes()[:-10])
    assert cache.get(key) is None
    cache.put(key, ENTRY)
    assert cache.get(key) == ENTRY


def test_files_are_readable_by_others_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "summary.json", b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "summary.json").stat().st_mode) == 0o644


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    write_atomically(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("HARNESS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache() == tmp_path / "xdg" / "harness"
