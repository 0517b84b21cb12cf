"""Processor time beside the clock: of engines in a worker, of programs that they start, and of neither servers nor GPUs."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time, sleep
from typing import ClassVar

import msgspec
import pytest

import harness
from harness.asr.openai_api import OpenAIApi
from harness.asr.protocol import Capabilities, Measured
from harness.records import Clip, Failure, Sample, Transcript, Utterance
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.sections.times import loaded_note
from harness.report.terminal import print_run
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.recogniser import Batch, Recognised, Recogniser, Task
from harness.runs.storage.cache import CachedTranscript, TranscriptCache
from harness.runs.storage.record import BackendWork, RunRecord
from harness.runs.storage.store import RunStore
from tests.asr.speech import noise, voiced_suite
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests

BUSY, IDLE = 0.3, 0.2
BURN = f"import time\nend = time.process_time() + {BUSY}\nwhile time.process_time() < end: pass\n"


class Engine:
    """Works for `BUSY` and waits for `IDLE` seconds at each clip."""

    package: ClassVar[str | None] = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=True
    )

    def __init__(self, **identity: str) -> None:
        self._identity = {"engine": "busy", **identity}

    def identity(self) -> Mapping[str, str]:
        return self._identity

    def warm_up(self) -> None: ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        for _ in clips:
            until = process_time() + BUSY
            while process_time() < until:
                pass
            sleep(IDLE)
        return [Transcript("words") for _ in clips]


class Remote(Engine):
    capabilities = replace(Engine.capabilities, works_in="server")


class Prepared(Engine):
    """Half of each call goes into another bias list."""

    measured = (Measured(preparation=(BUSY + IDLE) / 2),)


class Sounds(AudioSource):
    """Every recording is noise."""

    def clip(self, utterance: Utterance, label: str) -> Clip:
        return noise(utterance.id, 0.1 if utterance.id == "short" else 0.3)


def recognised(engine: Engine, tmp_path: Path, *utterances: str) -> list[Recognised]:
    source = Sounds(tmp_path, (), {}, 0)
    recogniser = Recogniser(source, {"x": engine}, TranscriptCache(tmp_path))
    tasks = tuple(Task(Utterance(one, one), "clean", "x") for one in utterances)
    return list(recogniser.work(Batch(tasks, tuple(f"{one}0000" for one in utterances)), lambda _: None).results)


def test_what_the_processor_did_is_told_from_what_the_clock_says(tmp_path: Path) -> None:
    (done,) = recognised(Engine(), tmp_path, "one")
    assert done.processor_seconds is not None
    assert done.recognition_seconds is not None
    assert BUSY <= done.processor_seconds < BUSY + 0.1
    assert done.recognition_seconds > done.processor_seconds + 0.9 * IDLE


def test_of_a_batch_each_recording_has_a_part_by_its_length(tmp_path: Path) -> None:
    short, long = recognised(Engine(), tmp_path, "short", "long")
    assert short.processor_seconds is not None
    assert long.processor_seconds == pytest.approx(3 * short.processor_seconds)
    assert 2 * BUSY <= short.processor_seconds + long.processor_seconds < 2 * BUSY + 0.2


def test_preparing_a_bias_list_is_no_recognition(tmp_path: Path) -> None:
    (done,) = recognised(Prepared(), tmp_path, "one")
    assert done.processor_seconds is not None
    assert done.recognition_seconds is not None
    assert done.preparation_seconds == (BUSY + IDLE) / 2
    whole = done.recognition_seconds + done.preparation_seconds
    assert done.processor_seconds / done.recognition_seconds == pytest.approx(BUSY / whole, rel=0.2)


@pytest.mark.parametrize("engine", [Remote(), Engine(device="cuda")])
def test_where_the_processor_only_waits_nothing_is_measured(engine: Engine, tmp_path: Path) -> None:
    (done,) = recognised(engine, tmp_path, "one")
    assert done.processor_seconds is None
    assert done.recognition_seconds is not None


def test_servers_are_declared_as_such() -> None:
    assert OpenAIApi.capabilities.works_in == "server"


def test_it_is_kept_with_the_transcript_and_older_entries_have_none(tmp_path: Path) -> None:
    (made,) = recognised(Engine(), tmp_path, "one")
    (kept,) = recognised(Engine(), tmp_path, "one")
    assert (kept.cached, kept.processor_seconds) == (True, made.processor_seconds)
    old = b'{"transcript": {"text": "who"}, "audio_seconds": 2.5, "recognition_seconds": 0.6, "engine": "x"}'
    assert msgspec.json.decode(old, type=CachedTranscript).processor_seconds is None


def samples_of(folder: Path, label: str) -> list[Sample]:
    return list(RunStore(folder).read_samples([label]).values())


def test_a_run_measures_programs_and_shows_both_factors(write_suite: WriteSuite, tmp_path: Path) -> None:
    script = tmp_path / "asr.py"
    script.write_text(f"{BURN}time.sleep({IDLE})\nprint('where does the okapi live')\n")
    run = f"{shlex.quote(sys.executable)} -S {script} {{audio}}"
    suite = voiced_suite(write_suite)
    result = harness.run(suite, backends=[f"command,label=mine,run={run}"], out=tmp_path / "run", jobs=1, limit=2)
    samples = samples_of(result.folder, "mine")
    assert len(samples) == 4
    for sample in samples:
        assert BUSY - 0.02 <= sample.timings["processor"] < sample.timings["recognise"] - 0.9 * IDLE
    rows = {row.metric: row.value for row in result.summary.rows if row.group == "all"}
    for metric, timing in (("real_time_factor", "recognise"), ("processor_rtf", "processor")):
        audio = sum(sample.timings["audio"] for sample in samples)
        assert rows[metric] == pytest.approx(sum(s.timings[timing] for s in samples) / audio, abs=1e-5)
        assert f"{rows[metric]:.2f}" in harness.report(result.folder).read_text()
    assert loaded_note(result.record) == ""  # a program may wait for what it likes
    frame = result.to_frame("samples")
    assert frame.processor_seconds.tolist() == [sample.timings["processor"] for sample in samples]


# ---- a loaded machine


@pytest.fixture
def record(write_suite: WriteSuite, tmp_path: Path) -> RunRecord:
    return harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").record


@pytest.mark.parametrize(
    ("clock", "processor", "loaded"),
    [
        (15.0, 10.0, False),
        (15.1, 10.0, True),
        (10.0, 40.0, False),
        (0.9, 0.1, False),
        (1.0, 0.1, True),
        (0.0, 0.0, False),
    ],
)
def test_a_loaded_machine_is_told(record: RunRecord, clock: float, processor: float, loaded: bool) -> None:
    work = {"busy": BackendWork(clock_seconds=clock, processor_seconds=processor)}
    note = loaded_note(replace(record, work=work))
    assert bool(note) == loaded
    if loaded:
        assert f"time by the clock over processor time: busy {clock / processor:.1f}. Compare" in note


def test_the_work_of_several_calls_adds_up() -> None:
    both = BackendWork(clock_seconds=3.0, processor_seconds=1.0).plus(
        BackendWork(clock_seconds=1.0, processor_seconds=2.5)
    )
    assert (both.clock_seconds, both.processor_seconds) == (4.0, 3.5)


def test_every_report_says_so(write_suite: WriteSuite, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run")
    path = without_digests(result.folder) / "run.json"
    stored = json.loads(path.read_text())
    stored["work"]["replay:vendor"] |= {"clock_seconds": 20.0, "processor_seconds": 10.0}
    path.write_text(json.dumps(stored))
    record = RunStore(result.folder).read_run()
    print_run(Screen(width=300), Report.read(result.folder))
    note = loaded_note(record)
    assert "time by the clock over processor time: replay:vendor 2.0. Compare" in note
    assert note in capsys.readouterr().out
    for kind in ("md", "html"):
        assert "Compare speed by processor RTF." in harness.report(result.folder, format=kind).read_text()
