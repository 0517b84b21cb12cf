"""SQuAD JSON: what is kept, what is dropped and reported, and wrong files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import SuiteError, UsageError
from harness.suites.importers.squad import import_squad
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite


def qas(identity: str, question: str, *answers: str, **others: object) -> dict[str, object]:
    return {
        "id": identity,
        "question": question,
        "answers": [{"text": a, "answer_start": 0} for a in answers],
        **others,
    }


def squad(*paragraphs: tuple[str, list[dict[str, object]]]) -> dict[str, object]:
    return {
        "version": "x",
        "data": [{"title": "The_Okapi", "paragraphs": [{"context": c, "qas": q} for c, q in paragraphs]}],
    }


GOLD = squad(
    (
        "Okapis live in the Congo.",
        [
            qas("1", " Where do okapis live? ", "the Congo", "the Congo ", "Congo"),
            qas("2", "Why?", is_impossible=True, plausible_answers=[{"text": "x"}]),
            qas("3", "  "),
        ],
    ),
    ("  ", [qas("4", "What is here?")]),
    (
        "Ljubljana lies on the Ljubljanica.",
        [qas("5", "Where does Ljubljana lie?", "on the Ljubljanica"), qas("1", "Again?", "x")],
    ),
)


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.json"
    path.write_text(json.dumps(GOLD))
    return path


def test_what_is_kept_and_what_is_not(gold: Path, tmp_path: Path) -> None:
    (tmp_path / "asr.json").write_text(
        json.dumps(squad(("x", [qas("1", "where do all copies live"), qas("9", "x")]), ("x", [qas("5", "")])))
    )
    imported = import_squad(gold, tmp_path / "suite", transcripts={"asr": tmp_path / "asr.json"})
    assert imported.dropped == {
        "questions that their paragraph does not answer (SQuAD 2.0)": 1,
        "questions without text or id": 1,
        "questions of paragraphs without text": 1,
        "questions whose id came before": 1,
        "transcripts of asr.json whose question is not in the gold file": 1,
    }
    suite = load_suite(tmp_path / "suite")
    assert [(q.id, q.text, q.answers, q.snippet_ids) for q in suite.questions] == [
        ("1", "Where do okapis live?", ("the Congo", "Congo"), ("p00001",)),
        ("5", "Where does Ljubljana lie?", ("on the Ljubljanica",), ("p00002",)),
    ]
    assert "CC BY-SA" in suite.licence
    assert "Rajpurkar" in suite.description
    lines = (tmp_path / "suite" / "transcripts" / "asr.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"utterance_id": "1", "text": "where do all copies live"},
        {"utterance_id": "5", "text": ""},  # an empty transcript is a result, not a missing one
    ]
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not SQuAD JSON"),
        (b"\x89PNG\r\n", "not SQuAD JSON"),
        (b"[1, 2]", "not SQuAD JSON"),
        (b'{"data": [{"title": "x"}]}', "missing required field `paragraphs`"),
        (b'{"data": []}', "holds no question"),
        (b"[" * 100_000, "not SQuAD JSON"),
    ],
)
def test_wrong_files(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SuiteError, match=why):
        import_squad(tmp_path / "x.json", tmp_path / "suite", transcripts={})
    assert not (tmp_path / "suite").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_names_and_places_that_are_wrong(gold: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="letters, digits"):
        import_squad(gold, tmp_path / "suite", transcripts={"../x": gold})
    (tmp_path / "suite").mkdir()
    with pytest.raises(UsageError, match="exists"):
        import_squad(gold, tmp_path / "suite", transcripts={})


def test_public_data(outside_data: Path, tmp_path: Path) -> None:
    data = outside_data / "noiseqa"
    imported = import_squad(
        data / "xquad-context-en-question-en.json",
        tmp_path / "suite",
        transcripts={"human": data / "xquad-asr-natural.json"},
    )
    assert (len(imported.questions), len(imported.snippets), len(imported.transcripts["human"])) == (1190, 240, 1190)
    assert not imported.dropped
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []
