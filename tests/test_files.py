from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.files import default_cache, distinct_stem, safe_stem, write_atomically


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
