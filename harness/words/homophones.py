"""Whether two words are one word in two spellings that sound the same: Jimi and Jimmy, Caesar and Ceaser, colour and color.

Wales and whales sound the same, too, but are two words. So neither may be an everyday word: one that is common in the language
and not nearly as common in others. Names are written alike everywhere (Steven, Stephen), and misspellings nowhere (Ceaser).
"""

from __future__ import annotations

import re
from functools import cache
from statistics import median

from rapidfuzz.distance import Levenshtein

from harness.records import Zipf
from harness.words.languages import primary
from harness.words.letter_to_sound import by_rule
from harness.words.pronunciation import cmu_dictionary

_COMMON: Zipf = 3.0
# How much rarer a name is elsewhere, at most. Of 60 names of people and towns 54 are within 0.9 (Wales, Greece and Turkey are
# not: they have other names there); of 90 English words that have a homophone, 78 are above 0.95.
_TRAVELS: Zipf = 0.95
_OTHERS = ("de", "es", "fr", "it", "pt")  # that have long lists; never English, which would lend its words to others
_ALIKE = 0.65  # of the letters may differ: Sean and Shawn, Geoff and Jeff differ in 0.6
_SHORTEST = 3  # letters of a word whose sound is guessed

# British and American spelling, as far as the two sound the same.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=[a-z]{3})our", "or"), (r"(?<=[a-z]{3})tre(?=s?$)", "ter"), (r"(?<=[a-z]{2}i)s(?=e|ing|ation)", "z"),
        (r"(?<=ly)s(?=e|ing)", "z"), (r"ll(?=ed|ing|er)", "l"), (r"ogue(?=s?$)", "og"), (r"(?<=[a-z]{2})ence(?=s?$)", "ense"),
        (r"ae|oe", "e"), (r"^grey", "gray"),
    )
)  # fmt: skip


@cache
def are_spellings_of_one_word(reference: str, hypothesis: str, language: str) -> bool:
    """Return whether both words sound the same, and neither is an everyday word of its own."""
    if primary(language) != "en" or Levenshtein.normalized_distance(reference, hypothesis) > _ALIKE:
        return False
    if _american(reference) != _american(hypothesis) and (
        is_everyday(reference, language) or is_everyday(hypothesis, language)
    ):
        return False
    return _sound_the_same(reference, hypothesis)


@cache
def is_everyday(word: str, language: str) -> bool:
    """Return whether a word is common in its language and not nearly as common in others, as names are."""
    own = primary(language)
    here = frequency(word, own)
    if here < _COMMON:
        return False
    return here - median(frequency(word, other) for other in _OTHERS if other != own) > _TRAVELS


@cache
def frequency(word: str, language: str) -> Zipf:
    """Return how frequent a word is in a language, 0.0 where it is not listed, or where the language has no list."""
    from wordfreq import zipf_frequency

    try:
        return float(zipf_frequency(word, primary(language)))
    except LookupError:
        return 0.0


def _sound_the_same(first: str, second: str) -> bool:
    """Return whether some pronunciation of both is the same. Guesses are strict: both kinds of rules must agree on both words."""
    known = [_readings(word) for word in (first, second)]
    if all(known):
        voiceless = not {"z"} & {*first, *second}  # then `s` may be voiced or not: Caesar, Ceaser
        one, other = ({_unvoiced(reading) if voiceless else reading for reading in readings} for readings in known)
        return not one.isdisjoint(other)
    if min(len(first), len(second)) < _SHORTEST or first[0].isdigit():
        return False
    return _by_rule(first) == _by_rule(second) != ()


def _readings(word: str) -> list[str]:
    """Return the readings of the dictionary."""
    dictionary, readings, name = cmu_dictionary(), list[str](), word
    while name in dictionary:
        readings.append(dictionary[name])
        name = f"{word}({len(readings) + 1})"
    return readings


def _by_rule(word: str) -> tuple[str, ...]:
    letters = word.replace("'", "")
    return by_rule(letters) if re.fullmatch("[a-z]+", letters) else ()


def _unvoiced(reading: str) -> str:
    return re.sub(r"\bZ\b", "S", reading)


def _american(word: str) -> str:
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    return word
