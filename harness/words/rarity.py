"""How frequent a word is in everyday English, and whether that makes it rare.

Frequencies come from wordfreq's list, never from the index that is searched: index rarity is BM25's idf, and would make
"rare words break retrieval" true by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from harness.records import Zipf
from harness.words.languages import frequency_list, primary, require_frequencies
from harness.words.notation.number_words import is_number_word
from harness.words.text.numbers import NUMBER_WORDS
from harness.words.transcripts.entries import read_word_list

DEFAULT_THRESHOLD: Zipf = 3.0  # once in a million words
NO_LIST = "no list"
BANDS = ("unseen", "(0,2)", "[2,3)", "[3,4)", "[4,5)", ">=5")

# "ninetieth" is unlisted enough to count as rare, but it is a spelt-out 90th and no name; `'s` is no word at all.
_NEVER_RARE = NUMBER_WORDS | {"'s"}
# As other normalisers leave numbers: $20000000, 1960s, 3.5%
_IN_DIGITS = re.compile(r"[^\w\s]?\d[\d.,]*(?:st|nd|rd|th|s)?%?")


def zipf(token: str, language: str) -> Zipf:
    """log10 of occurrences per billion words, to two decimals; 0.0 for a word that is not in the language's list.

    Raises `UsageError` for a language without a list, `MissingDependency` where its list needs a package to be asked.
    """
    return _zipf(token, primary(language))


@cache
def _zipf(token: str, language: str) -> Zipf:
    from wordfreq import zipf_frequency
    from wordfreq.tokens import tokenize

    name = require_frequencies(language)
    # A Korean word carries its particles: as rare as its rarest part. wordfreq's own sum has 0 for the capital in "수도입니까".
    parts = (tokenize(token, name) or [token]) if name == "ko" else [token]
    return min(float(zipf_frequency(part, name, minimum=0.0)) for part in parts)


def band(frequency: Zipf) -> str:
    """Return the member of `BANDS` that a Zipf frequency lies in."""
    if frequency <= 0:
        return BANDS[0]
    return BANDS[1 + sum(frequency >= edge for edge in (2, 3, 4, 5))]


def is_rare(token: str, language: str, threshold: Zipf = DEFAULT_THRESHOLD) -> bool:
    """Return whether a word is less frequent than `threshold`. Numbers, in words or digits, and the possessive `'s` never are."""
    if _IN_DIGITS.fullmatch(token) is not None or zipf(token, language) >= threshold:
        return False
    return token not in _NEVER_RARE if primary(language) == "en" else not is_number_word(token, language)


@dataclass(frozen=True, slots=True)
class Rarity:
    """The rule by which a run tells rare words.

    A word is rare where its frequency in the language lies under the threshold, or, where `words` are given, where it is
    one of them. Bands are by frequency in either case, and `NO_LIST` in a language without a frequency list.
    """

    language: str
    threshold: Zipf = DEFAULT_THRESHOLD
    words: frozenset[str] | None = None
    digest: str | None = None  # of the list of words, as it is written

    @classmethod
    def read(
        cls, language: str, threshold: Zipf, file: Path | str | None, words_of: Callable[[str], list[str]]
    ) -> Rarity:
        """Return the rule of a run: with the words of `file`, one a line, or by the language's frequency list. `words_of` is
        the run's normaliser.

        Raises `TranscriptError` for a file without words; without a file `UsageError` where the language has no list, and
        `MissingDependency` where asking it needs a package.
        """
        if file is None:
            require_frequencies(language)
            return cls(language, threshold)
        listed = read_word_list(Path(file))
        tokens = (token for word in listed for token in words_of(word))
        digest = sha256("\n".join(sorted(set(listed))).encode()).hexdigest()
        return cls(language, threshold, frozenset(tokens) - {"'s"}, digest)

    def zipf(self, word: str) -> Zipf | None:
        """Return how frequent a word is; `None` in a language without a list."""
        return None if frequency_list(self.language) is None else zipf(word, self.language)

    def band(self, word: str) -> str:
        """Return the band that its frequency lies in."""
        return self.rarest_band([word])

    def rarest_band(self, words: Sequence[str]) -> str:
        """Return the band of the rarest of some words, of which there is one at least."""
        return (
            NO_LIST if frequency_list(self.language) is None else band(min(zipf(word, self.language) for word in words))
        )

    def is_rare(self, word: str) -> bool:
        """Return whether a word is rare."""
        return word in self.words if self.words is not None else is_rare(word, self.language, self.threshold)


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
