"""A run that takes the place of another in the same folder, as a whole and at one moment.

Its files are written into a folder inside, which a rename then declares finished. From that moment on every file there stands
for the one of the same name outside; whoever next writes the run moves them to their places. So a kill at any moment leaves
the old run or the new one, never some of both.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from harness.runs.storage import compressed

UNFINISHED: Final = ".replacement.part"
FINISHED: Final = ".replacement"


def begin(folder: Path) -> Path:
    """Return a folder for the files of the new run, whose sample files have the names of the old ones, without a sample yet."""
    made = folder / UNFINISHED
    shutil.rmtree(made, ignore_errors=True)
    (made / "samples").mkdir(parents=True)
    for old in folder.glob("samples/*.jsonl*"):
        (made / "samples" / old.name.removesuffix(compressed.SUFFIX)).touch()
    return made


def commit(folder: Path) -> None:
    """Let the new run stand for the old one, each file compressed where the old one was, and move it into its place."""
    made = folder / UNFINISHED
    for path in _files(made):
        old = folder / path.relative_to(made)
        if compressed.packed(old).exists() and not old.exists():
            compressed.pack(path)
    made.rename(folder / FINISHED)
    settle(folder)


def settle(folder: Path) -> None:
    """Move what a finished run has not moved yet, and remove what an unfinished one left."""
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
    finished = folder / FINISHED
    for path in _files(finished):
        place = folder / path.relative_to(finished)
        place.parent.mkdir(exist_ok=True)
        path.replace(place)
    shutil.rmtree(finished, ignore_errors=True)


def read(folder: Path, name: str) -> bytes:
    """Return the content of a file of the run, as the finished run has it if there is one.

    Raises `FileNotFoundError`, and `RunError` where a compressed file does not read.
    """
    try:
        return compressed.read(folder / FINISHED / name)
    except FileNotFoundError:
        return compressed.read(folder / name)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
