"""References and transcripts of other tools become suites, or join one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.errors import SuiteError, TranscriptError, UsageError
from harness.suites.importers.transcripts import TranscriptFiles, add_transcripts, import_transcripts
from harness.suites.importers.writing import About
from harness.suites.load import load_suite
from harness.words.transcripts.tables import Layout, parse_layout
from tests.conftest import WriteSuite

REFERENCE = "Who was Medawar? (u1)\nwho was medawar (u2)\nWhere is Ljubljana? (u3)\n (u4)\n"


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_suite_of_a_trn_and_a_ctm(tmp_path: Path) -> None:
    reference = write(tmp_path / "ref.trn", REFERENCE)
    ctm = write(tmp_path / "hyp.ctm", "u1 1 0 .5 who 0.9\nu1 1 .5 .5 was 0.5\nu3 1 0 1 where\nzz 1 0 1 x\n")
    about = About(name="mine", licence="CC0", citation="Us 2020", speech="human")
    imported = import_transcripts(
        reference, tmp_path / "suite", transcripts=TranscriptFiles({"vendor": ctm}), about=about
    )
    suite = load_suite(tmp_path / "suite")
    assert [(question.id, question.text) for question in suite.questions] == [
        ("u1", "Who was Medawar?"), ("u3", "Where is Ljubljana?")
    ]  # fmt: skip
    assert [(u.id, u.question_id) for u in suite.utterances] == [("u1", "u1"), ("u2", "u1"), ("u3", "u3")]
    assert (suite.name, suite.licence, suite.speech) == ("mine", "CC0", "human")
    assert "Us 2020" in suite.description
    assert imported.dropped == {
        "references without words (first: line 4)": 1,
        "transcripts of hyp.ctm whose id is no utterance's (first: zz)": 1,
        "no transcript in hyp.ctm: those samples will count as failed (first: u2)": 1,
    }
    assert lines_of(tmp_path / "suite" / "transcripts" / "vendor.jsonl")[0] == {
        "utterance_id": "u1",
        "text": "who was",
        "words": [
            {"text": "who", "start": 0.0, "end": 0.5, "confidence": 0.9},
            {"text": "was", "start": 0.5, "end": 1.0, "confidence": 0.5},
        ],
    }
    result = harness.run(tmp_path / "suite", backends=["replay:vendor"], jobs=1, out=tmp_path / "run")
    assert (result.planned, result.errors) == (3, 1)  # u2 failed, and is no empty transcript
    wer = next(row for row in result.summary.rows if row.metric == "wer" and row.group == "all")
    assert wer.value == pytest.approx((1 + 3 + 2) / 9)


def test_an_stm_cuts_the_words_of_a_ctm(tmp_path: Path) -> None:
    stm = write(tmp_path / "ref.stm", "call A anna 0 2 who was medawar\ncall A bert 2 4 where is he\n")
    ctm = write(tmp_path / "hyp.ctm", "call A 0 .5 who\ncall A 1 .5 was\ncall A 2.5 .5 where\ncall B 0 1 x\n")
    imported = import_transcripts(stm, tmp_path / "suite", transcripts=TranscriptFiles({"v": ctm}, segments=stm))
    assert imported.dropped == {"transcripts of hyp.ctm whose id is no utterance's (first: call (channel B))": 1}
    suite = load_suite(tmp_path / "suite")
    assert [utterance.speaker for utterance in suite.utterances] == ["anna", "bert"]
    assert [line["text"] for line in lines_of(tmp_path / "suite" / "transcripts" / "v.jsonl")] == ["who was", "where"]


def test_paths_of_recordings_become_short_ids(tmp_path: Path) -> None:
    references = (
        '{"audio_filepath": "/data/x/a.wav", "text": "one"}\n{"audio_filepath": "/data/x/b.wav", "text": "two"}\n'
    )
    hypotheses = '{"audio_filepath": "/other/b.wav", "pred_text": "too", "text": "two"}\n'
    manifests = write(tmp_path / "ref.json", references), write(tmp_path / "hyp.json", hypotheses)
    imported = import_transcripts(manifests[0], tmp_path / "suite", transcripts=TranscriptFiles({"nemo": manifests[1]}))
    assert [utterance.id for utterance in imported.utterances] == ["a", "b"]
    assert imported.transcripts["nemo"]["b"].text == "too"  # type: ignore[union-attr]


def test_of_alternatives_the_first_becomes_the_question(tmp_path: Path) -> None:
    write(tmp_path / "ref.trn", "where is { Zurich / { Zuerich / @ } } (well) (u1)\nwho is it (u2)\n")
    imported = import_transcripts(tmp_path / "ref.trn", tmp_path / "out", transcripts=TranscriptFiles({}))
    assert [question.text for question in load_suite(tmp_path / "out").questions] == [
        "where is Zurich well",
        "who is it",
    ]
    assert imported.dropped == {"alternatives in references, behind the first (first: line 1)": 1}


def test_nbest_lists_are_kept(tmp_path: Path) -> None:
    reference = write(tmp_path / "ref.tsv", "u1\tone\n")
    hypothesis = write(tmp_path / "hyp.csv", "Call,Transcript,rank\nu1,won,2\nu1,one,1\n")
    files = TranscriptFiles({"v": hypothesis}, Layout(id="Call", text="Transcript"))
    import_transcripts(reference, tmp_path / "suite", transcripts=files)
    assert lines_of(tmp_path / "suite" / "transcripts" / "v.jsonl") == [
        {"utterance_id": "u1", "text": "one", "nbest": [{"text": "one"}, {"text": "won"}]}
    ]


def test_transcripts_join_a_suite(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    hypothesis = write(tmp_path / "hyp.trn", "what did he study (medawar.a)\nwhat (MEDAWAR.B)\nx (nobody)\n")
    account = add_transcripts(suite, TranscriptFiles({"ours": hypothesis}))
    assert account == [
        "transcripts/ours.jsonl: 2 of 8 utterances",
        "dropped 6: no transcript in hyp.trn: those samples will count as failed (first: ljubljana.a)",
        "dropped 1: transcripts of hyp.trn whose id is no utterance's (first: nobody)",
    ]
    assert [line["utterance_id"] for line in lines_of(suite / "transcripts" / "ours.jsonl")] == [
        "medawar.a",
        "medawar.b",
    ]
    assert add_transcripts(suite, TranscriptFiles({"ours": hypothesis})) == account, "the same again changes nothing"
    with pytest.raises(UsageError, match=r"ours.jsonl exists"):
        add_transcripts(suite, TranscriptFiles({"ours": write(tmp_path / "other.trn", "who (medawar.a)\n")}))


def test_what_will_not_do(write_suite: WriteSuite, tmp_path: Path) -> None:
    reference = write(tmp_path / "ref.trn", REFERENCE)
    strangers = TranscriptFiles({"v": write(tmp_path / "hyp.trn", "x (nobody)\n")})
    with pytest.raises(TranscriptError, match=r"hyp.trn: none of its 1 ids is an utterance"):
        import_transcripts(reference, tmp_path / "suite", transcripts=strangers)
    assert not (tmp_path / "suite").exists()
    with pytest.raises(UsageError, match="a name has letters"):
        TranscriptFiles({"../x": reference})
    with pytest.raises(SuiteError, match=r"ref2.trn: holds no text"):
        import_transcripts(write(tmp_path / "ref2.trn", "(u1)\n"), tmp_path / "suite", transcripts=strangers)
    (tmp_path / "suite").mkdir()
    with pytest.raises(UsageError, match="exists"):
        import_transcripts(reference, tmp_path / "suite", transcripts=TranscriptFiles({"v": reference}))
    with pytest.raises(UsageError, match="expected KEY=VALUE, with one of format, delimiter, id"):
        parse_layout(["id=x,texts=y"])
