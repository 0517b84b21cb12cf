"""What a person sees, from stored runs only.

`figures` picks rows of summary.json and puts them into words and columns, with the meaning of each column beside it;
`terminal` prints them, `markdown` writes the report page, `comparison` prints `harness compare`, `html` writes the page that is
opened in a browser and `pictures` draws what stands in it. Nothing here computes a figure.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.report.html.audio import AudioPlace

FORMATS = ("md", "html")


def report(run: Path, *, format: str = "md", out: Path | None = None, audio: AudioPlace = "link") -> Path:
    """Writes the report of the run in folder `run` and returns where it is (`run/report.FORMAT` unless `out` is given).

    `audio` says where an html page finds the recordings: beside it, inside it (`embed`) or nowhere (`none`).
    Raises `RunError` when the folder holds no finished run, and `UsageError` for a format that there is not.
    """
    from harness.errors import UnknownName

    if format == "md":
        from harness.report.markdown import write_markdown

        return write_markdown(run, out)
    if format == "html":
        from harness.report.html import write_html

        return write_html(run, out, audio=audio)
    raise UnknownName("format", format, FORMATS)


def write_reports(run: Path) -> None:
    """Writes what every run ends with: `report.md` and `report.html`."""
    for format in FORMATS:
        report(run, format=format)


class _Room(ModuleType):
    """`harness.report` is this room and, as the twin of the verb, a function: calling the room writes a report."""

    def __call__(self, run: Path, *, format: str = "md", out: Path | None = None, audio: AudioPlace = "link") -> Path:
        return report(run, format=format, out=out, audio=audio)


sys.modules[__name__].__class__ = _Room
