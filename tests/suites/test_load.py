"""Suites load as written, and every mistake is named with its file, line and field."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import SuiteError
from harness.records import Entity, Question, Snippet, Utterance
from harness.suites.importers.writing import encode_lines
from harness.suites.load import load_suite, safe_path
from harness.suites.validate import validate_suite

QUESTION = {
    "id": "q1",
    "text": "Where is Rhône?",
    "answers": ["France"],
    "entities": [{"text": "Rhône", "start": 9, "end": 14, "label": "LOC"}],
    "snippet_ids": ["s1"],
    "tags": {"band": "unseen"},
}
SNIPPET = {"id": "s1", "title": "Rhône", "text": "The Rhône is in France."}
UTTERANCE = {"id": "u1", "question_id": "q1", "audio": "audio/u1.wav", "speaker": "slt"}


def lines(*rows: object) -> bytes:
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    root = tmp_path / "suite"
    root.mkdir()
    (root / "suite.toml").write_text('name = "small"\nversion = "3"\nspeech = "human"\n[defaults]\nk = 5\n')
    (root / "questions.jsonl").write_bytes(lines(QUESTION))
    (root / "snippets.jsonl").write_bytes(lines(SNIPPET))
    (root / "utterances.jsonl").write_bytes(lines(UTTERANCE))
    return root


def test_a_suite_is_read_into_records(suite: Path) -> None:
    loaded = load_suite(str(suite))
    entity = Entity("Rhône", 9, 14, "LOC")
    assert loaded.questions == (Question("q1", "Where is Rhône?", ("France",), (entity,), ("s1",), {"band": "unseen"}),)
    assert loaded.snippets == (Snippet("s1", "The Rhône is in France.", "Rhône"),)
    assert loaded.utterances == (Utterance("u1", "q1", "audio/u1.wav", "slt"),)
    assert (loaded.name, loaded.version, loaded.speech, loaded.defaults) == ("small", "3", "human", {"k": 5})


def test_what_a_suite_does_not_say_is_none_and_not_empty(suite: Path) -> None:
    (suite / "questions.jsonl").write_bytes(
        lines({"id": "a", "text": "What?"}, {"id": "b", "text": "Who?", "answers": []})
    )
    (suite / "utterances.jsonl").unlink()
    (suite / "snippets.jsonl").unlink()
    loaded = load_suite(suite)
    assert [question.answers for question in loaded.questions] == [None, ()]
    assert loaded.questions[0].entities is None
    assert (loaded.snippets, loaded.utterances) == ((), ())


def without(row: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != key}


MISTAKES = {
    "malformed": ("questions.jsonl", lines(QUESTION, b'{"id": '), 2, None, "not a JSON object"),
    "not an object": ("questions.jsonl", lines([1, 2]), 1, None, "found a JSON list, expected an object"),
    "duplicate id": ("snippets.jsonl", lines(SNIPPET, b"", SNIPPET), 3, "id", "first on line 1"),
    "answers": (
        "questions.jsonl",
        lines(QUESTION | {"answers": "x"}),
        1,
        "answers",
        "expected a list or null, found a st",
    ),
    "answer": (
        "questions.jsonl",
        lines(QUESTION | {"answers": [7]}),
        1,
        "answers[0]",
        "expected a string, found a whole",
    ),
    "empty answer": ("questions.jsonl", lines(QUESTION | {"answers": ["a", " "]}), 1, "answers[1]", "empty"),
    "missing text": ("questions.jsonl", lines(without(QUESTION, "text")), 1, "text", "missing"),
    "empty text": ("questions.jsonl", lines(QUESTION | {"text": " ", "entities": []}), 1, "text", "empty"),
    "empty id": ("questions.jsonl", lines(QUESTION | {"id": ""}), 1, "id", "empty"),
    "unknown key": ("questions.jsonl", lines(QUESTION | {"answer": 1}), 1, "answer", "did you mean 'answers'?"),
    "own key": ("questions.jsonl", lines(QUESTION | {"xyz": 1}), 1, "xyz", "goes under 'tags'"),
    "unknown snippet": (
        "questions.jsonl",
        lines(QUESTION | {"snippet_ids": ["s1", "s9"]}),
        1,
        "snippet_ids[1]",
        "'s9'",
    ),
    "unknown question": ("utterances.jsonl", lines(UTTERANCE | {"question_id": "q7"}), 1, "question_id", "'q7'"),
    "absolute": ("utterances.jsonl", lines(UTTERANCE | {"audio": "/etc/passwd"}), 1, "audio", "leaves the suite"),
    "parent": ("utterances.jsonl", lines(UTTERANCE | {"audio": "audio/../../x"}), 1, "audio", "leaves the suite"),
    "drive": ("utterances.jsonl", lines(UTTERANCE | {"audio": "C:\\x.wav"}), 1, "audio", "leaves the suite"),
    "NUL": ("utterances.jsonl", lines(UTTERANCE | {"audio": "a\0b"}), 1, "audio", "not a path"),
    "no audio": ("utterances.jsonl", lines(UTTERANCE | {"audio": ""}), 1, "audio", "not a path"),
    "latin-1": (
        "questions.jsonl",
        '{"id":"a","text":"Rhône"}'.encode("latin-1"),
        1,
        None,
        "byte 21 of the line is not UTF-8",
    ),
    "mark": ("questions.jsonl", b"\xef\xbb\xbf" + lines(QUESTION), 1, None, "byte order mark"),
    "long": (
        "snippets.jsonl",
        lines(SNIPPET, SNIPPET | {"id": "x", "text": "a" * 1_000_001}),
        2,
        None,
        "1,000,000 bytes",
    ),
    "nothing": ("questions.jsonl", b"\n\n", None, None, "no question"),
    "toml": ("suite.toml", b"name = ", None, None, "not valid TOML"),
    "no name": ("suite.toml", b"version = '1'", None, "name", "missing"),
    "license": ("suite.toml", b"name='a'\nlicense='MIT'", None, "license", "did you mean 'licence'?"),
    "speech": ("suite.toml", b"name='a'\nspeech='robot'", None, "speech", "robot"),
    "toml bytes": ("suite.toml", b"name='\xff'", None, None, "not UTF-8"),
    "deep": ("questions.jsonl", b"[" * 5000, 1, None, "not a JSON object"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place(suite: Path, name: str) -> None:
    file, content, line, field, message = MISTAKES[name]
    (suite / file).write_bytes(content)
    with pytest.raises(SuiteError) as caught:
        load_suite(suite)
    error = caught.value
    assert (Path(str(error.file)).name, error.line, error.field) == (file, line, field)
    assert message in error.problem
    assert str(error).startswith(f"{suite / file}:")
    # `validate` finds the same mistake in the same place
    places = [(p.file, p.line, p.field) for p in validate_suite(suite) if p.severity == "error"]
    assert (file, line, field) in places


@pytest.mark.parametrize(
    ("start", "end", "message"), [(0, 5, "stands at 9..14"), (9, 9, "empty"), (-6, -1, "outside"), (9, 99, "99")]
)
def test_an_entity_must_be_where_it_says(suite: Path, start: int, end: int, message: str) -> None:
    entity = {"text": "Rhône", "start": start, "end": end}
    (suite / "questions.jsonl").write_bytes(lines(QUESTION | {"entities": [entity]}))
    with pytest.raises(SuiteError, match=message) as caught:
        load_suite(suite)
    assert caught.value.field == "entities[0]"


def test_aliases_of_an_entity_are_read_and_written_where_there_are_some(suite: Path) -> None:
    entity = QUESTION["entities"][0] | {"aliases": ["Rhone", "Rotten"]}
    (suite / "questions.jsonl").write_bytes(lines(QUESTION | {"entities": [entity]}))
    (question,) = load_suite(suite).questions
    assert question.entities == (Entity("Rhône", 9, 14, "LOC", ("Rhone", "Rotten")),)
    without = Question("q2", "Where is Rhône?", entities=(Entity("Rhône", 9, 14, "LOC"),))
    written = [json.loads(line) for line in encode_lines([question, without]).splitlines()]
    assert [of["entities"] for of in written] == [[entity], QUESTION["entities"]]


def test_an_empty_alias_is_a_mistake(suite: Path) -> None:
    entity = QUESTION["entities"][0] | {"aliases": ["Rhone", " "]}
    (suite / "questions.jsonl").write_bytes(lines(QUESTION | {"entities": [entity]}))
    with pytest.raises(SuiteError, match="an alias is empty") as caught:
        load_suite(suite)
    assert caught.value.field == "entities[0].aliases[1]"


@pytest.mark.parametrize("file", ["suite.toml", "questions.jsonl"])
def test_a_required_file_is_missed_by_name(suite: Path, file: str) -> None:
    (suite / file).unlink()
    with pytest.raises(SuiteError, match=f"{file}: not found"):
        load_suite(suite)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="not a folder"):
        load_suite(tmp_path / "nowhere")


def test_all_mistakes_are_counted_in_the_message(suite: Path) -> None:
    (suite / "questions.jsonl").write_bytes(lines({"id": "a"}, {"id": "b"}, QUESTION))
    with pytest.raises(SuiteError, match=r"1 more: `harness suite validate"):
        load_suite(suite)


def test_ids_may_be_anything_since_they_are_never_paths(suite: Path) -> None:
    (suite / "questions.jsonl").write_bytes(lines(QUESTION | {"id": "../../x\0y"}))
    (suite / "utterances.jsonl").write_bytes(lines(UTTERANCE | {"question_id": "../../x\0y", "id": "/u"}))
    assert load_suite(suite).questions[0].id == "../../x\0y"


def test_a_missing_recording_does_not_stop_loading(suite: Path) -> None:
    assert not (suite / "audio").exists()
    assert load_suite(suite).utterances[0].audio == "audio/u1.wav"


def test_a_link_may_not_leave_the_folder(suite: Path) -> None:
    secret = suite.parent / "secret.wav"
    secret.write_bytes(b"x")
    (suite / "audio").mkdir()
    (suite / "audio" / "u1.wav").symlink_to(secret)
    with pytest.raises(SuiteError, match="link that leaves"):
        load_suite(suite)


def test_a_loop_of_links_is_refused(suite: Path) -> None:
    (suite / "audio").symlink_to(suite / "audio")
    with pytest.raises(SuiteError, match=r"utterances.jsonl:1: audio:"):
        load_suite(suite)


segments = st.lists(st.sampled_from(["a", "b.wav", "..", ".", "", "~", "a b", "ü"]), min_size=1, max_size=6)


@given(segments, st.booleans())
def test_safe_path_agrees_with_the_operating_system(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], rooted: bool
) -> None:
    root = tmp_path_factory.getbasetemp() / "root"
    relative = ("/" if rooted else "") + "/".join(parts)
    try:
        accepted = safe_path(root, relative)
    except SuiteError:
        accepted = None
    inside = os.path.realpath(root / relative).startswith(os.path.realpath(root))
    if accepted is not None:
        assert inside
    elif relative.strip() and not relative.startswith("/") and ".." not in parts:
        pytest.fail(f"{relative!r} stays inside and was refused")


text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(text, text, st.none() | st.lists(text), st.dictionaries(text, text)),
        min_size=1,
        unique_by=lambda r: r[0],
    )
)
def test_records_survive_a_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple]) -> None:
    root = tmp_path_factory.mktemp("round")
    (root / "suite.toml").write_text('name = "round"')
    questions = [
        Question(id_, words, None if answers is None else tuple(answers), (Entity(words[:1], 0, 1),), (), tags)
        for id_, words, answers, tags in rows
    ]
    (root / "questions.jsonl").write_bytes(lines(*map(asdict, questions)))
    assert load_suite(root).questions == tuple(questions)


def test_the_digest_depends_on_contents_and_names_only(suite: Path) -> None:
    digest = load_suite(suite).digest
    os.utime(suite / "questions.jsonl", (1, 1))
    (suite / ".hidden").write_text("x")
    (suite / "notes.txt").write_text("x")
    assert load_suite(suite).digest == digest
    (suite / "audio").mkdir()
    (suite / "audio" / "u1.wav").write_bytes(b"one")
    voiced = load_suite(suite).digest
    (suite / "audio" / "u1.wav").write_bytes(b"two")
    revoiced = load_suite(suite).digest
    (suite / "audio" / "u1.wav").rename(suite / "audio" / "u2.wav")
    renamed = load_suite(suite).digest
    (suite / "transcripts").mkdir()
    (suite / "transcripts" / "human.jsonl").write_text("{}")
    assert len({digest, voiced, revoiced, renamed, load_suite(suite).digest}) == 5


def test_the_digest_covers_recordings_wherever_they_lie(suite: Path) -> None:
    (suite / "utterances.jsonl").write_bytes(lines(UTTERANCE | {"audio": "clips/x.wav"}))
    before = load_suite(suite).digest
    (suite / "clips").mkdir()
    (suite / "clips" / "x.wav").write_bytes(b"one")
    assert load_suite(suite).digest != before
