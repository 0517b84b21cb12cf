"""What is not speech is removed from a hypothesis and counted; what may be a word stays."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.words.text.nonspeech import KINDS, NIST_KINDS, WITHOUT_SOUNDS, removed_in_words, speech
from harness.words.text.normalise import tokenise

SRT = "1\n00:00:00,000 --> 00:00:02,000\nWho wrote\n\n2\n00:00:02,000 --> 00:00:04,500\nMiddlemarch?\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000 align:start position:0%\nWho wrote\n\n00:02.000 --> 00:04.500\nMiddlemarch?\n"
PERFECT = {  # whole transcripts of "Who wrote Middlemarch?": what is removed from each
    "<|startoftranscript|><|en|><|transcribe|><|notimestamps|> Who wrote Middlemarch?<|endoftext|>": {"special_tokens": 5},
    "<|zh|><|NEUTRAL|><|Speech|><|woitn|>who wrote middlemarch": {"special_tokens": 4},
    "<s> who wrote middlemarch </s><pad><pad>": {"special_tokens": 4},
    "who wrote <unk> middlemarch [UNK]": {"special_tokens": 2},
    "who wrote middlemarch <EOU>": {"special_tokens": 1},
    "<noise> who wrote <sil> middlemarch": {"special_tokens": 2},
    "<i>Who wrote</i> <v Roger Bingham>Middlemarch?": {"special_tokens": 3},
    "▁ who wrote ▁ middlemarch": {"special_tokens": 2},
    "[_BEG_] Who wrote Middlemarch?[_TT_150]": {"special_tokens": 2},
    "language English<asr_text>Who wrote Middlemarch?": {"special_tokens": 1},
    "<|0.00|> Who wrote Middlemarch?<|2.00|>": {"time_stamps": 2},
    "[00:00:00.000 --> 00:00:02.000]   Who wrote Middlemarch?": {"time_stamps": 1},
    "[00:00.000 --> 00:01.000] Who wrote\n[00:01.000 --> 00:02.000] Middlemarch?": {"time_stamps": 2},
    "[0.00s -> 2.00s] Who wrote Middlemarch?": {"time_stamps": 1},
    "[0:00] Who wrote [0:01] Middlemarch?": {"time_stamps": 2},
    "(0:00) Who wrote Middlemarch?": {"time_stamps": 1},
    "00:00:00.000 Who wrote Middlemarch?": {"time_stamps": 1},
    "<00:00:00.500>Who wrote <00:00:01.000>Middlemarch?": {"time_stamps": 2},
    SRT: {"time_stamps": 2},
    SRT.replace("\n", "\r\n"): {"time_stamps": 2},
    " ".join(SRT.split()): {"time_stamps": 2},
    VTT: {"time_stamps": 3},
    " ".join(VTT.split()): {"time_stamps": 3},
    "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:00.000 --> 00:00:02.000\nWho wrote Middlemarch?": {"time_stamps": 2},
    "[BLANK_AUDIO] Who wrote Middlemarch? [inaudible]": {"bracketed_tags": 2},
    "Who wrote Middlemarch?[Music]": {"bracketed_tags": 1},
    "[[Music]] Who wrote [SOUND] Middlemarch?": {"bracketed_tags": 2},
    "[Speaker 1]: Who wrote Middlemarch?": {"bracketed_tags": 1},
    "【音楽】Who wrote Middlemarch?": {"bracketed_tags": 1},
    "(upbeat music) Who wrote Middlemarch? (LAUGHS)": {"sound_tags": 2},
    "Who wrote (clears throat) Middlemarch?（笑）": {"sound_tags": 2},
    "*coughs* Who wrote *clears throat* Middlemarch? *Sighs*": {"sound_tags": 3},
    "♪ Who wrote Middlemarch? ♪♪": {"sound_tags": 2},
    "<|en|><|0.00|> [Music] Who wrote Middlemarch? (applause)": {
        "special_tokens": 1, "time_stamps": 1, "bracketed_tags": 1, "sound_tags": 1
    },
}  # fmt: skip
KEPT = (
    "Who wrote Middlemarch?",
    "Speaker 1: who wrote Middlemarch?",
    "at 12:05 and 7:30",
    "if 3 < 5 and 5 > 3",
    "the film 1984 (1984 film) and Apollo (11)",
    "(Who wrote Middlemarch?)",
    "name(s), f(x) and the (un)known",
    "f*** you all ****",
    "5 * 3 * 2",
    "**bold** words",
    "who wrote *Middlemarch* and *Emma*",
    "[BLANK_AUDIO never closed",
    "language English is spoken",
    "",
    "   ",
)
HOSTILE = (
    "[", "<|", "<", "(", "*", "♪", "▁ ", "1 ", "[0:0", "[0 -", "<v ", "<|a", "*a ", "(a ", "[a]", "[[]]", "[[[a]b]", "12:00:00",
    "WEBVTT ", "0:00.000 -->", "language A<asr_text>", "1 00:00:00,000 --> 00:00:02,000 ", f"({'a' * 200}", f"[{'a' * 200}",
)  # fmt: skip


@pytest.mark.parametrize(("text", "removed"), PERFECT.items())
def test_of_a_perfect_transcript_nothing_but_the_words_is_left(text: str, removed: dict[str, int]) -> None:
    cleaned = speech(text, "Who wrote Middlemarch?")
    assert tokenise(cleaned.text, "en") == ["who", "wrote", "middlemarch"]
    assert cleaned.removed == removed


@pytest.mark.parametrize("text", KEPT)
def test_what_may_be_words_stays_as_it_is(text: str) -> None:
    assert speech(text).text == text
    assert speech(text).removed == {}


def test_a_number_that_is_no_cue_number_stays() -> None:
    assert speech("WEBVTT 00:00.000 --> 00:02.000 What happened in 1984 00:02.000 --> 00:04.000 in Rome").text == (
        "What happened in 1984 in Rome"
    )
    assert speech(f"{' '.join(SRT.split())} 1984 3 00:00:05,000 --> 00:00:06,000 or 3").text == (
        "Who wrote Middlemarch? 1984 or 3"
    )
    assert (
        speech("In 2\n\n00:02.000 --> 00:04.000\nRome").text == "In 2 Rome"
    )  # on a line of its own, but not the one before


@pytest.mark.parametrize(
    ("reference", "text", "left"),
    [
        ("okay (laughs) well", "okay (laughs) well (music) [Music]", "okay (laughs) well (music)"),
        ("[noise] okay", "[noise] okay [Music] <|en|> *coughs*", "[noise] okay [Music]"),
        ("okay *coughs*", "okay *coughs* (music)", "okay *coughs*"),
        ("what <unk> is", "<|en|> what <unk> is [00:00.000 --> 00:02.000]", "what <unk> is"),
        ("♪ la ♪", "♪ la ♪ (music)", "♪ la ♪"),
        ("from [0:00] on", "<|0.00|> from [0:00] on", "<|0.00|> from [0:00] on"),
        ("is 3 < 5", "<|en|> is 3 < 5", "is 3 < 5"),
    ],
)
def test_marks_that_the_reference_has_too_stay(reference: str, text: str, left: str) -> None:
    assert speech(text, reference).text == left
    assert speech(reference, reference).text == reference


def test_only_the_kinds_that_are_asked_for_are_removed() -> None:
    text = "<|en|> [00:00.000 --> 00:02.000] [Music] who (laughs) wrote *coughs* it"
    assert speech(text, kinds=WITHOUT_SOUNDS).text == "who (laughs) wrote *coughs* it"
    assert speech(text, kinds=NIST_KINDS).text == "[00:00.000 --> 00:02.000] who (laughs) wrote *coughs* it"
    assert speech(text, kinds=()).text == text


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_hostile_text_is_read_through(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    cleaned = speech(text)  # about a second; anything worse than linear would take hours
    assert speech(cleaned.text).text == cleaned.text


def test_brackets_in_brackets_without_end_are_no_trap() -> None:
    text = "[" * 100_000 + "a" + "]b" * 100_000
    cleaned = speech(text)
    assert speech(cleaned.text).text == cleaned.text


pieces = st.sampled_from(
    [*PERFECT, *KEPT, *HOSTILE, "[", "]", "<|", "|>", "<", ">", "(", ")", "*", "\n", "-->", "word", "42", "WEBVTT", " "]
)  # fmt: skip


@given(st.lists(pieces, max_size=8).map("".join) | st.lists(pieces, max_size=8).map(" ".join))
@example("[[a] b]")
@example("<<b>|en|>")
@example("[[[[[[[[[[a]b]c]d]e]f]g]h]i]j]")
@example("language A<asr_text>language B<asr_text>x")
@example("[WEBVTT] WEBVTT")
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = speech(text)
    assert speech(once.text) == type(once)(once.text)
    assert set(once.removed) <= set(KINDS)
    assert all(once.removed.values())


@given(
    st.text(st.characters(exclude_characters="<>[](){}*:♩♪♫♬▁【】［］（）")).filter(lambda text: "WEBVTT" not in text)
)
@example("who  wrote\t Middlemarch?\n")
def test_text_without_marks_comes_back_unchanged(text: str) -> None:
    assert speech(text).text == text


@pytest.mark.parametrize("tag", ["<|en|>", "<unk>", "[0:00]", "[Music]", "♪", "（笑）"])
def test_words_are_never_glued(tag: str) -> None:
    assert speech(f"who{tag}wrote").text == "who wrote"
    assert speech(f"who {tag}wrote{tag} it").text == "who wrote it"
    assert speech("Who(laughs)wrote (music)It").text == "Who(laughs)wrote It"


def test_counts_as_a_sentence_has_them() -> None:
    assert removed_in_words({"time_stamps": 13, "special_tokens": 24}) == "special tokens 24, time stamps 13"
