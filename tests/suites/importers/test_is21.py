"""Biasing lists: entities are the listed words, counted as the published results count them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness
from harness.errors import SuiteError
from harness.suites.importers.is21 import import_is21
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite

REFERENCE = (
    '1-2-3\tthe okapi and the okapi met medawar\t["medawar", "okapi", "absent"]\t["okapi", "zorro"]\n'
    "1-2-4\tnothing rare here\t[]\t[]\n"
    "9-9-9\t\t[]\n"
    '1-2-3\tagain\t["again"]\n'
    "x\tno speaker\t[]\n"
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_kept_and_what_is_not(tmp_path: Path) -> None:
    hypotheses = write(
        tmp_path / "hyp.tsv", "1-2-3\tthe copy and the okapi met mad dog or\nzzz\tx\n1-2-4\t\n1-2-4\ttwice\n"
    )
    imported = import_is21(write(tmp_path / "ref.tsv", REFERENCE), tmp_path / "suite", transcripts={"sys": hypotheses})
    assert imported.dropped == {
        'bias lists: a recogniser is given its own, bias = "entities" or a file': 1,
        "utterances without text": 1,
        "utterances whose id came before": 1,
        "rare words that do not stand in their text": 1,
        "transcripts of hyp.tsv whose utterance is not in the reference": 1,
        "transcripts of hyp.tsv whose id came before": 1,
        "no transcript in hyp.tsv: those samples will count as failed": 1,
    }
    suite = load_suite(tmp_path / "suite")
    assert [(e.text, e.start, e.end) for e in suite.questions[0].entities or ()] == [
        ("okapi", 4, 9), ("okapi", 18, 23), ("medawar", 28, 35),
    ]  # fmt: skip
    assert [u.speaker for u in suite.utterances] == ["1", "1", ""]
    result = harness.run(tmp_path / "suite", backends=["replay:sys"], jobs=1, out=tmp_path / "run")
    rows = {row.metric: row.value for row in result.summary.rows if row.group == "all" and row.source == "hypothesis"}
    assert rows["entity_recall"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("one column\n", "1 columns between tabs"),
        ("a\tb\tc\td\te\n", "5 columns"),
        ("\ttext\t[]\n", "3 columns between tabs"),
        ("id\ttext\tokapi\n", "'okapi' is no JSON list"),
        ("id\ttext\t[1]\n", "no JSON list of words"),
        ("", "holds no utterance"),
        ("id\ttext\x00\t[]\n", "is binary"),
    ],
)
def test_wrong_files(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(SuiteError, match=why) as caught:
        import_is21(write(tmp_path / "ref.tsv", content), tmp_path / "suite", transcripts={})
    assert "with tabs between" in str(caught.value)


def test_wrong_hypotheses(tmp_path: Path) -> None:
    reference = write(tmp_path / "ref.tsv", REFERENCE)
    for content in ("1-2-3 no tab\n", "1-2-3\ta\tb\n"):
        with pytest.raises(SuiteError, match=r"hyp\.tsv:1: expected id and text"):
            import_is21(reference, tmp_path / "suite", transcripts={"s": write(tmp_path / "hyp.tsv", content)})


def test_public_data(outside_data: Path, tmp_path: Path) -> None:
    data = outside_data / "is21"
    systems = {"rnnt": "test-clean.b1.rnnt_baseline.tsv", "s5": "test-clean.s5.s3+db-nnlm.biasing_100.tsv"}
    imported = import_is21(
        data / "test-clean.biasing_100.tsv",
        tmp_path / "suite",
        transcripts={label: data / file for label, file in systems.items()},
    )
    published = (data / "test-clean.b1.rnnt_baseline.tsv.result").read_text()
    b_wer = re.search(r"^B-WER: .*ref_words=(\d+)", published, re.M)
    assert b_wer
    assert sum(len(q.entities or ()) for q in imported.questions) == int(b_wer[1]) == 5761
    assert [len(imported.transcripts[label]) for label in systems] == [2620, 2620]
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []
