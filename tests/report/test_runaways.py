"""A backend that runs away is flagged, counted and named wherever a person or a gate looks; one that does not leaves no trace."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

import harness
from harness.report.differences import difference_sentences
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.terminal import print_run
from harness.runs.result import RunResult, load_run
from harness.runs.storage.store import RunStore
from tests.conftest import HYPOTHESES, QUESTIONS, WriteSuite, write_lines
from tests.runs.early_runs import without_digests

THANKS = "thank you for watching"
LOOPS = {
    **HYPOTHESES,
    "paris": f"{HYPOTHESES['paris']} {' '.join([THANKS] * 30)}",
    "okapi": f"{HYPOTHESES['okapi']} and how and why and when and what and who",
}
SECONDS = 2.0


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """Recordings of two seconds, and sets of transcripts in which two of four questions run away, or none."""
    root = write_suite()
    utterances = [json.loads(line) for line in (root / "utterances.jsonl").read_text().splitlines()]
    for utterance in utterances:
        utterance["audio"] = f"{utterance['id']}.wav"
        soundfile.write(root / utterance["audio"], np.zeros(round(SECONDS * 8_000)), 8_000)
    write_lines(root / "utterances.jsonl", utterances)
    for name, hypotheses in (("loops", LOOPS), ("steady", HYPOTHESES)):
        lines = [{"utterance_id": u["id"], "text": hypotheses[u["question_id"]]} for u in utterances]
        write_lines(root / "transcripts" / f"{name}.jsonl", lines)
    return root


@pytest.fixture
def result(suite: Path, tmp_path: Path) -> RunResult:
    return harness.run(suite, backends=["replay:vendor", "replay:loops"], out=tmp_path / "run")


def printed(result: RunResult, width: int = 80) -> str:
    console = Screen(file=StringIO(), width=width)
    print_run(console, Report.of_run(result.stored))
    return console.file.getvalue()  # type: ignore[attr-defined]


def figure(result: RunResult, backend: str, metric: str) -> float:
    (row,) = (r for r in result.summary.rows if (r.backend, r.metric, r.group) == (backend, metric, "all"))
    assert row.value is not None
    return row.value


def test_the_reason_is_kept_with_the_sample(result: RunResult) -> None:
    samples = RunStore(result.folder).read_samples(["replay:loops"]).values()
    why = {sample.utterance_id: sample.runaway for sample in samples}
    assert why["paris.a"] == "62.5 words a second, 'thank you for watching' 30 times"
    assert why["okapi.b"] == "7.5 words a second"
    assert {identity for identity, reason in why.items() if reason} == {"paris.a", "paris.b", "okapi.a", "okapi.b"}
    frame = result.to_frame("samples")
    assert frame[frame.runaway.notna()].utterance_id.tolist() == ["paris.a", "paris.b", "okapi.a", "okapi.b"]


def test_rate_and_insertions_are_counted_by_hand(result: RunResult) -> None:
    n_reference = 2 * sum(len(str(question["text"]).split()) for question in QUESTIONS)
    assert figure(result, "replay:loops", "runaway_rate") == 4 / 8
    assert figure(result, "replay:loops", "runaway_insertions") == pytest.approx(
        2 * (4 * 30 + 10) / n_reference, abs=1e-6
    )
    without = figure(result, "replay:loops", "wer") - figure(result, "replay:loops", "runaway_insertions")
    assert without == pytest.approx(figure(result, "replay:vendor", "wer"), abs=1e-6)
    assert figure(result, "replay:vendor", "runaway_rate") == figure(result, "replay:vendor", "runaway_insertions") == 0


def test_a_failed_sample_is_in_the_denominator_and_no_runaway(suite: Path, tmp_path: Path) -> None:
    path = suite / "transcripts" / "loops.jsonl"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "medawar" not in line))
    result = harness.run(suite, backends=["replay:loops"], out=tmp_path / "run")
    assert result.errors == 2
    assert figure(result, "replay:loops", "runaway_rate") == 4 / 8
    assert "4 of 6 transcripts of replay:loops ran away" in " ".join(printed(result).split())


def test_terminal_and_report_say_how_many_and_which_and_what_the_wer_is_without(result: RunResult) -> None:
    terminal = " ".join(printed(result).split())
    markdown = harness.report(result.folder).read_text()
    page = harness.report(result.folder, format="html").read_text()
    wer = 100 * figure(result, "replay:loops", "wer")
    without = 100 * figure(result, "replay:vendor", "wer")
    sentence = f"4 of 8 transcripts of replay:loops ran away; its WER is {wer:.1f} %, and {without:.1f} % without their insertions."
    reason = "62.5 words a second, 'thank you for watching' 30 times"
    assert sentence in terminal
    assert sentence in markdown
    assert f"| paris.a | clean | replay:loops | {reason} | which river flows through paris thank you" in markdown
    assert len(re.findall(r"^\| \w+\.[ab] \| clean \| replay:loops \|", markdown, re.MULTILINE)) == 4
    assert "| runaway rate (8 utterances) | runaway insertions (" in markdown
    assert page.count(sentence) == 2, "in the verdict, and above the transcripts themselves"
    assert "replay:vendor ran away" not in page + markdown + terminal


def test_the_differences_name_wer_and_runaways(result: RunResult) -> None:
    figures = Report.of_run(result.stored).figures
    recognition, *_ = difference_sentences(figures)
    assert recognition.startswith("replay:loops against replay:vendor: WER +")
    assert "runaway rate +50.0 points" in recognition
    assert recognition in " ".join(harness.report(result.folder).read_text().replace("&lt;", "<").split())
    assert recognition.split(" [")[0] in harness.report(result.folder, format="html").read_text()


def test_gates_see_runaways_and_pass_where_there_are_none(result: RunResult, suite: Path, tmp_path: Path) -> None:
    (failed,) = harness.compare(result.folder, fail_if=["runaway_rate > +0.01"]).gates_failed
    assert failed.startswith("replay:loops against replay:vendor, clean: runaway_rate +0.5000")
    (failed,) = harness.compare(result.folder, fail_if=["runaway_rate > 0.1"]).gates_failed
    assert failed.startswith("replay:loops, clean: runaway_rate 0.5000")
    fine = harness.run(suite, backends=["replay:vendor", "replay:steady"], out=tmp_path / "fine").folder
    assert not harness.compare(fine, fail_if=["runaway_rate > +0.01", "runaway_rate > 0"]).gates_failed
    assert "runaway_rate" not in {c.metric for c in harness.compare(fine).comparisons}  # no test of nothing
    assert "runaway_rate" in {c.metric for c in harness.compare(result.folder).comparisons}


def test_without_runaways_nothing_is_said_of_them(suite: Path, tmp_path: Path) -> None:
    result = harness.run(suite, backends=["replay:vendor", "replay:steady"], out=tmp_path / "fine")
    assert not Report.of_run(result.stored).figures.ran_away
    markdown, terminal = harness.report(result.folder).read_text(), printed(result)
    assert "ran away" not in markdown + terminal
    assert "runaway rate" not in markdown + terminal
    page = harness.report(result.folder, format="html").read_text()
    assert "ran-away" not in page


def test_samples_of_earlier_versions_are_marked_when_they_are_compared_or_taken_up_again(
    result: RunResult, suite: Path
) -> None:
    path = RunStore(without_digests(result.folder)).samples_path("replay:loops")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        del line["runaway"]
    write_lines(path, lines)
    samples = RunStore(result.folder).read_samples(["replay:loops"]).values()
    assert {sample.runaway for sample in samples} == {None}
    assert harness.compare(result.folder, fail_if=["runaway_rate > 0.1"]).gates_failed
    again = harness.run(suite, backends=["replay:vendor", "replay:loops"], out=result.folder)
    assert again.summary == load_run(result.folder).summary == result.summary
    assert [json.loads(line)["runaway"] is not None for line in path.read_text().splitlines()].count(True) == 4
