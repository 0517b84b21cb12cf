"""Search by spelling: runs of characters in place of words, so that "the buddenbrook house" still retrieves Buddenbrooks.

The terms are the runs of `N_GRAM` characters of a text's normalised words with a space before, between and after them. They
are weighed by the BM25 of integer impacts that words are weighed by. This is the control of `phonetic`: what a fusion wins
with characters in place of phones, it does not owe to sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import ClassVar, Final

from harness.records import OptionValue
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.source import Analyser
from harness.words.languages import primary
from harness.words.text.normalise import NORMALISER_VERSION, tokenise

N_GRAM: Final = 4
CHARACTERS: Final = "characters"


def character_grams(text: str, language: str) -> list[str]:
    """Return the runs of characters of a text: "a dog" -> [" a d", "a do", " dog", "dog "]. No word, no run."""
    words = tokenise(text, language)
    spaced = f" {' '.join(words)} " if words else ""
    return [spaced[start : start + N_GRAM] for start in range(max(len(spaced) - N_GRAM + 1, 1))] if spaced else []


@cache
def character_analyser(language: str) -> Analyser:
    """Return the analyser whose terms are the runs of characters of a text."""
    name = f"{N_GRAM} characters, normaliser {NORMALISER_VERSION}"
    return Analyser(CHARACTERS, primary(language), name, partial(character_grams, language=language))


class CharacterRetriever(ImpactRetriever):
    """Options as those of `bm25`, without `stemmer`. Terms are runs of characters."""

    name: ClassVar[str] = "characters"
    _texts: ClassVar[Mapping[str, str]] = {"variant": "lucene"}

    @classmethod
    def analyser(cls, language: str, options: Mapping[str, OptionValue]) -> Analyser:
        """Return how texts in a language become terms."""
        return character_analyser(language)
