"""Answers that are right in another notation, and those that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.notation import held_in, matches
from harness.answering.scoring import answers_in, exact_match

WORDS = st.lists(
    st.sampled_from(
        ("the", "a", "2", "12", "two", "million", "$", ",", ".", "Jan", "2022", "St", "Seine", "of", "%", "km", "-")
    ),
    max_size=6,
)
ALIKE = [
    ("$75 million", "75 million dollars"),
    ("US$75 million", "seventy-five million US dollars"),
    ("$75 million", "$75,000,000"),
    ("Jan 2, 2022", "January 2, 2022"),
    ("2 January 2022", "January 2, 2022"),
    ("the 2nd of Jan. 2022", "January 2, 2022"),
    ("2022-01-02", "January 2nd, 2022"),
    ("7 Sept. 1940", "September 7, 1940"),
    ("May 3", "3 May"),
    ("3", "three"),
    ("1,250", "one thousand two hundred and fifty"),
    ("5 km", "five kilometres"),
    ("12 %", "twelve percent"),
    ("the 3rd", "third"),
    ("St. Louis", "Saint Louis"),
    ("1905", "nineteen oh five"),
    ("Beyoncé", "beyonce"),
]
UNLIKE = [
    ("2", "12"),
    ("2", "2 million"),
    ("January 2, 2022", "January 3, 2022"),
    ("January 2, 2022", "February 2, 2022"),
    ("1 February", "2 January"),
    ("3 million dollars", "3 million euros"),
    ("5 km", "5 miles"),
    ("Henry V", "Henry VI"),
    ("World War I", "World War II"),
    ("", "the"),
    ("...", "..."),
]


@pytest.mark.parametrize(("answer", "accepted"), ALIKE)
def test_an_answer_in_another_notation_is_right(answer: str, accepted: str) -> None:
    assert matches(answer, ["something else", accepted], "en")
    assert matches(accepted, [answer], "en")


@pytest.mark.parametrize(("answer", "accepted"), UNLIKE)
def test_an_answer_that_means_something_else_is_wrong(answer: str, accepted: str) -> None:
    assert not matches(answer, [accepted], "en")
    assert not matches(accepted, [answer], "en")


@pytest.mark.parametrize(("answer", "accepted"), ALIKE)
def test_it_stands_in_a_snippet_too(answer: str, accepted: str) -> None:
    text = f"Nobody knew it, but it was {answer} that was meant, as all agreed."
    assert held_in(text, ["something else", accepted], "en") == [accepted]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It has 12 rooms.", "2"),
        ("It has twelve rooms.", "2"),
        ("It has twenty-two rooms.", "two"),
        ("It cost two million.", "2"),
        ("It cost two and nobody paid.", "2 million"),
        ("It was on 12 January.", "2 January"),
        ("It was on January 22.", "January 2"),
        ("There is no sun on Earth.", "Sunday"),
        ("It was a Sunday.", "Sun"),
        ("It has a number.", "No"),
        ("It gave us nothing.", "United States"),
        ("It is the Seine.", ""),
        ("It is the Seine.", "the"),
        ("", "Seine"),
        ("It was one, and hundreds of them.", "one hundred"),
    ],
)
def test_a_part_of_a_number_or_of_a_word_is_not_in_a_snippet(text: str, answer: str) -> None:
    strictly = answers_in(text, [answer])
    assert held_in(text, [answer], "en") == strictly


def test_other_languages_read_numbers_and_dates_as_they_write_them() -> None:
    assert matches("3", ["tres"], "es")
    assert matches("2022-01-02", ["2 de enero de 2022"], "es")
    assert held_in("Nació el 2 de enero de 2022 en Lima.", ["2022-01-02"], "es") == ["2022-01-02"]
    assert not held_in("Nació el 12 de enero de 2022 en Lima.", ["2022-01-02"], "es")
    assert matches("2022-13-45", ["2022-13-45"], "es"), "no date is left as it is"
    assert not matches("drei", ["vier"], "de")


def test_the_normaliser_of_the_suite_is_asked() -> None:
    pytest.importorskip("whisper_normalizer", reason="the extra whisper-normalizer is not installed")
    assert matches("seventy-five million dollars", ["$75 million"], "en", "whisper")
    assert held_in("It was on 2 January 2022.", ["Jan 2, 2022"], "en", "whisper") == ["Jan 2, 2022"]


@given(WORDS, WORDS)
def test_whatever_is_right_strictly_is_right_in_any_notation(first: list[str], second: list[str]) -> None:
    answer, text = " ".join(first), " ".join(second)
    assert matches(answer, [text], "en") >= exact_match(answer, [text], "en")
    assert set(held_in(text, [answer], "en")) >= set(answers_in(text, [answer]))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_compared(answer: str, text: str) -> None:
    assert matches(answer, [text], "en") == matches(text, [answer], "en")
    assert matches(answer, [text, answer], "en") >= exact_match(answer, [answer], "en")
    assert held_in(text, [answer], "en") in ([], [answer])
