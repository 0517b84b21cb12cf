"""A gate gives the same verdict every time: its examples do not depend on chance, nor on what ran before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROPERTY = """
from pathlib import Path
from hypothesis import given, strategies as st
if {more}:
    import harness.cli, harness.report.verdict, harness.words.text.numbers, harness.asr.channels

@given(st.lists(st.integers()), st.floats(), st.text())
def test_it(numbers, number, text):
    with Path(__file__).with_name("log").open("a") as file:
        print(numbers, number, ascii(text), file=file)
"""


def examples(folder: Path, *, more: bool, options: tuple[str, ...] = ()) -> list[str]:
    """What a property was tried with in a pytest of its own, with the settings of this project."""
    folder.mkdir()
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "test_it.py").write_text(PROPERTY.format(more=more))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        *options,
        str(folder),
    ]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout
    return (folder / "log").read_text().splitlines()


def test_examples_are_the_same_whatever_was_imported_before(tmp_path: Path) -> None:
    one, other = (examples(tmp_path / name, more=more) for name, more in (("one", False), ("other", True)))
    assert len(one) >= 100
    assert one == other


def test_a_search_at_random_tries_more_and_others(tmp_path: Path) -> None:
    fuzz = ("--hypothesis-profile", "fuzz")
    one, other = (examples(tmp_path / name, more=False, options=fuzz) for name in ("one", "other"))
    assert len(one) >= 1_000
    assert one != other
