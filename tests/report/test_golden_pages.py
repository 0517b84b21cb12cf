"""What the page says at first sight of each constructed run, word for word. `GOLDEN=write` writes the texts anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import harness
from tests.report.golden_text import assert_golden
from tests.report.visible_text import visible_text

GoldenRun = Callable[[str], Path]
_RUNS = ("two_by_two", "tie", "no_snippets", "dead_backend", "reference_finds_nothing")
# Pictures have tests of their own. How it was measured stands in Markdown alike, but for times, which are others every time.
_LEFT_OUT = re.compile(r"^## (?:Pictures|How it was measured)\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)


@pytest.fixture
def text_of(golden_run: GoldenRun, tmp_path: Path) -> Callable[[str], str]:
    def text(name: str) -> str:
        page = harness.report(golden_run(name), format="html", out=tmp_path / "page.html").read_text()
        return _LEFT_OUT.sub("", visible_text(page))

    return text


@pytest.mark.parametrize("name", _RUNS)
def test_the_page_at_first_sight(text_of: Callable[[str], str], name: str) -> None:
    assert_golden(f"{name}.page.txt", text_of(name))


def test_headings_name_what_there_is(text_of: Callable[[str], str]) -> None:
    hits, answers, nothing = map(text_of, ("answers_by_hits", "answers", "no_snippets"))
    assert "# Which recognition errors cost the hits: answers\n" in hits
    assert "# Which recognition errors cost the answers: answers\n" in answers
    assert "# Which rare words were misrecognised: no-snippets\n" in nothing
    assert [("## Words that cost hits\n" in text, "## Words that cost answers\n" in text) for text in (hits, answers)] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert "## Words misrecognised\n" in nothing
    for absent in ("Pictures\n", "## Causes", "### Retrieval", "### Answers", "hits lost", "hit@"):
        assert absent not in nothing, absent


def test_guessed_names_are_called_guessed(text_of: Callable[[str], str]) -> None:
    told = "which words are names is guessed"
    assert told in text_of("guessed_names")
    assert told not in text_of("tie")
