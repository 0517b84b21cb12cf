"""Warnings: what loads, but would weaken or spoil a measurement."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.suites.describe import describe_suite
from harness.suites.load import load_suite
from harness.suites.validate import Problem, validate_suite

SNIPPETS = [{"id": "s1", "text": "The Rhône is in France."}, {"id": "s2", "text": "Nothing here."}]


def question(**fields: object) -> dict[str, object]:
    text = "Where is Lyon?"
    entity = {"text": "Lyon", "start": 9, "end": 13}
    return {"id": "q1", "text": text, "answers": ["France"], "entities": [entity], "snippet_ids": ["s1"], **fields}


def write(root: Path, name: str, rows: list[dict[str, object]]) -> None:
    (root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "suite.toml").write_text('name = "small"')
    (tmp_path / "audio").mkdir()
    soundfile.write(tmp_path / "audio" / "u1.wav", np.sin(np.arange(3200.0, dtype="float32")), 16_000)
    write(tmp_path, "questions", [question()])
    write(tmp_path, "snippets", SNIPPETS)
    write(tmp_path, "utterances", [{"id": "u1", "question_id": "q1", "audio": "audio/u1.wav"}])
    return tmp_path


def warned(suite: Path) -> list[tuple[str, int | None, str | None]]:
    load_suite(suite)  # warnings never stop loading
    problems = validate_suite(suite)
    assert {problem.severity for problem in problems} <= {"warning"}
    return [(problem.file, problem.line, problem.field) for problem in problems]


def test_a_good_suite_has_no_problem(suite: Path) -> None:
    assert warned(suite) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"entities": []}, "entities"),
        ({"entities": None}, "entities"),
        ({"answers": []}, "answers"),
        ({"answers": ["Fran"]}, "snippet_ids"),  # a part of a word is no answer
        ({"snippet_ids": ["s1", "s2"]}, "snippet_ids"),
        ({"text": "Where is Łódź?", "entities": [{"text": "Łódź", "start": 9, "end": 13}]}, "entities"),
    ],
)
def test_a_weak_question_is_pointed_out(suite: Path, fields: dict[str, object], field: str) -> None:
    write(suite, "questions", [question(**fields)])
    assert warned(suite) == [("questions.jsonl", 1, field)]


def test_answers_match_whatever_case_accent_or_title(suite: Path) -> None:
    write(suite, "snippets", [{"id": "s1", "title": "About FRANCE", "text": "A country."}])
    assert warned(suite) == []
    write(suite, "questions", [question(answers=["Frânce"])])
    assert warned(suite) == []


def test_copies_are_pointed_out(suite: Path) -> None:
    write(suite, "snippets", [*SNIPPETS, {"id": "s3", "text": "nothing, HERE!"}])
    write(suite, "questions", [question(), question(id="q2", text="where is Lyon")])
    assert ("snippets.jsonl", 3, "text") in warned(suite)
    assert ("questions.jsonl", 2, "text") in warned(suite)


def test_a_question_without_an_utterance(suite: Path) -> None:
    write(suite, "questions", [question(), question(id="q2", text="And where is Lyon?", entities=[])])
    assert ("questions.jsonl", 2, "id") in warned(suite)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"no audio", "is text, not a recording"), (b"", "is empty (0 bytes)")],
)
def test_a_recording_that_is_absent_or_damaged(suite: Path, content: bytes | None, message: str) -> None:
    (suite / "audio" / "u1.wav").unlink()
    if content is not None:
        (suite / "audio" / "u1.wav").write_bytes(content)
    assert warned(suite) == [("utterances.jsonl", 1, "audio")]
    (problem,) = validate_suite(suite)
    assert message in problem.message
    assert str(suite) not in problem.message  # the place on this machine is of no use to others


def test_a_recording_without_sound(suite: Path) -> None:
    for samples, expected in (
        (np.zeros(0, "float32"), "holds no samples"),
        (np.zeros(16_000, "float32"), "holds no sound: every sample is zero"),
        (np.full(16_000, 0.25, "float32"), "holds no sound: every sample is 0.25"),
        (np.sin(np.arange(160.0)), "lasts 0.010 s, too short for a word"),
    ):
        soundfile.write(suite / "audio" / "u1.wav", samples, 16_000)
        (problem,) = validate_suite(suite)
        assert problem.kind == "recording that cannot be used"
        assert expected in problem.message


def test_a_recording_that_is_mended_when_it_is_read(suite: Path) -> None:
    soundfile.write(suite / "audio" / "u1.wav", 21_000 * np.sin(np.arange(16_000.0)), 16_000, subtype="FLOAT")
    (problem,) = validate_suite(suite)
    assert problem.kind == "recording that is mended when it is read"
    assert "its samples are on a scale of integers: they were divided by 32768" in problem.message


def test_every_error_is_listed_and_not_only_the_first(suite: Path) -> None:
    rows = [question(id=f"q{i}", snippet_ids=[f"x{i}"]) for i in range(1, 6)]
    write(suite, "questions", rows)
    (suite / "suite.toml").write_text('name = "small"\nnmae = "x"')
    errors = [problem for problem in validate_suite(suite) if problem.severity == "error"]
    assert [(e.file, e.line) for e in errors] == [("suite.toml", None), *(("questions.jsonl", i) for i in range(1, 6))]


def test_a_problem_reads_as_a_line() -> None:
    line = str(Problem("error", "questions.jsonl", 3, "answers", "expected a list", "x"))
    assert line == "error: questions.jsonl:3: answers: expected a list"


def test_possible_typing_errors_are_pointed_out(suite: Path) -> None:
    rows = [
        question(),
        question(id="q2", text="Is the largest mamel in Lyon?", entities=[], snippet_ids=None),
        question(id="q3", text="Did Caracter or the caracter of Mamel win?", entities=[], snippet_ids=None),
    ]
    write(suite, "questions", rows)
    typos = [problem for problem in validate_suite(suite) if problem.kind == "possible typing error"]
    assert typos == []  # both words are names in the third question
    rows[2]["text"] = "Where is the caracter of the mamel?"
    write(suite, "questions", rows)
    typos = [problem for problem in validate_suite(suite) if problem.kind == "possible typing error"]
    assert [(typo.line, typo.field, typo.message.split(";")[0]) for typo in typos] == [
        (2, "text", "'mamel' may be a typing error of 'mammal'"),
        (3, "text", "'caracter' may be a typing error of 'character'"),
        (3, "text", "'mamel' may be a typing error of 'mammal'"),
    ]
    assert describe_suite(load_suite(suite)).possible_typos == {"mamel": "mammal", "caracter": "character"}


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (problem,) = validate_suite(tmp_path / "nowhere")
    assert problem.severity == "error"
