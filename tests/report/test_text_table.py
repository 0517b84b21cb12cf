"""Tables as text: one line a row where there is room, intervals in whole numbers, then below, then in parts; nothing is lost."""

from __future__ import annotations

import pytest

from harness.report.tables import Cell, Heading, Table
from harness.report.text_table import text_table

TABLE = Table(
    "Recognition",
    (
        Heading("backend", is_number=False),
        Heading("WER", n="384 reference words"),
        Heading("rare WER", n="96 rare words"),
        Heading("rare-word false alarms"),
    ),
    (
        (Cell("tiny"), Cell("18.8 %", "[15.6, 21.9]"), Cell("31.2 %", "[24.0, 37.5]"), Cell("18", "[11, 25]")),
        (Cell("base"), Cell("4.9 %", "[2.6, 7.6]"), Cell("9.4 %", "[4.2, 14.6]", few=True), Cell("-")),
    ),
)


def lines(table: Table, width: int) -> list[str]:
    return [line for line, _ in text_table(table, width)]


def test_intervals_stand_behind_their_figures_and_the_unit_in_the_heading() -> None:
    first, *_, tiny, base = lines(TABLE, 80)
    assert first.split() == ["Recognition", "WER", "%", "rare", "WER", "%", "rare-word"]
    assert tiny.split("  ")[0] == "tiny"
    assert "18.8 [15.6, 21.9]  " in tiny
    assert tiny.endswith("18 [11, 25]")
    assert "9.4 [4.2, 14.6] few" in base


def test_in_less_room_they_are_whole_numbers_that_hold_the_exact_ones() -> None:
    *_, tiny, base = lines(TABLE, 58)
    assert "18.8 [15, 22]" in tiny
    assert "31.2 [24, 38]" in tiny
    assert tiny.endswith("18 [11, 25]")
    assert "4.9 [2, 8]" in base
    assert "9.4 [4, 15] few" in base


def test_in_little_room_they_stand_below_and_columns_go_on_below() -> None:
    printed = lines(TABLE, 32)
    assert [line.split()[0] for line in printed if line[0] != " "].count("tiny") > 1
    text = "\n".join(printed)
    for cell in ("18.8", "[15.6, 21.9]", "31.2", "[24.0, 37.5]", "18", "[11, 25]", "9.4 few", "[4.2, 14.6]"):
        assert cell in text


@pytest.mark.parametrize("width", range(30, 120, 7))
def test_no_line_is_wider_and_every_heading_is_there(width: int) -> None:
    printed = lines(TABLE, width)
    assert max(map(len, printed)) <= width
    words = " ".join(printed).split()
    assert {"Recognition", "WER", "%", "rare", "rare-word", "false", "alarms", "384", "96", "few"} <= set(words)


def test_wide_characters_take_two_columns_and_long_labels_are_folded() -> None:
    rows = (
        (Cell("語" * 20), Cell("1.0 %"), Cell("2.0 %"), Cell("3")),
        (Cell("x" * 50), Cell("4.0 %"), *TABLE.rows[0][2:]),
    )
    printed = lines(Table("", TABLE.headings, rows), 60)
    assert max(len(line) + line.count("語") for line in printed) <= 60
    assert "".join(printed).count("語") == 20
    assert "".join(printed).count("x") == 50


def test_only_the_heading_is_marked_as_one() -> None:
    marked = [line for line, is_heading in text_table(TABLE, 80) if is_heading]
    assert len(marked) == len(lines(TABLE, 80)) - 2
    assert not any("tiny" in line or "base" in line for line in marked)
