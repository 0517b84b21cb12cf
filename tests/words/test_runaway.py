"""Runaway transcripts: the two rules at their edges, and that no correct transcript is marked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.runs.storage.store import RunStore
from harness.words.runaway import FEWEST_REPEATED, REPEATS, runaway, with_runaway
from harness.words.text.normalise import tokenise

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference" / "standard"
ASKED = "which river flows through ljubljana"
THANKS = "thank you for watching"


def words(n: int) -> list[str]:
    return [f"w{number}" for number in range(n)]


@pytest.mark.parametrize(
    ("reference", "hypothesis", "seconds", "why"),
    [
        (ASKED, f"{ASKED} {' '.join([THANKS] * 14)}", None, "'thank you for watching' 14 times"),
        (ASKED, f"{ASKED} {' '.join([THANKS] * 14)}", 2.5, "24.4 words a second, 'thank you for watching' 14 times"),
        (ASKED, f"{ASKED} {' '.join(words(20))}", 2.5, "10.0 words a second"),
        (ASKED, "city " * 219, 2.4, "91.2 words a second, 'city' 219 times"),
        (ASKED, "", 2.5, None),
        ("no no no no", "no no no no", 1.0, None),
        ("dial one one one one", "dial one one one one one one one", 2.0, None),
        ("the complexity classes", "the complexity classes p p p p p p d q p m a n t h e", 6.0, None),
        ("one " * 8, "one " * 8, 3.0, None),  # as asked
        ("one " * 8, "one " * 15, 9.0, None),
        ("one " * 8, "one " * 16, 9.0, "'one' 16 times"),
        (" ".join(words(30)), " ".join(words(30)), 3.0, None),  # as fast as the reference
    ],
)
def test_what_is_marked_and_why(reference: str, hypothesis: str, seconds: float | None, why: str | None) -> None:
    assert runaway(reference.split(), hypothesis.split(), seconds) == why


@pytest.mark.parametrize(
    ("n", "seconds", "marked"), [(18, 3.0, False), (19, 3.0, True), (11, 1.0, False), (12, 1.0, True)]
)
def test_more_than_six_words_a_second_and_twelve_words(n: int, seconds: float, marked: bool) -> None:
    assert (runaway(ASKED.split(), words(n), seconds) is not None) == marked


@pytest.mark.parametrize(
    ("phrase", "repeats", "marked"), [(3, 3, False), (3, 4, True), (1, 7, False), (1, 8, True), (2, 4, True)]
)
def test_four_times_or_more_and_eight_words(phrase: int, repeats: int, marked: bool) -> None:
    hypothesis = [*ASKED.split(), *(words(phrase) * repeats), "end"]
    assert (runaway(ASKED.split(), hypothesis, None) is not None) == marked


def test_a_long_phrase_is_cut_in_the_reason_and_a_word_more_or_less_at_its_ends_does_not_hide_it() -> None:
    phrase = [f"syllable{number}" for number in range(12)]
    why = runaway([], ["before", *phrase * 4, *phrase[:5]], None)
    assert why is not None
    assert why.startswith("'syllable0 syllable1 ")
    assert why.endswith(" ...' 4 times")
    assert len(why) < 90


def slow_loop(tokens: list[str]) -> int:
    """Words of the longest repetition, by trying every phrase at every place."""
    longest = 0
    for start in range(len(tokens)):
        for length in range(1, (len(tokens) - start) // REPEATS + 1):
            phrase, repeats = tokens[start : start + length], 1
            while tokens[start + repeats * length : start + (repeats + 1) * length] == phrase:
                repeats += 1
            if repeats >= REPEATS:
                longest = max(longest, repeats * length)
    return longest


@given(st.lists(st.sampled_from("ab"), max_size=40))
def test_the_loop_is_the_longest_there_is(tokens: list[str]) -> None:
    assert (runaway([], tokens, None) is not None) == (slow_loop(tokens) >= FEWEST_REPEATED)


def test_no_question_and_no_plain_transcript_is_marked(outside_data: Path) -> None:
    """1,190 references and hypotheses of questions that people read: spelt-out letters and all."""

    def questions(name: str) -> dict[str, list[str]]:
        data = json.loads((outside_data / "noiseqa" / name).read_text())["data"]
        asked = (qa for article in data for paragraph in article["paragraphs"] for qa in paragraph["qas"])
        return {qa["id"]: tokenise(qa["question"], "en") for qa in asked}

    reference = questions("xquad-context-en-question-en.json")
    hypothesis = questions("xquad-asr-natural.json")
    assert len(reference) == 1190
    assert not [identity for identity in reference if runaway(reference[identity], hypothesis[identity], None)]
    assert not [identity for identity in reference if runaway([], reference[identity], None)]


def test_the_reference_run_is_marked_as_it_would_be_now() -> None:
    """1,000 recordings recognised by four backends: four transcripts run away, all of Whisper, and all of them are loops."""
    store = RunStore(REFERENCE)
    samples = store.read_samples(store.read_run().backends).values()
    assert len(samples) == 4000
    marked = {sample.key: sample.runaway for sample in samples if sample.runaway is not None}
    assert marked == {
        sample.key: again
        for sample in samples
        if (again := with_runaway(replace(sample, runaway=None)).runaway) is not None
    }
    assert len(marked) == 4
    assert all(re.search(r"' \d\d+ times", why) for why in marked.values())
