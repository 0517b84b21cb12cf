"""Voice commands: intents and slots become tags and entities; one text with one meaning is one question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import harness
from harness.errors import SuiteError
from harness.suites.importers.commands import slot_entities
from harness.suites.importers.fluent_speech_commands import import_fluent_speech_commands
from harness.suites.importers.speech_to_intent import import_speech_to_intent
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite

HEADER = ",path,speakerId,transcription,action,object,location\n"
DEMOGRAPHICS = (
    "speakerId,Self-reported fluency level ,First Language spoken,Current language used for work/school,gender,ageRange\n"
    "anna,native,English (Ireland),English,female,22-40\n"
)


def sound(path: Path, seconds: float = 0.2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * np.sin(np.arange(int(seconds * 16_000))), 16_000)
    return path


def errors(folder: Path) -> list[str]:
    return [str(problem) for problem in validate_suite(folder) if problem.severity == "error"]


# ---- where slots stand in a text


@pytest.mark.parametrize(
    ("text", "slots", "expected"),
    [
        ("Dim the lamps in the kitchen", {"object": "lamps", "location": "kitchen"}, [("lamps", 8), ("kitchen", 21)]),
        ("an Iced  Coffee", {"drink": "iced coffee"}, [("Iced  Coffee", 3)]),  # as it is written there
        ("iced coffee or coffee", {"a": "coffee", "b": "iced coffee"}, [("iced coffee", 0), ("coffee", 15)]),
        ("an iced coffee", {"a": "coffee", "b": "iced coffee"}, [("iced coffee", 3)]),  # no two share a word
        ("kitchenette", {"location": "kitchen"}, []),  # whole words only
        ("c++ (fast)", {"language": "c++", "speed": "(fast)"}, [("c++", 0), ("(fast)", 4)]),  # no patterns
        ("", {"a": "x"}, []),
        ("text", {"a": " "}, []),
    ],
)
def test_slots_stand_where_their_values_do(text: str, slots: dict[str, str], expected: list[tuple[str, int]]) -> None:
    entities = slot_entities(text, slots)
    assert [(entity.text, entity.start) for entity in entities] == expected
    assert all(text[entity.start : entity.end] == entity.text for entity in entities)


# ---- Fluent Speech Commands


@pytest.fixture
def fluent(tmp_path: Path) -> Path:
    root = tmp_path / "fluent"
    (root / "data").mkdir(parents=True)
    for speaker, name in (("anna", "a1"), ("anna", "a2"), ("bert", "b1"), ("bert", "b2")):
        sound(root / "wavs" / "speakers" / speaker / f"{name}.wav")
    rows = [
        "0,wavs/speakers/anna/a1.wav,anna,Dim the lamps in the kitchen,dim,lamps,kitchen",
        "1,wavs/speakers/anna/a2.wav,anna,Softer please,decrease,volume,none",
    ]
    (root / "data" / "train_data.csv").write_text(HEADER + "\n".join(rows) + "\n")
    rows = [
        '0,wavs/speakers/bert/b1.wav,bert,"Dim the lamps, in the kitchen",dim,lamps,kitchen',
        "1,wavs/speakers/bert/b2.wav,bert,Softer please,decrease,brightness,none",
        "2,wavs/speakers/bert/b1.wav,bert,again,dim,lamps,none",
        "3,wavs/speakers/bert/gone.wav,bert,away,dim,lamps,none",
        "4,../outside.wav,bert,away,dim,lamps,none",
        "5,wavs/speakers/bert/b2.wav,bert,?!,dim,lamps,none",
    ]
    (root / "data" / "test_data.csv").write_text(HEADER + "\n".join(rows) + "\n")
    (root / "data" / "speaker_demographics.csv").write_text(DEMOGRAPHICS)
    return root


def test_fluent_commands_with_intents_and_slots(fluent: Path, tmp_path: Path) -> None:
    imported = import_fluent_speech_commands(fluent, tmp_path / "suite")
    suite = load_suite(tmp_path / "suite")
    assert suite.speech == "human"
    assert [(q.id, q.text, dict(q.tags)) for q in suite.questions] == [
        (
            "b1",
            "Dim the lamps, in the kitchen",
            {"intent": "dim/lamps/kitchen", "action": "dim", "object": "lamps", "location": "kitchen"},
        ),
        # The same words with another meaning are another question.
        (
            "b2",
            "Softer please",
            {"intent": "decrease/brightness/none", "action": "decrease", "object": "brightness"},
        ),
        ("a2", "Softer please", {"intent": "decrease/volume/none", "action": "decrease", "object": "volume"}),
    ]
    assert [[(e.text, e.label) for e in q.entities or ()] for q in suite.questions] == [
        [("Dim", "action"), ("lamps", "object"), ("kitchen", "location")],
        [],
        [],
    ]
    assert [(u.id, u.question_id, u.speaker, u.accent, dict(u.tags)) for u in suite.utterances] == [
        ("b1", "b1", "bert", "", {"split": "test"}),
        ("b2", "b2", "bert", "", {"split": "test"}),
        # The same words and meaning are the same question, whatever the split and the punctuation.
        (
            "a1",
            "b1",
            "anna",
            "English (Ireland)",
            {"split": "train", "gender": "female", "age": "22-40", "fluency": "native"},
        ),
        (
            "a2",
            "a2",
            "anna",
            "English (Ireland)",
            {"split": "train", "gender": "female", "age": "22-40", "fluency": "native"},
        ),
    ]
    for utterance, name in zip(suite.utterances, ("bert/b1", "bert/b2", "anna/a1", "anna/a2"), strict=True):
        original = fluent / "wavs" / "speakers" / f"{name}.wav"
        assert (suite.root / str(utterance.audio)).read_bytes() == original.read_bytes()
    assert sorted((why.partition(" (first")[0], n) for why, n in imported.dropped.items()) == [
        ("recordings that are not there", 1),
        ("recordings that lie outside the folder", 1),
        ("recordings that were named before", 1),
        ("recordings whose text has no words", 1),
        ("slots whose value does not stand in the text: they are in the tags only", 4),
    ]
    assert errors(tmp_path / "suite") == []


def test_a_split_alone(fluent: Path, tmp_path: Path) -> None:
    imported = import_fluent_speech_commands(fluent, tmp_path / "suite", splits=["train"], name="mine")
    assert [utterance.id for utterance in imported.utterances] == ["a1", "a2"]
    assert imported.name == "mine"
    with pytest.raises(SuiteError, match=r"has no data/dev_data.csv: its splits are test, train"):
        import_fluent_speech_commands(fluent, tmp_path / "other", splits=["dev"])
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("path,transcription\nx,y\n", "has no column speakerId and no column action"),
        (HEADER + "0,a.wav,anna\n", "3 columns, but the header has 7"),
        (HEADER, "holds no recording that can be used. Its tables are empty"),
        (HEADER + "0,a.wav,anna,words,x,y,z\n", r"recordings that are not there \(first: test_data.csv, line 2"),
        ("", "has no column path"),
        ("\0" * 100, "is binary"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "test_data.csv").write_text(content)
    with pytest.raises(SuiteError, match=why):
        import_fluent_speech_commands(tmp_path, tmp_path / "suite")
    assert not (tmp_path / "suite").exists()


def test_a_suite_of_commands_can_be_run(fluent: Path, tmp_path: Path) -> None:
    import_fluent_speech_commands(fluent, tmp_path / "suite", splits=["train"])
    transcripts = tmp_path / "suite" / "transcripts" / "asr.jsonl"
    transcripts.parent.mkdir()
    transcripts.write_text('{"utterance_id": "a1", "text": "dim the lambs in the kitchen"}\n')
    result = harness.run(tmp_path / "suite", backends=["replay:asr"], jobs=1, out=tmp_path / "run")
    rates = {row.group: (row.value, row.n_scored, row.n_error) for row in result.summary.rows if row.metric == "wer"}
    assert rates["all"] == (pytest.approx(3 / 8), 1, 1)  # one word of six wrong, and two that have no transcript


# ---- the speech-to-intent benchmark

LABELS: dict[str, Any] = {
    "one.wav": {"intent": "orderDrink", "slots": {"size": "large", "drink": "iced tea", "milk": " oat milk"}},
    "two.wav": {"intent": "orderDrink", "slots": {"drink": "iced tea", "size": "large", "milk": "oat milk"}},
    "three.wav": {"intent": "stopMachine", "slots": {}},
    "gone.wav": {"intent": "orderDrink", "slots": {"drink": "water"}},
    "../out.wav": {"intent": "orderDrink", "slots": {"drink": "water"}},
}


@pytest.fixture
def coffee(tmp_path: Path) -> Path:
    root = tmp_path / "benchmark"
    (root / "data" / "label").mkdir(parents=True)
    (root / "data" / "label" / "label.json").write_text(json.dumps(LABELS))
    for place in ("clean/one", "clean/two", "clean/three", "cafe_6db/one"):
        sound(root / "data" / "speech" / f"{place}.wav")
    return root


def test_orders_without_texts_say_that_their_texts_are_made(coffee: Path, tmp_path: Path) -> None:
    imported = import_speech_to_intent(coffee, tmp_path / "suite")
    suite = load_suite(tmp_path / "suite")
    assert "word error rates mean nothing here" in suite.description
    assert any("word error rates mean nothing here" in line and "dropped 4" in line for line in imported.account())
    # Without texts, a question is a meaning as its labels list it.
    assert [(q.id, q.text) for q in suite.questions] == [
        ("one", "large iced tea oat milk"),
        ("two", "iced tea large oat milk"),
        ("three", "stopMachine"),
    ]
    assert dict(suite.questions[0].tags) == {
        "intent": "orderDrink", "size": "large", "drink": "iced tea", "milk": "oat milk",
    }  # fmt: skip
    assert [(e.text, e.label) for e in suite.questions[0].entities or ()] == [
        ("large", "size"), ("iced tea", "drink"), ("oat milk", "milk"),
    ]  # fmt: skip
    assert suite.questions[2].entities == ()
    assert [(u.id, u.question_id, dict(u.tags)) for u in suite.utterances] == [
        ("one", "one", {"noise": "clean"}),
        ("two", "two", {"noise": "clean"}),
        ("three", "three", {"noise": "clean"}),
        ("one.cafe_6db", "one", {"noise": "cafe_6db"}),
    ]
    assert {why.partition(" (first")[0] for why in imported.dropped} >= {
        "recordings that are not there", "recordings that lie outside the folder",
    }  # fmt: skip
    assert errors(tmp_path / "suite") == []


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl"])
def test_orders_with_texts_of_their_own(coffee: Path, tmp_path: Path, format: str) -> None:
    texts = {"one.wav": "Pour a large iced tea", "clean/two.wav": "pour a large iced tea!", "three.wav": "Halt"}
    rows = [{"audio": audio, "text": text} for audio, text in texts.items()]
    mark = "," if format == "csv" else "\t"
    lines = (
        [json.dumps(row) for row in rows]
        if format == "jsonl"
        else [f"audio{mark}text", *(mark.join(row.values()) for row in rows)]
    )
    table = tmp_path / f"texts.{format}"
    table.write_text("\n".join(lines) + "\n")
    imported = import_speech_to_intent(
        coffee / "data" / "label" / "label.json", tmp_path / "suite", texts=table, audio=coffee / "data/speech/clean"
    )
    assert "mean nothing" not in imported.description
    assert [(q.id, q.text) for q in imported.questions] == [("one", "Pour a large iced tea"), ("three", "Halt")]
    assert [(u.id, u.question_id) for u in imported.utterances] == [("one", "one"), ("two", "one"), ("three", "three")]
    reasons = {why.partition(" (first")[0]: n for why, n in imported.dropped.items()}
    assert reasons == {
        "recordings that the table of texts lacks": 1,  # gone.wav
        "recordings that lie outside the folder": 1,
        "slots whose value does not stand in the text: they are in the tags only": 1,  # oat milk
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[]", "Expected `object`, got `array`"),
        ('{"a.wav": {"slots": {}}}', "required field `intent`"),
        ('{"a.wav": {"intent": "x", "slots": {"size": 3}}}', "Expected `str`, got `int`"),
        ("not json", "malformed"),
        ("{}", "holds no recording that can be used. It is empty"),
        ('{"a.wav": {"intent": "x"}}', "recordings that are not there"),
    ],
)
def test_labels_that_are_none_are_named(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "label").mkdir()
    (tmp_path / "speech" / "clean").mkdir(parents=True)
    (tmp_path / "label" / "label.json").write_text(content)
    with pytest.raises(SuiteError, match=why):
        import_speech_to_intent(tmp_path, tmp_path / "suite")
    assert not (tmp_path / "suite").exists()


def test_what_the_benchmark_lacks_is_named(coffee: Path, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"has no data/label/label.json or label.json"):
        import_speech_to_intent(tmp_path, tmp_path / "suite")
    with pytest.raises(SuiteError, match="no folder of recordings; name it with --audio"):
        import_speech_to_intent(coffee, tmp_path / "suite", audio=tmp_path / "nowhere")
    for name, content, why in (
        ("texts.xlsx", "", "expected a table in a .csv"),
        ("texts.csv", "recording,words\na,b\n", "expected the columns audio and text"),
        ("absent.csv", None, "cannot be read"),
    ):
        if content is not None:
            (tmp_path / name).write_text(content)
        with pytest.raises(SuiteError, match=why):
            import_speech_to_intent(coffee, tmp_path / "suite", texts=tmp_path / name)
