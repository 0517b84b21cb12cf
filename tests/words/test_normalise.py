"""The rules by example, the same words in other spellings, and properties that hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.words.normalise import audit, normalise, tokenise, tokenise_spans
from harness.words.numbers import SCALES, cardinal, integer_in_words, ordinal_in_words

# Weighted towards what the rules read: digits, signs, apostrophes, accents, number words.
texts = st.one_of(
    st.text(),
    st.text(alphabet="aSs'’`0159 ,.%&$£-ÉøßЙ½²ﬁ\u0301\u0345´ͺ٣_\t"),
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
                "3rd",
                "%",
                ",",
                ".",
            ]
        )
    ).map(" ".join),
)


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


@given(texts)
@example("hundred, and 5")
@example("٠\u0300")  # an accent on a digit of another script
@example("「\u0300")
@example("´s ͺ")
@example("İ'S")
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert tokenise(normalise(text, "en"), "en") == tokenise(text, "en")


@given(texts)
@example("a hundred, and five")
@example("x's's'n `s")
def test_both_ways_to_tokenise_agree(text: str) -> None:
    assert [token.text for token in tokenise_spans(text, "en")] == tokenise(text, "en")


@given(texts)
def test_tokens_come_from_where_they_say(text: str) -> None:
    """In order, inside the text, and each found again in its own characters alone."""
    tokens = tokenise_spans(text, "en")
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert all(token.text in tokenise(text[token.start : token.end], "en") for token in tokens)


@given(texts)
def test_no_digits_and_no_spaces_are_left(text: str) -> None:
    assert not any(character.isdecimal() or character.isspace() for word in tokenise(text, "en") for character in word)


@given(st.text(alphabet="abcé '-", min_size=1))
def test_case_says_nothing(text: str) -> None:
    assert tokenise(text.upper(), "en") == tokenise(text.lower(), "en")


def test_possessive_keeps_offsets() -> None:
    tokens = tokenise_spans("Was “Beyoncé’s” album of 1981?", "en")
    assert [(token.text, token.start, token.end) for token in tokens[1:3]] == [("beyonce", 5, 12), ("'s", 12, 14)]
    assert {(token.start, token.end) for token in tokens[5:]} == {(25, 29)}  # nineteen eighty one


@given(st.integers(0, 10**15 - 1))
@example(0)
@example(1_000_000_000_000)
def test_cardinals_can_be_read_back(value: int) -> None:
    assert _read(cardinal(value)) == value


def test_years_are_read_in_pairs_that_add_up() -> None:
    for year in (*range(1010, 2000), *range(2010, 2100)):
        words = [word for word in integer_in_words(str(year)) if word != "oh"]
        split = next(n for n in range(1, len(words) + 1) if _read(words[:n]) == year // 100)
        rest = [word for word in words[split:] if word != "hundred"]
        assert _read(rest) == year % 100


def test_ordinals_are_told_apart() -> None:
    ordinals = [" ".join(ordinal_in_words(str(value))) for value in range(2000)]
    assert len(set(ordinals)) == 2000
    assert ordinals[1:4] + ordinals[20:22] == ["first", "second", "third", "twentieth", "twenty first"]


def test_audit_lists_only_what_changes_beyond_case() -> None:
    entities = ["Peter Medawar", "Jean-Luc", "Ke$ha", "Blink 182", "  Oslo "]
    assert audit(entities, "en") == [
        ("Jean-Luc", "jean luc"),
        ("Ke$ha", "ke ha"),
        ("Blink 182", "blink one hundred eighty two"),
    ]


def _read(words: list[str]) -> int:
    """Number words to their value: the grammar the other way round."""
    small = {" ".join(cardinal(value)): value for value in range(100)}
    total = group = 0
    pending: list[str] = []
    for word in words:
        if word not in SCALES:
            pending.append(word)
        elif word == "hundred":
            group, pending = small[" ".join(pending)] * 100, []
        else:
            group += small[" ".join(pending)] if pending else 0
            total, group, pending = total + group * 1000 ** SCALES.index(word), 0, []
    return total + group + (small[" ".join(pending)] if pending else 0)
