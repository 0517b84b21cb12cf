"""The transcript cache: what decides a key, what a damaged entry does, and writing whole files only."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from harness.files import name_beside
from harness.records import Partial, Transcript, Word
from harness.runs.storage.cache import CachedTranscript, TranscriptCache
from harness.seal import sealed

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


def test_what_killed_processes_left_is_removed_and_what_others_write_is_not(tmp_path: Path) -> None:
    cache, key = TranscriptCache(tmp_path), TranscriptCache.key("audio", CLEAN, {})
    folder = tmp_path / "transcripts" / key[:2]
    folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    own = name_beside(folder / f"{key}.json")
    left = own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{process.pid}-"))
    for path in (own, left, folder / "notes.txt"):
        path.write_bytes(b"half")
    cache.put(key, ENTRY)
    assert sorted(folder.iterdir()) == sorted([own, folder / "notes.txt", folder / f"{key}.json"])


def test_partial_hypotheses_are_kept_and_older_entries_have_none(tmp_path: Path) -> None:
    cache, key = TranscriptCache(tmp_path), TranscriptCache.key("audio", CLEAN, {"streaming": "0.5 s"})
    streamed = replace(ENTRY, partials=(Partial(0.5, ""), Partial(1.0, "who was")))
    cache.put(key, streamed)
    assert cache.get(key) == streamed
    older = {name: value for name, value in msgspec.to_builtins(ENTRY).items() if name != "partials"}
    next(tmp_path.rglob("*.json")).write_bytes(sealed(msgspec.json.encode(older), key))
    assert cache.get(key) == ENTRY
