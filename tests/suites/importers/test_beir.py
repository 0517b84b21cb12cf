"""BEIR folders, plain and gzipped, with all that can be wrong in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import harness
from harness.errors import SuiteError, UsageError
from harness.suites.importers.beir import import_beir
from harness.suites.load import load_suite

CORPUS = [
    {"_id": "d1", "title": "Okapi", "text": "The okapi lives in the Congo.", "metadata": {"url": "x"}},
    {"_id": "d2", "text": "The Ljubljanica flows through Ljubljana."},
    {"_id": "d3", "title": "Only a title", "text": ""},
    {"_id": "d4", "title": "", "text": " "},
    {"_id": "d1", "title": "Again", "text": "Again."},
]
QUERIES = [
    {"_id": "q1", "text": "where does the okapi live", "metadata": {}},
    {"_id": "q2", "text": "what flows through ljubljana"},
    {"_id": "q3", "text": "never judged"},
    {"_id": "q4", "text": "judged by an absent document"},
    {"_id": "q1", "text": "again"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td3\t2\nq1\td2\t0\nq2\td2\t1\nq2\td2\t1\nq4\td99\t1\nq5\td1\t1\n"


def put(path: Path, content: str, zipped: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if zipped:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content)


def jsonl(records: Sequence[object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def beir(folder: Path, zipped: bool = False, qrels: str = QRELS) -> Path:
    put(folder / "corpus.jsonl", jsonl(CORPUS), zipped)
    put(folder / "queries.jsonl", jsonl(QUERIES), zipped)
    put(folder / "qrels" / "test.tsv", qrels, zipped)
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_kept_and_what_is_not(tmp_path: Path, zipped: bool) -> None:
    hypotheses = tmp_path / "hypotheses.jsonl"
    hypotheses.write_text(jsonl([{"_id": "q1", "text": "where does the copy live"}, {"_id": "q3", "text": "x"}]))
    imported = import_beir(beir(tmp_path / "nq", zipped), tmp_path / "suite", transcripts={"asr": hypotheses})
    assert imported.dropped == {
        "documents without id or text": 1,
        "documents whose id came before": 1,
        "judgements that say: not relevant": 1,
        "judgements whose document is not in the corpus": 1,
        f"queries without a relevant document in test.tsv{'.gz' * zipped}": 1,
        "queries none of whose relevant documents is in the corpus": 1,
        "queries whose id came before": 1,
        f"queries that test.tsv{'.gz' * zipped} judges and that could not be kept": 2,
        "transcripts of hypotheses.jsonl whose query was not kept, or came before": 1,
        "no transcript in hypotheses.jsonl: those samples will count as failed": 1,
    }
    suite = load_suite(tmp_path / "suite")
    assert suite.name == "nq"
    assert "Thakur" in suite.description
    assert [(s.id, s.title, s.text) for s in suite.snippets] == [
        ("d1", "Okapi", "The okapi lives in the Congo."),
        ("d2", "", "The Ljubljanica flows through Ljubljana."),
        ("d3", "", "Only a title"),
    ]
    assert [(q.id, q.snippet_ids, q.answers) for q in suite.questions] == [
        ("q1", ("d1", "d3"), None),
        ("q2", ("d2",), None),
    ]
    result = harness.run(tmp_path / "suite", backends=["replay:asr"], jobs=1, out=tmp_path / "run")
    rows = {(r.metric, r.source): r.value for r in result.summary.rows if r.group == "all"}
    assert rows["hit@1", "reference"] == 1.0


def test_without_transcripts_there_are_no_utterances(tmp_path: Path) -> None:
    import_beir(beir(tmp_path / "nq"), tmp_path / "suite", licence="CC0-1.0")
    suite = load_suite(tmp_path / "suite")
    assert (suite.utterances, suite.licence) == ((), "CC0-1.0")


def test_splits(tmp_path: Path) -> None:
    folder = beir(tmp_path / "nq")
    put(folder / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore\nq3\td2\t1\n")
    assert [q.id for q in import_beir(folder, tmp_path / "test").questions] == ["q1", "q2"]
    assert [q.id for q in import_beir(folder, tmp_path / "dev", split="dev").questions] == ["q3"]
    with pytest.raises(UsageError, match=r"--split train: .* has dev, test"):
        import_beir(folder, tmp_path / "x", split="train")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    with pytest.raises(UsageError, match=r"--split is missing: .* has dev, train"):
        import_beir(folder, tmp_path / "x")


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("corpus.jsonl", None, "no corpus.jsonl and no corpus.jsonl.gz"),
        ("queries.jsonl", None, "no queries.jsonl"),
        ("qrels/test.tsv", None, "no qrels/"),
        ("corpus.jsonl", '{"id": "d1", "text": "x"}\n', "corpus.jsonl:1: Object missing required field `_id`"),
        ("corpus.jsonl", "doc_id,text\n", "corpus.jsonl:1: JSON is malformed"),
        ("corpus.jsonl", "\x00\x01", "is binary"),
        ("queries.jsonl", '{"_id": "q1", "text": 3}\n', "queries.jsonl:1: text: Expected `str`"),
        ("queries.jsonl", "", "holds no query that test.tsv judges"),
        ("qrels/test.tsv", "q1 0 d1 1\n", "no column query-id"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tyes\n", "test.tsv:2: score: 'yes' is no number"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td9\t1\n", "judges no document of the corpus"),
    ],
)
def test_wrong_files(tmp_path: Path, file: str, content: str | None, why: str) -> None:
    folder = beir(tmp_path / "nq")
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)
    with pytest.raises(SuiteError, match=why):
        import_beir(folder, tmp_path / "suite")
    assert not (tmp_path / "suite").exists()
