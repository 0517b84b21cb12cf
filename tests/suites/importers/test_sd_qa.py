"""SD-QA as it lies on disk: the CSV, and what stands beside it. All sentences here are made up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import harness
from harness.errors import SuiteError
from harness.suites.importers.sd_qa import import_sd_qa
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite

CSV = """,ID,in XOR dev,english-gold,usa-en-US,irl-en-IE,irl-en-US,ind_n-en-US,ind_n-en-IN
0,71,False,Where does the okapi live?,where does the okapi live,where does the copy live,where does a copy live,where does okapi live,
1,-42,False,"What, then, flows through Ljubljana?",what flows through ljubljana,what flows through a piano,what flows through libya,what flows,what flows through ljubljana
2,5,False,Is it so?,is it so,is it so,is it so,is it so,is it so
3,71,False,Again?,a,a,a,a,a
4,6,False, ,a,a,a,a,a
"""
PASSAGE = "The okapi is a shy animal. It lives in the Congo and eats leaves."
LONG = "word " * 40
TRIPLES = [
    {"example_id": 71, "question": "where does the copy live ?", "answer": "the Congo", "answers": ["the Congo", PASSAGE],
     "has_answer": True, "audio_path": "SD-QA/dev/eng/irl/wav_eng/71.wav", "audio_exists": True},
    {"example_id": -42, "question": "x", "answer": LONG, "answers": [LONG], "has_answer": True, "audio_path": "../../../etc/passwd"},
    {"example_id": 5, "question": "x", "answer": "-1", "answers": [], "has_answer": False, "audio_path": "", "audio_exists": False},
    {"example_id": 99, "question": "x", "answer": "-1", "answers": [], "has_answer": False, "audio_path": "", "audio_exists": False},
]  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "eng"
    (folder / "irl" / "wav_eng").mkdir(parents=True)
    (folder / "english.dev.csv").write_text(CSV, encoding="utf-8")
    (folder / "irl" / "english.dev.irl-en-IE.triples.jsonl").write_text("".join(json.dumps(t) + "\n" for t in TRIPLES))
    (folder / "irl" / "english.dev.irl-en-US.triples.jsonl").write_text(json.dumps(TRIPLES[0]) + "\n")
    (folder / "irl" / "metadata.csv").write_text(
        ",example_id,user_id,region,language,gender,age,device,lang_spoken,mother_tongue,audio_file\n"
        "0,71,S1,irl,eng,female,35,android,n/a,eng,dev/eng/irl/wav_eng/71.wav\n"
    )
    for identity in ("71", "1234"):
        soundfile.write(
            folder / "irl" / "wav_eng" / f"{identity}.wav", np.sin(np.arange(3200, dtype=np.float32)), 16_000
        )
    return folder / "english.dev.csv"


def test_what_is_kept_and_what_is_not(table: Path, tmp_path: Path) -> None:
    imported = import_sd_qa(table, tmp_path / "suite")
    assert imported.dropped == {
        "questions without text": 1,
        "questions whose id came before": 1,
        "triples whose question is not in the CSV": 1,
        "answers: the article does not answer the question (it stays, for its words)": 1,
        "empty cells of transcripts: those samples will count as failed": 1,
    }
    suite = load_suite(tmp_path / "suite")
    assert (suite.language, suite.speech) == ("en", "human")
    assert "Apache-2.0" in suite.licence
    assert [(q.id, q.text, q.answers, q.snippet_ids) for q in suite.questions] == [
        ("71", "Where does the okapi live?", ("the Congo",), ("p00001",)),
        ("-42", "What, then, flows through Ljubljana?", None, ("p00002",)),
        ("5", "Is it so?", None, None),
    ]
    assert [snippet.text for snippet in suite.snippets] == [PASSAGE, LONG.strip()]
    assert [u.id for u in suite.utterances][:4] == ["71.usa", "71.irl", "71.ind_n", "-42.usa"]
    irish = suite.utterances[1]
    assert (irish.audio, irish.speaker, irish.accent, irish.tags) == (
        "audio/irl/71.wav", "S1", "irl", {"gender": "female", "age": "35", "mother_tongue": "eng"},
    )  # fmt: skip
    assert [p for p in validate_suite(tmp_path / "suite") if p.severity == "error"] == []


def test_every_set_of_transcripts_covers_every_dialect(table: Path, tmp_path: Path) -> None:
    imported = import_sd_qa(table, tmp_path / "suite", audio=False)
    assert list(imported.transcripts) == ["en-US", "local"]
    assert imported.transcripts["en-US"]["71.irl"] == "where does a copy live"
    assert imported.transcripts["local"]["71.irl"] == "where does the copy live"
    assert imported.transcripts["local"]["71.usa"] == "where does the okapi live"
    assert "71.ind_n" not in imported.transcripts["local"]  # an empty cell is no transcript
    assert len(imported.transcripts["en-US"]) == 9
    assert all(utterance.audio is None for utterance in imported.utterances)
    result = harness.run(
        tmp_path / "suite", backends=["replay:local", "replay:en-US"], jobs=1, out=tmp_path / "run", limit=3
    )
    assert {row.backend for row in result.summary.rows} >= {"replay:local", "replay:en-US"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ID,arabic-gold,dza-ar-DZ,egy-ar-EG", ["local"]),
        ("ID,korean-gold,kor_s-ko-KR,kor_se-ko-KR", ["ko-KR"]),
        ("ID,english-gold,usa-en-US", ["en-US"]),
    ],
)
def test_recognisers_of_other_languages(tmp_path: Path, header: str, expected: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n1,a question{',recognised' * (header.count(',') - 1)}\n")
    imported = import_sd_qa(path, tmp_path / "suite")
    assert list(imported.transcripts) == expected
    assert imported.language == header.split("-")[-2]
    assert import_sd_qa(path, tmp_path / "other", language="yue").language == "yue"
    assert {len(recognised) for recognised in imported.transcripts.values()} == {header.count(",") - 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("a,b,c\n1,2,3\n", "has the columns a, b, c; expected the CSV of SD-QA"),
        ("ID,english-gold\n1,x\n", "expected the CSV of SD-QA"),
        ("ID,english-gold,usa-en-US\n", "holds no question"),
        ("ID,english-gold,usa-en-US\n../x,q,h\n", "no id of TyDi QA"),
        ("ID,english-gold,usa-en-US\n1,q\n", "2 columns, but the header has 3"),
        ('ID,english-gold,usa-en-US\n1,"q,h\n', "expected the CSV of SD-QA"),
        ("\x7fELF\x00", "is binary"),
    ],
)
def test_wrong_files(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(SuiteError, match=why):
        import_sd_qa(path, tmp_path / "suite")
    assert not (tmp_path / "suite").exists()


def test_wrong_triples_and_metadata(table: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "t.jsonl"
    wrong.write_text('{"example_id": "x", "answers": []}\n')
    with pytest.raises(SuiteError, match=r"t\.jsonl:1: example_id: Expected `int`.*triples of SD-QA"):
        import_sd_qa(table, tmp_path / "suite", triples=[wrong])
    (table.parent / "irl" / "metadata.csv").write_text("id,who\n")
    with pytest.raises(SuiteError, match="no column example_id"):
        import_sd_qa(table, tmp_path / "suite")
