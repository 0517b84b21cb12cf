"""A folder of recordings and a table becomes a suite that can be run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.errors import SuiteError, UsageError
from harness.suites.importers.audio_folder import import_audio_folder
from harness.suites.importers.writing import About
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite

TABLE = (
    "audio\ttext\tanswer\tspeaker\troom\n"
    "a.wav\tWho was Medawar?\tan immunologist|a zoologist\tanna\tkitchen\n"
    "deep/a.flac\twho was medawar\tSir Peter\tbert\t\n"
    "b.wav\tWhere is the okapi?\t\tanna\thall\n"
)


def sound(path: Path, seconds: float = 0.2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * 16_000)) / 16_000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * time), 16_000)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "calls"
    for name in ("a.wav", "deep/a.flac", "b.wav", "unnamed.wav"):
        sound(root / name)
    (root / "questions.tsv").write_text(TABLE, encoding="utf-8")
    return root


def test_recordings_and_questions(folder: Path, tmp_path: Path) -> None:
    about = About(licence="CC BY 4.0", citation="Us 2020", speech="human", language="en-GB")
    imported = import_audio_folder(folder, tmp_path / "suite", about=about)
    suite = load_suite(tmp_path / "suite")
    assert (suite.name, suite.licence, suite.speech, suite.language) == ("calls", "CC BY 4.0", "human", "en-GB")
    assert [(q.id, q.text, q.answers) for q in suite.questions] == [
        ("a.wav", "Who was Medawar?", ("an immunologist", "a zoologist", "Sir Peter")),
        ("b", "Where is the okapi?", None),
    ]
    assert [(u.id, u.question_id, u.audio, u.speaker, dict(u.tags)) for u in suite.utterances] == [
        ("a.wav", "a.wav", "audio/a.wav", "anna", {"room": "kitchen"}),
        ("deep/a.flac", "a.wav", "audio/deep_a.flac", "bert", {}),
        ("b", "b", "audio/b.wav", "anna", {"room": "hall"}),
    ]
    for utterance, name in zip(suite.utterances, ("a.wav", "deep/a.flac", "b.wav"), strict=True):
        assert (suite.root / str(utterance.audio)).read_bytes() == (folder / name).read_bytes()
    assert imported.dropped == {
        "recordings that no row names, or only a row that cannot be used (first: unnamed.wav)": 1
    }
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []


def test_jsonl_with_lists_ids_and_snippets(folder: Path, tmp_path: Path) -> None:
    (folder / "questions.tsv").unlink()
    rows = [
        {
            "audio": "a.wav",
            "text": "Who?",
            "answer": ["x", "y"],
            "id": 17,
            "snippet_ids": "s1|s9",
            "age": 33,
            "more": [1],
        },
        {"audio": "b.wav", "text": "Where?", "answer": "z"},
    ]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "snippets.jsonl").write_text('{"id": "s1", "text": "x is here"}\n')
    imported = import_audio_folder(folder, tmp_path / "suite")
    suite = load_suite(tmp_path / "suite")
    assert [(q.id, q.answers, q.snippet_ids) for q in suite.questions] == [
        ("17", ("x", "y"), ("s1",)), ("b", ("z",), None)
    ]  # fmt: skip
    assert suite.utterances[0].tags == {"age": "33"}
    assert [snippet.id for snippet in suite.snippets] == ["s1"]
    assert "snippet_ids that are in no line of snippets.jsonl (first: s9)" in imported.dropped


def test_a_row_that_cannot_be_used_costs_that_row(folder: Path, tmp_path: Path) -> None:
    (folder / "noise.wav").write_bytes(b"no audio at all")
    (folder / "empty.wav").write_bytes(b"")
    soundfile.write(folder / "nan.wav", np.full(100, np.nan), 16_000, subtype="FLOAT")
    cut = sound(folder / "cut.flac", 2.0)
    cut.write_bytes(cut.read_bytes()[:3000])
    (tmp_path / "secret.wav").write_bytes((folder / "a.wav").read_bytes())
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    bad = ["noise.wav", "empty.wav", "nan.wav", "cut.flac", "absent.wav", "../secret.wav", "link.wav", "", "a.wav"]
    with (folder / "questions.tsv").open("a") as file:
        file.writelines(f"{name}\tWho?\tx\t\t\n" for name in bad)
        file.write("b.wav\t?\tx\t\t\n")
    imported = import_audio_folder(folder, tmp_path / "suite")
    assert len(imported.utterances) == 3
    reasons = {reason.partition(" (first: ")[0]: n for reason, n in imported.dropped.items()}
    assert reasons == {
        "rows whose recording cannot be used": 4,
        "rows whose recording is not there": 1,
        "rows whose recording lies outside the folder": 2,
        "rows that name no recording": 1,
        "rows whose recording came before": 1,
        "rows whose text has no words": 1,
        "recordings that no row names, or only a row that cannot be used": 6,
    }
    assert not list((tmp_path / "suite" / "audio").glob("*secret*"))


@pytest.mark.parametrize(
    ("table", "content", "message"),
    [
        ("questions.csv", "file,question\na.wav,Who?\n", r"questions.csv:1: its first line is no header .* but file, question"),
        ("questions.csv", "audio,text\na.wav\n", r"questions.csv:2: 1 columns, expected 2"),
        ("questions.csv", "audio,text\nabsent.wav,Who?\n", r"questions.csv: holds no row that can be used. rows whose recording is not there"),
        ("questions.csv", "audio,text\n", r"questions.csv: holds no row that can be used. It is empty"),
        ("questions.jsonl", "nonsense\n", r"questions.jsonl:1: expected a JSON object"),
        ("questions.txt", "audio,text\n", r"holds no table; expected one questions.tsv"),
    ],
)  # fmt: skip
def test_a_wrong_table_gets_one_message(folder: Path, tmp_path: Path, table: str, content: str, message: str) -> None:
    (folder / "questions.tsv").unlink()
    (folder / table).write_text(content)
    with pytest.raises(SuiteError, match=message):
        import_audio_folder(folder, tmp_path / "suite")
    assert not (tmp_path / "suite").exists()


def test_two_tables_no_folder_and_a_suite_that_is_there(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exists"):
        import_audio_folder(folder, folder)
    with pytest.raises(SuiteError, match="not a folder"):
        import_audio_folder(folder / "a.wav", tmp_path / "suite")
    (folder / "questions.csv").write_text("audio,text\n")
    with pytest.raises(SuiteError, match=r"questions.csv and questions.tsv; expected one"):
        import_audio_folder(folder, tmp_path / "suite")
