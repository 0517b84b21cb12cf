"""Number words to digits, however the number was read aloud."""

from __future__ import annotations

import pytest

from harness.words.notation.number_words import digits, is_number_word, ordinal_digits, roman_digits
from harness.words.text.normalise import tokenise


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("seven hundred forty seven", "747"), ("seven forty seven", "747"), ("seven four seven", "747"),
        ("nineteen oh five", "1905"), ("nineteen five", "1905"), ("one thousand nine hundred five", "1905"),
        ("nineteen forty five", "1945"), ("twenty ten", "2010"), ("two thousand ten", "2010"), ("fifteen hundred", "1500"),
        ("one thousand five hundred", "1500"), ("one oh one", "101"), ("twenty five", "25"), ("zero zero seven", "007"),
        ("747", "747"), ("7 47", "747"), ("seven 47", "747"), ("okapi", None), ("seven okapi", None), ("eighth", None), ("", None),
    ],
)  # fmt: skip
def test_digits_of_english_words(words: str, expected: str | None) -> None:
    assert digits(words.split(), "en") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mil novecientos cuarenta y cinco", "1945"),
        ("siete cuatro siete", "747"),
        ("setecientos cuarenta y siete", "747"),
    ],
)
def test_digits_of_spanish_words(words: str, expected: str) -> None:
    assert digits(words.split(), "es") == expected


def test_a_language_without_words_of_numbers_has_none() -> None:
    assert digits(["seven"], "xx") is None


@pytest.mark.parametrize(
    ("words", "expected"), [("the eighth", "8"), ("eighth", "8"), ("twenty first", "21"), ("the", None)]
)
def test_ordinals(words: str, expected: str | None) -> None:
    assert ordinal_digits(words.split(), "en") == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ii", "2"),
        ("iv", "4"),
        ("xiv", "14"),
        ("mcmxcix", "1999"),
        ("x", "10"),
        ("iiii", None),
        ("", None),
        ("okapi", None),
    ],
)
def test_roman_numerals(word: str, expected: str | None) -> None:
    assert roman_digits(word) == expected


@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "nl", "fi", "sv", "da", "pl", "pt"])
def test_years_and_large_numbers_are_made_of_number_words(language: str) -> None:
    numbers = (0, 21, 105, 1500, 1905, *range(1990, 2030), 12_345, 654_321, 10**6, 5 * 10**9)
    words = {word for number in numbers for word in tokenise(str(number), language)}
    assert not [word for word in words if not is_number_word(word, language)]


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "hundertwasser"),
        ("de", "dreieck"),
        ("it", "seicento5"),
        ("fi", "kuusamo"),
        ("en", "twentyone"),
        ("el", "ένα"),
    ],
)
def test_other_words_are_no_numbers(language: str, word: str) -> None:
    assert not is_number_word(word, language)


def test_a_word_of_any_length_is_judged_at_once() -> None:
    assert not is_number_word("centouno" * 20_000 + "x", "it")
