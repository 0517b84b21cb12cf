"""A compressed run is the same run: whatever reads it finds the same, and it goes on where it stopped."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

import harness
from harness.cli import main
from harness.errors import RunError
from harness.runs.storage import compressed
from harness.runs.storage.store import RunStore
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests

BACKENDS = ["replay:vendor", "replay:perfect"]


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite()


@pytest.fixture
def plain(suite: Path, tmp_path: Path) -> Path:
    folder = harness.run(suite, out=tmp_path / "plain", backends=BACKENDS).folder
    harness.report(folder)
    return folder


@pytest.fixture
def packed(plain: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "packed"
    shutil.copytree(plain, folder)
    RunStore(folder).compress()
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_everything_but_run_json_and_the_reports_is_compressed(plain: Path, packed: Path) -> None:
    before, after = files(plain), files(packed)
    whole = {"run.json", "report.md", ".lock"}
    assert {name.removesuffix(".gz") for name in after} == set(before)
    assert {name for name in after if not name.endswith(".gz")} == whole
    assert all(gzip.decompress(after[f"{name}.gz"]) == before[name] for name in before if name not in whole)
    assert sum(map(len, after.values())) < sum(map(len, before.values())) / 2


def test_equal_runs_give_equal_bytes_whenever_they_are_compressed(plain: Path, packed: Path) -> None:
    for path in plain.rglob("*.json*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    RunStore(plain).compress()
    assert files(plain) == files(packed)


@pytest.mark.parametrize("format", ["md", "html", "csv", "trn", "trec"])
def test_reports_and_exports_are_the_same(plain: Path, packed: Path, tmp_path: Path, format: str) -> None:
    one, other = (harness.report(run, format=format, out=tmp_path / format / run.name) for run in (plain, packed))
    assert files(one) == files(other) if one.is_dir() else one.read_bytes() == other.read_bytes()


def test_the_run_its_tables_its_comparison_and_its_notebook_are_the_same(plain: Path, packed: Path) -> None:
    one, other = harness.load_run(plain), harness.load_run(packed)
    assert (one.record, one.summary, one.planned, one.errors) == (other.record, other.summary, other.planned, 0)
    for table in ("rows", "samples", "retrieval"):
        assert one.to_frame(table).equals(other.to_frame(table))
    assert harness.compare(plain).comparisons == harness.compare(packed).comparisons
    assert harness.compare(plain, packed).comparisons
    shown = [harness.show(run)._repr_html_().replace(str(run.folder), "") for run in (one, other)]
    assert shown[0] == shown[1]


def test_the_same_command_again_changes_nothing_and_prints_the_figures(suite: Path, plain: Path, packed: Path) -> None:
    before = files(packed)
    flags = [word for name in BACKENDS for word in ("--backend", name)]
    done = CliRunner().invoke(main, ["run", str(suite), *flags, "--out", str(packed), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads((plain / "summary.json").read_bytes())
    after = files(packed)
    for name in ("run.json", "report.md", "report.html"):  # times
        after.pop(name, None), before.pop(name, None)
    assert after == before


def test_a_compressed_run_that_lacks_samples_is_finished(suite: Path, plain: Path, packed: Path) -> None:
    lacking = next((packed / "samples").glob("*vendor*.gz"))
    lines = gzip.decompress(lacking.read_bytes()).splitlines(keepends=True)
    lacking.write_bytes(gzip.compress(b"".join(lines[2:]), mtime=0))
    harness.run(suite, out=packed, backends=BACKENDS)
    assert not lacking.exists()
    for name in ("vendor", "perfect"):
        one, other = (next((run / "samples").glob(f"*{name}*")) for run in (plain, packed))
        assert compressed.read(other.with_name(one.name)) == one.read_bytes()
    assert compressed.read(packed / "summary.json") == (plain / "summary.json").read_bytes()


def test_of_two_forms_the_plain_one_holds_and_the_other_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old")
    compressed.pack(path)
    assert not path.exists()
    compressed.write(path, b"newer")
    assert not path.exists()
    assert compressed.read(path) == b"newer"
    path.write_bytes(b"plain")
    assert compressed.read(path) == b"plain"
    compressed.write(path, b"newest")
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]
    with pytest.raises(FileNotFoundError):
        compressed.read(tmp_path / "y.jsonl")


@pytest.mark.parametrize(
    "damage",
    [b"", b"no gzip", gzip.compress(b"{}" * 500, mtime=0)[:-9], gzip.compress(b"{}", mtime=0)[:-4] + b"\0" * 4],
)
def test_a_damaged_file_is_named(packed: Path, damage: bytes) -> None:
    path = packed / "summary.json.gz"
    path.write_bytes(damage)
    with pytest.raises(RunError, match=r"summary\.json"):
        RunStore(packed).read_summary()


def test_what_is_not_finished_or_being_written_is_left_alone(plain: Path) -> None:
    with FileLock(plain / ".lock"), pytest.raises(RunError, match="another process is writing"):
        harness.report(plain, compress=True)
    record = json.loads((without_digests(plain) / "run.json").read_text())
    (plain / "run.json").write_text(json.dumps(record | {"status": "cancelled"}))
    refused = CliRunner().invoke(main, ["report", str(plain), "--compress"])
    assert refused.exit_code == 2
    assert "is cancelled, and only a finished run" in refused.stderr
    assert not list(plain.rglob("*.gz"))
