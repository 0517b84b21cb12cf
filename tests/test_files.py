from __future__ import annotations

import multiprocessing
import os
import re
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import RunError
from harness.files import (
    building,
    default_cache,
    distinct_stem,
    name_beside,
    remove_leftovers,
    safe_stem,
    write_atomically,
    write_report,
)


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


def left_by_another_process(place: Path, *, ended: bool) -> Path:
    """What a process was writing for `place`; it has ended, or it is one that goes on: this one's parent."""
    if not ended:
        return place.with_name(name_beside(place).name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-"))
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join(60)
    return place.with_name(name_beside(place).name.replace(f"-{os.getpid()}-", f"-{process.pid}-"))


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "report.md"
    dead, dead_folder = (left_by_another_process(place, ended=True) for _ in "ab")
    dead.write_text("half")
    (dead_folder / "inside").mkdir(parents=True)
    own, living = name_beside(place), left_by_another_process(place, ended=False)
    elsewhere = place.with_name(re.sub(r"[0-9a-f]{8}-", "00000000-", dead.name, count=1))
    old = place.with_name(re.sub(r"[0-9a-f]{8}-", "11111111-", dead.name, count=1))
    others = tmp_path / ".report.md.swp", tmp_path / ".gitignore", tmp_path / f"{dead.name[1:]}"
    for path in (own, living, elsewhere, old, *others):
        path.write_text("x")
    os.utime(old, times=(time.time() - 100_000,) * 2)
    remove_leftovers(tmp_path)
    assert set(tmp_path.iterdir()) == {own, living, elsewhere, *others}
    remove_leftovers(tmp_path / "absent")


def test_a_long_name_leaves_room_for_what_tells_the_writer(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("ü" * 120), b"x")
    with building(tmp_path / ("o" * 255)) as folder:
        (folder / "file").touch()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_is_replaced_as_a_whole_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "old").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with building(tmp_path / "link") as folder:
        (folder / "new").touch()
        assert [path.name for path in (tmp_path / "real").iterdir()] == ["old"]
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["new"]
    assert (tmp_path / "link").is_symlink()
    with pytest.raises(ValueError, match="no"), building(tmp_path / "real"):
        raise ValueError("no")
    assert {path.name for path in tmp_path.iterdir()} == {"real", "link"}
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["new"]


def test_a_report_below_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file/report.md: cannot be written: (Not a directory|File exists)"):
        write_report(tmp_path / "file" / "report.md", b"")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("HARNESS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache() == tmp_path / "xdg" / "harness"


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("tiny.en", "tiny.en"), ("a/b?", "a_b_"), ("../x", "_x"), ("CON", "_CON"), ("nul.txt", "_nul.txt"), ("Com1", "_Com1"),
        ("console", "console"), ("", "_"), ("...", "_"), ("é", "_"), ("telephone.", "telephone"), ("x" * 300, "x" * 80),
    ],
)  # fmt: skip
def test_stems_of_file_names(text: str, stem: str) -> None:
    assert safe_stem(text) == stem


@given(
    st.lists(st.text(max_size=20) | st.sampled_from(["a", "A", "con", "CON", "a.", "é", "É"]), max_size=8, unique=True)
)
def test_distinct_stems_differ_whatever_the_case(texts: list[str]) -> None:
    stems = list(map(distinct_stem, texts))
    assert len({stem.lower() for stem in stems}) == len(texts)
    assert all(re.fullmatch("[A-Za-z0-9+_-][A-Za-z0-9.+_-]*", stem) for stem in stems)


def test_a_plain_label_in_small_letters_is_its_own_stem() -> None:
    assert distinct_stem("faster-whisper_tiny.en+oracle") == "faster-whisper_tiny.en+oracle"
    assert re.fullmatch("Tiny-[0-9a-f]{8}", distinct_stem("Tiny"))
