"""What a suite is run with where nobody names a backend."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.audio.packaged import PACKAGED, PackagedModel
from harness.errors import UsageError
from harness.records import Suite
from harness.runs.defaults import default_backends
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from tests.conftest import WriteSuite

TINY_LINE = re.escape("pip install 'spoken-qa-harness[whisper-tiny]' adds Whisper tiny.en")


@pytest.fixture
def demo() -> Suite:
    return load_suite(find_suite("demo"))


def installed(monkeypatch: pytest.MonkeyPatch, *models: str) -> None:
    monkeypatch.setattr("harness.runs.defaults.find_spec", lambda name: object())
    monkeypatch.setattr(PackagedModel, "is_installed", lambda self: self in [PACKAGED[model] for model in models])


def chosen(suite: Suite) -> list[tuple[str, str | None, str | None]]:
    return [(spec.name, spec.model, spec.bias) for spec in default_backends(suite).backends]


def test_with_the_extra_whisper_comes_first(demo: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "tiny.en")
    assert chosen(demo) == [
        ("faster-whisper", "tiny.en", None),
        ("faster-whisper", "tiny.en", "entities"),
        ("pocketsphinx", None, None),
        ("pocketsphinx", None, "entities"),
    ]
    assert default_backends(demo).notes == ()


def test_without_the_extra_one_line_says_what_it_adds(demo: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)
    assert chosen(demo) == [("pocketsphinx", None, None), ("pocketsphinx", None, "entities")]
    (note,) = default_backends(demo).notes
    assert re.match(TINY_LINE, note)
    installed(monkeypatch, "tiny.en")
    monkeypatch.setattr("harness.runs.defaults.find_spec", lambda name: None)  # weights without their engine
    assert default_backends(demo).notes == (note,)


def test_a_suite_without_names_has_no_bias_list(demo: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "tiny.en")
    nameless = replace(demo, questions=tuple(replace(question, entities=()) for question in demo.questions))
    assert chosen(nameless) == [("faster-whisper", "tiny.en", None), ("pocketsphinx", None, None)]


def test_another_language_is_never_given_to_an_english_model(demo: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    german = replace(demo, language="de-AT")
    installed(monkeypatch, "tiny.en", "base")
    found = default_backends(german).backends
    assert [(spec.name, spec.model, spec.bias, spec.options) for spec in found] == [
        ("faster-whisper", "base", None, {}),
        ("faster-whisper", "base", "entities", {}),
    ]
    installed(monkeypatch, "tiny.en")
    with pytest.raises(
        UsageError, match=r"the suite 'demo' is in 'de-AT'.*pip install 'spoken-qa-harness\[whisper-base\]'"
    ):
        default_backends(german)


def test_recorded_transcripts_are_replayed_where_there_is_no_recording(write_suite: WriteSuite, tmp_path: Path) -> None:
    root = write_suite()
    result = harness.run(root, out=tmp_path / "run")
    assert list(result.record.backends) == ["replay:perfect", "replay:vendor"]
    assert result.errors == 0
    shutil.rmtree(root / "transcripts")
    with pytest.raises(UsageError, match="names no recording and has no transcripts"):
        harness.run(root, out=tmp_path / "again")


def test_the_line_on_the_extra_is_a_note_of_the_run(
    voiced_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch)
    result = harness.run(voiced_demo, limit=1, jobs=1, out=tmp_path / "run")
    assert [bool(re.match(TINY_LINE, note)) for note in result.record.notes] == [True]
    assert re.search(TINY_LINE, (tmp_path / "run" / "run.json").read_text())
