from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.asr.protocol import BACKENDS, BackendContext, parse_backend
from harness.errors import TranscriptError, UsageError
from harness.records import Alternative, Clip, Failure, Transcript, Utterance, Word

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def build(text: str, root: Path, utterances: tuple[Utterance, ...] = ()):
    spec = parse_backend(text)
    return BACKENDS.get(spec.name)(spec, BackendContext(root, "en", utterances=utterances))


def recorded(root: Path, *lines: str | bytes, name: str = "human") -> Path:
    file = root / "transcripts" / f"{name}.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines))
    return file


def clip(utterance_id: str) -> Clip:
    return Clip(utterance_id, np.zeros(0, dtype=np.float32), 16_000)


def test_every_field_is_served(tmp_path: Path) -> None:
    recorded(
        tmp_path,
        '{"utterance_id":"u1","text":"a b","nbest":["a b",{"text":"a","score":-3}],'
        '"words":[{"text":"a","start":0.1,"end":0.2,"confidence":0.5},{"text":"b"}]}',
        "",
        '{"utterance_id":"u2","text":""}',
    )
    served = build("replay:human", tmp_path).transcribe([clip("u2"), clip("u9"), clip("u1")])
    assert served[0] == Transcript("")
    assert isinstance(served[1], Failure)
    assert (served[1].stage, served[1].type) == ("recognise", "MissingTranscript")
    assert "'u9'" in served[1].message
    assert served[2] == Transcript(
        "a b", (Alternative("a b"), Alternative("a", -3)), (Word("a", 0.1, 0.2, 0.5), Word("b"))
    )


@given(texts=st.dictionaries(TEXTS, TEXTS))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    root = tmp_path_factory.mktemp("suite")
    recorded(root, *(json.dumps({"utterance_id": key, "text": text}) for key, text in texts.items()))
    served = build("replay:human", root).transcribe([clip(key) for key in texts])
    assert served == [Transcript(text) for text in texts.values()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"utterance_id":"u2","text":5}', "Expected `str`, got `int`"),
        ('{"utterance_id":"u2"}', "missing required field `text`"),
        ('{"utterance_id":"u2","text":"x","speaker":"y"}', "unknown field `speaker`"),
        ('{"utterance_id":"u2","text":"x"', "truncated"),
        ('{"utterance_id":"u1","text":"x"}', "is on line 1 already"),
        ('{"utterance_id":"u2","text":"x","words":[{"start":1}]}', "words[0]"),
        (b'{"utterance_id":"u2","text":"\xff"}', "expected an object"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str | bytes, expected: str) -> None:
    recorded(tmp_path, '{"utterance_id":"u1","text":"x"}', "", line)
    with pytest.raises(TranscriptError) as caught:
        build("replay:human", tmp_path)
    assert str(caught.value).startswith("transcripts/human.jsonl:3:")
    assert expected in str(caught.value)


def test_an_absent_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"^transcripts/none\.jsonl: cannot be read"):
        build("replay:none", tmp_path)


@pytest.mark.parametrize(
    "text", ["replay", "replay:..", "replay:../x", "replay:a/b", "replay:.x", "replay:x,file=y", "replay:x,speed=2"]
)
def test_sources_that_mean_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        build(text, tmp_path)


def test_links_may_not_leave_the_suite(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    inside, outside = recorded(suite, "{}"), tmp_path / "outside.jsonl"
    outside.write_text("secret")
    inside.unlink()
    inside.symlink_to(outside)
    with pytest.raises(TranscriptError, match="link that leaves"):
        build("replay:human", suite)


def test_a_bias_list_makes_no_sense(tmp_path: Path) -> None:
    recorded(tmp_path, '{"utterance_id":"u1","text":"x"}')
    with pytest.raises(UsageError, match="bias"):
        build("replay:human,bias=entities", tmp_path)


def test_identity_follows_the_content(tmp_path: Path) -> None:
    recorded(tmp_path, '{"utterance_id":"u1","text":"x"}')
    other = recorded(tmp_path, '{"utterance_id":"u1","text":"x"}', name="other")
    assert build("replay:human", tmp_path).identity() == build(f"replay,file={other}", tmp_path).identity()
    recorded(tmp_path, '{"utterance_id":"u1","text":"y"}', name="other")
    assert build("replay:human", tmp_path).identity() != build("replay:other", tmp_path).identity()


def test_can_be_sent_to_another_process(tmp_path: Path) -> None:
    recorded(tmp_path, '{"utterance_id":"u1","text":"x"}')
    copy = pickle.loads(pickle.dumps(build("replay:human", tmp_path)))
    assert copy.transcribe([clip("u1")]) == [Transcript("x")]


UTTERANCES = tuple(Utterance(f"u{n}", f"q{n}", f"audio/rec_{n}.wav") for n in (1, 2, 3))


def test_other_tools_files_are_matched_by_id_and_by_recording(tmp_path: Path) -> None:
    (tmp_path / "hyp.ctm").write_text("rec_1 1 0 0.5 hello 0.9\nrec_1 1 0.5 0.5 there\nu2 1 0 1 x\nzzz 1 0 1 y\n")
    backend = build(f"replay,file={tmp_path}/hyp.ctm", tmp_path, UTTERANCES)
    one, two, three = backend.transcribe([clip(u.id) for u in UTTERANCES])
    assert one == Transcript("hello there", words=(Word("hello", 0, 0.5, 0.9), Word("there", 0.5, 1)))
    assert two.text == "x"
    assert three.type == "MissingTranscript"
    assert three.message.endswith(
        "hyp.ctm (read as ctm) has no line for the utterance 'u3'. 1 of the file's ids match no utterance, such as 'zzz'"
    )
    assert backend.identity()["unmatched"] == "1"


def test_columns_are_options(tmp_path: Path) -> None:
    (tmp_path / "calls.txt").write_text("u1;x;said one\nu2;x;said two\n")
    backend = build(f"replay,file={tmp_path}/calls.txt,format=csv,delimiter=semicolon,id=1,text=3", tmp_path)
    assert backend.transcribe([clip("u2")]) == [Transcript("said two")]


def test_the_same_transcripts_in_another_format_are_the_same_backend(tmp_path: Path) -> None:
    (tmp_path / "a.trn").write_text("hello there (u1)\n")
    (tmp_path / "a.csv").write_text("id,text\nu1,hello there\n")
    identities = [build(f"replay,file={tmp_path}/a.{e}", tmp_path, UTTERANCES).identity() for e in ("trn", "csv")]
    assert identities[0] == identities[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("format=xml", "Known: csv, ctm"),
        ("column=id", "unknown option 'column'"),
        ("id=nowhere", "no column 'nowhere'"),
    ],
)
def test_options_of_a_file_that_mean_nothing(tmp_path: Path, options: str, message: str) -> None:
    (tmp_path / "a.csv").write_text("id,text\nu1,x\n")
    with pytest.raises((UsageError, TranscriptError), match=message):
        build(f"replay,file={tmp_path}/a.csv,{options}", tmp_path)


def test_a_suite_s_own_file_takes_no_options(tmp_path: Path) -> None:
    recorded(tmp_path, '{"utterance_id":"u1","text":"x"}')
    with pytest.raises(UsageError, match="goes with file=PATH only"):
        build("replay:human,format=trn", tmp_path)
