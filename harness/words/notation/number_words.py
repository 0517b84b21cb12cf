"""The digits of numbers that are written in words, however they were read aloud: 747 is "seven forty seven", too.

The words of numbers come from num2words, by language, and from the normaliser's own reading of digits. Roman numerals are
numbers in any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from harness.words.languages import primary
from harness.words.text.normalise import tokenise
from harness.words.text.numbers.cardinals import cardinal, ordinal, reads_numbers

_LARGEST = 9999  # larger numbers are read in one way
_LARGEST_ORDINAL = 100
_YEARS_WITHOUT_OH = [n for n in range(1001, 2000) if 0 < n % 100 < 10]  # nineteen five
_ZEROS = {"en": ("oh", "o")}
_ROMAN = re.compile("(?=[mdclxvi])m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ARTICLES = {"en": "the", "es": "el"}  # Henry the Eighth


class _Numbers(NamedTuple):
    """Numbers in words of one language: what they are in digits, and the words that they are made of."""

    cardinals: Mapping[tuple[str, ...], str]
    ordinals: Mapping[tuple[str, ...], str]
    longest: int


def digits(words: Sequence[str], language: str) -> str | None:
    """Return the digits of a run of number words, `None` where a word of it is no number.

    The longest number at each place is one: "seven forty seven" and "seven hundred forty seven" are both 747, "nineteen
    oh five" and "one thousand nine hundred five" are 1905.
    """
    if not all(is_number_word(word, language) for word in words):
        return None
    if all(map(str.isdecimal, words)):
        return "".join(words) or None
    numbers, read, at = _numbers(primary(language)), list[str](), 0
    while at < len(words):
        if words[at].isdecimal():  # some normalisers leave digits as they are
            read.append(words[at])
            at += 1
            continue
        for end in range(min(len(words), at + numbers.longest), at, -1):
            if (number := numbers.cardinals.get(tuple(words[at:end]))) is not None:
                read.append(number)
                at = end
                break
        else:
            return None
    return "".join(read) or None


def ordinal_digits(words: Sequence[str], language: str) -> str | None:
    """Return the digits of an ordinal, with or without the article that a ruler's has: "the eighth" -> 8."""
    without = words[1:] if words and is_article(words[0], language) else words
    if not without or not is_number_word(without[-1], language):
        return None
    return _numbers(primary(language)).ordinals.get(tuple(without))


def is_article(word: str, language: str) -> bool:
    """Return whether a word is what stands between a ruler's name and the ordinal."""
    return word == _ARTICLES.get(primary(language))


def roman_digits(word: str) -> str | None:
    """Return the digits of a Roman numeral: "xiv" -> 14."""
    if not _ROMAN.fullmatch(word):
        return None
    values = [_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return str(sum(-value if value < after else value for value, after in zip(values, following, strict=True)))


@lru_cache(maxsize=16384)
def is_number_word(word: str, language: str) -> bool:
    """Return whether numbers are made of this one: of cardinals, of ordinals, or digits.

    German and others write a number as one word, which is made of shorter ones: neunzehnhundertneunundneunzig.
    """
    language = primary(language)
    return (
        word.isdecimal() or word in _vocabulary(language) or _made_of_number_words(language).fullmatch(word) is not None
    )


@cache
def _vocabulary(language: str) -> frozenset[str]:
    below = 101 if language == "en" else 2100  # where years are one word
    some = (
        *range(below),
        *range(200, 1001, 100),
        *range(1000, 10001, 1000),
        10**5,
        *(n * 10**k for n in (1, 2, 5) for k in (6, 9)),
    )
    words = {word for n in some for form in _forms(n, language) for word in form}
    return frozenset(words | {*_ZEROS.get(language, ())})


@cache
def _made_of_number_words(language: str) -> re.Pattern[str]:
    """Return a pattern of two number words and more in one. It never goes back, so that no word takes long."""
    if language == "en" or not reads_numbers(language):
        return re.compile("(?!)")
    two = cardinal(2, language)[0]
    thousands = {cardinal(n, language)[0].removeprefix(two) for n in (2000, 2001)} - {""}  # tausend; tusind, tusinde
    parts = {word for word in _vocabulary(language) if len(word) > 2} | thousands
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    return re.compile(f"(?>{'|'.join(map(re.escape, longest_first))}){{2,}}+")


@cache
def _numbers(language: str) -> _Numbers:
    """Return the numbers of a language, which takes a second; nothing for a language that num2words lacks."""
    cardinals = {form: str(n) for n in range(_LARGEST, -1, -1) for form in _cardinals(n, language)}
    if language == "en":
        cardinals |= {
            (*_forms(n // 100, language)[0], *_forms(n % 100, language)[0]): str(n) for n in _YEARS_WITHOUT_OH
        }
    cardinals |= {(zero,): "0" for zero in _ZEROS.get(language, ())}
    ordinals = {form: str(n) for n in range(1, _LARGEST_ORDINAL + 1) for form in _ordinals(n, language)}
    return _Numbers(cardinals, ordinals, max(map(len, cardinals), default=0))


def _forms(n: int, language: str) -> tuple[tuple[str, ...], ...]:
    return _cardinals(n, language) + (_ordinals(n, language) if 0 < n <= _LARGEST_ORDINAL else ())


def _cardinals(n: int, language: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a number, and as the normaliser reads the digits of a year: fifteen hundred.

    Other years are a run of two numbers in English: nineteen, forty five.
    """
    if not reads_numbers(language):
        return ()
    is_read_in_pairs = 1000 < n < 2100 and (language != "en" or n % 100 == 0)
    return (cardinal(n, language), *([tuple(tokenise(str(n), language))] if is_read_in_pairs else []))


def _ordinals(n: int, language: str) -> tuple[tuple[str, ...], ...]:
    return (ordinal(n, language),) if reads_numbers(language) else ()
