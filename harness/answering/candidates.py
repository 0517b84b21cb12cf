"""Candidate answers in a snippet: names, dates, numbers and short phrases, with the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.answering.protocol import snippet_text
from harness.answering.question import Kind, function_words, knows_kinds, stem
from harness.records import Snippet
from harness.words.entities import spacy_pipeline
from harness.words.languages import capitalises_nouns, frequency_list, primary
from harness.words.notation.number_words import is_number_word
from harness.words.rarity import zipf
from harness.words.text.normalise import tokenise_spans
from harness.words.text.numbers import NUMBER_WORDS

SHAPES: Final = ("name", "phrase", "date", "number")
_LONGEST: Final = 5  # words in an answer; 3 in a phrase
_LONGEST_PHRASE: Final = 3
_EVERYDAY: Final = 4.0  # Zipf: alone at the beginning of a sentence, such a word is no name
_LINKS: Final = frozenset(
    {"of", "de", "la", "le", "da", "di", "del", "van", "von", "der", "den", "the", "el", "al", "ibn"}
)
_MONTHS: Final = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
})  # fmt: skip
_YEAR: Final = re.compile(r"1[0-9]{3}s?|20[0-9]{2}s?")
_SENTENCE_END: Final = re.compile(r"[.!?:;]|\n| [-–—|/] ")
# The labels of OntoNotes, which spaCy's pipelines for English use.
_KINDS: Final = {
    "PERSON": Kind.PERSON, "GPE": Kind.PLACE, "LOC": Kind.PLACE, "FAC": Kind.PLACE, "DATE": Kind.DATE, "TIME": Kind.DATE,
    "CARDINAL": Kind.NUMBER, "QUANTITY": Kind.NUMBER, "PERCENT": Kind.NUMBER, "MONEY": Kind.NUMBER,
}  # fmt: skip
_JOINED: Final = re.compile(r"[ \-'’.]*")  # what may stand between the words of one answer

# How likely a phrase is to be whole. It does not begin or end within a longer one, so a function word or a sign stands
# on either side; after an article or a preposition it is a noun more often than not, with -ed or -ly it is none.
_CUT_BEFORE: Final = 0.5
_CUT_AFTER: Final = 0.8
_PART_OF_NAME: Final = 0.8
_ENDS_AS_NO_NOUN: Final = 0.5
_BEGINS_AS_NO_NOUN: Final = 0.8
_AFTER_ARTICLE: Final = 1.3
_BEFORE_NOUNS: Final = frozenset({"the", "a", "an", "of", "for", "in", "by", "with"})
_NO_NOUN: Final = ("ed", "ly")
_IN_TITLE: Final = 0.5  # titles name what a page is about


class Unit(NamedTuple):
    """A word as it stands in a snippet, `text[start:end]`, and in normalised form (of a number: its words)."""

    word: str
    start: int
    end: int


class Candidate(NamedTuple):
    """Units `first` to `last`, inclusive. `key` is the same for all spellings of an answer; `wholeness` weighs it."""

    key: str
    first: int
    last: int
    text: str
    shape: str
    wholeness: float


@dataclass(frozen=True, eq=False)
class Passage:
    """A snippet read once: where its words stand, and all candidates in it, those of one key side by side."""

    n_units: int
    places: Mapping[str, Sequence[tuple[int, str]]]  # stem -> its units, with their words
    keys: tuple[str, ...]  # distinct
    starts: NDArray[np.int64]  # [n_keys], where the candidates of each key begin
    texts: tuple[str, ...]  # [n_candidates]
    first: NDArray[np.int64]  # [n_candidates]
    last: NDArray[np.int64]
    shape: NDArray[np.int64]  # places in SHAPES
    wholeness: NDArray[np.float64]
    kind: NDArray[np.object_]  # each one's label by a named-entity recogniser, `None` without one


def read_passage(snippet: Snippet, language: str, pipeline: str | None = None) -> Passage:
    """Return a snippet's passage, its title before its text, its names labelled by a spaCy `pipeline` if one is given."""
    text = snippet_text(snippet)
    page = _Page.of(text, language)
    labels = _labels(text, pipeline) if pipeline else {}
    candidates = sorted(page.candidates(), key=lambda c: c.key)
    keys = [candidate.key for candidate in candidates]
    in_title = np.array([page.units[c.last].start < len(text) - len(snippet.text) for c in candidates], bool)
    places: dict[str, list[tuple[int, str]]] = {}
    for index, unit in enumerate(page.units):
        places.setdefault(stem(unit.word), []).append((index, unit.word))
    return Passage(
        n_units=len(page.units),
        places=places,
        keys=tuple(dict.fromkeys(keys)),
        starts=np.array([i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]], np.int64),
        texts=tuple(candidate.text for candidate in candidates),
        first=np.array([candidate.first for candidate in candidates], np.int64),
        last=np.array([candidate.last for candidate in candidates], np.int64),
        shape=np.array([SHAPES.index(candidate.shape) for candidate in candidates], np.int64),
        wholeness=np.array([c.wholeness for c in candidates]) * np.where(in_title, _IN_TITLE, 1.0),
        kind=np.array([labels.get(page.units[c.first].start) for c in candidates], dtype=object),
    )


def _labels(text: str, pipeline: str) -> dict[int, Kind]:
    """Return the kind of each named entity, at the places where its words begin: part of a person's name is a person."""
    return {
        token.idx: _KINDS[entity.label_]
        for entity in spacy_pipeline(pipeline)(text).ents
        if entity.label_ in _KINDS
        for token in entity
    }


@dataclass(frozen=True)
class _Page:
    """A text in units. `joined[i]`: unit i may stand in one answer with the unit before it."""

    text: str
    language: str
    function_words: frozenset[str]
    units: Sequence[Unit]
    capitals: Sequence[bool]
    nameable: Sequence[bool]  # capitals, and the words that link them
    begins: Sequence[bool]  # a sentence or a list item, so that a capital says nothing
    joined: Sequence[bool]

    @classmethod
    def of(cls, text: str, language: str) -> _Page:
        units: list[Unit] = []
        for token in tokenise_spans(text, language):
            if units and units[-1].start == token.start:  # the words of one number
                units[-1] = Unit(f"{units[-1].word} {token.text}", token.start, token.end)
            else:
                units.append(Unit(token.text, token.start, token.end))
        begins, joined = [True] * len(units), [False] * len(units)
        for index in range(1, len(units)):
            before, here = units[index - 1], units[index]
            gap = text[before.end : here.start]
            initial = gap == ". " and len(before.word) == 1  # J. R. R. Tolkien
            begins[index] = not initial and _SENTENCE_END.search(gap) is not None
            joined[index] = not begins[index] and _JOINED.fullmatch(gap) is not None
        capitals = [text[unit.start].isupper() for unit in units]
        nameable = [capital or unit.word in _LINKS for capital, unit in zip(capitals, units, strict=True)]
        return cls(text, language, function_words(language), units, capitals, nameable, begins, joined)

    def candidates(self) -> Iterator[Candidate]:
        """Yield every run of words that could be an answer: no function word begins or ends it."""
        words = [unit.word for unit in self.units]
        says_nothing = [word in self.function_words for word in words]
        numbers = [self.text[u.start].isdigit() or self._is_number(u.word) for u in self.units]
        for first in range(len(words)):
            if says_nothing[first]:
                continue
            for last in range(first, min(first + _LONGEST, len(words))):
                if last > first and not self.joined[last]:
                    break
                if says_nothing[last]:
                    continue
                run = slice(first, last + 1)
                shape = self._numeric_shape(run, numbers[run]) if any(numbers[run]) else self._shape(first, last)
                if shape:
                    key = " ".join(word for word in words[run] if word != "'s")
                    text = self.text[self.units[first].start : self.units[last].end]
                    yield Candidate(key, first, last, text, shape, self._wholeness(first, last, shape))

    def _shape(self, first: int, last: int) -> str | None:
        """A name, a phrase, or `None` for a run of words without numbers that is neither."""
        if all(self.nameable[first : last + 1]):
            alone = first == last and (self.begins[first] or capitalises_nouns(self.language))
            return "phrase" if alone and self._is_everyday(self.units[first].word) else "name"
        if last - first >= _LONGEST_PHRASE:
            return None
        inner = (unit.word for unit in self.units[first + 1 : last])
        return None if any(word in self.function_words and word != "'s" for word in inner) else "phrase"

    def _numeric_shape(self, run: slice, numbers: Sequence[bool]) -> str | None:
        """A date, a number, a number with one word after it (*515 million years*), or `None` for other runs."""
        units = self.units[run]
        words = [unit.word for unit in units]
        if words[-1] in ("century", "centuries"):
            return "date" if len(words) <= 2 else None
        if any(w in _MONTHS or _YEAR.fullmatch(self.text[u.start : u.end]) for w, u in zip(words, units, strict=True)):
            dated = all(number or word in _MONTHS for number, word in zip(numbers, words, strict=True))
            return "date" if dated else None
        return "number" if all(numbers[:-1]) and (numbers[-1] or len(words) <= _LONGEST_PHRASE) else None

    def _is_number(self, word: str) -> bool:
        if primary(self.language) == "en":
            return word in NUMBER_WORDS
        return all(is_number_word(part, self.language) for part in word.split())

    def _is_everyday(self, word: str) -> bool:
        return frequency_list(self.language) is not None and zipf(word, self.language) >= _EVERYDAY

    def _wholeness(self, first: int, last: int, shape: str) -> float:
        before = first - 1 if self.joined[first] else None
        after = last + 1 if last + 1 < len(self.units) and self.joined[last + 1] else None
        if shape == "name":
            longer = (before is not None and self._is_name(before)) + (after is not None and self.capitals[after])
            return float(_PART_OF_NAME**longer)
        if shape != "phrase":
            return 1.0
        whole = 1.0
        if before is not None:
            word = self.units[before].word
            whole *= _AFTER_ARTICLE if word in _BEFORE_NOUNS else 1.0 if word in self.function_words else _CUT_BEFORE
        if after is not None and self.units[after].word not in self.function_words:
            whole *= _CUT_AFTER
        if not knows_kinds(self.language):
            return whole
        if self.units[last].word.endswith(_NO_NOUN):
            whole *= _ENDS_AS_NO_NOUN
        return whole * (_BEGINS_AS_NO_NOUN if self.units[first].word.endswith(_NO_NOUN) else 1.0)

    def _is_name(self, index: int) -> bool:
        return self.capitals[index] and not self.begins[index] and self.units[index].word not in self.function_words
