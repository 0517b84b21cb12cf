"""Folders that are full or may not be written: a clear stop, nothing lost, and the same command goes on from there."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install

ROOT = Path(__file__).resolve().parents[3]


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with room for 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)):
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return voiced_suite(write_suite)


def call(suite: Path, folder: Path, out: Path, *, largest_file: int | None = None) -> subprocess.CompletedProcess[str]:
    site = folder / "site"
    if not site.exists():
        install(site)

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "-m", "harness", "run", str(suite), "--backend", f"faulty:none,log={folder / 'calls.log'},label=f",
         "--jobs", "2", "--out", str(out)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])},
        capture_output=True, text=True, check=False, timeout=600, preexec_fn=limit,
    )  # fmt: skip


def finished(out: Path) -> list[str]:
    content = (out / "samples" / "f.jsonl").read_text()
    assert content == "" or content.endswith("\n"), "half a line is left"
    return [json.loads(line)["utterance_id"] for line in content.splitlines()]


def asked(folder: Path) -> list[str]:
    return [line for line in (folder / "calls.log").read_text().splitlines() if line != "load"]


def test_a_disk_that_is_full_in_the_middle(suite: Path, tmp_path: Path, disk: Path) -> None:
    out = disk / "run"
    (disk / "other").write_bytes(b"x" * 49_152)  # leaves four pages: the plan, run.json and some of the samples
    done = call(suite, tmp_path, out)
    assert done.returncode == 2, done.stderr
    assert "cannot be written: No space left on device" in done.stderr
    assert "the same command goes on from there" in done.stderr
    assert "Traceback" not in done.stderr
    before = finished(out)
    assert 0 < len(before) < 8
    assert mount("-o", "remount,size=10m", str(disk))
    done = call(suite, tmp_path, out)
    assert done.returncode == 0, done.stderr
    assert len(finished(out)) == 8
    calls = Counter(asked(tmp_path))
    assert all(calls[identity] == 1 for identity in before), "what was finished is recognised again"
    assert calls.total() <= 8 + 2  # what the two workers were at when the disk was full
    assert json.loads((out / "run.json").read_text())["status"] == "complete"


def test_a_file_that_may_not_grow(suite: Path, tmp_path: Path) -> None:
    """The same without a disk: a limit on the size of files refuses in the middle of a line."""
    whole = tmp_path / "whole"
    assert call(suite, tmp_path, whole).returncode == 0
    size = (whole / "samples" / "f.jsonl").stat().st_size
    (tmp_path / "calls.log").unlink()
    out = tmp_path / "run"
    done = call(suite, tmp_path, out, largest_file=size // 2)
    assert done.returncode == 2, done.stderr
    assert "f.jsonl: cannot be written: File too large" in done.stderr
    assert 0 < len(finished(out)) < 8
    assert call(suite, tmp_path, out).returncode == 0
    assert (out / "samples" / "f.jsonl").stat().st_size > size // 2
    assert len(finished(out)) == 8


def test_results_that_may_not_be_written(suite: Path, tmp_path: Path, disk: Path) -> None:
    assert mount("-o", "remount,ro", str(disk))
    done = call(suite, tmp_path, disk / "run")
    assert done.returncode == 2
    assert f"{disk / 'run'}: cannot be written: Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "calls.log").exists(), "work was done that could not be kept"


def test_results_below_a_file(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file/run: cannot be written: Not a directory.*--out"):
        harness.run(suite, backends=["replay:vendor"], out=tmp_path / "file" / "run")


def test_a_cache_on_a_full_disk_is_done_without(
    suite: Path, tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (disk / "other").write_bytes(b"x" * 60_000)
    monkeypatch.setenv("HARNESS_CACHE", str(disk / "cache"))
    done = call(suite, tmp_path, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("could not be kept in the cache (No space left on device)") >= 1
    assert done.stderr.count("transcripts could not be kept") <= 1
    record = RunStore(tmp_path / "run").read_run()
    assert record.status == "complete"
    assert record.notes
