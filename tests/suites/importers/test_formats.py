"""One call for every format, as the command line has one verb for each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.imports import suite_import
from harness.errors import UnknownName
from harness.suites.importers import IMPORTERS, import_suite
from harness.suites.load import load_suite


def test_every_format_has_a_verb_and_every_verb_a_format() -> None:
    assert sorted(IMPORTERS) == sorted(suite_import.commands)
    assert all(callable(IMPORTERS.get(name)) for name in IMPORTERS)


def test_a_format_is_named_by_its_verb(tmp_path: Path) -> None:
    qas = [{"id": "q1", "question": "Which river flows through Ljubljana?", "answers": [{"text": "Ljubljanica"}]}]
    paragraph = {"context": "The Ljubljanica flows through Ljubljana.", "qas": qas}
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps({"data": [{"title": "Ljubljana", "paragraphs": [paragraph]}]}))
    import_suite("squad", gold, tmp_path / "suite", transcripts={})
    assert [question.id for question in load_suite(tmp_path / "suite").questions] == ["q1"]


def test_a_misspelt_format_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'squad'"):
        import_suite("sqaud", tmp_path, tmp_path / "suite")
