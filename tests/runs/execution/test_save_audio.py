"""What went into the recognisers can be listened to, and is what they got, sample for sample."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import harness
from harness.asr.conditions import build, parse_condition
from harness.audio.pcm import pcm16
from harness.errors import RunError
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.save_audio import save_audio
from harness.suites.load import load_suite
from tests.conftest import WriteSuite, write_lines


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    folder = write_suite()
    rng = np.random.default_rng(1)
    (folder / "audio").mkdir()
    for name in "abc":
        soundfile.write(folder / "audio" / f"{name}.wav", rng.uniform(-0.3, 0.3, 8_000), 16_000)
    write_lines(
        folder / "utterances.jsonl",
        [
            {"id": "medawar.a", "question_id": "medawar", "audio": "audio/a.wav"},
            {"id": "a/b ../é", "question_id": "paris", "audio": "audio/b.wav"},
            {"id": "okapi.a", "question_id": "okapi", "audio": "audio/c.wav"},
            {"id": "ljubljana.a", "question_id": "ljubljana", "audio": "audio/absent.wav"},
        ],
    )
    return folder


def test_the_files_hold_what_went_in(suite: Path, tmp_path: Path) -> None:
    conditions = ["clean", "white,snr_db=5"]
    run = harness.run(suite, backends=["replay:vendor"], conditions=conditions, out=tmp_path / "run", jobs=1)
    saved = save_audio(run.folder)
    assert (saved.written, saved.kept) == (6, 0)
    assert list(saved.failed) == ["ljubljana.a, clean", "ljubljana.a, white 5 dB"]
    built = {spec.label: build(spec) for spec in map(parse_condition, conditions)}
    loaded = load_suite(suite)
    source = AudioSource(suite, loaded.utterances, built, 7)
    for label, folder in (
        ("clean", "clean"),
        ("white 5 dB", next((run.folder / "audio").glob("white*")).name),
    ):
        given = source.clip(loaded.utterances[0], label)
        samples, rate = soundfile.read(run.folder / "audio" / folder / "medawar.a.flac", dtype="int16")
        assert rate == 16_000
        assert np.array_equal(samples, pcm16(given.samples))
    files = sorted(path.relative_to(run.folder / "audio") for path in (run.folder / "audio").rglob("*.flac"))
    assert len({path.name for path in files}) == 3
    assert all(
        path.as_posix().replace("/", "").replace(".", "").replace("-", "").replace("_", "").isalnum() for path in files
    )
    assert save_audio(run.folder).kept == 6


def test_a_folder_that_is_no_run_and_a_suite_that_changed(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run\.json"):
        save_audio(tmp_path)
    run = harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run", jobs=1)
    shutil.copy(suite / "audio" / "a.wav", suite / "audio" / "b.wav")
    with pytest.raises(RunError, match="has changed since"):
        save_audio(run.folder)
