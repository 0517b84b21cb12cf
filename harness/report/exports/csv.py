r"""The tables of a run as CSV: UTF-8, a comma between cells, `\n` between lines, nothing where there is no value.

References, hypotheses and names from outside may begin like a formula, and spreadsheets carry formulas out, some of them
after dropping spaces, quotes or invisible characters in front: such a cell gets an apostrophe in front, which they read as
"this is text". Numbers, negative ones too, stay as they are. `plain_text` gives the text of a cell back.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import msgspec

from harness.report.exports.folder import write_folder
from harness.report.unseen import UNSEEN, whole
from harness.runs.storage.tidy_tables import Kind, TidyTable, read_tables

# East Asian editions of spreadsheets take the wide forms of the signs, too.
_FORMULA: Final = re.compile(
    rf"""'*[\t\r\n]|(?:[\s"'`\u00ab\u00b4\u00bb\u02b9\u02bc\u2018-\u201f\u2039\u203a\u300c-\u300f\uff02\uff07\u2800]|{UNSEEN.pattern})*"""
    r"[=+\-@＝＋－＠]"
)


def write_csv(run: Path, out: Path | None = None) -> Path:
    """Writes rows.csv, comparisons.csv, words.csv, samples.csv and retrieval.csv into `out` (`run/csv` unless given), and
    mitigations.csv where repairs were judged.

    Lists stand in their cells as JSON. Raises `RunError` when the folder holds no finished run, `UsageError` where
    `out` holds something else.
    """
    tables = read_tables(run)
    return write_folder(out or run / "csv", "csv", {f"{table.name}.csv": _encoded(table) for table in tables})


class _Lines(list[str]):
    r"""What `csv.writer` writes, a line an entry. It quotes `\r` only where lines end in it, so they do until here."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix("\r\n") + "\n")


def _encoded(table: TidyTable) -> bytes:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    kinds = tuple(table.columns.values())
    writer.writerow(harmless(name) for name in table.columns)
    writer.writerows([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in table.rows)
    return "".join(lines).encode()


def _cell(value: object, kind: Kind) -> str:
    if value is None:
        return ""
    if kind == "text":
        return harmless(str(value))
    if kind in ("texts", "forms"):
        return msgspec.json.encode(value).decode()  # begins with a bracket
    return str(value).lower() if kind == "flag" else repr(value)


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula: `=1+1` -> `'=1+1`."""
    kept = whole(text)
    return f"'{kept}" if _FORMULA.match(kept) else kept


def plain_text(cell: str) -> str:
    """The text that `harmless` made the cell of: `'=1+1` -> `=1+1`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
