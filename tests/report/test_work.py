"""What the reports say of time: percentiles as stored, of which machine, and what it took to get the transcripts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import harness
from harness.report.work import WORK, times_note, work_rows
from harness.runs.storage.record import BackendWork
from harness.runs.storage.store import RunStore
from tests.conftest import WriteSuite


def test_a_run_of_old_transcripts_has_no_times_but_says_what_was_done(write_suite: WriteSuite, tmp_path: Path) -> None:
    page = harness.report(
        harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    ).read_text()
    section = page.partition("## How long it took")[2].partition("## Method")[0]
    assert "| p90 |" not in section
    assert f"| {' | '.join(WORK)} |" in section
    assert "| replay:vendor |" in section


def test_rows_say_loading_tries_and_what_was_billed(write_suite: WriteSuite, tmp_path: Path) -> None:
    run = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    record = RunStore(run).read_run()
    busy = BackendWork(
        recognised=5, cached=2, failed=1, retried=3, recovered=2, circuit_opened=1, load_seconds=1.234,
        usage={"audio_seconds": 12.5},
    )  # fmt: skip
    (row,) = work_rows(replace(record, work={"engine": busy}))
    assert dict(zip(WORK, row, strict=True)) == {
        "backend": "engine", "recognised": "5", "from the cache": "2", "failed": "1",
        "retried": "3, of which 2 then worked", "circuit opened": "1", "model loaded in": "1.23 s",
        "billed": "audio seconds 12.5",
    }  # fmt: skip
    assert "2 transcripts came from the cache" in times_note(replace(record, work={"engine": busy}))
