"""Where words are not spaced, CER leads: every sentence, ranking, table and picture that goes by WER elsewhere goes by it."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.analysis.metrics import compared, metric
from harness.analysis.rules import Rules, error_rate_of
from harness.report.differences import difference_sentences
from harness.report.model import Figures, Report
from harness.report.pictures.loss import order_sentence
from harness.report.pictures.recognition import error_rate
from harness.report.pictures.view import View
from harness.report.screen import Screen
from harness.report.sections.recognition import recognition
from harness.report.terminal import print_run
from harness.report.verdict import verdicts
from tests.conftest import GoldenRun, write_lines
from tests.report.altered import of
from tests.runs.toy_suites import JAPANESE


def by_characters(report: Report) -> Report:
    """The report of a language without spaces, whose CER is what the WER of the report was, and the reverse."""
    names = {"wer": "cer", "cer": "wer"}

    def swapped(one: Any) -> Any:
        return replace(one, metric=names.get(one.metric, one.metric))

    summary = report.figures.summary
    parts = {name: tuple(map(swapped, getattr(summary, name))) for name in ("rows", "comparisons")}
    rules = replace(report.rules, error_rate="cer")
    suite = {**report.record.suite, "language": "ja"}
    (run,) = report.runs
    run = replace(run, record=replace(run.record, suite=suite))
    return replace(report, runs=(run,), figures=Figures(replace(summary, **parts), rules))


def in_characters(text: str) -> str:
    """What a sentence on WER says on CER; rare and common WER stay what they are."""
    for kind in ("rare", "common"):
        text = text.replace(f"{kind} WER", f"{kind} W-E-R")
    return text.replace("WER", "CER").replace("reference words", "reference characters").replace("W-E-R", "WER")


def sentences(report: Report) -> list[str]:
    found: list[str] = []
    for verdict in verdicts(report):
        found += [verdict.headline, verdict.detail]
        found += [part for finding in verdict.findings for part in (finding.heading, finding.text)]
    return [*found, *difference_sentences(report.figures)]


@pytest.mark.parametrize("name", ["no_snippets", "two_by_two", "tie", "reference_finds_nothing"])
def test_every_sentence_of_the_verdict_goes_by_cer(golden_run: GoldenRun, name: str) -> None:
    report = of(golden_run, name)
    by_words = sentences(report)
    assert any("WER" in text.replace("rare WER", "") for text in by_words)
    runaway = [text for text in by_words if "without their insertions" in text]
    assert not runaway, "what ran away is counted in words"
    assert sentences(by_characters(report)) == [in_characters(text) for text in by_words]


def test_the_backend_is_taken_by_cer(golden_run: GoldenRun) -> None:
    (verdict,) = verdicts(by_characters(of(golden_run, "no_snippets")))
    assert verdict.headline.startswith("By CER, take ")


@pytest.mark.parametrize("name", ["no_snippets", "two_by_two"])
def test_pictures_go_by_cer(golden_run: GoldenRun, name: str) -> None:
    report = of(golden_run, name)
    views = [View(each.figures, {}, each.figures.retrievers[0] if each.figures.retrievers else None)
             for each in (report, by_characters(report))]  # fmt: skip
    by_words, characters = (error_rate(view) for view in views)
    assert by_words is not None
    assert characters is not None
    assert (by_words.name, characters.name) == ("wer", "cer")
    assert characters.title == in_characters(by_words.title)
    assert characters.takeaway == in_characters(by_words.takeaway)
    assert order_sentence(views[1]) == in_characters(order_sentence(views[0]))


def test_cer_stands_first_in_tables_and_says_why_it_leads(golden_run: GoldenRun) -> None:
    report = of(golden_run, "no_snippets")
    headings = {
        rate: [heading.text for heading in recognition(each).tables[0].headings[1:]]
        for rate, each in (("wer", report), ("cer", by_characters(report)))
    }
    assert headings["wer"][0] == "WER"
    assert "CER" not in headings["wer"]
    assert headings["cer"] == ["CER", *headings["wer"]]
    assert not any("CER leads" in sentence for sentence in recognition(report).sentences)
    assert recognition(by_characters(report)).sentences[0] == (
        "CER leads: the language 'ja' is written without spaces between words, so WER depends on where a tokeniser ends them."
    )


def test_backends_are_compared_in_cer_there() -> None:
    assert compared(Rules())[0] == "wer"
    assert "cer" not in compared(Rules())
    assert compared(Rules(error_rate="cer"))[:2] == ("cer", "wer")
    assert not metric("cer").main
    assert metric("cer", Rules(error_rate="cer")).main


@pytest.mark.parametrize(
    ("language", "rate"),
    [("en", "wer"), ("es-MX", "wer"), ("ko", "wer"), ("ja", "cer"), ("zh-Hant-TW", "cer"), ("th", "cer")],
)
def test_which_languages(language: str, rate: str) -> None:
    assert error_rate_of(language) == rate


def test_a_japanese_suite_is_reported_by_cer(tmp_path: Path) -> None:
    pytest.importorskip("MeCab", reason="the extra japanese is not installed")
    questions, _, wrong = JAPANESE.records()
    folder = tmp_path / "suite"
    (folder / "transcripts").mkdir(parents=True)
    (folder / "suite.toml").write_text('name = "toy"\nlanguage = "ja"\n')
    write_lines(folder / "questions.jsonl", [{"id": q["id"], "text": q["text"]} for q in questions])
    write_lines(folder / "utterances.jsonl", [{"id": q["id"], "question_id": q["id"]} for q in questions])
    for name, texts in (("worse", wrong), ("better", {q["id"]: q["text"] for q in questions})):
        lines = [{"utterance_id": identity, "text": text} for identity, text in texts.items()]
        write_lines(folder / "transcripts" / f"{name}.jsonl", lines)
    run = harness.run(folder, backends=["replay:worse", "replay:better"], out=tmp_path / "run", jobs=1)
    console = Screen(file=StringIO(), width=140)
    print_run(console, Report.read(run.folder))
    told = console.file.getvalue()
    assert "replay:better or replay:worse: no significant difference in CER" in told
    assert "CER leads: the language 'ja' is written without spaces between words" in told
    assert re.search(r"Recognition +CER % +WER %", told)
