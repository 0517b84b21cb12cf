"""How single words of a question are pronounced, noted beside it as the tag `pronunciation` so that a person can correct it.

    "Königgrätz=de"                  read by the rules of German
    "Kagutsuchi=ja:カグツチ"           read by the rules of Japanese from another spelling
    "Kikunae=/kikɯnae/ Ikeda=/ikeda/"  read as these sounds of the International Phonetic Alphabet

Words are parted by spaces; a word may stand in the question with other marks around it. What is not named is read by the
rules of the suite's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from harness.errors import UsageError

TAG = "pronunciation"
_READING = re.compile(r"(?P<word>[^\s=]+)=(?P<how>/[^\s/]+/|[A-Za-z][A-Za-z0-9-]*(?::[^\s:=]+)?)")


class Hint(NamedTuple):
    """A word is read by the rules of `language`, as if it were written `spelling`."""

    language: str
    spelling: str


def parse_pronunciations(tag: str) -> dict[str, str]:
    """Return the reading of each word that a tag names: "Jenůfa=cs" -> {"Jenůfa": "cs"}.

    Raises `UsageError` for another notation than the module's.
    """
    readings: dict[str, str] = {}
    for part in tag.split():
        match = _READING.fullmatch(part)
        if match is None or match["word"] in readings:
            raise UsageError(
                f"the pronunciation {part!r} cannot be read: expected each word once, as word=language, "
                "word=language:spelling or word=/IPA/"
            )
        readings[match["word"]] = match["how"]
    return readings


def language_of(reading: str) -> str | None:
    """Return the language by whose rules a reading is pronounced; of sounds, None."""
    return None if reading.startswith("/") else reading.partition(":")[0]


def language_hints(tags: Iterable[str]) -> dict[str, Hint]:
    """Return the words, in lower case, that some tags say are of a language: {"königgrätz": ("de", "königgrätz")}.

    Words that are given as sounds are none, and tags in another notation tell nothing. The first hint on a word is kept.
    """
    hints: dict[str, Hint] = {}
    for tag in tags:
        try:
            readings = parse_pronunciations(tag)
        except UsageError:
            continue
        for word, how in readings.items():
            if language := language_of(how):
                hints.setdefault(word.lower(), Hint(language, (how.partition(":")[2] or word).lower()))
    return hints


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of these words where they stand whole; of no words, one that finds nothing."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest_first) or r"(?!)")


def holds_word(text: str, word: str) -> bool:
    """Return whether a word stands in a text as a whole."""
    return word_pattern([word]).search(text) is not None
