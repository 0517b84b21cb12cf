"""`harness report --format` and its twin find every format by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.errors import UnknownName
from harness.report import FORMATS


def test_formats_are_found_by_name_from_both_sides(run: Path, tmp_path: Path) -> None:
    assert {"csv", "html", "md", "parquet", "trec", "trn"} <= set(FORMATS)
    done = CliRunner().invoke(
        main, ["report", str(run), "--format", "trn", "--out", str(tmp_path / "t"), "--figures", str(tmp_path / "f")]
    )
    assert (done.exit_code, done.output.split()) == (0, [str(tmp_path / "t"), str(tmp_path / "f")])
    twin = harness.report(str(run), format="trn", out=str(tmp_path / "twin"))
    assert {p.name: p.read_bytes() for p in twin.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "t").iterdir()
    }


def test_an_unknown_format_gets_a_hint(run: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown format 'parket'\. Did you mean 'parquet'\?"):
        harness.report(run, format="parket")


@pytest.mark.parametrize("format", ["csv", "trn", "trec"])
def test_a_folder_without_a_run_gives_nothing(tmp_path: Path, format: str) -> None:
    with pytest.raises(harness.HarnessError, match=r"no run\.json|missing"):
        harness.report(tmp_path, format=format, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
