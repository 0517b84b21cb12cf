"""Whether two words are one word in two spellings that sound the same: Jimi and Jimmy, Caesar and Ceaser, colour and color.

Known of English, by pronunciations, and of Spanish, by its letters; on any machine the same.

Wales and whales sound the same, too, but are two words. So neither may be an everyday word: one that is common in the language
and not nearly as common in others. Names are written alike everywhere (Steven, Stephen), and misspellings nowhere (Ceaser).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from statistics import median

from rapidfuzz.distance import Levenshtein

from harness.errors import MissingDependency, UsageError
from harness.records import Zipf
from harness.words.languages import primary
from harness.words.rarity import zipf
from harness.words.sounds.letter_to_sound import by_rule
from harness.words.sounds.pronunciation import cmu_readings

_COMMON: Zipf = 3.0
# How much rarer a name is elsewhere, at most. Of 60 names of people and towns 54 are within 0.9 (Wales, Greece and Turkey are
# not: they have other names there); of 90 English words that have a homophone, 78 are above 0.95.
_TRAVELS: Zipf = 0.95
# Of 20 Spanish names all are within 1.85, and of 12 pairs of Spanish words that sound the same one of the two is above.
_TRAVELS_BY_LANGUAGE: Mapping[str, Zipf] = {"es": 1.85}
_OTHERS = ("de", "es", "fr", "it", "pt")  # that have long lists; never English, which would lend its words to others
_ALIKE = 0.65  # of the letters may differ: Sean and Shawn, Geoff and Jeff differ in 0.6
_SHORTEST = 3  # letters of a word whose sound is guessed

# Spanish as in America, where z, s and soft c sound the same.
_SPANISH_ACCENTS = dict(zip("áéíóúü", "aeiouu", strict=True))
_SPANISH = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"ch", "C"), (r"sh", "S"), (r"h", ""), (r"v", "b"), (r"ll", "y"), (r"qu(?=[ei])", "k"), (r"gu(?=[ei])", "G"),
        (r"g(?=[ei])", "j"), (r"z|c(?=[ei])", "s"), (r"[cq]", "k"), (r"([^rn])\1", r"\1"),
    )
)  # fmt: skip

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
    if primary(language) not in ("en", "es") or Levenshtein.normalized_distance(reference, hypothesis) > _ALIKE:
        return False
    is_american = primary(language) == "en" and _american(reference) == _american(hypothesis)
    if not is_american and (is_everyday(reference, language) or is_everyday(hypothesis, language)):
        return False
    if primary(language) == "es":
        return _in_spanish(reference) == _in_spanish(hypothesis)
    return _sound_the_same(reference, hypothesis)


@cache
def is_everyday(word: str, language: str) -> bool:
    """Return whether a word is common in its language and not nearly as common in others, as names are."""
    own = primary(language)
    here = frequency(word, own)
    if here < _COMMON:
        return False
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    elsewhere = (max(frequency(form, other) for form in {word, plain}) for other in _OTHERS if other != own)
    return here - median(elsewhere) > _TRAVELS_BY_LANGUAGE.get(own, _TRAVELS)


@cache
def frequency(word: str, language: str) -> Zipf:
    """Return how frequent a word is in a language, 0.0 where it is not listed, or where no list can be asked."""
    try:
        return zipf(word, language)
    except (UsageError, MissingDependency):
        return 0.0


def _sound_the_same(first: str, second: str) -> bool:
    """Return whether some pronunciation of both is the same. Guesses are strict: both kinds of rules must agree on both words."""
    known = [cmu_readings(word) for word in (first, second)]
    if all(known):
        voiceless = not {"z"} & {*first, *second}  # then `s` may be voiced or not: Caesar, Ceaser
        one, other = ({_unvoiced(reading) if voiceless else reading for reading in readings} for readings in known)
        return not one.isdisjoint(other)
    if min(len(first), len(second)) < _SHORTEST or first[0].isdigit():
        return False
    return _by_rule(first) == _by_rule(second) != ()


def _in_spanish(word: str) -> str:
    """Return the letters as they sound in Spanish, which is written as it sounds but for a few of them."""
    word = unicodedata.normalize("NFC", "".join(_SPANISH_ACCENTS.get(letter, letter) for letter in word))
    for pattern, replacement in _SPANISH:
        word = pattern.sub(replacement, word)
    return word


def _by_rule(word: str) -> tuple[str, ...]:
    letters = word.replace("'", "")
    return by_rule(letters) if re.fullmatch("[a-z]+", letters) else ()


def _unvoiced(reading: str) -> str:
    return re.sub(r"\bZ\b", "S", reading)


def _american(word: str) -> str:
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    return word
