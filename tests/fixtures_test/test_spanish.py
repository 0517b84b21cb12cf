"""The suite in Spanish is what its source says, and what is claimed of it holds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from harness.errors import MissingDependency
from harness.suites.load import load_suite
from harness.suites.speak import languages_of, lines_of, record

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SPANISH = FIXTURES / "spanish"


def run(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The scripts, the source and the suite in a folder of their own."""
    for script in FIXTURES.glob("*.py"):
        shutil.copy(script, tmp_path)
    shutil.copy(FIXTURES / "spanish.toml", tmp_path)
    shutil.copytree(SPANISH, tmp_path / "spanish")
    return tmp_path


def test_the_builder_writes_what_is_committed_byte_for_byte(copied: Path) -> None:
    files = ("suite.toml", "questions.jsonl", "snippets.jsonl", "utterances.jsonl")
    for file in files:
        (copied / "spanish" / file).unlink()
    done = run(copied / "build_spanish.py")
    assert done.returncode == 0, done.stderr
    for file in files:
        assert (copied / "spanish" / file).read_bytes() == (SPANISH / file).read_bytes(), file


def test_every_claim_is_verified() -> None:
    done = run(FIXTURES / "verify_spanish.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok  ") > 15


def test_verification_notices_damage(copied: Path) -> None:
    """A name in another band, an answer that is lost, one that stands in a second page, a doubled word, a lost recording."""
    questions, snippets = copied / "spanish" / "questions.jsonl", copied / "spanish" / "snippets.jsonl"
    text = questions.read_text(encoding="utf-8")
    questions.write_text(text.replace('"band":"unseen"', '"band":"[2,3)"', 1), encoding="utf-8")
    text = snippets.read_text(encoding="utf-8")
    text = text.replace("se llaman trajineras", "se llaman de otro modo").replace("la ciudad", "la la ciudad", 1)
    text = text.replace("En los canales de Xochimilco vive", "En trajineras por los canales de Xochimilco vive")
    snippets.write_text(text, encoding="utf-8")
    (copied / "spanish" / "audio" / "country-saramago.jm_kumo.opus").unlink()
    done = run(copied / "verify_spanish.py")
    assert done.returncode == 1
    assert "its rarest word has 0.0, not [2,3)" in done.stderr
    assert "landmark-xochimilco: no answer in" in done.stderr
    assert "landmark-xochimilco: answered by" in done.stderr
    assert "'la la'" in done.stderr
    assert "country-saramago.jm_kumo: audio/country-saramago.jm_kumo.opus does not exist" in done.stderr


def test_speech_is_synthesised_again_to_the_same_samples(tmp_path: Path) -> None:
    """By the sounds of Spanish, and of Czech for a name that is read so."""
    from casting import voice_named

    suite = load_suite(SPANISH)
    utterance = next(utterance for utterance in suite.utterances if utterance.question_id == "city-janacek")
    line, voice, again = lines_of(suite)[utterance.question_id], voice_named(utterance.speaker), tmp_path / "again.opus"
    assert languages_of([line]) == {"cs"}
    try:
        voice.check(line.language, languages_of([line]))
    except MissingDependency as error:
        pytest.skip(str(error))
    record(voice, line, again)
    samples, _ = soundfile.read(again, dtype="int16")
    committed, _ = soundfile.read(SPANISH / str(utterance.audio), dtype="int16")
    assert len(samples) == len(committed)
    assert abs(samples.astype(int) - committed.astype(int)).max() <= 1
