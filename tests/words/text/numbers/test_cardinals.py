"""Words of numbers: read back in English, and the same from digits as from what num2words writes, in many languages."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from num2words import num2words

from harness.words.text.normalise import normalise, tokenise
from harness.words.text.numbers.cardinals import cardinal, minus, ordinal, point, reads_numbers
from harness.words.text.numbers.english import SCALES

LANGUAGES = [
    "en", "es", "de", "fr", "it", "pt", "nl", "fi", "sv", "da", "no", "pl", "cs", "ru", "uk", "tr", "ro", "hu", "id",
    "ca", "ko", "he", "ar", "fa", "lt", "lv", "sl", "vi",
]  # fmt: skip
LARGE = [
    2000,
    2014,
    9999,
    10_000,
    11_500,
    100_000,
    123_456,
    999_999,
    10**6,
    1_234_567,
    21 * 10**6,
    10**9,
    987_654_321_012,
    10**12,
]
_LARGE_SCALES = ("hundred", "thousand", "million", "billion", "trillion")


@given(st.integers(0, 10**15 - 1))
@example(0)
@example(1_000_000_000_000)
def test_english_cardinals_can_be_read_back(value: int) -> None:
    assert _read(list(cardinal(value, "en"))) == value


def test_english_ordinals_are_told_apart() -> None:
    ordinals = [" ".join(ordinal(value, "en")) for value in range(2000)]
    assert len(set(ordinals)) == 2000
    assert ordinals[1:4] + ordinals[20:22] == ["first", "second", "third", "twentieth", "twenty first"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_and_words_are_the_same(language: str) -> None:
    different = [
        n
        for n in (*range(2000), *LARGE)
        if tokenise(str(n), language) != tokenise(num2words(n, lang=language), language)
    ]
    assert not different


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Cien años", "cien años"),
        ("es", "100 años", "cien años"),
        ("de", "1999", "neunzehnhundertneunundneunzig"),
        (
            "de",
            "eintausendneunhundertneunundneunzig tausendfünfhundert",
            "neunzehnhundertneunundneunzig fünfzehnhundert",
        ),
        ("fr", "80 99", "quatre vingts quatre vingt dix neuf"),
        ("it", "1999", "millenovecentonovantanove"),
        ("pt", "1999", "mil novecentos e noventa e nove"),
        ("fr-CA", "21", "vingt et un"),
    ],
)
def test_known_readings(language: str, text: str, expected: str) -> None:
    assert normalise(text, language) == expected


def test_a_language_without_number_words_keeps_its_digits() -> None:
    assert not reads_numbers("el")
    assert normalise("Το 1999, 1.000.000 και ½", "el") == "το 1999 1000000 και 1 2"
    assert normalise("1999年 １２", "ja") == "1999 年 12"
    assert normalise("१२ हिन्दी", "hi") == "12 हिन्दी"


def test_more_digits_than_have_a_name_are_read_one_by_one() -> None:
    assert normalise("1" * 16, "es") == " ".join(["uno"] * 16)
    assert normalise("9" * 5000, "en") == " ".join(["nine"] * 5000)
    assert normalise("00 34", "es") == "cero cero treinta y cuatro"


@pytest.mark.parametrize("language", ["en", "es", "de", "sv", "el"])
@pytest.mark.parametrize(
    "before_and_after",
    [
        "|th",
        "|.º",
        "$|",
        "|€",
        "$|.05",
        "|%",
        "|,5 %",
        "| km",
        "|½",
        "10^|",
        "-|",
        "1|",
        "|/2",
        "1,000|",
        "No. |",
        "|s",
    ],
)
def test_no_length_of_digits_is_too_much(language: str, before_and_after: str) -> None:
    assert tokenise(before_and_after.replace("|", "9" * 5000), language)
    assert tokenise(before_and_after.replace("|", "1" + ",000" * 2000), language)
    assert tokenise(before_and_after.replace("|", "⁹" * 5000), language)


def test_points_and_minus() -> None:
    assert [point(language) for language in ("en", "es", "de", "it", "el")] == [
        ("point",),
        ("coma",),
        ("komma",),
        ("virgola",),
        (),
    ]
    assert [minus(language) for language in ("en", "es", "fr", "el")] == [("minus",), ("menos",), ("moins",), ()]


def _read(words: list[str]) -> int:
    """Number words to their value: the grammar the other way round."""
    small = {cardinal(value, "en"): value for value in range(100)}
    total = group = 0
    pending: list[str] = []
    for word in words:
        if word not in SCALES:
            pending.append(word)
        elif word == "hundred":
            group, pending = small[tuple(pending)] * 100, []
        else:
            group += small[tuple(pending)] if pending else 0
            total, group, pending = total + group * 1000 ** _LARGE_SCALES.index(word), 0, []
    return total + group + (small[tuple(pending)] if pending else 0)
