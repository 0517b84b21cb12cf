"""How frequent a word is in everyday English, and whether that makes it rare.

Frequencies come from wordfreq's list, never from the index that is searched: index rarity is BM25's idf, and would make
"rare words break retrieval" true by construction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from harness.records import Zipf
from harness.words.languages import primary
from harness.words.numbers import NUMBER_WORDS

DEFAULT_THRESHOLD: Zipf = 3.0  # once in a million words
BANDS = ("unseen", "(0,2)", "[2,3)", "[3,4)", "[4,5)", ">=5")

# "ninetieth" is unlisted enough to count as rare, but it is a spelt-out 90th and no name; `'s` is no word at all.
_NEVER_RARE = NUMBER_WORDS | {"'s"}
# As other normalisers leave numbers: $20000000, 1960s, 3.5%
_IN_DIGITS = re.compile(r"[^\w\s]?\d[\d.,]*(?:st|nd|rd|th|s)?%?")


def zipf(token: str, language: str) -> Zipf:
    """log10 of occurrences per billion words, to two decimals; 0.0 for a word that is not in the language's list."""
    return _zipf(token, primary(language))


@cache
def _zipf(token: str, language: str) -> Zipf:
    from wordfreq import zipf_frequency

    return float(zipf_frequency(token, language))


def band(frequency: Zipf) -> str:
    """Return the member of `BANDS` that a Zipf frequency lies in."""
    if frequency <= 0:
        return BANDS[0]
    return BANDS[1 + sum(frequency >= edge for edge in (2, 3, 4, 5))]


def is_rare(token: str, language: str, threshold: Zipf = DEFAULT_THRESHOLD) -> bool:
    """Return whether a word is less frequent than `threshold`. Numbers, in words or digits, and the possessive `'s` never are."""
    return token not in _NEVER_RARE and _IN_DIGITS.fullmatch(token) is None and zipf(token, language) < threshold


@dataclass(frozen=True, slots=True)
class Rarity:
    """The rule by which a run tells rare words: how frequent they are in a language, and from where on they are rare."""

    language: str
    threshold: Zipf = DEFAULT_THRESHOLD

    def zipf(self, word: str) -> Zipf:
        """Return how frequent a word is."""
        return zipf(word, self.language)

    def band(self, word: str) -> str:
        """Return the band that its frequency lies in."""
        return band(self.zipf(word))

    def is_rare(self, word: str) -> bool:
        """Return whether a word is rare."""
        return is_rare(word, self.language, self.threshold)


def rarity_in_words(threshold: Zipf) -> str:
    """Return what a threshold means: `Zipf under 3, less than once in a million words`."""
    per_million = 10 ** (threshold - 3)
    if per_million > 1:
        often = f"fewer than {per_million:.3g} in a million words"
    elif per_million == 1:
        often = "less than once in a million words"
    else:
        often = f"less than once in {1 / per_million:.3g} million words"
    return f"Zipf under {threshold:g}, {often}"
