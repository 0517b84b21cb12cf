"""The rules by example, the same words in other spellings, and properties that hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.words.text.characters import fold
from harness.words.text.normalise import audit, normalise, tokenise, tokenise_spans
from harness.words.text.numbers.english import settled
from harness.words.text.numbers.reading import reader

# Weighted towards what the rules read: digits, signs, apostrophes, accents, number words.
texts = st.one_of(
    st.text(),
    st.text(
        alphabet="aSsıİ'’`0159 ,.:/%&$£€+=@#°-–−×ÉøßЙ½²₂ºﬁ①№™❤\ufe0f\u20e3\u0301\u0345\u00ad\u200b\u200d´ͺ٣हि한_\t"
    ),
    st.lists(
        st.sampled_from(
            [
                "hundred",
                "thousand",
                "And",
                "and",
                "five",
                "5",
                "1,000",
                "'s",
                "$1",
                "x's",
                "1990s",
                "one",
                "two",
                "nine",
                "fortieth",
                "1,945",
                "pm",
                "p",
                "m",
                "dollars",
                "June",
                "may",
                "½",
                "eintausendfünfhundert",
                "3rd",
                "%",
                ",",
                ".",
            ]
        )
    ).map(" ".join),
)


# One that has all rules, one with other signs in numbers, one with joiners, one with its own case, two without number words.
languages = st.sampled_from(["en", "de", "fr", "es", "fa", "tr", "el", "ja"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who was Einstein's brother-in-law?", "who was einstein 's brother in law"),
        ("Beyoncé, Łódź & Ærø", "beyonce lodz and aero"),
        ("Don’t O’Brien 'tis rock 'n' roll companies'", "don't o'brien tis rock n roll companies"),
        ("3rd 21st 12th 100th", "third twenty first twelfth one hundredth"),
        ("1066 1900 1905 1945 2005 2014", "ten sixty six nineteen hundred nineteen oh five nineteen forty five "
         "two thousand five twenty fourteen"),
        ("1990s 90's 1800s", "nineteen nineties nineties eighteen hundreds"),
        ("$5 £1 $2.50 €1.5 million", "five dollars one pound two dollars fifty cents one point five million euros"),
        ("5% 3.14 1,234,567", "five percent three point one four one million two hundred thirty four thousand five "
         "hundred sixty seven"),
        ("one thousand nine hundred and five to 2,014", "nineteen oh five to twenty fourteen"),
        ("7 p.m. seven p.m. 7pm", "seven pm seven pm seven pm"),
        ("007 mp3 F-15 10:30", "zero zero seven mp three f fifteen ten thirty"),
        ("Владимир ٣", "владимир three"),
        ("?! …", ""),
    ],
)  # fmt: skip
def test_rules(text: str, expected: str) -> None:
    assert normalise(text, "en") == expected


@pytest.mark.parametrize(
    ("written", "recognised"),
    [
        ("1945", "nineteen forty-five"),
        ("21", "Twenty one"),
        ("the 3rd", "the third"),
        ("$5", "five dollars"),
        ("5%", "5 percent"),
        ("105", "one hundred and five"),
        ("Einstein's", "einstein 's"),
        ("Einstein’s", "EINSTEIN'S"),
        ("Beyoncé", "beyonce"),
        ("Beyonce\u0301", "Beyoncé"),
        ("AT&T", "at and t"),
    ],
)
def test_spellings_that_compare_equal(written: str, recognised: str) -> None:
    assert tokenise(written, "en") == tokenise(recognised, "en")


@given(texts, languages)
@example("hundred, and 5", "en")
@example("٠\u0300", "en")  # an accent on a digit of another script
@example("「\u0300", "en")
@example("´s ͺ", "en")
@example("İ'S", "en")
def test_normalising_twice_changes_nothing(text: str, language: str) -> None:
    assert tokenise(normalise(text, language), language) == tokenise(text, language)


@given(texts)
@example("a hundred, and five")
@example("one thousand nine hundred five p m")
@example("x's's'n `s")
@example("no. 5 no.")
def test_the_fast_way_and_the_reader_agree(text: str) -> None:
    read = [word for word, _, _ in reader("en").pieces(fold(text, "en"))]
    assert tokenise(text, "en") == [word for word, _, _ in settled(read)]


@given(texts, languages)
def test_both_ways_to_tokenise_agree(text: str, language: str) -> None:
    assert [token.text for token in tokenise_spans(text, language)] == tokenise(text, language)


# Words that only stand for a sign because of what is beside it.
BY_CONTEXT = {
    "minus",
    "number",
    "by",
    "to",
    "moins",
    "menos",
    "numéro",
    "número",
    "nummer",
    "mal",
    "sur",
    "por",
    "eksi",
    "x",
}


@given(texts, languages)
def test_tokens_come_from_where_they_say(text: str, language: str) -> None:
    """In order, inside the text, and each read again from its own characters alone, but for what its neighbours decide."""
    tokens = tokenise_spans(text, language)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    if "June" in text or "may" in text or "²" in text:  # June 5 is June fifth, 5² five squared
        return
    own = [tokenise(text[token.start : token.end], language) for token in tokens]
    assert all(token.text in words or token.text in BY_CONTEXT for token, words in zip(tokens, own, strict=True))


@given(texts, languages)
def test_every_token_has_a_letter_or_digit(text: str, language: str) -> None:
    for word in tokenise(text, language):
        assert any(unicodedata.category(character)[0] in "LN" for character in word)
        assert not any(character.isspace() for character in word)


@given(texts)
def test_no_digits_are_left_in_english(text: str) -> None:
    assert not any(character.isdecimal() for word in tokenise(text, "en") for character in word)


@given(st.text(alphabet="abcé '-", min_size=1))
def test_case_says_nothing(text: str) -> None:
    assert tokenise(text.upper(), "en") == tokenise(text.lower(), "en")


def test_possessive_keeps_offsets() -> None:
    tokens = tokenise_spans("Was “Beyoncé’s” album of 1981?", "en")
    assert [(token.text, token.start, token.end) for token in tokens[1:3]] == [("beyonce", 5, 12), ("'s", 12, 14)]
    assert {(token.start, token.end) for token in tokens[5:]} == {(25, 29)}  # nineteen eighty one


def test_audit_lists_only_what_changes_beyond_case() -> None:
    entities = ["Peter Medawar", "Jean-Luc", "Ke$ha", "Blink 182", "  Oslo "]
    assert audit(entities, "en") == [
        ("Jean-Luc", "jean luc"),
        ("Ke$ha", "ke ha"),
        ("Blink 182", "blink one hundred eighty two"),
    ]
