"""The words of numbers by language, from num2words, split as the text rules split words.

English is read without "and" (105 -> one hundred five). `language` is a primary subtag (`en`, `es`) everywhere here.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import regex

from harness.words.text.characters import fold

Words = tuple[str, ...]

LARGEST = 10**15  # longer runs of digits are read digit by digit

_CONVERTERS = {"nb": "no", "nn": "no", "kk": "kz"}  # num2words' name where it is not the subtag
_NOT_SPACED = frozenset({"ja", "th", "zh", "yue", "lo", "km", "my"})  # what is one word there is not ours to say
_POINTS = {"es": ("coma",), "ru": ("запятая",)}  # num2words: punto, целых
_WORD = regex.compile(r"[\p{L}\p{M}\u200c\u200d']+")


@cache
def _converter(language: str) -> Any | None:
    """Return num2words' converter of a language, `None` where it has none that reads whole numbers."""
    from num2words import CONVERTER_CLASSES

    if language in _NOT_SPACED:
        return None
    converter = CONVERTER_CLASSES.get(_CONVERTERS.get(language, language))
    try:
        usable = converter is not None and all(str(converter.to_cardinal(value)) for value in (0, 1, 21, 105, 1999))
    except (NotImplementedError, TypeError, ValueError, KeyError, IndexError):
        usable = False  # num2words' Amharic stops at 1999
    return converter if usable else None


def reads_numbers(language: str) -> bool:
    """Return whether digits are read as words in a language; elsewhere they stay digits."""
    return _converter(language) is not None


def split(text: str, language: str) -> Words:
    """Return the words of what a library wrote, folded as every text is."""
    return tuple(word.strip("'") for word in _WORD.findall(fold(text, language)) if word.strip("'"))


@lru_cache(maxsize=65536)
def cardinal(value: int, language: str) -> Words:
    """Return the words of a whole number: 1234, "en" -> one thousand two hundred thirty four."""
    words = _words(language, "to_cardinal", value) if 0 <= value < LARGEST else None
    return words or one_by_one(str(value), language)


@lru_cache(maxsize=4096)
def ordinal(value: int, language: str) -> Words:
    """Return the words of a place in an order: 21, "en" -> twenty first."""
    return (_words(language, "to_ordinal", value) if value < LARGEST else None) or cardinal(value, language)


@cache
def paired(value: int, language: str) -> Words:
    """Return the words of a year read in pairs, in a language that does so: 1999, "de" -> neunzehnhundertneunundneunzig."""
    return _words(language, "to_year", value) or cardinal(value, language)


def one_by_one(digits: str, language: str) -> Words:
    """Return each digit's own words: 007 -> zero zero seven. In a language without number words: the digits."""
    if not reads_numbers(language):
        return (digits,)
    return tuple(word for digit in digits for word in cardinal(int(digit), language))


@cache
def point(language: str) -> Words:
    """Return the word between a whole number and its fraction: point, coma, Komma."""
    if language in _POINTS:
        return _POINTS[language]
    words = _words(language, "to_cardinal", 0.5) or ()
    zero, five = cardinal(0, language), cardinal(5, language)
    whole = words[: len(zero)] == zero and words[-len(five) :] == five
    return words[len(zero) : -len(five)] if whole else ()


@cache
def minus(language: str) -> Words:
    """Return the word before a negative number."""
    words, five = _words(language, "to_cardinal", -5) or (), cardinal(5, language)
    return words[: -len(five)] if words[-len(five) :] == five else ()


def money(amount: str, code: str, language: str) -> Words | None:
    """Return an amount ("5", "5.05") of a currency (ISO code) in words, `None` where num2words has no name for it."""
    converter = _converter(language)
    forms = (getattr(converter, "CURRENCY_FORMS", None) or {}).get(code)
    english = _converter("en")
    inherited = english is not None and forms == english.CURRENCY_FORMS.get(
        code
    )  # num2words' classes inherit English names
    if converter is None or forms is None or (inherited and (language, code) != ("fr", "USD")):
        return None
    whole, _, fraction = amount.partition(".")
    if len(fraction) == 2 and fraction != "00":
        return _words(language, "to_currency", Decimal(amount), currency=code)
    number = int(whole) if fraction in ("", "00") else 2  # 1,5 takes the plural
    try:
        return split(str(converter.pluralize(number, forms[0])), language)
    except (NotImplementedError, TypeError, IndexError):
        return None


def _words(language: str, reading: str, value: float | Decimal, **options: str) -> Words | None:
    """Return what num2words makes of a value, `None` where it cannot."""
    converter = _converter(language)
    if converter is None:
        return None
    try:
        words = split(str(getattr(converter, reading)(value, **options)), language)
    except (NotImplementedError, AttributeError, OverflowError, TypeError, ValueError, KeyError, IndexError):
        return None  # each language of num2words has its own gaps, and its own way to show them
    return tuple(word for word in words if word != "and") if language == "en" else words
