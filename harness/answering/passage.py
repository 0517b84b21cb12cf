"""A snippet read once: its words, its sentences, and which sentences hold which words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.answering.protocol import snippet_text
from harness.answering.question import function_words, stem, weight
from harness.answering.word_classes import CODE, word_class
from harness.records import Snippet
from harness.words.languages import frequency_list, primary
from harness.words.notation.number_words import is_number_word
from harness.words.rarity import zipf
from harness.words.text.normalise import tokenise_spans
from harness.words.text.numbers import NUMBER_WORDS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_EVERYDAY: Final = 4.0  # Zipf: alone at the beginning of a sentence, such a word is no name
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’)\]]*\s|[.!?]\[|\n| \| ")
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[a-z]{3}[.!?])\s(?=[A-Z])|\n")
_PLAIN: Final = re.compile(r"[ \-'’.]*|[–—]")  # what may stand between the words of one answer
_COMMA: Final = re.compile(r",\s*")
_OPENING: Final = re.compile(r"[\"“‘«(\[]")
_CLOSING: Final = re.compile(r"[\"”’»)\]]")
_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "no", "mt", "ft", "c", "gen", "rev"}
)

JOINED: Final = "_"  # between the words of one number, where a word is looked for among others
PLAIN, COMMA, SIGN, END = range(4)  # gaps between words


class Unit(NamedTuple):
    """A word as it stands in a snippet, `text[start:end]`, and in normalised form (of a number: its words)."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Passage:
    """A snippet's words and sentences. `gaps[i]` is the gap before unit i; `before` and `after` hold the class of a sign
    there, or -1. `lines` are the sentences in normalised words, without "'s" and with a space at both ends.

    `parts` and `parsed` keep what was asked of it once: the candidates of a sentence, the parse.
    """

    text: str
    units: Sequence[Unit]
    gaps: Sequence[int]
    before: Sequence[int]
    after: Sequence[int]
    edges: Sequence[int]  # [n_sentences + 1], the units where sentences begin
    title_units: int
    stems: Sequence[str]
    sentences_with: Mapping[str, Sequence[int]]  # stem -> the sentences that hold it
    lines: Sequence[str]
    sentences_of: Mapping[str, Sequence[int]]  # word -> the sentences that hold it
    parts: dict[int, Any] = field(default_factory=dict)
    parsed: list[Any] = field(default_factory=list)

    def sentences_holding(self, words: str) -> Sequence[int]:
        """Return the sentences in which normalised words stand side by side."""
        first, space, _ = words.partition(" ")
        where = self.sentences_of.get(first, ())
        padded = f" {words} "
        return [place for place in where if padded in self.lines[place]] if space else where


class Facts(NamedTuple):
    """What is known of a normalised word alone. `plain` and `name` are its classes, without and with a capital."""

    idle: bool
    everyday: bool
    number: bool
    ordinal: bool
    weight: float
    plain: int
    name: int


@lru_cache(maxsize=200_000)
def facts(word: str, language: str, classes: bool) -> Facts:
    """Return what is known of a word in a language. `classes`: with the classes of English words."""
    idle = function_words(language)
    number = _is_number(word, language)
    return Facts(
        word in idle,
        frequency_list(language) is not None and zipf(word, language) >= _EVERYDAY,
        number,
        number and word.endswith(("th", "st", "nd", "rd")),
        weight(word, language),
        word_class(word, False, False, idle, classes),
        word_class(word, True, False, idle, classes),
    )


def read_passage(snippet: Snippet, language: str) -> Passage:
    """Return a snippet's passage, its title before its text."""
    text = snippet_text(snippet)
    units = _units(text, language)
    gaps, before, after = _gaps(text, units)
    edges = [place for place, gap in enumerate(gaps) if gap == END]
    edges.append(len(units))
    stems = [stem(unit.word, language) for unit in units]
    words = [unit.word.replace(" ", JOINED) for unit in units]
    sentences_with: dict[str, list[int]] = {}
    sentences_of: dict[str, list[int]] = {}
    lines = []
    for place, (start, stop) in enumerate(pairwise(edges)):
        own = words[start:stop]
        lines.append(f" {' '.join(without_possessive(own))} ")
        for held in set(stems[start:stop]):
            sentences_with.setdefault(held, []).append(place)
        for held in set(own):
            sentences_of.setdefault(held, []).append(place)
    title = len(text) - len(snippet.text)
    return Passage(
        text=text,
        units=units,
        gaps=gaps,
        before=before,
        after=after,
        edges=edges,
        title_units=sum(unit.start < title for unit in units),
        stems=stems,
        sentences_with=sentences_with,
        lines=lines,
        sentences_of=sentences_of,
    )


def without_possessive(words: Sequence[str]) -> Sequence[str]:
    """Return words without "'s"."""
    return [word for word in words if word != "'s"] if "'s" in words else words


def _units(text: str, language: str) -> list[Unit]:
    """Return the words of a text, read sentence by sentence: those without numbers and foreign letters are read faster."""
    units: list[Unit] = []
    at = 0
    for piece in _BETWEEN_SENTENCES.split(text):
        last = -1
        for token in tokenise_spans(piece, language):
            start, end = at + token.start, at + token.end
            if start == last:  # the words of one number
                units[-1] = Unit(f"{units[-1].word} {token.text}", start, end)
            else:
                units.append(Unit(token.text, start, end))
                last = start
        at += len(piece) + 1
    return units


def _gaps(text: str, units: Sequence[Unit]) -> tuple[list[int], list[int], list[int]]:
    """Return the gap before each unit, and the class of the sign before and after each, or -1."""
    n = len(units)
    gaps, before, after = [PLAIN] * n, [-1] * n, [-1] * n
    if not n:
        return gaps, before, after
    gaps[0], after[-1] = END, CODE["text"]
    before[0] = CODE["opening" if _OPENING.search(text[: units[0].start].lstrip(")]")) else "text"]
    end = units[0].end
    for index in range(1, n):
        unit = units[index]
        gap = text[end : unit.start]
        end = unit.end
        if gap in (" ", "-"):
            continue
        kind, sign = _gap(gap, units[index - 1].word)
        gaps[index] = kind
        if kind == PLAIN:
            continue
        if _OPENING.search(gap.lstrip(")]")) and (kind == SIGN or not _COMMA.match(gap)):
            sign = "opening"
        before[index] = CODE[sign]
        if _CLOSING.match(gap):
            after[index - 1] = CODE["closing"]
        elif gap.lstrip().startswith(","):
            after[index - 1] = CODE["comma"]
        else:
            after[index - 1] = CODE["text" if kind == END else "sign"]
    return gaps, before, after


def _gap(gap: str, word: str) -> tuple[int, str]:
    """Return what stands between two words, the first of which is `word`, and the name of its class."""
    if _PLAIN.fullmatch(gap):
        ends = "." in gap and " " in gap and len(word) > 1 and word not in _ABBREVIATIONS
        return (END, "text") if ends else (PLAIN, "")
    if _COMMA.fullmatch(gap):
        return COMMA, "comma"
    if _SENTENCE_END.search(gap):
        return END, "text"
    return SIGN, "sign"


def _is_number(word: str, language: str) -> bool:
    parts = word.split()
    if primary(language) == "en":
        return bool(parts) and parts[0] in NUMBER_WORDS
    return all(is_number_word(part, language) for part in parts)
