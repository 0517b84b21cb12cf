"""Recordings that are wrong cost their own samples; a suite that reaches outside its folder is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.errors import SuiteError
from harness.runs.store import RunStore

BACKEND = "pocketsphinx,preset=fast"


def audio_of(suite: Path) -> list[Path]:
    return [suite / json.loads(line)["audio"] for line in (suite / "utterances.jsonl").read_text().splitlines()]


def test_bad_recordings_are_named_and_the_others_finish(spoken: Path, tmp_path: Path) -> None:
    absent, truncated, garbage, empty, _ = audio_of(spoken)
    whole = {path: path.read_bytes() for path in audio_of(spoken)}
    absent.unlink()
    truncated.write_bytes(whole[truncated][: len(whole[truncated]) // 2])
    garbage.write_bytes(b"this is no audio" * 100)
    empty.write_bytes(b"")
    result = harness.run(spoken, backends=[BACKEND], out=tmp_path / "run", jobs=2)
    assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 4)
    samples = list(RunStore(result.folder).read_samples(["pocketsphinx-fast"]).values())
    messages = [sample.error.message if sample.error else "" for sample in samples]
    for message, expected in zip(
        messages, ("does not exist", "cut short", "cannot be read as audio", "is empty", ""), strict=True
    ):
        assert expected in message
    assert all(sample.error is None or sample.error.stage == "load" for sample in samples)
    assert not any(str(tmp_path) in message for message in messages), "a path of the machine in a stored message"


def test_a_later_run_fills_only_the_holes(spoken: Path, tmp_path: Path) -> None:
    """The suite's digest covers its recordings, so a repaired recording makes another suite: the cache serves the rest."""
    absent = audio_of(spoken)[0]
    content = absent.read_bytes()
    absent.unlink()
    first = harness.run(spoken, backends=[BACKEND], out=tmp_path / "first", jobs=1)
    absent.write_bytes(content)
    again = harness.run(spoken, backends=[BACKEND], out=tmp_path / "again", jobs=1)
    assert (first.errors, again.errors) == (1, 0)
    before, after = (RunStore(folder).read_samples(["pocketsphinx-fast"]) for folder in (first.folder, again.folder))
    same = [key for key, sample in before.items() if sample.status == "ok"]
    assert len(same) == 4
    assert all(before[key] == after[key] for key in same), "times too: these transcripts came from the cache"


@pytest.mark.parametrize("audio", ["../outside.opus", "/etc/hostname", "audio/link.opus"])
def test_a_recording_outside_the_folder_is_refused_before_any_work(spoken: Path, tmp_path: Path, audio: str) -> None:
    (tmp_path / "outside.opus").write_bytes(audio_of(spoken)[0].read_bytes())
    (spoken / "audio" / "link.opus").symlink_to(tmp_path / "outside.opus")
    lines = [json.loads(line) for line in (spoken / "utterances.jsonl").read_text().splitlines()]
    lines[2]["audio"] = audio
    (spoken / "utterances.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(SuiteError, match=r"utterances\.jsonl:3: audio"):
        harness.run(spoken, backends=[BACKEND], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
