"""Whether an answer is right in any notation: "$75 million" and "75 million dollars", "Jan 2, 2022" and "2 January 2022".

Texts are read by the suite's normaliser, dates first put into one order. An answer matches another where they differ in notation
only (`harness.words.notation`). It stands in a text where its words stand there side by side, each number whole: "2" is neither
in "12" nor in "2 million". Both hold wherever the strict rules of SQuAD and DPR (`harness.answering.scoring`) do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

from harness.answering.scoring import answers_in, exact_match
from harness.words.languages import primary
from harness.words.notation.abbreviations import expansions
from harness.words.notation.number_words import digits, is_number_word, ordinal_digits, roman_digits
from harness.words.notation.variants import is_same_but_for_notation
from harness.words.text.normalisers import DEFAULT, normaliser

_LONGEST: Final = 16  # words of an answer that are compared piece by piece; a longer one has to be the same
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_DAY: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_ENGLISH_DOLLARS: Final = re.compile(r"\b(?:US|U\.S\.)\s?(?=\$|dollars?\b)")
_ARTICLES: Final = frozenset(("a", "an", "the"))
# Abbreviations that are no words of their own: `no` and `sun` stand for something else in a snippet.
_SAFE: Final = frozenset((
    "st", "mt", "mts", "ft", "dr", "mr", "mrs", "jr", "sr", "prof", "capt", "sgt", "lt", "gov", "blvd", "ave", "hwy", "inc",
    "ltd", "corp", "bros", "univ", "km", "cm", "mm", "kg", "mg", "lb", "lbs", "oz", "hrs", "mins", "mph", "kph", "khz", "mhz",
))  # fmt: skip
_METRE: Final = re.compile(r"(metre|litre)(?=s?$)")


def matches(answer: str, accepted: Sequence[str], language: str, rules: str = DEFAULT) -> bool:
    """Return whether the answer is one of the accepted ones, in whatever notation. `rules` names the suite's normaliser.

    An answer with no words in it, a refusal, is never right.
    """
    if exact_match(answer, accepted, language):
        return True
    words = _without_article(_words(answer, language, rules), language)
    return bool(words) and any(
        _is_same(words, _without_article(_words(one, language, rules), language), language) for one in accepted
    )


def held_in(text: str, answers: Sequence[str], language: str, rules: str = DEFAULT) -> list[str]:
    """Return those of `answers` that stand in `text`, in whatever notation."""
    strictly = set(answers_in(text, answers))
    if len(strictly) == len(answers):
        return list(answers)
    pieces = _pieces(text, language, rules)
    return [
        answer
        for answer in answers
        if answer in strictly
        or _stands_in(_without_article(_pieces(answer, language, rules), language), pieces, language)
    ]


def _is_same(answer: tuple[str, ...], accepted: tuple[str, ...], language: str) -> bool:
    if max(len(answer), len(accepted)) > _LONGEST or not accepted:
        return answer == accepted
    numerals = [[roman for word in words if (roman := roman_digits(word))] for words in (answer, accepted)]
    if all(numerals) and numerals[0] != numerals[1]:  # Henry V is not Henry VI, whose numerals may sound alike
        return False
    return is_same_but_for_notation(accepted, answer, language)


def _stands_in(answer: Sequence[str], text: Sequence[str], language: str) -> bool:
    wanted = [_spellings(piece, language) for piece in answer]
    return bool(wanted) and any(
        all(piece in spellings for piece, spellings in zip(text[start:], wanted, strict=False))
        for start in range(len(text) - len(wanted) + 1)
        if text[start] in wanted[0]
    )


@lru_cache(maxsize=4096)
def _spellings(piece: str, language: str) -> frozenset[str]:
    """Return a word with its abbreviations and what it is short for: saint -> saint, st."""
    longs = {long[0] for long in expansions((piece,), language) if len(long) == 1} if piece in _SAFE else {piece}
    shorts = (
        {short for short in _SAFE if (piece,) in expansions((short,), language)} if primary(language) == "en" else ()
    )
    return frozenset((piece, *longs, *shorts))


def _without_article(words: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Return the words without the article that SQuAD's rule leaves out, too."""
    is_article = primary(language) == "en" and len(words) > 1 and words[0] in _ARTICLES
    return words[1:] if is_article else words


@lru_cache(maxsize=16_384)  # the same snippets are retrieved again and again
def _pieces(text: str, language: str, rules: str) -> tuple[str, ...]:
    """Return the words of a text, each run of number words as one piece: "two point five million" is not "two"."""
    pieces: list[str] = []
    run: list[str] = []
    for word in (*_words(text, language, rules), ""):
        if word and (_is_cardinal(word, language) or (word == "point" and run)):
            run.append(word)
            continue
        if run:
            pieces.append(digits(run, language) or " ".join(run))
            run = []
        if word:
            pieces.append(word)
    return tuple(pieces)


@lru_cache(maxsize=16_384)
def _is_cardinal(word: str, language: str) -> bool:
    return word[0].isdecimal() or (is_number_word(word, language) and ordinal_digits([word], language) is None)


@lru_cache(maxsize=16_384)
def _words(text: str, language: str, rules: str) -> tuple[str, ...]:
    """Return the normalised words of a text, with its dates in one order."""
    words = normaliser(rules, language).tokenise(_in_one_order(text, language))
    if primary(language) != "en":
        return tuple(words)
    return tuple(_METRE.sub(lambda metre: metre[1][:-2] + "er", word) for word in words)


def _in_one_order(text: str, language: str) -> str:
    """Return a text with its dates as the language writes them out: 2022-01-02, 2nd of Jan. 2022 -> January 2, 2022."""
    text = _ISO_DATE.sub(lambda iso: _written_out(iso, language), text)
    if primary(language) != "en":
        return text
    months = _month_names()
    for pattern in _english_dates():
        text = pattern.sub(lambda written: f"{months[written['month'][:3].lower()]} {int(written['day'])}", text)
    return _ENGLISH_DOLLARS.sub("", text)


def _written_out(iso: re.Match[str], language: str) -> str:
    from babel import UnknownLocaleError
    from babel.dates import format_date

    try:
        return format_date(date(*map(int, iso.groups())), "long", locale=primary(language))
    except (ValueError, UnknownLocaleError):  # no date, or a language that Babel does not know
        return iso[0]


@cache
def _month_names() -> Mapping[str, str]:
    """Return the English months by their first three letters."""
    from babel.dates import get_month_names

    return {name[:3].lower(): name for name in get_month_names("wide", locale="en").values()}


@cache
def _english_dates() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a day before and after its month, without the year."""
    names = "|".join(rf"{name}|{name[:3]}\.?" for name in _month_names().values())
    month = rf"(?P<month>Sept\.?|{names})"
    before = rf"\b{_DAY}(?:\s+of)?\s+{month}(?![a-z])"
    after = rf"\b{month}\s+(?:the\s+)?{_DAY}(?![\d:.]|\w)"
    return re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE)
