"""Data sets that `datasets` itself saved, with the sound taken as it is."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import harness
from harness.errors import SuiteError, UsageError
from harness.suites.importers.hf import Columns, import_hf
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite

datasets = pytest.importorskip("datasets")

TONE = np.sin(np.arange(3200) / 20).astype(np.float32) / 2
COLUMNS = Columns(text="question", audio="audio", answers="answers", context="context", speaker="reader", id="key",
                  transcripts={"asr": "recognised"})  # fmt: skip


def encoded(format: str) -> bytes:
    buffer = BytesIO()
    soundfile.write(buffer, TONE, 16_000, format=format)
    return buffer.getvalue()


ROWS: dict[str, list[Any]] = {
    "key": ["a", "b", "c", "a", "e", "f"],
    "question": ["Where does the okapi live?", "Where does the okapi live?", "Who was Medawar?", "Again?", None, "  "],
    "audio": [{"bytes": encoded("FLAC"), "path": "x.flac"}, {"bytes": encoded("WAV"), "path": "../../x.wav"},
              {"bytes": b"no sound", "path": "/etc/passwd"}, None, None, None],
    "answers": [["the Congo", " the Congo "], ["the Congo"], [], [], [], []],
    "context": ["Okapis live in the Congo.", "Okapis live in the Congo.", "He studied rejection.", "", "", ""],
    "reader": ["r1", "r2", None, "r1", "r1", "r1"],
    "recognised": ["where does the copy live", "where does the okapi live", None, "", "", ""],
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_progress() -> None:
    datasets.disable_progress_bars()


def saved(folder: Path, rows: dict[str, list[Any]] = ROWS, audio: Any = None) -> Path:
    """As `datasets` saves sound: encoded bytes under an `Audio` feature, or what `audio` says."""
    bare = {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}
    table = datasets.Dataset.from_dict({name: column for name, column in rows.items() if name != "audio"})
    types = datasets.Features({**table.features, "audio": audio or bare})
    made = datasets.Dataset.from_dict(rows, features=types)
    (made if audio else made.cast_column("audio", datasets.Audio(16_000))).save_to_disk(str(folder))
    return folder


def test_what_is_kept_and_what_is_not(tmp_path: Path) -> None:
    imported = import_hf(saved(tmp_path / "set"), tmp_path / "suite", columns=COLUMNS)
    assert imported.dropped == {
        "rows without a question (first: row 5)": 2,
        "rows without id, or whose id came before (first: row 4)": 1,
        "recordings that cannot be used (first: row 3: is text, not a recording: it begins 'no sound')": 1,
        "no transcript in recognised: those samples will count as failed (first: row 3)": 1,
    }
    suite = load_suite(tmp_path / "suite")
    assert [(q.id, q.text, q.answers, q.snippet_ids) for q in suite.questions] == [
        ("q000001", "Where does the okapi live?", ("the Congo",), ("p00001",)),
        ("q000002", "Who was Medawar?", None, ("p00002",)),
    ]
    assert [(u.id, u.question_id, u.audio, u.speaker) for u in suite.utterances] == [
        ("a", "q000001", "audio/000001.flac", "r1"), ("b", "q000001", "audio/000002.wav", "r2"), ("c", "q000002", None, ""),
    ]  # fmt: skip
    assert (tmp_path / "suite" / "audio" / "000001.flac").read_bytes() == encoded("FLAC")
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []
    harness.run(tmp_path / "suite", backends=["replay:asr"], jobs=1, out=tmp_path / "run", limit=3)


def test_sound_as_numbers_and_as_bare_bytes(tmp_path: Path) -> None:
    rows = {"text": ["One?", "Two?"], "audio": [{"array": TONE.tolist(), "sampling_rate": 8000}] * 2}
    numbers = {"array": datasets.List(datasets.Value("float32")), "sampling_rate": datasets.Value("int64")}
    import_hf(saved(tmp_path / "numbers", rows, numbers), tmp_path / "one", columns=Columns())
    samples, rate = soundfile.read(tmp_path / "one" / "audio" / "000001.wav")
    assert (rate, samples.tolist()) == (8000, TONE.tolist())
    ogg = encoded("OGG")
    rows = {"text": ["One?"], "audio": [ogg]}
    import_hf(saved(tmp_path / "bytes", rows, datasets.Value("binary")), tmp_path / "two", columns=Columns())
    assert (tmp_path / "two" / "audio" / "000001.ogg").read_bytes() == ogg


@pytest.mark.parametrize("answers", [["x", "y"], [{"text": ["x"]}, {"text": ["y"]}], [["x"], ["y"]]])
def test_answers_come_in_several_shapes(tmp_path: Path, answers: list[Any]) -> None:
    datasets.Dataset.from_dict({"text": ["One?", "Two?"], "gold": answers}).save_to_disk(str(tmp_path / "set"))
    imported = import_hf(
        tmp_path / "set", tmp_path / "suite", columns=Columns(audio=None, answers="gold"), licence="CC0", language="sw"
    )
    assert [question.answers for question in imported.questions] == [("x",), ("y",)]
    suite = load_suite(tmp_path / "suite")
    assert (suite.licence, suite.language) == ("CC0", "sw")


def test_licence_and_citation_are_the_data_sets_own(tmp_path: Path) -> None:
    info = datasets.DatasetInfo(license="CC-BY-4.0", citation="@inproceedings{\n  x, year={2020}}")
    datasets.Dataset.from_dict({"text": ["One?"]}, info=info).save_to_disk(str(tmp_path / "set"))
    imported = import_hf(tmp_path / "set", tmp_path / "suite", columns=Columns(audio=None))
    assert (imported.licence, imported.citation) == ("CC-BY-4.0", "@inproceedings{ x, year={2020}}")


def test_splits(tmp_path: Path) -> None:
    parts = {name: datasets.Dataset.from_dict({"text": [f"{name}?"]}) for name in ("train", "test")}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "set"))
    columns = Columns(audio=None)
    assert import_hf(tmp_path / "set", tmp_path / "a", columns=columns, split="test").questions[0].text == "test?"
    for split, why in ((None, "--split is missing: .* has train, test"), ("dev", "--split dev")):
        with pytest.raises(UsageError, match=why):
            import_hf(tmp_path / "set", tmp_path / "b", columns=columns, split=split)
    with pytest.raises(UsageError, match="single split"):
        import_hf(tmp_path / "set" / "test", tmp_path / "b", columns=columns, split="test")


@pytest.mark.parametrize(
    ("column", "option"), [("text", "--text"), ("audio", "--audio"), ("speaker", "--speaker"), ("id", "--id")]
)
def test_columns_that_are_not_there(tmp_path: Path, column: str, option: str) -> None:
    with pytest.raises(UsageError, match=rf"{option} nope: .* it has key, question, audio"):
        import_hf(saved(tmp_path / "set"), tmp_path / "suite", columns=Columns(**{"text": "question", column: "nope"}))


def test_folders_that_are_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    folder = saved(tmp_path / "set")
    next(folder.glob("*.arrow")).write_bytes(b"\x00garbage" * 10)
    for wrong in (tmp_path / "absent", tmp_path / "empty", folder):
        with pytest.raises(SuiteError, match="`save_to_disk` wrote"):
            import_hf(wrong, tmp_path / "suite", columns=COLUMNS)
    datasets.Dataset.from_dict({"text": ["", None]}).save_to_disk(str(tmp_path / "blank"))
    with pytest.raises(SuiteError, match=r"gives no question \(2 rows without a question\)"):
        import_hf(tmp_path / "blank", tmp_path / "suite", columns=Columns(audio=None))
    assert not (tmp_path / "suite").exists()
