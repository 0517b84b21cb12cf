"""Text to tokens, so that a reference and a hypothesis can be compared word by word.

The rules, each of them the same for references, hypotheses, answers and snippets, by the primary subtag of the language:

- Characters are folded (`harness.words.text.characters`): case, and in English the accents of Latin letters (Beyoncé -> beyonce).
- A word is a run of letters, with apostrophes kept inside it (don't, o'brien). In English a final `'s` is a token of its
  own, so that Einstein's -> einstein 's: an entity counts as recognised whether or not its possessive was, and a query still
  finds it. A recogniser that writes `einstein 's` agrees; one that writes `einsteins` does not. Other apostrophes go.
- French, Italian and Catalan words end at an apostrophe (l'avenir -> l avenir); Chinese and Japanese are cut into words
  (`harness.words.text.segmentation`).
- Numbers and the signs beside them are read as words (`harness.words.text.numbers`): 1945 -> nineteen forty five, $2.50 -> two
  dollars fifty cents, 5 °C -> five degrees celsius, `&` -> and. Where a language has no number words, digits stay digits.
- Everything else separates words: hyphens, dots, slashes (twenty-one -> twenty one, U.S. -> u s).
- English number words that mean the same are read alike: one hundred and five -> one hundred five, one thousand nine hundred
  forty five -> nineteen forty five.

Spelling variants, fillers, contractions and Roman numerals are left alone. Normalising twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from harness.words.languages import primary
from harness.words.text.characters import fold_with_offsets
from harness.words.text.numbers.english import may_need_settling, settled
from harness.words.text.numbers.reading import reader
from harness.words.text.segmentation import divides_words, parts

NORMALISER_VERSION = "2"  # part of every result's digests: to be raised with every change of a rule


@dataclass(frozen=True, slots=True)
class Token:
    """A normalised word and the characters of the original text that it was read from, `text[start:end]`.

    Words read from one number share its characters.
    """

    text: str
    start: int
    end: int


# An inner apostrophe belongs to the word unless it begins a final 's.
_PLAIN_WORD = re.compile(r"[a-z]+(?:'(?!s(?![a-z]))[a-z]+)*|'s(?![a-z])")
_NOT_PLAIN = re.compile(r"[0-9&%$`+=@]")  # ASCII characters that `_PLAIN_WORD` cannot deal with


def tokenise(text: str, language: str) -> list[str]:
    """Return the normalised words of a text, in order. Equals `[token.text for token in tokenise_spans(text)]`, but faster."""
    language = primary(language)
    if (plain := _plain(text, language)) is not None:
        words: list[str] = _PLAIN_WORD.findall(plain)
        if not may_need_settling(words):
            return words
    words = [word for word, _, _ in _pieces(fold_with_offsets(text, language)[0], language)]
    return [word for word, _, _ in settled(words)] if language == "en" and may_need_settling(words) else words


def normalise(text: str, language: str) -> str:
    """Return the normalised words of a text, with a space between them."""
    return " ".join(tokenise(text, language))


def tokenise_spans(text: str, language: str) -> list[Token]:
    """Return the normalised words of a text with the places they were read from."""
    language = primary(language)
    if (plain := _plain(text, language)) is not None:
        tokens = [Token(match.group(), match.start(), match.end()) for match in _PLAIN_WORD.finditer(plain)]
        return _settled(tokens, language)
    folded, starts, ends = fold_with_offsets(text, language)
    tokens = [Token(word, starts[first], ends[last - 1]) for word, first, last in _pieces(folded, language)]
    return _settled(tokens, language)


def audit(entities: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Return the names that normalising changes beyond case and spacing, each with what becomes of it.

    For a person to read through: letters lost, digits read aloud, a name split at its hyphen.
    """
    pairs = ((entity, normalise(entity, language)) for entity in entities)
    return [(entity, normal) for entity, normal in pairs if " ".join(entity.casefold().split()) != normal]


def _pieces(folded: str, language: str) -> Iterable[tuple[str, int, int]]:
    """Return the words of folded text with the characters that each was read from."""
    pieces = reader(language).pieces(folded)
    return chain.from_iterable(_divided(*piece, language) for piece in pieces) if divides_words(language) else pieces


def _divided(word: str, first: int, last: int, language: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words in a run of letters; all of them share its characters where it was read from others."""
    at, written = 0, len(word) == last - first
    for part in parts(word, language):
        at = word.index(part, at)
        yield (part, first + at, first + at + len(part)) if written else (part, first, last)
        at += len(part)


def _plain(text: str, language: str) -> str | None:
    """Return an English text in ASCII without anything to read, folded; `None` for any other."""
    text = text.replace("’", "'")
    return text.lower() if language == "en" and text.isascii() and _NOT_PLAIN.search(text) is None else None


def _settled(tokens: list[Token], language: str) -> list[Token]:
    words = [token.text for token in tokens]
    if language != "en" or not may_need_settling(words):
        return tokens
    return [Token(word, tokens[first].start, tokens[last].end) for word, first, last in settled(words)]
