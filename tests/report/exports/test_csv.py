"""CSV: what a spreadsheet opens is what is stored, and none of it is carried out."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import harness
from harness.report.exports.csv import _encoded, harmless, plain_text
from harness.runs.storage.tidy_tables import TABLES, TidyTable, read_tables
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


BEFORE = [
    "",
    " ",
    "\t",
    "\n",
    "\u00a0",
    "\ufeff",
    "\u200b",
    "\x00",
    "\x1b",
    '"',
    "'",
    "\u201c",
    " \ufeff'\u200b",
    "\u2800",
    "\U000e0001",
]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"=-\t\r\n\ufeff＝,"), max_size=12)


@given(st.text(), st.sampled_from(BEFORE), st.sampled_from("=+-@＝＋－＠"))
def test_whatever_begins_like_a_formula_is_marked_and_nothing_else(rest: str, before: str, sign: str) -> None:
    assert harmless(before + sign + rest) == f"'{before}{sign}{rest}"
    assert harmless(f"a{rest}") == f"a{rest}"


@given(ANY_TEXT)
def test_the_apostrophe_is_told_from_those_of_the_text(text: str) -> None:
    assert plain_text(harmless(text)) == text


def test_half_a_character_costs_itself_only() -> None:
    assert harmless("a\ud800b") == "a\ufffdb"


@settings(max_examples=50)
@given(st.lists(ANY_TEXT, min_size=1, max_size=20))
def test_csv_and_pandas_read_back_what_was_stored(texts: list[str]) -> None:
    table = TidyTable("any", {"text": "text", "delta": "number"}, [(text, -0.5) for text in ["a\rb", '"\r\n"', *texts]])
    content = _encoded(table)
    rows = list(csv.reader(StringIO(content.decode(), newline="")))
    assert [plain_text(text) for text, _ in rows[1:]] == ["a\rb", '"\r\n"', *texts]
    assert {number for _, number in rows[1:]} == {"-0.5"}
    frame = pandas.read_csv(BytesIO(content), keep_default_na=False, dtype={"text": str})
    assert [plain_text(text) for text in frame["text"]] == ["a\rb", '"\r\n"', *texts]
    assert set(frame["delta"]) == {-0.5}
