"""Looking after a cache: counting, making room, and finding what no longer reads."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.errors import UsageError
from harness.records import Snippet, Transcript
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.source import word_analyser
from harness.runs.storage.cache import CachedTranscript, TranscriptCache
from harness.runs.storage.cache_care import cache_info, cache_prune, cache_verify, parse_bytes, parse_period

DAY = 86_400


@pytest.fixture
def filled(own_cache: Path) -> Path:
    """Ten transcripts, made one to ten days ago, and an index made today."""
    cache = TranscriptCache(own_cache)
    for number in range(10):
        key = TranscriptCache.key(f"audio {number}", {}, {})
        engine = "pocketsphinx" if number < 7 else ""
        cache.put(key, CachedTranscript(Transcript(f"number {number}"), 2.0, 0.5, engine))
        made = time.time() - DAY * (number + 1)
        os.utime(own_cache / "transcripts" / key[:2] / f"{key}.json", (made, made))
    ImpactIndex.build([Snippet("s1", "a river in Ljubljana")], word_analyser("en")).save(own_cache / "indexes" / "abc")
    return own_cache


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cache", *arguments])


def transcripts(cache: Path) -> Sequence[Path]:
    return sorted((cache / "transcripts").rglob("*.json"))


def test_info_counts(filled: Path) -> None:
    found = cache_info()
    assert (found.transcripts, found.indexes, found.unreadable, found.leftovers) == (10, 1, 0, 0)
    assert found.transcript_bytes == sum(path.stat().st_size for path in transcripts(filled))
    assert found.engines == {"made by an earlier version": 3, "pocketsphinx": 7}
    assert json.loads(call("info", "--json").output)["transcripts"] == 10
    assert "10 transcripts" in call("info").output
    assert cache_info(filled / "absent").transcripts == 0


def test_prune_by_age(filled: Path) -> None:
    done = call("prune", "--older-than", "5d12h")
    assert (done.exit_code, "no period" in done.output) == (2, True)
    assert call("prune", "--older-than", "132h").exit_code == 0
    assert len(transcripts(filled)) == 5
    assert cache_info().indexes == 1


def test_prune_by_size_removes_the_oldest(filled: Path) -> None:
    sizes = {path: path.stat().st_size for path in transcripts(filled)}
    newest = sorted(sizes, key=lambda path: -path.stat().st_mtime)[:3]
    room = sum(sizes[path] for path in newest) + cache_info().index_bytes
    found = cache_prune(max_bytes=room)
    assert (found.removed, found.kept) == (7, 4)
    assert set(transcripts(filled)) == set(newest)
    assert found.kept_bytes <= room
    assert cache_prune(max_bytes=0).kept == 0
    assert cache_info().indexes == 0


def test_verify_names_what_does_not_read_and_prune_removes_it(filled: Path) -> None:
    assert cache_verify() == []
    assert call("verify").exit_code == 0
    cut, misplaced, *_ = transcripts(filled)
    cut.write_bytes(cut.read_bytes()[:-5])
    misplaced.rename(misplaced.with_name("notes.json"))
    left = cut.with_name(f".{cut.name}.0123")
    left.write_bytes(b"half")
    fresh = cut.with_name(f".{cut.name}.4567")
    fresh.write_bytes(b"being written")
    os.utime(left, (0, 0))
    done = call("verify")
    assert done.exit_code == 2
    problems = cache_verify()
    assert len(problems) == 3
    assert all(any(f"{path}: {why}" in problem for problem in problems) for path, why in (
        (cut, "does not read"), (misplaced.with_name("notes.json"), "no name of an entry"), (left, "left over")))  # fmt: skip
    assert cache_info().unreadable == 2  # one was cut short, one lies under no name of its own
    cache_prune(older_than="100d")
    assert not cut.exists()
    assert not left.exists()
    assert fresh.exists()


def test_a_damaged_index_is_named(filled: Path) -> None:
    array = next((filled / "indexes" / "abc").glob("impacts.npy"))
    array.write_bytes(array.read_bytes()[:-4])
    assert any("impacts.npy" in problem for problem in cache_verify())


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("2GB", 2 * 10**9), ("1.5k", 1500), ("500M", 5 * 10**8), (7, 7), ("0", 0)]
)
def test_sizes(text: str | int, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "x", "-1", "10x", "1 TB", "nan"])
def test_what_is_no_size_and_no_period(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        parse_bytes(text)
    with pytest.raises(UsageError, match="no period"):
        parse_period(text)


def test_periods() -> None:
    assert [parse_period(text) for text in ("90m", "12h", "30d", "2w", "0.5d")] == [
        5400,
        43200,
        30 * DAY,
        14 * DAY,
        DAY / 2,
    ]
    with pytest.raises(UsageError, match="nothing says what may go"):
        cache_prune()
