"""Every edit of `OF_FIGURES` and `OF_REPORTS` is noticed: made in a copy of the package, it makes the named test fail, which
passes without it.

A failing test here is a mutant that survives: the package would be wrong, and nothing would say so. Write the test that
notices, or, where the code has moved on, the edit anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.of_figures import OF_FIGURES
from tests.mutants.of_reports import OF_REPORTS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
MUTANTS = (*OF_FIGURES, *OF_REPORTS)
TESTS = sorted({mutant.test for mutant in MUTANTS})


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the package and its tests copied, so that edits reach nobody else; the rest is linked."""
    folder = tmp_path_factory.mktemp("mutants") / ROOT.name
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name in ("harness", "tests"):
            shutil.copytree(entry, folder / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    return folder


def run_tests(copy: Path, tests: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Runs tests in the copy. No compiled files: one of the same second and size would hide an edit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [*command, *(f"tests/{test}" for test in tests)],
        cwd=copy,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_tests_pass_without_an_edit(copy: Path) -> None:
    """All of them run, too: one that is skipped would notice nothing."""
    done = run_tests(copy, TESTS)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout), done.stdout
    assert "skipped" not in done.stdout, done.stdout


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_noticed(copy: Path, mutant: Mutant) -> None:
    path = copy / "harness" / mutant.file
    original = path.read_text(encoding="utf-8")
    n = original.count(mutant.old)
    assert n == 1, f"harness/{mutant.file} has {mutant.old!r} {n} times: write the edit anew"
    path.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        done = run_tests(copy, [mutant.test], "-x")
    finally:
        path.write_text(original, encoding="utf-8")
    assert done.returncode != 0, f"survives: tests/{mutant.test} passes with {mutant.new!r} for {mutant.old!r}"
    assert done.returncode == 1, f"the test did not run:\n{done.stdout}{done.stderr}"
    assert re.search(r"^FAILED ", done.stdout, re.MULTILINE), (
        f"the test did not fail, but its surroundings:\n{done.stdout}"
    )
