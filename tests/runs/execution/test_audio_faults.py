"""Recordings that are wrong cost their own samples; a suite that reaches outside its folder is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

import harness
from harness.errors import SuiteError
from harness.runs.storage.store import RunStore

BACKEND = "pocketsphinx,preset=fast"


def audio_of(suite: Path) -> list[Path]:
    return [suite / json.loads(line)["audio"] for line in (suite / "utterances.jsonl").read_text().splitlines()]


def test_bad_recordings_are_named_and_the_others_finish(voiced_demo: Path, tmp_path: Path) -> None:
    absent, truncated, garbage, empty, _ = audio_of(voiced_demo)
    whole = {path: path.read_bytes() for path in audio_of(voiced_demo)}
    absent.unlink()
    truncated.write_bytes(whole[truncated][: len(whole[truncated]) // 2])
    garbage.write_bytes(b"this is no audio" * 100)
    empty.write_bytes(b"")
    result = harness.run(voiced_demo, backends=[BACKEND], out=tmp_path / "run", jobs=2)
    assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 4)
    samples = list(RunStore(result.folder).read_samples(["pocketsphinx-fast"]).values())
    messages = [sample.error.message if sample.error else "" for sample in samples]
    for message, expected in zip(
        messages, ("does not exist", "cut short", "is text, not a recording", "is empty", ""), strict=True
    ):
        assert expected in message
    assert all(sample.error is None or sample.error.stage == "load" for sample in samples)
    assert not any(str(tmp_path) in message for message in messages), "a path of the machine in a stored message"


def test_a_later_run_fills_only_the_holes(voiced_demo: Path, tmp_path: Path) -> None:
    """The suite's digest covers its recordings, so a repaired recording makes another suite: the cache serves the rest."""
    absent = audio_of(voiced_demo)[0]
    content = absent.read_bytes()
    absent.unlink()
    first = harness.run(voiced_demo, backends=[BACKEND], out=tmp_path / "first", jobs=1)
    absent.write_bytes(content)
    again = harness.run(voiced_demo, backends=[BACKEND], out=tmp_path / "again", jobs=1)
    assert (first.errors, again.errors) == (1, 0)
    before, after = (RunStore(folder).read_samples(["pocketsphinx-fast"]) for folder in (first.folder, again.folder))
    same = [key for key, sample in before.items() if sample.status == "ok"]
    assert len(same) == 4
    assert all(before[key] == after[key] for key in same), "times too: these transcripts came from the cache"


@pytest.mark.parametrize("audio", ["../outside.opus", "/etc/hostname", "audio/link.opus"])
def test_a_recording_outside_the_folder_is_refused_before_any_work(
    voiced_demo: Path, tmp_path: Path, audio: str
) -> None:
    (tmp_path / "outside.opus").write_bytes(audio_of(voiced_demo)[0].read_bytes())
    (voiced_demo / "audio" / "link.opus").symlink_to(tmp_path / "outside.opus")
    lines = [json.loads(line) for line in (voiced_demo / "utterances.jsonl").read_text().splitlines()]
    lines[2]["audio"] = audio
    (voiced_demo / "utterances.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(SuiteError, match=r"utterances\.jsonl:3: audio"):
        harness.run(voiced_demo, backends=[BACKEND], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_recordings_that_are_odd_and_recordings_that_are_wrong(voiced_demo: Path, tmp_path: Path) -> None:
    """Two hours, samples that are no numbers, and silence; 96 kHz in stereo is merely another format."""
    long, broken, stereo, silent, _ = audio_of(voiced_demo)
    sound, rate = soundfile.read(stereo)
    names = {}
    for path, samples, at in (
        (long, np.zeros(2 * 3600 * 8_000, np.int16), 8_000),
        (broken, np.where(np.arange(16_000) == 9_000, np.nan, 0.1).astype(np.float32), 16_000),
        (stereo, np.repeat(soxr.resample(sound, rate, 96_000)[:, None], 2, axis=1), 96_000),
        (silent, np.zeros((16_000, 2)), 16_000),
    ):
        names[path] = path.with_suffix(".wav" if path == broken else ".flac")
        soundfile.write(names[path], samples, at, subtype="FLOAT" if path == broken else None)
    text = (voiced_demo / "utterances.jsonl").read_text()
    for path, other in names.items():
        text = text.replace(path.name, other.name)
    (voiced_demo / "utterances.jsonl").write_text(text)
    before = harness.run(voiced_demo, backends=[BACKEND], out=tmp_path / "run", jobs=2)
    assert (before.exit_status, before.errors) == (3, 3)
    samples = list(RunStore(before.folder).read_samples(["pocketsphinx-fast"]).values())
    assert [sample.status for sample in samples] == ["error", "error", "ok", "error", "ok"]
    messages = [sample.error.message for sample in samples if sample.error]
    assert "lasts 7200.0 s, over the limit of 600 s" in messages[0]
    assert "no numbers (NaN or infinite)" in messages[1]
    assert samples[2].timings["audio"] == pytest.approx(len(sound) / rate, abs=0.001)
    assert "holds no sound: every sample is zero" in messages[2]
    row = next(r for r in before.summary.rows if (r.metric, r.group) == ("wer", "all"))
    assert (row.n_planned, row.n_scored, row.n_error) == (5, 2, 3)
