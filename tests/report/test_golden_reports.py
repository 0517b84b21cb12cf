"""The reports of the constructed runs, as they were when somebody last read them: terminal and Markdown.

Where a change of their text is meant, `make golden` writes them again; the difference in `tests/report/golden/` is what to read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from harness.report.markdown import page_lines
from harness.report.model import Figures, Report
from harness.report.screen import Screen
from harness.report.terminal import print_run
from tests.conftest import GoldenRun
from tests.report.golden_runs import RUNS
from tests.report.golden_text import assert_golden

REFERENCE = Path(__file__).parents[2] / "results" / "reference"
IN_MARKDOWN = ("two_by_two", "tie", "no_snippets", "dead_backend", "reference_finds_nothing", "guessed_names")
_MOST_LINES = 41
_ONE_RETRIEVER = [name for name in RUNS if name != "two_by_two"]
_OF_A_MACHINE = re.compile(r"^## How long it took\n.*?(?=^## )|^### Run\n.*", re.MULTILINE | re.DOTALL)


def terminal(folder: Path, width: int, *, explain: bool = False) -> str:
    """What is printed of a run."""
    console = Screen(file=StringIO(), width=width)
    print_run(console, Report.read(folder), explain=explain)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("name", RUNS)
def test_the_terminal_prints_what_was_read(golden_run: GoldenRun, name: str) -> None:
    folder = golden_run(name)
    lines = terminal(folder, 100).splitlines(keepends=True)
    assert [line.rstrip() for line in lines if str(folder) in line] == [
        f"What the columns mean: harness report {folder} --explain",
        f"Report: {folder}/report.html (and report.md)",
    ]
    assert_golden(f"terminal/{name}.txt", "".join(line for line in lines if str(folder) not in line))


@pytest.mark.parametrize("name", IN_MARKDOWN)
def test_the_markdown_report_says_what_was_read(golden_run: GoldenRun, name: str) -> None:
    page = "\n".join(page_lines(Report.read(golden_run(name))))
    assert_golden(f"markdown/{name}.md", _OF_A_MACHINE.sub("", page))


@pytest.mark.parametrize("name", _ONE_RETRIEVER)
def test_the_terminal_has_few_lines(golden_run: GoldenRun, name: str) -> None:
    assert len(terminal(golden_run(name), 100).splitlines()) < _MOST_LINES


def test_three_real_backends_fit_on_a_screen_too(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report.read(REFERENCE / "demo")
    asked = {label: spec for label, spec in report.backends.items() if label != "pocketsphinx+oracle"}
    monkeypatch.setattr(Report, "backends", asked)
    rows = tuple(row for row in report.summary.rows if row.backend != "pocketsphinx+oracle")
    three = replace(report, figures=Figures(replace(report.summary, rows=rows), report.rules))
    assert len(three.figures.arms) == 3
    console = Screen(file=StringIO(), width=100)
    print_run(console, three)
    assert isinstance(console.file, StringIO)
    assert len(console.file.getvalue().splitlines()) < _MOST_LINES


@pytest.mark.parametrize("width", [46, 60, 80, 100, 200])
def test_nothing_is_wider_than_the_terminal(golden_run: GoldenRun, width: int) -> None:
    for name in ("two_by_two", "answers", "guessed_names"):
        folder = golden_run(name)
        printed = terminal(folder, width, explain=True).partition("Report: ")[0]
        assert max(map(len, printed.splitlines())) <= width
        assert "…" not in printed


def test_explain_says_what_every_column_means(golden_run: GoldenRun) -> None:
    folder = golden_run("two_by_two")
    explained = " ".join(terminal(folder, 200, explain=True).split())
    assert "rare WER: The same over rare words only (Zipf under 4.5, fewer than 31.6 in a million words)." in explained
    assert "retained: Of the hits that the reference reaches, the share that the hypothesis reaches too." in explained
    assert "What the columns mean" not in explained
    assert "rare words only" not in terminal(folder, 200)
