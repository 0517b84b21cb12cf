"""What is worked out of a recording is worked out once, and a damaged cache costs time alone."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.interpretation.speech.kept import Kept
from harness.interpretation.speech.protocol import Recording
from harness.records import Clip
from harness.runs.storage.cache_care import cache_info, cache_prune, cache_verify
from tests.interpretation.speech.recordings import raising, recording, samples, unreadable

IDENTITY = {"engine": "counter", "version": "1"}


class Length(msgspec.Struct, frozen=True):
    """How long a recording is."""

    n: int


class Counter:
    """Counts on what it worked."""

    def __init__(self) -> None:
        self.worked: list[str] = []

    def __call__(self, clip: Clip) -> Length:
        self.worked.append(clip.utterance_id)
        return Length(len(clip.samples))


def files(cache: Path) -> Sequence[Path]:
    return sorted((cache / "features").glob("*/*.json"))


@pytest.fixture
def three() -> list[Recording]:
    return [recording(samples(seconds, name)) for seconds, name in ((0.1, "a"), (0.2, "b"), (0.3, "c"))]


def test_each_recording_is_worked_on_once(own_cache: Path, three: list[Recording]) -> None:
    first, again, other = Counter(), Counter(), Counter()
    twice = [*three, three[0]]
    expected = [Length(1600), Length(3200), Length(4800), Length(1600)]
    assert Kept(Length, IDENTITY).of(twice, first) == expected
    assert first.worked == ["a", "b", "c"]
    assert len(files(own_cache)) == 3
    # Whoever asks next, in any order, and in another process.
    assert Kept(Length, IDENTITY).of(twice[::-1], again) == expected[::-1]
    assert again.worked == []
    assert Kept(Length, {**IDENTITY, "version": "2"}).of(three, other) == expected[:3]
    assert other.worked == ["a", "b", "c"]


def test_what_was_kept_is_not_read_from_the_recording_again(three: list[Recording]) -> None:
    Kept(Length, IDENTITY).of(three, Counter())
    moved = [Recording(one.utterance_id, one.digest, raising(AssertionError("was read"))) for one in three]
    assert Kept(Length, IDENTITY).of(moved, Counter()) == [Length(1600), Length(3200), Length(4800)]


def test_a_recording_that_cannot_be_read_costs_itself(own_cache: Path, three: list[Recording]) -> None:
    given = [three[0], unreadable(), Recording("gone", "0" * 64, raising(FileNotFoundError("gone"))), three[1]]
    assert Kept(Length, IDENTITY).of(given, Counter()) == [Length(1600), None, None, Length(3200)]
    assert len(files(own_cache)) == 2  # an error is not kept: the file may come back


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-3],
        lambda content: content.replace(b'"n":1600', b'"n":1601'),
        lambda content: b'{"n":7}',
        lambda content: b"\xff" * 40,
        lambda content: b"[" * 100_000,
    ],
)
def test_a_damaged_entry_is_made_again(own_cache: Path, damage: Any, three: list[Recording]) -> None:
    Kept(Length, IDENTITY).of(three[:1], Counter())
    (file,) = files(own_cache)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert len(cache_verify()) == 1
    counter = Counter()
    assert Kept(Length, IDENTITY).of(three[:1], counter) == [Length(1600)]
    assert counter.worked == ["a"]
    assert file.read_bytes() == whole
    assert cache_verify() == []


def test_an_entry_under_anothers_key_is_not_taken(own_cache: Path, three: list[Recording]) -> None:
    Kept(Length, IDENTITY).of(three[:2], Counter())
    one, other = files(own_cache)
    other.write_bytes(one.read_bytes())
    assert Kept(Length, IDENTITY).of(three[:2], Counter()) == [Length(1600), Length(3200)]


def test_a_cache_that_cannot_be_written_costs_time_alone(own_cache: Path, three: list[Recording]) -> None:
    (own_cache / "features").write_text("a file in the place of the folder")
    for _ in range(2):
        counter = Counter()
        assert Kept(Length, IDENTITY).of(three, counter) == [Length(1600), Length(3200), Length(4800)]
        assert counter.worked == ["a", "b", "c"]


def test_what_a_killed_process_left_is_removed(own_cache: Path, three: list[Recording]) -> None:
    Kept(Length, IDENTITY).of(three[:1], Counter())
    (file,) = files(own_cache)
    file.unlink()
    from harness.files import _machine

    left = file.with_name(f".{file.name[:40]}.{_machine()}-999999999-{'0' * 32}")
    left.write_bytes(b"half")
    Kept(Length, IDENTITY).of(three[:1], Counter())
    assert not left.exists()
    assert file.exists()


def _fill(cache: str, start: Any, numbers: Any) -> None:
    import os

    os.environ["HARNESS_CACHE"] = cache
    recordings = [recording(samples(0.01 * (number + 1), str(number))) for number in range(40)]
    start.wait()
    kept = Kept(Length, IDENTITY).of(recordings, Counter())
    numbers.put([one.n for one in kept if one is not None])


def test_two_processes_may_fill_it_at_once(own_cache: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, numbers = context.Barrier(2), context.SimpleQueue()
    processes = [context.Process(target=_fill, args=(str(own_cache), start, numbers)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [numbers.get() for _ in processes] == [[160 * (number + 1) for number in range(40)]] * 2
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert len(files(own_cache)) == 40
    assert cache_verify() == []


def test_the_cache_commands_know_them(own_cache: Path, three: list[Recording]) -> None:
    assert "features" not in CliRunner().invoke(main, ["cache", "info"]).output
    Kept(Length, IDENTITY).of(three, Counter())
    info = cache_info()
    assert (info.features, info.transcripts, info.unreadable) == (3, 0, 0)
    assert info.feature_bytes == sum(file.stat().st_size for file in files(own_cache))
    assert "features of 3 recordings" in CliRunner().invoke(main, ["cache", "info"]).output
    assert json.loads(CliRunner().invoke(main, ["cache", "info", "--json"]).output)["features"] == 3
    broken, *_ = files(own_cache)
    broken.write_bytes(broken.read_bytes()[:-2])
    assert cache_info().unreadable == 1
    done = CliRunner().invoke(main, ["cache", "verify"])
    assert done.exit_code == 2
    assert f"{broken}: is not what was kept under this name" in done.output
    assert (cache_prune(older_than="100d").removed, cache_info().features) == (1, 2)
    assert cache_prune(max_bytes=0).removed == 2
