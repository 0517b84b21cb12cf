"""The shipped suites are what their sources say, and what is claimed of them holds."""

import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from harness.errors import MissingDependency, SuiteError
from harness.suites.load import load_suite
from harness.suites.speak import is_recorded, lines_of, record

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def run(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)


def test_the_builder_writes_what_is_committed_byte_for_byte(tmp_path: Path) -> None:
    for name in ("questions", "snippets", "frames"):
        shutil.copytree(FIXTURES / name, tmp_path / name)
    for script in FIXTURES.glob("*.py"):
        shutil.copy(script, tmp_path)
    done = run(tmp_path / "build.py")
    assert done.returncode == 0, done.stderr
    for suite in ("standard", "demo"):
        for file in ("suite.toml", "questions.jsonl", "snippets.jsonl", "utterances.jsonl"):
            assert (tmp_path / suite / file).read_bytes() == (FIXTURES / suite / file).read_bytes(), file


def test_every_claim_is_verified() -> None:
    done = run(FIXTURES / "verify.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok") > 25


def test_verification_notices_damage(tmp_path: Path) -> None:
    """A relevant snippet that loses its answer, a lost recording and an uneven demo fail the check."""
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    standard, demo = tmp_path / "fixtures" / "standard", tmp_path / "fixtures" / "demo"
    snippets = (standard / "snippets.jsonl").read_text(encoding="utf-8").replace("Bishkek", "a city")
    (standard / "snippets.jsonl").write_text(snippets, encoding="utf-8")
    (standard / "audio" / "capital-france.slt.opus").unlink()
    utterances = (demo / "utterances.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (demo / "utterances.jsonl").write_text("".join(utterances[1:]), encoding="utf-8")
    done = run(tmp_path / "fixtures" / "verify.py")
    assert done.returncode == 1
    assert "capital-kyrgyzstan: no answer in" in done.stderr
    assert "capital-france.slt: audio/capital-france.slt.opus does not exist" in done.stderr
    assert "uneven" in done.stderr
    assert "the snippets differ" in done.stderr


@pytest.mark.parametrize("name", ["standard", "demo", "spanish"])
def test_every_recording_of_a_shipped_suite_is_there(name: str) -> None:
    suite = load_suite(FIXTURES / name)
    assert len(suite.digest) == 64
    assert suite.speech == "synthetic"
    assert all((suite.root / str(utterance.audio)).is_file() for utterance in suite.utterances)


@pytest.mark.parametrize("engine", ["flite", "kokoro"])
def test_speech_is_synthesised_again_to_the_same_samples(tmp_path: Path, engine: str) -> None:
    from casting import voice_named

    suite = load_suite(FIXTURES / "demo")
    utterance = next(utterance for utterance in suite.utterances if utterance.tags["engine"] == engine)
    line, voice, again = lines_of(suite)[utterance.question_id], voice_named(utterance.speaker), tmp_path / "again.opus"
    try:
        voice.check(line.language)
    except MissingDependency as error:
        pytest.skip(str(error))
    record(voice, line, again)
    assert is_recorded(voice, line, again)
    assert not is_recorded(voice, replace(line, text=line.text + " Or not?"), again)
    assert not is_recorded(voice, line, tmp_path / "never.opus")
    samples, rate = soundfile.read(again, dtype="int16")
    committed, committed_rate = soundfile.read(FIXTURES / "demo" / str(utterance.audio), dtype="int16")
    assert rate == committed_rate
    assert len(samples) == len(committed)
    assert abs(samples.astype(int) - committed.astype(int)).max() <= 1


def test_voices_are_cast_evenly_whatever_the_questions() -> None:
    from build import coarse_band
    from casting import DEMO_SHARES, FLITE, STYLES, cast_demo, cast_standard

    questions = load_suite(FIXTURES / "standard").questions
    for asked in (questions, questions[::-1], questions[:97]):
        cast = cast_standard(asked, coarse_band)
        counts = Counter(voice for voices in cast.values() for voice in voices)
        for voices, share in ((STYLES, 0.75), (FLITE, 0.5)):
            assert max(abs(counts[voice] - share * len(asked)) for voice in voices) <= 1
        assert all(len(set(voices) & set(STYLES)) == 3 for voices in cast.values())
        voice_of = cast_demo(asked[:48], cast, coarse_band)
        assert all(voice_of[question] in cast[question] for question in voice_of)
        assert Counter(voice_of.values()) == DEMO_SHARES


def test_a_broken_suite_gets_no_voices(tmp_path: Path) -> None:
    from speak import speak_shipped

    with pytest.raises(SuiteError):
        speak_shipped(tmp_path)
