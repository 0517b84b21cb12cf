"""The Markdown report: says what it shows, shows what is stored, and lets no text from outside become markup."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.report.markdown import text
from harness.report.markup import code
from harness.report.model import Report
from tests.conftest import HYPOTHESES, QUESTIONS, SNIPPETS, WriteSuite

ATTACK = "</td><script>alert(1)</script> [x](javascript:alert(1)) `rm` | *b* _i_ # h\n\n# head ![i](x) \u202e"


@pytest.fixture
def page(write_suite: WriteSuite, tmp_path: Path) -> str:
    run = harness.run(write_suite(), backends=["replay:vendor", "replay:perfect"], out=tmp_path / "run").folder
    return harness.report(run).read_text()


def test_every_column_is_explained_on_the_page(page: str, tmp_path: Path) -> None:
    figures = Report.read(tmp_path / "run").figures
    columns = figures.columns("recognition", "retrieval", "answer", main=False)
    assert {"WER", "CER", "hit@1 ref", "hit@1 ASR", "hits lost", "EM ASR", "F1 ASR"} <= {c.heading for c in columns}
    for column in columns:
        assert re.search(rf"^\| backend \|.* {re.escape(text(column.heading))} [(|]", page, re.MULTILINE), column
        assert f"- **{text(column.heading)}**: {text(column.metric.meaning)}" in page


def test_the_page_says_that_speech_is_synthetic_and_which_word_cost_what(page: str) -> None:
    assert "Synthetic speech" in page
    assert re.search(r"^\| medawar \|.*mad dog or \(2\)", page, re.MULTILINE)
    assert "ref: what did peter **medawar** study" in page
    assert "ASR: what did peter **mad dog or** study" in page
    assert "recoverable by correcting medawar" in page


def test_figures_are_those_of_the_summary(page: str, tmp_path: Path) -> None:
    rows = json.loads((tmp_path / "run" / "summary.json").read_text())["rows"]
    wer = next(r for r in rows if (r["backend"], r["metric"], r["group"]) == ("replay:vendor", "wer", "all"))
    shown = f"{100 * wer['value']:.1f} % [{100 * wer['ci_low']:.1f}, {100 * wer['ci_high']:.1f}]"
    assert f"| replay:vendor | {shown} |" in page


def test_text_from_outside_stays_text(write_suite: WriteSuite, tmp_path: Path) -> None:
    attacked = [{**q, "text": f"{q['text']} {ATTACK}", "entities": []} for q in QUESTIONS]
    suite = write_suite(
        questions=attacked,
        snippets=[{**s, "title": ATTACK, "text": s["text"] + ATTACK} for s in SNIPPETS],
        hypotheses={key: f"{text} {ATTACK}" for key, text in HYPOTHESES.items()},
    )
    header = (suite / "suite.toml").read_text().replace("Four questions.", "<img src=x onerror=alert(1)> [a](b)")
    (suite / "suite.toml").write_text(header)
    page = harness.report(harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder).read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert not re.search(r"(?<!\\)\]\(", page), "a link"


@given(st.text())
def test_escaped_text_holds_no_tag_no_link_and_no_line(untrusted: str) -> None:
    shown = text(untrusted)
    assert "<" not in shown
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[`*_|]", shown)
    assert "](" not in shown
    assert "`" not in code(untrusted)
    assert "\n" not in code(untrusted)


def test_a_run_that_was_cut_short_has_no_report(write_suite: WriteSuite, tmp_path: Path) -> None:
    folder = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    (folder / "summary.json").unlink()
    with pytest.raises(harness.HarnessError, match="Run the same command again"):
        harness.report(folder)
