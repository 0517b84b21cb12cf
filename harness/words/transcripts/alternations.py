"""NIST's notation of references that leave a choice: `{ a / b c / @ }`, nested too, and `(word)`.

As sclite reads it (SCTK, `infmts.htm` and `text.c`): one of the alternatives holds, `@` is nothing, and a word in brackets
may be missing (sclite's option `-D`). Between braces every `/` separates, also inside a word; an empty alternative is
none. What sclite breaks down on is refused: an alternation without alternatives, a brace inside a word, or one left open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness.words.networks import Place, WordNetwork

_SPECIAL = re.compile(r"\{|(?:^|\s)(?:@|\(\S*\))(?:\s|$)")
_WORD, _WORD_INSIDE = re.compile(r"\S+"), re.compile(r"[^\s/{}]+")
_SPACE = re.compile(r"\s*")
_DEEPEST = 50


class MalformedAlternation(ValueError):
    """A text whose braces have no meaning; its message says what was expected."""


class OptionalWord(NamedTuple):
    """A word that may be missing."""

    word: str


class Alternation(NamedTuple):
    """Texts of which one is the reference."""

    alternatives: tuple[Pieces, ...]


Pieces = tuple["str | OptionalWord | Alternation", ...]  # a string is some words, or none: `@`


@dataclass(frozen=True, slots=True)
class Choices:
    """A text with choices in it."""

    pieces: Pieces

    @property
    def first(self) -> str:
        """The text where the first alternative is taken and no word is missing."""
        return " ".join(_first(self.pieces))

    @property
    def has_alternatives(self) -> bool:
        """Whether more than the presence of single words is left open."""
        return any(isinstance(piece, Alternation) for piece in self.pieces)

    def network(self, words_of: Callable[[str], list[str]]) -> WordNetwork:
        """Return all texts as a network of the words that `words_of` makes of them."""
        places: list[Place] = []
        return WordNetwork(ends=_appended(places, self.pieces, (-1,), words_of), places=tuple(places))


def parse_choices(text: str) -> Choices | None:
    """Return the choices that a text leaves; `None` where it is words and nothing else. Raises `MalformedAlternation`."""
    if not any(sign in text for sign in "{@(") or _SPECIAL.search(text) is None:
        return None
    return Choices(_Parser(text).pieces())


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def pieces(self, depth: int = 0) -> Pieces:
        """Read up to the end of the text, or inside braces to what ends the alternative."""
        pieces: list[str | OptionalWord | Alternation] = []
        while (character := self._next()) and not (depth and character in "/}"):
            if character == "{":
                pieces.append(self._alternation(depth + 1))
                continue
            word = self._word(_WORD_INSIDE if depth else _WORD)
            if word == "@":
                pieces.append("")
            elif word.startswith("(") and word.endswith(")"):
                pieces.append(OptionalWord(word[1:-1]))
            elif pieces and isinstance(pieces[-1], str) and pieces[-1]:
                pieces[-1] += f" {word}"
            else:
                pieces.append(word)
        if depth and not character:
            raise MalformedAlternation("a brace is left open: expected `{ a / b }`")
        return tuple(pieces)

    def _next(self) -> str:
        """Return the next character that is no space, empty at the end."""
        space = _SPACE.match(self._text, self._at)
        assert space is not None
        self._at = space.end()
        return self._text[self._at : self._at + 1]

    def _word(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        if "{" in match[0] or self._text[self._at : self._at + 1] == "{":
            raise MalformedAlternation(f"a brace inside the word {match[0][:40]!r}: expected a space before `{{`")
        return match[0]

    def _alternation(self, depth: int) -> Alternation:
        if depth > _DEEPEST:
            raise MalformedAlternation(f"alternations are nested more than {_DEEPEST} deep")
        alternatives: list[Pieces] = []
        end = ""
        while end != "}":
            self._at += 1  # the brace that opens, or a separator
            if pieces := self.pieces(depth):
                alternatives.append(pieces)
            end = self._text[self._at]
        self._at += 1
        if not alternatives:
            raise MalformedAlternation(
                "an alternation without alternatives: expected `{ a / b }`, with `@` for nothing"
            )
        return Alternation(tuple(alternatives))


def _first(pieces: Pieces) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Alternation):
            yield from _first(piece.alternatives[0])
        elif text := piece if isinstance(piece, str) else piece.word:
            yield text


def _appended(
    places: list[Place], pieces: Pieces, ends: tuple[int, ...], words_of: Callable[[str], list[str]]
) -> tuple[int, ...]:
    """Append the places of some pieces behind the places `ends`; return those that may be last then."""
    for piece in pieces:
        if isinstance(piece, Alternation):
            ends = tuple(
                end for alternative in piece.alternatives for end in _appended(places, alternative, ends, words_of)
            )
            continue
        optional = isinstance(piece, OptionalWord)
        words: Sequence[str | None] = words_of(piece if isinstance(piece, str) else piece.word) or [None]
        for word in words:
            places.append(Place(word, optional and word is not None, ends))
            ends = (len(places) - 1,)
    return ends
