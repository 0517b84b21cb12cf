"""Another package's backend: installed beside the harness, named in an entry point, used without a change here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import HYPOTHESES, WriteSuite

EXAMPLE = Path(__file__).parent / "example_backend"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the example package as an installer leaves it (no build program is needed for that)."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    folder = tmp_path / "site"
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    shutil.copy(EXAMPLE / "example_backend.py", folder)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    (info / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
            for group, points in project["entry-points"].items()
        )
    )
    return folder


def call(site: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_example_is_short() -> None:
    assert len((EXAMPLE / "example_backend.py").read_text().splitlines()) <= 20


def test_a_run_with_another_packages_backend(site: Path, write_suite: WriteSuite, tmp_path: Path) -> None:
    done = call(site, "run", write_suite(), "--backend", "example", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "run" / "samples" / "example.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["transcript"]["text"] for line in lines) == sorted([*HYPOTHESES, *HYPOTHESES])
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["backends"] == {"example": {"engine": "example", "version": "1.0"}}


def test_it_is_listed_and_absent_without_its_package(site: Path, tmp_path: Path) -> None:
    listed = {entry["name"]: entry for entry in json.loads(call(site, "backends", "--json").stdout)}
    assert listed["example"]["installed"]
    assert listed["example"]["gives"]["batch"]
    assert {"command", "openai-api", "pocketsphinx", "replay"} < set(listed)
    assert "example" not in call(tmp_path, "backends").stdout


def test_a_broken_package_hides_no_other(site: Path, write_suite: WriteSuite) -> None:
    (site / "example_backend.py").write_text("import no_such_engine\n")
    done = call(site, "backends")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("example")]
    assert "broken" in line
    assert "no_such_engine" in line
    assert "pocketsphinx" in done.stdout
    done = call(site, "run", write_suite(), "--backend", "example")
    assert done.returncode == 2
    assert "No module named 'no_such_engine'" in done.stderr
    assert "Traceback" not in done.stderr
