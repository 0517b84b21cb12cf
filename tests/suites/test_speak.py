"""Suites get voices: resumably, in place or beside, and say that they are synthetic."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
import soundfile

from harness.errors import SuiteError, UsageError
from harness.suites.load import load_suite
from harness.suites.speak import is_recorded, speak_suite, with_synthetic_speech
from harness.suites.validate import validate_suite
from harness.suites.voices import Flite
from tests.conftest import QUESTIONS, WriteSuite

VOICES = ["flite:slt", "espeak-ng:en-us"]


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in ("flite", "espeak-ng"):
        if shutil.which(program) is None:
            pytest.skip(f"the program {program} is not installed (apt-get install {program})")


@pytest.mark.parametrize(
    ("format", "subtype", "rates"), [("opus", "OPUS", {16_000, 24_000}), ("flac", "PCM_16", {16_000, 22_050})]
)
def test_a_new_suite_with_voices(
    write_suite: WriteSuite, tmp_path: Path, format, subtype: str, rates: set[int]
) -> None:
    source = write_suite(questions=QUESTIONS[:2])
    (source / "utterances.jsonl").unlink()
    seen: list[tuple[int, int]] = []
    spoken = speak_suite(
        source, VOICES, out=tmp_path / "spoken", format=format, progress=lambda n, of, _: seen.append((n, of))
    )
    assert (spoken.written, spoken.kept, spoken.failed, spoken.exit_status) == (4, 0, {}, 0)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    suite = load_suite(tmp_path / "spoken")
    assert suite.speech == "synthetic"
    assert [(u.id, u.speaker) for u in suite.utterances] == [
        ("medawar.flite-slt", "flite:slt"), ("medawar.espeak-ng-en-us", "espeak-ng:en-us"),
        ("ljubljana.flite-slt", "flite:slt"), ("ljubljana.espeak-ng-en-us", "espeak-ng:en-us"),
    ]  # fmt: skip
    found = {soundfile.info(str(suite.root / str(u.audio))).samplerate for u in suite.utterances}
    assert found == rates
    assert {soundfile.info(str(suite.root / str(u.audio))).subtype for u in suite.utterances} == {subtype}
    assert [p for p in validate_suite(suite.root) if p.severity == "error" or p.field == "audio"] == []
    assert not (source / "audio").exists()


def test_what_is_spoken_is_kept_and_what_is_not_is_spoken(write_suite: WriteSuite, tmp_path: Path) -> None:
    source, out = write_suite(questions=QUESTIONS[:2]), tmp_path / "spoken"
    speak_suite(source, ["flite:slt"], out=out)
    first, second = sorted((out / "audio").iterdir())
    before = first.stat().st_mtime_ns
    second.write_bytes(second.read_bytes()[:100])  # torn
    (out / "utterances.jsonl").unlink()  # as if it had been killed
    again = speak_suite(source, ["flite:slt"], out=out)
    assert (again.written, again.kept) == (1, 1)
    assert first.stat().st_mtime_ns == before
    assert len(load_suite(out).utterances) == 2
    assert not list((out / "audio").glob(".*"))


def test_in_place_other_utterances_stay(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=QUESTIONS[:1])
    for voices in (["flite:slt"], VOICES, VOICES):
        speak_suite(suite, voices)
    found = load_suite(suite)
    assert [u.id for u in found.utterances] == [
        "medawar.a",
        "medawar.b",
        "medawar.flite-slt",
        "medawar.espeak-ng-en-us",
    ]
    assert (suite / "transcripts" / "vendor.jsonl").is_file()


def test_a_question_that_cannot_be_said_costs_that_recording(write_suite: WriteSuite) -> None:
    questions = [{"id": "cyrillic", "text": "Кто?"}, {"id": "latin", "text": "Who?"}]
    suite = write_suite(questions=questions, heard={"cyrillic": "", "latin": ""})
    (suite / "utterances.jsonl").unlink()
    spoken = speak_suite(suite, VOICES)
    assert list(spoken.failed) == ["cyrillic.flite-slt"]
    assert spoken.exit_status == 3
    assert [u.id for u in load_suite(suite).utterances] == [
        "cyrillic.espeak-ng-en-us",
        "latin.flite-slt",
        "latin.espeak-ng-en-us",
    ]


def test_a_recording_knows_its_voice_and_text(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=QUESTIONS[:1])
    speak_suite(suite, ["flite:slt"])
    target = suite / "audio" / "medawar.flite-slt.opus"
    text = str(QUESTIONS[0]["text"])
    assert is_recorded(Flite("slt"), text, target)
    assert not is_recorded(Flite("rms"), text, target)
    assert not is_recorded(Flite("slt"), text + " Or not?", target)


def test_what_is_refused(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    with pytest.raises(UsageError, match="ships with the harness"):
        speak_suite("demo", ["flite:slt"])
    with pytest.raises(UsageError, match="named twice"):
        speak_suite(suite, ["flite:slt", "flite:slt"])
    with pytest.raises(UsageError, match="no voice"):
        speak_suite(suite, [])
    (tmp_path / "taken").mkdir()
    with pytest.raises(UsageError, match="holds other questions"):
        speak_suite(suite, ["flite:slt"], out=tmp_path / "taken")
    header = (suite / "suite.toml").read_text()
    (suite / "suite.toml").write_text(header.replace('"synthetic"', '"human"'))
    (suite / "utterances.jsonl").write_text('{"id": "u", "question_id": "paris", "audio": "audio/u.wav"}\n')
    with pytest.raises(SuiteError, match="recordings of people"):
        speak_suite(suite, ["flite:slt"])


@pytest.mark.parametrize(
    "header",
    [
        'name = "x"',
        'name = "x"\nspeech = "human" # read aloud\n[defaults]\nspeech = 1\n',
        'speech="synthetic"\nname="x"\n',
    ],
)
def test_the_header_is_otherwise_as_it_was(header: str) -> None:
    before, after = tomllib.loads(header), tomllib.loads(with_synthetic_speech(header))
    assert after == {**before, "speech": "synthetic"}


def test_a_header_that_cannot_be_edited_by_lines() -> None:
    with pytest.raises(SuiteError, match="write speech"):
        with_synthetic_speech('name = "x"\ndescription = """\nspeech = "human"\n"""\n')
