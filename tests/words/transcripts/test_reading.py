"""Every format on a small sample written by hand, and what is wrong in a file is reported with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import TranscriptError, UnknownName, UsageError
from harness.records import Alternative, Transcript, Word
from harness.words.transcripts.reading import FORMATS, infer_format, read_transcripts
from harness.words.transcripts.tables import Layout

WHISPER = {
    "text": " when was rome built",
    "language": "en",
    "segments": [
        {"id": 0, "text": " when was", "words": [
            {"word": " when", "start": 0.1, "end": 0.3, "probability": 0.9},
            {"word": " was", "start": 0.3, "end": 0.5, "probability": 0.8}]},
        {"id": 1, "text": " rome built", "words": [
            {"word": " rome", "start": 0.5, "end": 0.9, "probability": 0.4},
            {"word": " built", "start": 0.9, "end": 1.2, "probability": 1.0}]},
    ],
}  # fmt: skip
SAMPLES = {
    "hyp.trn": ";; a comment\nwhen was rome built (u1)\n (u2)\n",
    "hyp.ctm": "u1 1 0.1 0.2 when 0.9\nu1 1 0.3 0.2 was\nu1 1 0.5 0.4 rome NA\nu1 1 0.9 0.3 built 1\nu2 1 0 0 @\n",
    "hyp.stm": ";; x\nu1 1 anna 0 1.5 <o,f0,female> when was rome built\nu2 1 anna 0 1\n",
    "text": "u1 when was rome built\nu2\n",
    "x.trans.txt": "u1 when was rome built\r\nu2 \r\n",
    "hyp.csv": 'Utt_Id,lang,Hypothesis\nu1,en,"when was rome built"\n\nu2,en,\n',
    "semicolon.csv": "id;text\nu1;when was rome built\nu2;\n",
    "bare.tsv": "u1\twhen was rome built\nu2\t\n",
    "head.tsv": "path\tclient\tsentence\ttranscript\nu1\tx\ty\twhen was rome built\nu2\tx\ty\t\n",
    "nemo.json": '{"audio_filepath": "u1", "duration": 1.2, "text": "said", "pred_text": "when was rome built"}\n'
    '{"audio_filepath": "u2", "duration": 1, "text": "said", "pred_text": ""}\n',
    "espnet.jsonl": '{"utt_id": "u1", "hyp": "when was rome built", "token": [1]}\n{"utt_id": "u2", "hyp": ""}\n',
    "list.json": '[{"id": "u1", "text": "when was rome built"}, {"id": "u2", "text": ""}]',
}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_says_the_same(tmp_path: Path, name: str) -> None:
    entries = read_transcripts(write(tmp_path, name, SAMPLES[name]))
    assert {key: entry.text for key, entry in entries.items()} == {"u1": "when was rome built", "u2": ""}


def test_a_byte_order_mark_and_the_format_s_own_name(tmp_path: Path) -> None:
    path = write(tmp_path, "hyp.txt", b"\xef\xbb\xbfu1 when was\n")
    assert read_transcripts(path, Layout("kaldi"))["u1"].text == "when was"


def test_a_ctm_gives_times_and_confidences(tmp_path: Path) -> None:
    entries = read_transcripts(write(tmp_path, "hyp.ctm", SAMPLES["hyp.ctm"]))
    assert entries["u1"].transcript.words == (
        Word("when", 0.1, 0.3, 0.9), Word("was", 0.3, 0.5), Word("rome", 0.5, 0.9), Word("built", 0.9, 1.2, 1.0)
    )  # fmt: skip
    assert entries["u2"].transcript == Transcript("")


def test_a_ctm_of_several_files_and_channels_in_any_order(tmp_path: Path) -> None:
    content = "b A 1 .5 two\na A 0 1 x\nb B 0 1 other\nb A 0 .5 one\n"
    entries = read_transcripts(write(tmp_path, "hyp.ctm", content))
    assert {key: entry.text for key, entry in entries.items()} == {"b-A": "one two", "a": "x", "b-B": "other"}


def test_segments_of_an_stm_have_ids_of_their_own(tmp_path: Path) -> None:
    content = "f A s1 0 2.5 a b\nf A s2 2.5 4 IGNORE_TIME_SEGMENT_IN_SCORING\nf A s1 4 5.25 c\n"
    entries = read_transcripts(write(tmp_path, "ref.stm", content), role="reference")
    assert {key: (entry.text, entry.speaker) for key, entry in entries.items()} == {
        "f-A_000000-000250": ("a b", "s1"),
        "f-A_000400-000525": ("c", "s1"),
    }


def test_whisper_s_files(tmp_path: Path) -> None:
    write(tmp_path, "u2.json", json.dumps({"text": "", "segments": [], "language": "en"}))
    one = read_transcripts(write(tmp_path, "u1.json", json.dumps(WHISPER)))
    assert one["u1"].text == "when was rome built"
    assert one["u1"].transcript.words[2] == Word("rome", 0.5, 0.9, 0.4)
    assert list(read_transcripts(tmp_path)) == ["u1", "u2"]  # a folder of them


NBEST = (Alternative("a b"), Alternative("a c"))


@pytest.mark.parametrize(
    ("name", "content", "nbest"),
    [
        ("x.trn", "a b (u1)\na c (u1)\nd (u2)\n", NBEST),
        ("text", "u1 a b\nu1 a c\nu2 d\n", NBEST),
        ("x.csv", "id,text,rank\nu1,a c,2\nu2,d,1\nu1,a b,1\n", NBEST),
        ("x.tsv", "id\ttext\tscore\nu1\ta c\t-7\nu1\ta b\t-2.5\nu2\td\t0\n", (Alternative("a b", -2.5), Alternative("a c", -7.0))),
        ("y.csv", 'id,text,nbest\nu1,a b,"[""a b"", {""text"": ""a c"", ""score"": 2}]"\nu2,d,\n', (Alternative("a b"), Alternative("a c", 2))),
        ("x.jsonl", '{"id": "u1", "nbest": ["a b", "a c"]}\n{"id": "u2", "nbest": [{"hyp": "d", "logprob": -1}]}\n', NBEST),
        ("y.jsonl", '{"id": 1, "key": "u1", "rank": 2, "text": "a c"}\n{"key": "u1", "rank": 1, "text": "a b"}\n{"key": "u2", "rank": 1, "text": "d"}\n', NBEST),
    ],
)  # fmt: skip
def test_nbest_lists(tmp_path: Path, name: str, content: str, nbest: tuple[Alternative, ...]) -> None:
    layout = Layout(id="key") if name == "y.jsonl" else Layout()
    entries = read_transcripts(write(tmp_path, name, content), layout)
    assert entries["u1"].transcript == Transcript("a b", nbest)
    assert entries["u2"].text == "d"


def test_columns_by_name_and_by_number(tmp_path: Path) -> None:
    named = write(tmp_path, "a.csv", "Call,Agent said,hyp,text\nu1,a b,x,y\n")
    assert read_transcripts(named, Layout(id="call", text="Agent said"))["u1"].text == "a b"
    bare = write(tmp_path, "b.csv", "0.5|u1|a, b\n0.7|u2|c\n")
    entries = read_transcripts(bare, Layout(id="2", text="3", delimiter="pipe"))
    assert [entry.text for entry in entries.values()] == ["a, b", "c"]


def test_words_of_other_tools(tmp_path: Path) -> None:
    content = '{"id": 7, "text": "a", "words": [{"word": "a", "start": 0, "end": 1, "probability": 0.5}]}\n'
    assert read_transcripts(write(tmp_path, "a.jsonl", content))["7"].transcript.words == (Word("a", 0, 1, 0.5),)


def test_null_is_no_transcript(tmp_path: Path) -> None:
    content = '{"id": "u1", "text": null}\n{"id": "u2", "text": ""}\n'
    assert list(read_transcripts(write(tmp_path, "a.jsonl", content))) == ["u2"]


def test_a_reference_is_read_from_its_own_field(tmp_path: Path) -> None:
    path = write(tmp_path, "manifest.json", SAMPLES["nemo.json"])
    assert read_transcripts(path, role="reference")["u1"].text == "said"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.trn", "x y\n", r"a.trn:1: expected words and then the id"),
        ("a.trn", "x (u1)\ny (u2)\nz (u1)\n", r"a.trn:3: id: 'u1' is on line 1 already"),
        ("a.trn", "{ x / y } (a)\n", r"a.trn:1: text: alternations"),
        ("a.ctm", "u1 1 0.1 when\n", r"a.ctm:1: 4 columns, expected file, channel, start, duration, word"),
        ("a.ctm", "u1 1 0 1 x\nu1 1 * * <ALT_BEGIN>\n", r"a.ctm:2: alternations"),
        ("a.ctm", "u1 1 0 1 x\nu1 1 x 1 y\n", r"a.ctm:2: start: 'x' is no number"),
        ("a.stm", "f 1 s 2 1 x\n", r"a.stm:1: end: the segment runs from 2 to 1"),
        ("a.stm", "f 1 s -2 1 x\n", r"a.stm:1: end: the segment runs from -2 to 1"),
        ("a.stm", "f 1 s 2\n", r"a.stm:1: 4 columns"),
        ("a.csv", "id,text\nu1,a,b\n", r"a.csv:2: 3 columns, expected 2"),
        ("a.csv", 'id,text\nu1,"a\n', r"a.csv:2: is no CSV"),
        ("a.csv", "id,text\nu1,a\nu1,b\n", r"a.csv:3: id: 'u1' is on line 2 already"),
        ("a.csv", "id,text\n,a\n", r"a.csv:2: id: empty"),
        ("a.csv", "id,id,text\nu1,u1,a\n", r"a.csv:1: the header has 'id' twice"),
        ("a.csv", "call,said,heard\nu1,a,b\n", r"a.csv:1: no column is known to be the id; the first line has call, said, heard"),
        ("a.csv", "id,text,transcript\nu1,a,b\n", r"a.csv:2: 'text' and 'transcript' may each be the text: say which, with text="),
        ("a.csv", "id,text,rank\nu1,a,1\nu1,b,best\n", r"a.csv:3: rank: 'best' is no number"),
        ("a.csv", 'id,text,nbest\nu1,a,[1]\n', r"a.csv:2: nbest: expected a JSON list of texts"),
        ("a.csv", 'id,text,nbest\nu1,a,a b\n', r"a.csv:2: nbest: expected a JSON list"),
        ("a.jsonl", '{"id": "u1", "text": "a"}\n{"id": "u2"}\n', r"a.jsonl:2: missing required field `text`"),
        ("a.jsonl", '{"id": "u1", "text": 5}\n', r"a.jsonl:1: text: found int"),
        ("a.jsonl", '{"id": "u1", "text": "a", "words": [{"start": 1}]}\n', r"a.jsonl:1: words: expected a JSON list of"),
        ("a.jsonl", '["u1"]\n', r"a.jsonl:1: found a JSON list"),
        ("a.jsonl", '{"id": "u1"\n', r"a.jsonl:1: expected a JSON object"),
        ("a.json", '[{"id": "u1", "text": "x"}, 5]', r"a.json:2: found a JSON int"),
        ("a.json", '{"text": 5, "segments": []}', r"a.json: expected .* as openai-whisper writes it"),
        ("a.tsv", b"u1\t\xff\n", r"a.tsv:1: byte 4 of the line is not UTF-8"),
        ("a.trn", "", r"a.trn: no utterances"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(TranscriptError, match=message) as caught:
        read_transcripts(write(tmp_path, name, content))
    assert "ead as " in str(caught.value)  # what the name was taken for


def test_a_format_that_was_named_is_not_explained(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError) as caught:
        read_transcripts(write(tmp_path, "a.csv", "x y\n"), Layout("trn"))
    assert "ead as" not in str(caught.value)


def test_names_that_tell_nothing(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"hyp.txt: its format cannot be told"):
        infer_format(write(tmp_path, "hyp.txt", "x"))
    with pytest.raises(UnknownName, match="Did you mean 'ctm'"):
        read_transcripts(tmp_path / "hyp.txt", Layout("ctmm"))
    with pytest.raises(UsageError, match="delimiter is 'x'"):
        read_transcripts(write(tmp_path, "a.csv", "id,text\n"), Layout(delimiter="x"))
    with pytest.raises(TranscriptError, match="format trn has no columns"):
        read_transcripts(write(tmp_path, "a.trn", "a (b)\n"), Layout(id="x"))
    with pytest.raises(TranscriptError, match="No such file"):
        read_transcripts(tmp_path / "absent.ctm")


def test_no_format_falls_over_bytes_of_any_kind(tmp_path: Path) -> None:
    for format in FORMATS:
        with pytest.raises(TranscriptError):
            read_transcripts(write(tmp_path, "noise.json", bytes(range(256)) * 3), Layout(format))


WHISPER_X = {
    "segments": [
        {"start": 0.1, "end": 0.9, "text": " In 2014 ", "words": [
            {"word": "In", "start": 0.1, "end": 0.3, "score": 0.9}, {"word": "2014"}]},
        {"start": 1.0, "end": 1.5, "text": " he left.", "words": [
            {"word": "he", "start": 1.0, "end": 1.1, "score": 0.5},
            {"word": "left.", "start": 1.2, "end": 1.5, "score": 0.25}]},
    ],
    "word_segments": [{"word": "In", "start": 0.1, "end": 0.3, "score": 0.9}, {"word": "2014"}],
    "language": "en",
}  # fmt: skip


def cpp_token(text: str, begin: int, end: int, probability: float) -> dict[str, object]:
    return {"text": text, "timestamps": {"from": "00:00:00,000", "to": "00:00:00,000"}, "offsets": {"from": begin, "to": end},
            "id": 1, "p": probability, "t_dtw": -1}  # fmt: skip


WHISPER_CPP = {
    "systeminfo": "AVX = 1", "model": {"type": "base"}, "params": {"language": "en"}, "result": {"language": "en"},
    "transcription": [
        {"timestamps": {"from": "00:00:00,000", "to": "00:00:01,000"}, "offsets": {"from": 0, "to": 1000}, "text": " Where is",
         "tokens": [cpp_token("[_BEG_]", 0, 0, 0.9), cpp_token(" Where", 10, 500, 0.75), cpp_token(" is", 500, 980, 1.0),
                    cpp_token("[_TT_50]", 1000, 1000, 0.1)]},
        {"timestamps": {"from": "00:00:01,000", "to": "00:00:02,500"}, "offsets": {"from": 1000, "to": 2500}, "text": " Ljubljana?",
         "tokens": [cpp_token(" L", 1000, 1200, 0.5), cpp_token("ju", 1200, 1400, 0.75), cpp_token("?", 2400, 2500, 0.25)]},
    ],
}  # fmt: skip


def test_whisper_x_s_files(tmp_path: Path) -> None:
    (transcript,) = (
        entry.transcript for entry in read_transcripts(write(tmp_path, "u1.json", json.dumps(WHISPER_X))).values()
    )
    assert transcript == Transcript(
        "In 2014 he left.",
        words=(Word("In", 0.1, 0.3, 0.9), Word("2014"), Word("he", 1.0, 1.1, 0.5), Word("left.", 1.2, 1.5, 0.25)),
    )


def test_whisper_cpp_s_files(tmp_path: Path) -> None:
    write(tmp_path, "u1.wav.json", json.dumps(WHISPER_CPP))
    plain = [{"offsets": {"from": 0, "to": 1}, "text": part["text"]} for part in WHISPER_CPP["transcription"]]  # type: ignore[index]
    write(tmp_path, "u2.json", json.dumps({**WHISPER_CPP, "transcription": plain}))
    entries = read_transcripts(tmp_path)
    assert entries["u1"].transcript == Transcript(
        "Where is Ljubljana?",
        words=(Word("Where", 0.01, 0.5, 0.75), Word("is", 0.5, 0.98, 1.0), Word("Lju?", 1.0, 2.5, 0.5)),
    )
    assert entries["u2"].transcript == Transcript("Where is Ljubljana?")
    assert (entries["u1"].audio, infer_format(tmp_path / "u1.wav.json")) == ("u1.wav", "whisper")
    empty = read_transcripts(write(tmp_path, "u3.json", '{"transcription": []}'))
    assert empty["u3"].transcript == Transcript("")


def test_a_whisper_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    for content in (
        '{"transcription": [5]}',
        '{"segments": [{"words": [{"start": 1}]}]}',
        '{"segments": 5, "text": "a"}',
    ):
        with pytest.raises(
            TranscriptError, match=r"u1.json: expected .* as openai-whisper writes it, .* WhisperX, .* whisper.cpp"
        ):
            read_transcripts(write(tmp_path, "u1.json", content), Layout("whisper"))


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "list.json"])
@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_carriage_returns_end_lines_too(tmp_path: Path, name: str, end: str) -> None:
    content = SAMPLES[name].replace("\r\n", "\n").replace("\n", end)
    entries = read_transcripts(write(tmp_path, name, content))
    assert {key: (entry.text, entry.line) for key, entry in entries.items()} == {
        key: (entry.text, entry.line) for key, entry in read_transcripts(write(tmp_path, name, SAMPLES[name])).items()
    }
