"""A console on which text from outside is nothing but text: no markup, no emoji codes, no commands of a terminal."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import harness
from harness.report.screen import Screen, counting, plain, progress
from harness.report.unseen import UNSEEN

HOSTILE = "replay:a :warning: [bold]x[/bold] [/] [link=http://x]y[/link] \x1b]8;;http://x\x1b\\L \x1b[2J \x9b31m \u202eq\u200b\u2028 \r"
SHOWN = (
    "replay:a :warning: [bold]x[/bold] [/] [link=http://x]y[/link] [U+001B]]8;;http://x[U+001B]\\L [U+001B][2J [U+009B]31m "
    "[U+202E]q[U+200B][U+2028] [U+000D]"
)
_OWN = re.compile(r"\x1b\[[0-9;]*[mAKGJH]|\x1b\[\?25[lh]|\r")  # what rich itself sends: colours and the cursor


@pytest.fixture
def screen() -> Screen:
    return Screen(file=StringIO(), width=300, force_terminal=True, color_system="truecolor", legacy_windows=False)


def shown(screen: Screen) -> str:
    """What was printed, without rich's own sequences."""
    assert isinstance(screen.file, StringIO)
    text = _OWN.sub("", screen.file.getvalue())
    assert not UNSEEN.search(text), ascii(text)
    return text


def test_lines_tables_titles_and_panels_show_text_as_it_is(screen: Screen) -> None:
    table = Table(HOSTILE, title=HOSTILE, caption=HOSTILE)
    table.add_row(HOSTILE)
    table.add_row(plain(HOSTILE))
    screen.print(table)
    assert shown(screen).count(SHOWN) == 5
    screen.print(Text(HOSTILE, "bold"))  # rich itself leaves out the carriage return
    assert shown(screen).count(SHOWN.removesuffix("[U+000D]")) == 6
    screen.print(Panel(HOSTILE, title=plain(HOSTILE)))
    screen.say(HOSTILE, "bold")
    screen.print(HOSTILE)
    screen.rule(plain(HOSTILE))
    assert shown(screen).count(SHOWN) == 10


def test_a_line_is_one_line(screen: Screen) -> None:
    screen.say("a label\nharness: all is well")
    assert shown(screen) == "a label[U+000A]harness: all is well\n"


def test_a_table_is_as_wide_as_what_it_shows(screen: Screen) -> None:
    table = Table("a", "b")
    table.add_row("\u202e\u200b", "c")
    screen.print(table)
    lines = shown(screen).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert any("[U+202E][U+200B]" in line for line in lines)


def test_a_progress_bar_shows_a_label_as_it_is(screen: Screen) -> None:
    with progress(screen, "samples") as advance:
        advance(1, 2, "[/]")
        advance(2, 2, HOSTILE)
    text = shown(screen)
    assert SHOWN in text
    assert "2/2" in text


def test_plain_lines_where_there_is_no_terminal() -> None:
    screen = Screen(file=StringIO(), width=20)
    with progress(screen, "samples") as advance:
        advance(1, 2, HOSTILE)
        advance(2, 2, HOSTILE)
    (line,) = shown(screen).splitlines()
    assert line.startswith("2/2 samples, ")
    assert SHOWN in line


def test_items_are_counted_and_handed_on(screen: Screen) -> None:
    with counting(screen, "abc", "snippets") as counted:
        assert list(counted) == ["a", "b", "c"]
    assert "3 snippets" in shown(screen)


def test_nothing_else_writes_to_the_terminal() -> None:
    package = Path(harness.__file__).parent
    direct = re.compile(
        r"\bclick\.(echo|secho|style)\(|\bConsole\(|(?<![\w.])print\(|from_markup|sys\.std(out|err)\.write"
    )
    allowed = {"cli/printing.py", "report/screen.py"}
    writing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(
            direct.search(line) for line in path.read_text().splitlines() if not line.lstrip().startswith(("#", "`"))
        )
    }
    assert writing - allowed == {"__init__.py"}  # an example in its docstring
