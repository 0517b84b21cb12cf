"""Entries find their utterances by id, by the recording's name, and as N-best lists."""

from __future__ import annotations

import pytest

from harness.errors import TranscriptError
from harness.records import Alternative, Transcript, Utterance
from harness.words.transcripts.entries import Entry
from harness.words.transcripts.matching import match

UTTERANCES = (
    Utterance("paris.slt", "paris", "audio/capital-france.slt.opus"),
    Utterance("rome.slt", "rome", "audio/capital-italy.slt.opus"),
    Utterance("plain", "plain"),
)


def entries(*ids: str) -> dict[str, Entry]:
    return {name: Entry(name, Transcript(f"text of {name}"), line) for line, name in enumerate(ids, start=1)}


@pytest.mark.parametrize(
    "name",
    ["paris.slt", "PARIS.SLT", "audio/capital-france.slt.opus", "capital-france.slt.opus", "capital-france.slt",
     "/data/calls/capital-france.slt.opus", "D:\\calls\\capital-france.slt.wav", "Capital-France.SLT.MP3"],
)  # fmt: skip
def test_by_id_and_by_the_recording_s_name(name: str) -> None:
    matched = match(entries(name), UTTERANCES, "hyp.trn")
    assert matched.transcripts == {"paris.slt": Transcript(f"text of {name}")}
    assert matched.missing == ("rome.slt", "plain")
    assert matched.unmatched == ()
    assert matched.remark() == ""


def test_by_a_recording_that_stands_beside_the_id() -> None:
    entry = Entry("17", Transcript("x"), 1, audio="wav/capital-italy.slt.wav")
    assert match({"17": entry}, UTTERANCES, "hyp.csv").transcripts == {"rome.slt": Transcript("x")}


def test_numbered_ids_are_an_nbest_list() -> None:
    matched = match(entries("plain-2", "plain-10", "plain-1", "rome.slt"), UTTERANCES, "hyp.trn")
    assert matched.transcripts["plain"].text == "text of plain-1"
    assert matched.transcripts["plain"].nbest == tuple(Alternative(f"text of plain-{n}") for n in (1, 2, 10))
    assert matched.transcripts["rome.slt"].nbest == ()


def test_an_utterance_of_that_name_comes_first() -> None:
    utterances = (*UTTERANCES, Utterance("plain-1", "plain"))
    matched = match(entries("plain", "plain-1"), utterances, "hyp.trn")
    assert matched.transcripts["plain-1"].text == "text of plain-1"
    assert matched.transcripts["plain"].nbest == ()


def test_what_matches_nothing_is_counted() -> None:
    matched = match(entries("plain", "x1", "x2"), UTTERANCES, "hyp.trn")
    assert matched.unmatched == ("x1", "x2")
    assert matched.remark() == "2 of the file's ids match no utterance, such as 'x1'"


def test_a_name_that_two_share_is_nobody_s() -> None:
    twins = (Utterance("a", "q", "left/x.wav"), Utterance("b", "q", "right/x.wav"))
    matched = match(entries("x", "right/x.wav"), twins, "hyp.trn")
    assert matched.transcripts == {"b": Transcript("text of right/x.wav")}
    assert matched.unmatched == ("x",)


def test_a_file_of_another_suite_is_refused() -> None:
    with pytest.raises(
        TranscriptError, match=r"hyp.trn: none of its 2 ids .* first is 'x1', and the suite's first is 'paris.slt'"
    ):
        match(entries("x1", "x2"), UTTERANCES, "hyp.trn")


def test_two_entries_of_one_utterance_are_refused() -> None:
    with pytest.raises(TranscriptError, match=r"hyp.trn:2: id: 'paris.slt' and 'capital-france.slt.opus' both match"):
        match(entries("paris.slt", "capital-france.slt.opus"), UTTERANCES, "hyp.trn")
