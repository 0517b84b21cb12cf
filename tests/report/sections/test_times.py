"""What the reports say of time: percentiles as stored, of which machine, and what it took to get the transcripts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import harness
from harness.report.model import Report
from harness.report.sections.times import rtf_sentence, times, times_note
from harness.runs.storage.record import BackendWork
from tests.conftest import WriteSuite

WORK = ("backend", "recognised", "from the cache", "failed", "retried", "circuit opened", "model loaded in", "billed")


def test_a_run_of_old_transcripts_has_no_times_but_says_what_was_done(write_suite: WriteSuite, tmp_path: Path) -> None:
    run = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    section = times(Report.read(run))
    assert [table.title for table in section.tables] == ["Work"]
    assert section.after == (), "no note on times that were not taken"
    assert rtf_sentence(Report.read(run)) == ""
    page = harness.report(run).read_text().partition("## How long it took")[2].partition("## Method")[0]
    assert "| p90 |" not in page
    assert f"| {' | '.join(WORK)} |" in page
    assert "| replay:vendor |" in page


def test_rows_say_loading_tries_and_what_was_billed(write_suite: WriteSuite, tmp_path: Path) -> None:
    run = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    busy = BackendWork(
        recognised=5, cached=2, failed=1, retried=3, recovered=2, circuit_opened=1, load_seconds=1.234,
        usage={"audio_seconds": 12.5},
    )  # fmt: skip
    report = Report.read(run)
    record = replace(report.record, work={"engine": busy})
    (table,) = times(replace(report, runs=(replace(report.runs[0], record=record),))).tables
    assert [heading.text for heading in table.headings] == list(WORK)
    assert [cell.text for cell in table.rows[0]] == [
        "engine", "5", "2", "1", "3, of which 2 then worked", "1", "1.23 s", "audio seconds 12.5"
    ]  # fmt: skip
    assert "2 transcripts came from the cache" in times_note(record)
