"""Searching without words beside searching with them: every figure and p-value can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

import harness
from harness.analysis.interpretation.result import Interpretation
from harness.interpretation.protocol import PartSpec
from harness.interpretation.speech.protocol import SPEECH_PARTS, Recording
from harness.words.sounds.phones import phones
from tests.runs.studies.test_interpretation import INTENTS, NAMES, REFERENCE, TABLE, TEMPLATES, interpret, spec, suite

__all__ = ["suite"]  # the fixture


class Scribe:
    """A speech part that writes down the sounds of what bob says, of a question's intent alone for ann, and of q00 nothing."""

    package: ClassVar[str | None] = None
    name = "scribe"

    def __init__(self, spec: PartSpec, language: str) -> None:
        pass

    def identity(self) -> Mapping[str, str]:
        return {"part": "scribe"}

    def rows(self, recordings: Sequence[Recording]) -> np.ndarray:
        return np.array([[len(stream)] for stream in self.phones(recordings)], np.float64)

    def phones(self, recordings: Sequence[Recording]) -> list[tuple[str, ...]]:
        return [_sounds(*recording.utterance_id.split(".")) for recording in recordings]


def _sounds(question: str, speaker: str) -> tuple[str, ...]:
    number = int(question[1:])
    if number == 0:
        return ()
    text = TEMPLATES[INTENTS[number]].format(NAMES[number] if speaker == "bob" else "")
    return tuple(phone for word in text.lower().split() for phone in phones(word, "en"))


@pytest.fixture
def scribe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPEECH_PARTS._builtin, "scribe", f"{__name__}:Scribe")


WITH_SCRIBE = TABLE + 'speech = ["scribe"]\n'


def shares(study: Interpretation) -> dict[tuple[str, str], tuple[float | None, int]]:
    return {(f.system, f.setting.slots): (f.value, f.n) for f in study.hits if f.group == "all"}


def test_hits_by_hand(suite: Path, tmp_path: Path, scribe: None) -> None:
    """By words 24 and 18 of 24; by their sounds as many; from sounds 11 of bob's 12, and what ann left out is not guessed."""
    _, study = interpret(suite, tmp_path, WITH_SCRIBE)
    assert shares(study) == {
        ("reference text", "bm25"): (1.0, 24),
        ("replay:vendor", "bm25"): (0.75, 24),
        ("reference text", "phonetic"): (1.0, 24),
        ("replay:vendor", "phonetic"): (0.75, 24),
        ("scribe", "phonetic"): (pytest.approx(11 / 24), 24),
    }
    assert {f.metric for f in study.hits} == {"hit@1"}
    for figure in (f for f in study.hits if f.group == "all"):
        assert figure.ci_low is not None
        assert figure.ci_low <= (figure.value or 0) <= (figure.ci_high or 0)
    bands = {f.group for f in study.hits} - {"all"}
    assert bands
    assert all(band.startswith("band:") for band in bands)
    assert sum(f.n for f in study.hits if f.system == "scribe" and f.group in bands) == 24
    (test,) = study.hit_tests
    assert (test.a, test.b, test.family, test.setting.slots) == ("replay:vendor", "scribe", "end-to-end", "phonetic")
    assert test.delta == pytest.approx(11 / 24 - 18 / 24)
    # Of the first six questions vendor has bob's half; scribe has as much of five of them, and nothing of the first. Of the
    # other six vendor has both halves, and scribe bob's: seven questions differ by one, in one direction.
    assert test.p_value == pytest.approx(2 / 2**7)
    assert test.p_holm == test.p_value
    assert test.n_questions == 12


def test_names_are_looked_up_in_the_sounds(suite: Path, tmp_path: Path, scribe: None) -> None:
    _, study = interpret(suite, tmp_path, WITH_SCRIBE)
    settings = {(f.setting.slots, f.setting.distractors) for f in study.figures if f.system == "scribe"}
    assert settings == {("sound", 10), ("sound", 0), ("sound", 12)}
    recall = {
        f.setting.distractors: f.value
        for f in study.figures
        if (f.system, f.metric, f.group, f.setting.folds) == ("scribe", "slot_recall", "all", "question")
    }
    # Names that no model was trained on; a threshold of other questions may cost the shortest.
    assert 0.41 < (recall[0] or 0) < 0.46


def test_hits_by_sound_alone_when_the_run_searches_by_sound(suite: Path, tmp_path: Path, scribe: None) -> None:
    path = spec(suite, tmp_path, WITH_SCRIBE)
    path.write_text(path.read_text() + '[[retriever]]\nname = "phonetic"\nlabel = "sounds"\n')
    result = harness.run(path, out=tmp_path / "run", jobs=1)
    study = result.stored.study("interpretation", Interpretation)
    assert study is not None, result.record.notes
    assert {key: n for key, (n, _) in shares(study).items()} == {
        ("reference text", "sounds"): 1.0,
        ("replay:vendor", "sounds"): 0.75,
        ("scribe", "sounds"): pytest.approx(11 / 24),
    }


def test_a_failed_sample_has_nothing_to_search_with(suite: Path, tmp_path: Path, scribe: None) -> None:
    lines = (suite / "transcripts" / "vendor.jsonl").read_text().splitlines()
    (suite / "transcripts" / "vendor.jsonl").write_text("".join(line + "\n" for line in lines[:-2]))
    _, counted = interpret(suite, tmp_path, WITH_SCRIBE)
    for retriever in ("bm25", "phonetic"):
        assert shares(counted)["replay:vendor", retriever] == (pytest.approx(16 / 24), 24)
    path = spec(suite, tmp_path, WITH_SCRIBE)
    path.write_text('missing = "exclude"\n' + path.read_text())
    study = harness.run(path, out=tmp_path / "without", jobs=1).stored.study("interpretation", Interpretation)
    assert study is not None
    for retriever in ("bm25", "phonetic"):
        assert shares(study)["replay:vendor", retriever] == (pytest.approx(16 / 22), 22)
    assert study.hit_tests[0].n_questions == 11


def test_without_sounds_or_snippets_there_are_no_hits(suite: Path, tmp_path: Path, scribe: None) -> None:
    _, study = interpret(suite, tmp_path, TABLE)
    assert (study.hits, study.hit_tests) == ((), ())
    (suite / "snippets.jsonl").unlink()
    questions = (suite / "questions.jsonl").read_text().replace('"snippet_ids"', '"x"')
    kept = [{k: v for k, v in json.loads(line).items() if k != "x"} for line in questions.splitlines()]
    (suite / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in kept))
    result = harness.run(spec(suite, tmp_path, WITH_SCRIBE), out=tmp_path / "wordy", jobs=1)
    study = result.stored.study("interpretation", Interpretation)
    assert study is not None, result.record.notes
    assert (study.hits, study.hit_tests) == ((), ())
    assert REFERENCE in {system.label for system in study.systems}


def test_another_outcome_is_judged_by(suite: Path, tmp_path: Path, scribe: None) -> None:
    path = spec(suite, tmp_path, WITH_SCRIBE)
    path.write_text('outcome = "rr@10"\n' + path.read_text())
    study = harness.run(path, out=tmp_path / "run", jobs=1).stored.study("interpretation", Interpretation)
    assert study is not None
    assert {f.metric for f in study.hits} == {"rr@10"}
    share, _ = shares(study)["scribe", "phonetic"]
    assert 0.458 < (share or 0) < 1


def test_where_answers_are_judged_hits_are_counted(suite: Path, tmp_path: Path, scribe: None) -> None:
    questions = [json.loads(line) for line in (suite / "questions.jsonl").read_text().splitlines()]
    (suite / "questions.jsonl").write_text("".join(json.dumps({**q, "answers": ["name"]}) + "\n" for q in questions))
    path = spec(suite, tmp_path, WITH_SCRIBE)
    path.write_text('outcome = "answer"\n' + path.read_text() + '[answerer]\nname = "extractive"\n')
    study = harness.run(path, out=tmp_path / "run", jobs=1).stored.study("interpretation", Interpretation)
    assert study is not None
    assert {f.metric for f in study.hits} == {"hit@1"}
    assert shares(study)["scribe", "phonetic"] == (pytest.approx(11 / 24), 24)
