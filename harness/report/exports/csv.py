"""The tables of a run as CSV: UTF-8, a comma between cells, `\\n` between lines, nothing where there is no value.

References, hypotheses and names from outside may begin like a formula, and spreadsheets carry formulas out: such a cell
gets an apostrophe in front, which they read as "this is text". Numbers, negative ones too, stay as they are.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import msgspec

from harness.report.exports.folder import write_folder
from harness.runs.storage.tidy_tables import Kind, TidyTable, read_tables

_FORMULA = tuple("=+-@＝＋－＠")  # East Asian editions of spreadsheets take the wide forms too
_LEADING = ("\t", "\r", "\n")


def write_csv(run: Path, out: Path | None = None) -> Path:
    """Writes rows.csv, comparisons.csv, words.csv, samples.csv and retrieval.csv into `out` (`run/csv` unless given).

    Lists stand in their cells as JSON. Raises `RunError` when the folder holds no finished run, `UsageError` where
    `out` holds something else.
    """
    tables = read_tables(run)
    return write_folder(out or run / "csv", "csv", {f"{table.name}.csv": _encoded(table) for table in tables})


def _encoded(table: TidyTable) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    kinds = tuple(table.columns.values())
    writer.writerow(harmless(name) for name in table.columns)
    writer.writerows([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in table.rows)
    return text.getvalue().encode()


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
    return f"'{text}" if text.startswith(_LEADING) or text.lstrip().startswith(_FORMULA) else text
