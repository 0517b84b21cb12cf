"""Counts against a direct reading of the shipped demo's files."""

import json
from collections import Counter
from pathlib import Path

import soundfile
from wordfreq import zipf_frequency

from harness.suites.describe import describe_suite, rarest_band
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite

DEMO = find_suite("demo")


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (DEMO / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_counts_agree_with_the_files() -> None:
    description = describe_suite(load_suite(DEMO))
    questions, utterances = rows("questions"), rows("utterances")
    assert description.questions == len(questions)
    assert description.snippets == len(rows("snippets"))
    assert description.entities == sum(len(question["entities"]) for question in questions)
    assert description.utterances == description.recordings == len(list((DEMO / "audio").glob("*.opus")))
    assert description.voices == Counter(utterance["speaker"] for utterance in utterances)
    assert description.tags["relation"] == Counter(question["tags"]["relation"] for question in questions)
    assert "pronunciation" not in description.tags  # nearly every question has its own
    lengths = [len(samples) / rate for samples, rate in (soundfile.read(DEMO / u["audio"]) for u in utterances)]
    assert abs(description.audio_seconds - sum(lengths)) < 0.01
    assert sum(description.bands.values()) == description.questions
    assert 0 < description.rare_words < description.words


def test_the_band_is_that_of_the_rarest_word() -> None:
    plain = [q for q in load_suite(DEMO).questions if q.entities and q.entities[0].text.replace(" ", "").isascii()]
    assert len(plain) > 20
    for question in plain:
        words = question.entities[0].text.replace("-", " ").replace("'s", "").replace("'", "").split()
        rarest = min(zipf_frequency(word, "en") for word in words)
        band = rarest_band(question, "en")
        low = {"unseen": -1.0, "(0,2)": 0.0, "[2,3)": 2.0, "[3,4)": 3.0, "[4,5)": 4.0, ">=5": 5.0}[band]
        high = {"unseen": 0.0, "(0,2)": 1.99, "[2,3)": 2.99, "[3,4)": 3.99, "[4,5)": 4.99, ">=5": 9.0}[band]
        assert low <= rarest <= high, (question.entities[0].text, rarest, band)


def test_what_cannot_be_read_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "suite.toml").write_text('name = "bare"')
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "text": "Who?"}\n')
    (tmp_path / "utterances.jsonl").write_text('{"id": "u", "question_id": "q", "audio": "a.wav"}\n')
    description = describe_suite(load_suite(tmp_path))
    assert (description.utterances, description.recordings, description.audio_seconds, description.entities) == (
        1,
        0,
        0,
        0,
    )
    assert sum(description.bands.values()) == 0
