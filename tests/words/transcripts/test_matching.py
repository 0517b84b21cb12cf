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
    Utterance("typed", "typed"),
)


def entries(*ids: str) -> dict[str, Entry]:
    return {name: Entry(name, Transcript(f"text of {name}"), line) for line, name in enumerate(ids, start=1)}


@pytest.mark.parametrize(
    "name",
    ["paris.slt", "PARIS.SLT", "audio/capital-france.slt.opus", "capital-france.slt.opus", "capital-france.slt",
     "/data/calls/capital-france.slt.opus", "D:\\calls\\capital-france.slt.wav", "Capital-France.SLT.MP3"],
)  # fmt: skip
def test_by_id_and_by_the_recording_s_name(name: str) -> None:
    found = match(entries(name), UTTERANCES, "hyp.trn")
    assert found.transcripts == {"paris.slt": Transcript(f"text of {name}")}
    assert found.missing == ("rome.slt", "typed")
    assert found.unmatched == ()
    assert found.remark() == ""


def test_by_a_recording_that_stands_beside_the_id() -> None:
    entry = Entry("17", Transcript("x"), 1, audio="wav/capital-italy.slt.wav")
    assert match({"17": entry}, UTTERANCES, "hyp.csv").transcripts == {"rome.slt": Transcript("x")}


def test_numbered_ids_are_an_nbest_list() -> None:
    found = match(entries("typed-2", "typed-10", "typed-1", "rome.slt"), UTTERANCES, "hyp.trn")
    assert found.transcripts["typed"].text == "text of typed-1"
    assert found.transcripts["typed"].nbest == tuple(Alternative(f"text of typed-{n}") for n in (1, 2, 10))
    assert found.transcripts["rome.slt"].nbest == ()


def test_an_utterance_of_that_name_comes_first() -> None:
    utterances = (*UTTERANCES, Utterance("typed-1", "typed"))
    found = match(entries("typed", "typed-1"), utterances, "hyp.trn")
    assert found.transcripts["typed-1"].text == "text of typed-1"
    assert found.transcripts["typed"].nbest == ()


def test_what_matches_nothing_is_counted() -> None:
    found = match(entries("typed", "x1", "x2"), UTTERANCES, "hyp.trn")
    assert found.unmatched == ("x1", "x2")
    assert found.remark() == "2 of the file's ids match no utterance, such as 'x1'"


def test_a_name_that_two_share_is_nobody_s() -> None:
    twins = (Utterance("a", "q", "left/x.wav"), Utterance("b", "q", "right/x.wav"))
    found = match(entries("x", "right/x.wav"), twins, "hyp.trn")
    assert found.transcripts == {"b": Transcript("text of right/x.wav")}
    assert found.unmatched == ("x",)


def test_a_file_of_another_suite_is_refused() -> None:
    with pytest.raises(
        TranscriptError, match=r"hyp.trn: none of its 2 ids .* first is 'x1', and the suite's first is 'paris.slt'"
    ):
        match(entries("x1", "x2"), UTTERANCES, "hyp.trn")


def test_two_entries_of_one_utterance_are_refused() -> None:
    with pytest.raises(TranscriptError, match=r"hyp.trn:2: id: 'paris.slt' and 'capital-france.slt.opus' both match"):
        match(entries("paris.slt", "capital-france.slt.opus"), UTTERANCES, "hyp.trn")
