"""What a person sees, from stored runs only.

`figures` picks rows of summary.json and puts them into words and columns, with the meaning of each column beside it;
`terminal` prints them, `markdown` writes the report page, `comparison` prints `harness compare`. Nothing here computes a figure.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


class _Room(ModuleType):
    """`harness.report` is this room and, as the twin of the verb, a function: calling the room writes a report."""

    def __call__(self, run: Path, *, format: str = "md", out: Path | None = None) -> Path:
        from harness.report.markdown import report

        return report(run, format=format, out=out)


sys.modules[__name__].__class__ = _Room
