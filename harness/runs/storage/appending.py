"""Samples as they are kept one by one: each as one whole line or not at all."""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO
from pathlib import Path

from harness.files import append_line, writing
from harness.records import Sample
from harness.runs.storage import compressed
from harness.runs.storage.sample_lines import Owner, encoded


class SampleAppender:
    """Appends samples, each as one whole line or not at all."""

    def __init__(self, path_of: Callable[[str], Path], owner: Owner) -> None:
        self._path_of, self._owner = path_of, owner
        self._files: dict[str, FileIO] = {}

    def append(self, sample: Sample) -> None:
        """Adds one line. Raises `RunError` where it does not fit, and leaves none of it."""
        path = self._path_of(sample.backend)
        with writing(path):
            if sample.backend not in self._files:
                compressed.unpack(path)
                self._files[sample.backend] = FileIO(path, "ab")  # no buffer: what is refused once is not tried again
                _cut_torn_line(path)
            append_line(self._files[sample.backend], encoded(sample, self._owner))

    def close(self) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()


def _cut_torn_line(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("rb+") as file:
            file.truncate(whole)
