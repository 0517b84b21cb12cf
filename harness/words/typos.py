"""Rare words of a reference that may be typing errors: nearly the letters of a far commoner word.

A typing error in a question looks like a rare entity word: it is in no list, and no recogniser returns it. A true name can be
near a common word by chance (Chinua, China), so names that the text writes with a capital are left out. Of the rare words
in 1,190 questions of SQuAD, 292, twelve are flagged with their text at hand, typing errors all of them; of the 14,593 in
EntityQuestions, which are names, 0.2 % (2.4 % without the text). Nothing is corrected: a flag asks a person to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Literal

from harness.records import Zipf
from harness.words.languages import primary
from harness.words.rarity import is_rare, zipf
from harness.words.text.normalise import tokenise

MEASURED = frozenset({"en"})
_SHORTEST = 5  # letters: shorter words have a common neighbour too often
_GAP: Zipf = 3.0  # the commoner word stands at least a thousand times as often in texts
_COMMON: Zipf = 4.0  # and once in 100,000 words, where it is told by one edit alone
_KNOWN: Zipf = 3.0  # or once in a million, where sound and spelling agree besides

Spelling = Literal["name", "word", "unknown"]


def possible_typos(texts: Iterable[str], language: str) -> dict[str, str]:
    """Return the rare words that look like typing errors, each with the commoner word, in the order of the texts.

    A word that stands in several texts is left out where one of them writes it as a name. The rule was measured for English
    only: in other languages no word is suspected.

        possible_typos(["Is the largest mamel a whale?", "Who was Chinua Achebe?"], "en") -> {"mamel": "mammal"}
    """
    if primary(language) not in MEASURED:
        return {}
    flagged: dict[str, str] = {}
    names: set[str] = set()
    for text in texts:
        for word in (token for token in tokenise(text, language) if is_rare(token, language)):
            if spelling(word, text, language) == "name":
                names.add(word)
            elif commoner := possible_typo(word, language, text):
                flagged.setdefault(word, commoner)
    return {word: commoner for word, commoner in flagged.items() if word not in names}


def possible_typo(word: str, language: str, text: str = "") -> str | None:
    """Return the far commoner word that a normalised word may be a typing error of, or `None`.

    One edit is enough (a letter more, less or another, or two exchanged) from a common word with the same first letter.
    `text`, where the word stands, says more: with a capital inside a sentence it is a name; in small letters, two
    edits count as well if both words have the same consonants and as many syllables (mamel, mammal).
    """
    written = spelling(word, text, language)
    if written == "name" or len(word) < _SHORTEST or not (word.isascii() and word.isalpha()):
        return None
    return _commoner(word, language, written == "word")


@cache
def _commoner(word: str, language: str, two_edits: bool) -> str | None:
    from rapidfuzz.distance import OSA

    candidates: list[tuple[int, Zipf, str]] = []
    for other, frequency in _vocabulary(language)[word[0]]:
        if frequency < zipf(word, language) + _GAP:
            break  # they fall in frequency
        distance = OSA.distance(word, other, score_cutoff=2)
        near = distance == 1 and frequency >= _COMMON and not _is_plural(word, other)
        alike = two_edits and distance <= 2 and _outline(word) == _outline(other)
        if near or alike:
            candidates.append((distance, -frequency, other))
    return min(candidates)[-1] if candidates else None


@cache
def _vocabulary(language: str) -> Mapping[str, Sequence[tuple[str, Zipf]]]:
    """Return the words of `_KNOWN` frequency or more by their first letter, commonest first."""
    from wordfreq import iter_wordlist

    by_letter: dict[str, list[tuple[str, Zipf]]] = {letter: [] for letter in "abcdefghijklmnopqrstuvwxyz"}
    for word in takewhile(lambda word: zipf(word, language) >= _KNOWN, iter_wordlist(primary(language))):
        if word.isascii() and word.isalpha():
            by_letter[word[0]].append((word, zipf(word, language)))
    return by_letter


def spelling(word: str, text: str, language: str) -> Spelling:
    """Return how a text writes a word: `name` with a capital inside it, `word` in small letters.

    `unknown` where the text has no capitals, nothing but capitals, or the word only at its start.
    """
    if text == text.lower() or text == text.upper():
        return "unknown"
    places = [(index, part) for index, part in enumerate(text.split()) if word in tokenise(part, language)]
    if any(index and part != part.lower() for index, part in places):
        return "name"
    return "word" if any(part == part.lower() for _, part in places) else "unknown"


def _is_plural(word: str, other: str) -> bool:
    return word in (f"{other}s", f"{other}es") or other == f"{word}s"


def _outline(word: str) -> tuple[str, int]:
    """Return the consonants, doubled ones once, and the number of runs of vowels: mammal -> ("mml", 2)."""
    single = re.sub(r"(.)\1", r"\1", word)
    return re.sub("[aeiouy]", "", single), len(re.findall("[aeiouy]+", single))
