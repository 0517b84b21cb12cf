"""CSV: what a spreadsheet opens is what is stored, and none of it is carried out."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.report.exports.csv import harmless
from harness.runs.storage.tidy_tables import TABLES, read_tables
from tests.report.exports.conftest import FORMULA


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_is_there_with_its_columns_and_values(run: Path) -> None:
    folder = harness.report(run, format="csv")
    assert folder == run / "csv"
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES)
    for table in read_tables(run):
        found = read(folder / f"{table.name}.csv")
        assert len(found) == len(table.rows) > 0
        for line, row in zip(found, table.rows, strict=True):
            assert list(line) == list(table.columns)
            for cell, (name, kind), value in zip(line.values(), table.columns.items(), row, strict=True):
                if value is None:
                    assert cell == "", name
                elif kind in ("number", "count"):
                    assert float(cell) == value, name
                elif kind == "text":
                    assert cell in (value, f"'{value}"), name


def test_a_formula_from_outside_is_text_and_a_negative_number_a_number(run: Path) -> None:
    folder = harness.report(run, format="csv")
    assert f"'{FORMULA}" in {line["transcript"] for line in read(folder / "samples.csv")}
    assert any(float(line["delta"]) < 0 for line in read(folder / "comparisons.csv"))
    for path in folder.glob("*.csv"):
        for line in read(path):
            for cell in line.values():
                assert not cell.startswith(("=", "+", "@", "\t", "\r"))
                assert not cell.startswith("-") or float(cell) < 0


@given(st.text(), st.sampled_from(["", " ", "\t", "\n", "\u00a0"]), st.sampled_from("=+-@＝＋－＠"))
def test_whatever_begins_like_a_formula_is_marked_and_nothing_else(rest: str, space: str, sign: str) -> None:
    assert harmless(space + sign + rest) == f"'{space}{sign}{rest}"
    assert harmless(f"a{rest}") == f"a{rest}"
