"""One call for every format, as the command line has one verb for each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.imports import suite_import
from harness.errors import UnknownName
from harness.suites.importers import IMPORTERS, import_suite
from harness.suites.importers.transcripts import TranscriptFiles
from harness.suites.importers.writing import About
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


def test_every_format_takes_a_language(tmp_path: Path) -> None:
    gold, lists, beir = tmp_path / "gold.json", tmp_path / "lists.tsv", tmp_path / "beir"
    qas = [{"id": "q1", "question": "¿Dónde está Xochimilco?", "answers": []}]
    gold.write_text(json.dumps({"data": [{"paragraphs": [{"context": "Xochimilco está en México.", "qas": qas}]}]}))
    lists.write_text('1-1-1\tel ajolote\t["ajolote"]\n')
    (beir / "qrels").mkdir(parents=True)
    (beir / "corpus.jsonl").write_text('{"_id": "d1", "text": "Xochimilco está en México."}\n')
    (beir / "queries.jsonl").write_text('{"_id": "q1", "text": "¿Dónde está Xochimilco?"}\n')
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    import_suite("squad", gold, tmp_path / "squad", transcripts={}, language="es")
    import_suite("is21", lists, tmp_path / "is21", transcripts={}, language="es")
    import_suite("beir", beir, tmp_path / "of-beir", language="es")
    (tmp_path / "ref.trn").write_text("¿dónde está xochimilco? (a_1)\n")
    (tmp_path / "hyp.trn").write_text("dónde está sochimilco (a_1)\n")
    transcripts = TranscriptFiles({"asr": tmp_path / "hyp.trn"})
    import_suite(
        "transcripts", tmp_path / "ref.trn", tmp_path / "trn", transcripts=transcripts, about=About(language="es")
    )
    for name in ("squad", "is21", "of-beir", "trn"):
        assert load_suite(tmp_path / name).language == "es"
