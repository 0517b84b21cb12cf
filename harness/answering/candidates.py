"""Candidate answers in a snippet: names, dates, numbers, lists and short phrases, with what tells whether they are whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.answering.protocol import snippet_text
from harness.answering.question import function_words, stem, weight
from harness.answering.word_classes import CODE, word_class
from harness.records import Snippet
from harness.words.languages import capitalises_nouns, frequency_list, primary
from harness.words.notation.number_words import is_number_word
from harness.words.rarity import zipf
from harness.words.text.normalise import tokenise_spans
from harness.words.text.numbers import NUMBER_WORDS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHAPES: Final = ("name", "phrase", "mixed", "year", "date", "number", "measure", "list")
LONGEST: Final = 8  # words in an answer; lists may be longer
_LONGEST_LIST: Final = 24
_ARTICLES: Final = frozenset({"a", "an", "the", "el", "la", "los", "las", "le", "les", "der", "die", "das"})
_JOINS: Final = frozenset({"and", "or", "y", "e", "o", "et", "ou", "und", "oder"})
_LONGEST_MEMBER: Final = 4
_EVERYDAY: Final = 4.0  # Zipf: alone at the beginning of a sentence, such a word is no name
_LINKS: Final = frozenset(
    {"of", "de", "la", "le", "da", "di", "del", "van", "von", "der", "den", "the", "el", "al", "ibn"}
)
_MONTHS: Final = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
_DATED: Final = frozenset({"century", "centuries", "bc", "ad", "bce", "ce", "early", "late", "mid"}) | _MONTHS
_SEASONS: Final = frozenset({"spring", "summer", "autumn", "winter", "fall"})
_YEAR: Final = re.compile(r"1[0-9]{3}s?|20[0-9]{2}s?")
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’)\]]*\s|[.!?]\[|\n| \| ")
_PLAIN: Final = re.compile(r"[ \-'’.]*|[–—]")  # what may stand between the words of one answer
_COMMA: Final = re.compile(r",\s*")
_OPENING: Final = re.compile(r"[\"“‘«(\[]")
_CLOSING: Final = re.compile(r"[\"”’»)\]]")
_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "no", "mt", "ft", "c", "gen", "rev"}
)

PLAIN, COMMA, SIGN, END = range(4)  # gaps between words


class Unit(NamedTuple):
    """A word as it stands in a snippet, `text[start:end]`, and in normalised form (of a number: its words)."""

    word: str
    start: int
    end: int


class Syntax(NamedTuple):
    """What a spaCy pipeline says of a passage: features of its candidates, the unit that governs each unit (or -1), and the
    unit of each candidate that is governed from outside.
    """

    features: Ints  # [n_candidates, n_features]
    root: Ints  # [n_candidates]
    governor: Ints  # [n_units]


@dataclass(frozen=True, eq=False)
class Passage:
    """A snippet read once: its words, its sentences, and all candidates in it, in the order of their places.

    Arrays of units are [n_units], those of candidates [n_candidates]. `codes` has a class before and after all units, so
    that of unit i is `codes[i + 1]`.
    """

    text: str
    units: Sequence[Unit]
    stems: Sequence[str]
    sentences_with: Mapping[str, Sequence[int]]  # stem -> the sentences that hold it
    sentences: Ints  # of each unit
    edges: Ints  # [n_sentences + 1], the units where sentences begin
    title_units: int
    codes: Ints  # [n_units + 2]
    before: Ints  # [n_units], class of what stands before a unit: a word or a sign
    after: Ints
    weights: Floats  # rarity of each unit
    idle: NDArray[np.bool_]
    first: Ints
    last: Ints
    shape: Ints
    keys: tuple[str, ...]  # the same for all spellings of an answer
    holds: Mapping[str, Sequence[int]]  # key -> the sentences that hold it
    of_sentence: Ints  # [n_sentences + 1], the candidates where sentences begin

    def written(self, candidate: int) -> str:
        """Return a candidate as it stands in the snippet."""
        return self.text[self.units[self.first[candidate]].start : self.units[self.last[candidate]].end]


def read_passage(snippet: Snippet, language: str) -> Passage:
    """Return a snippet's passage, its title before its text."""
    text = snippet_text(snippet)
    units = _units(text, language)
    page = _Page(text, language, units)
    first, last, shape = page.candidates()
    n_title = sum(unit.start < len(text) - len(snippet.text) for unit in units)
    words = [unit.word for unit in units]
    stems = [stem(word) for word in words]
    sentences = np.cumsum(page.gaps == END) - 1 if units else np.zeros(0, np.int64)
    n_sentences = int(sentences[-1]) + 1 if units else 0
    order = np.lexsort((last, first))
    first, last, shape = first[order], last[order], shape[order]
    keys = tuple(
        " ".join([word for word in words[a : b + 1] if word != "'s"])
        for a, b in zip(first.tolist(), last.tolist(), strict=True)
    )
    holds: dict[str, list[int]] = {}
    for key, where in zip(keys, sentences[first].tolist(), strict=True):
        holds.setdefault(key, []).append(where)
    sentences_with: dict[str, list[int]] = {}
    for stem_, where in zip(stems, sentences.tolist(), strict=True):
        held = sentences_with.setdefault(stem_, [])
        if not held or held[-1] != where:
            held.append(where)
    return Passage(
        text=text,
        units=units,
        stems=stems,
        sentences_with=sentences_with,
        sentences=sentences,
        edges=np.searchsorted(sentences, np.arange(n_sentences + 1)),
        title_units=n_title,
        codes=page.codes,
        before=page.before,
        after=page.after,
        weights=np.array([0.0 if idle else weight(w, language) for w, idle in zip(words, page.idle, strict=True)]),
        idle=page.idle,
        first=first,
        last=last,
        shape=shape,
        keys=keys,
        holds=holds,
        of_sentence=np.searchsorted(sentences[first], np.arange(n_sentences + 1)),
    )


def _units(text: str, language: str) -> list[Unit]:
    units: list[Unit] = []
    for token in tokenise_spans(text, language):
        if units and units[-1].start == token.start:  # the words of one number
            units[-1] = Unit(f"{units[-1].word} {token.text}", token.start, token.end)
        else:
            units.append(Unit(token.text, token.start, token.end))
    return units


class _Page:
    """A text in units, and what stands between them."""

    def __init__(self, text: str, language: str, units: Sequence[Unit]) -> None:
        self.text, self.language, self.units = text, language, units
        english, idle = primary(language) == "en", function_words(language)
        words = [unit.word for unit in units]
        self.gaps, before = self._gaps()
        self.idle = np.array([word in idle and not self._is_may(place) for place, word in enumerate(words)], bool)
        capitals = [text[unit.start].isupper() for unit in units]
        alone = [(gap == END or capitalises_nouns(language)) and self._is_everyday(word)
                 for gap, word in zip(self.gaps, words, strict=True)]  # fmt: skip
        self.capitals = np.array(
            [c and not (a and w in idle) for c, a, w in zip(capitals, alone, words, strict=True)], bool
        )
        self.names = self.capitals & ~np.array(alone, bool)
        self.numbers = np.array(
            [text[u.start].isdigit() or self._is_number(u.word) or text[u.end - 1].isdigit() for u in units], bool
        )
        own = [
            word_class(word, bool(name), bool(number), idle, english)
            for word, name, number in zip(words, self.names, self.numbers, strict=True)
        ]
        self.codes = np.array([CODE["text"], *own, CODE["text"]], np.int64)
        self.before = np.where(before[:-1] >= 0, before[:-1], self.codes[:-2]) if units else np.zeros(0, np.int64)
        after = self._after()
        self.after = np.where(after >= 0, after, self.codes[2:]) if units else np.zeros(0, np.int64)

    def _gaps(self) -> tuple[Ints, Ints]:
        """Return the gap before each unit, int64[n_units], and the class of the sign in it or -1, int64[n_units + 1]."""
        gaps, signs = [], []
        for index, unit in enumerate(self.units):
            before = self.units[index - 1] if index else None
            gap = self.text[before.end : unit.start] if before else self.text[: unit.start]
            if gap in (" ", "-") and before is not None:
                gaps.append(PLAIN)
                signs.append(-1)
                continue
            if before is None:
                kind, sign = END, "text"
            elif _PLAIN.fullmatch(gap):
                kind, sign = PLAIN, ""
                if "." in gap and " " in gap and len(before.word) > 1 and before.word not in _ABBREVIATIONS:
                    kind, sign = END, "text"
            elif _COMMA.fullmatch(gap):
                kind, sign = COMMA, "comma"
            elif _SENTENCE_END.search(gap):
                kind, sign = END, "text"
            else:
                kind, sign = SIGN, "sign"
            if kind in (SIGN, END, COMMA) and _OPENING.search(gap.lstrip(")]")):
                sign = "opening" if not _COMMA.match(gap) or kind == SIGN else sign
            gaps.append(kind)
            signs.append(CODE[sign] if sign else -1)
        return np.array(gaps, np.int64), np.array([*signs, CODE["text"]], np.int64)

    def _after(self) -> Ints:
        signs, gaps = [], self.gaps.tolist()
        for index, unit in enumerate(self.units):
            following = self.units[index + 1] if index + 1 < len(self.units) else None
            kind = gaps[index + 1] if following else END
            gap = self.text[unit.end : following.start] if following and kind != PLAIN else ""
            if kind == PLAIN:
                signs.append(-1)
            elif _CLOSING.match(gap):
                signs.append(CODE["closing"])
            elif gap.lstrip().startswith(","):
                signs.append(CODE["comma"])
            else:
                signs.append(CODE["text"] if kind == END else CODE["sign"])
        return np.array(signs, np.int64)

    def candidates(self) -> tuple[Ints, Ints, Ints]:
        """Return first and last units and shapes of all runs of words that could be an answer."""
        n = len(self.units)
        if not n:
            return (np.zeros(0, np.int64),) * 3
        may_end = ~self.idle
        may_start = may_end
        breaks = np.cumsum(self.gaps >= SIGN)
        commas = np.cumsum(self.gaps == COMMA)
        firsts, lasts = [], []
        for length in range(min(LONGEST, n)):
            first = np.arange(n - length)
            last = first + length
            good = may_start[first] & may_end[last] & (breaks[first] == breaks[last])
            good &= commas[last] - commas[first] <= 2
            firsts.append(first[good])
            lasts.append(last[good])
        first, last = np.concatenate(firsts), np.concatenate(lasts)
        shape = self._shapes(first, last)
        lists = self._lists()
        if lists:
            have = {pair: index for index, pair in enumerate(zip(first.tolist(), last.tolist(), strict=True))}
            for pair in lists:
                if pair in have:
                    shape[have[pair]] = SHAPES.index("list")
            more = [pair for pair in lists if pair not in have]
            if more:
                first = np.append(first, [a for a, _ in more])
                last = np.append(last, [b for _, b in more])
                shape = np.append(shape, [SHAPES.index("list")] * len(more))
        return first, last, shape

    def _shapes(self, first: Ints, last: Ints) -> Ints:
        def count(mask: NDArray[np.bool_]) -> Ints:
            sums = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
            return np.asarray(sums[last + 1] - sums[first], np.int64)

        words = [unit.word for unit in self.units]
        years = np.array([bool(_YEAR.fullmatch(self.text[u.start : u.end])) for u in self.units], bool)
        dated = np.array([w in _DATED for w in words], bool) & (
            self.capitals | np.array([w not in ("may", "march") for w in words])
        )
        season = np.array([w in _SEASONS for w in words], bool)
        link = np.array([w in _LINKS or w == "'s" for w in words], bool)
        length = last - first + 1
        n_numbers, n_years, n_dated = count(self.numbers), count(years), count(dated)
        n_other = length - count(self.numbers | years | dated | season | self.idle | self._ordinals())
        all_names = count(self.capitals | link) == length
        lone = (length == 1) & ~self.names[first]
        shape = np.full(len(first), SHAPES.index("mixed"))
        no_capital = count(self.names) == 0
        shape[no_capital | lone] = SHAPES.index("phrase")
        shape[all_names & ~lone] = SHAPES.index("name")
        shape[(n_numbers > 0) & self.numbers[first]] = SHAPES.index("measure")
        shape[(n_numbers > 0) & (n_other == 0)] = SHAPES.index("number")
        shape[(n_years + n_dated > 0) & (n_other == 0)] = SHAPES.index("date")
        shape[(n_years == 1) & (length == 1)] = SHAPES.index("year")
        return shape

    def _ordinals(self) -> NDArray[np.bool_]:
        return np.array(
            [u.word.endswith(("th", "st", "nd", "rd")) and self._is_number(u.word) for u in self.units], bool
        )

    def _lists(self) -> list[tuple[int, int]]:
        """Return the runs that list things: "red, green and blue", "Peru and Chile", around each "and"."""
        lists = []
        for index, unit in enumerate(self.units):
            if unit.word not in _JOINS or not 0 < index < len(self.units) - 1 or self.gaps[index] >= SIGN:
                continue
            right = index + 2 if self.units[index + 1].word in _ARTICLES and index + 2 < len(self.units) else index + 1
            lefts, rights = self._member(index - 1, -1), self._member(right, 1)
            while lefts and (start := self._with_article(lefts[-1])) > 0 and self.gaps[start] == COMMA:
                further = self._member(start - 1, -1)
                if not further or index - further[0] > _LONGEST_LIST:
                    break
                lefts = further
            lists += [(left, end) for left in lefts for end in rights if self.capitals[left] == self.capitals[right]]
        return lists

    def _with_article(self, index: int) -> int:
        """Return the place of the article before a unit, or else that of the unit."""
        before = index > 0 and self.gaps[index] == PLAIN and self.units[index - 1].word in _ARTICLES
        return index - 1 if before else index

    def _member(self, index: int, step: int) -> list[int]:
        """Return the far ends of the runs of content words that begin at `index` and go left or right, shortest first."""
        if self.idle[index] or (step > 0 and self.gaps[index] != PLAIN):
            return []
        ends = [index]
        while len(ends) < _LONGEST_MEMBER:
            at, following = ends[-1], ends[-1] + step
            if not 0 <= following < len(self.units) or self.gaps[max(at, following)] != PLAIN or self.idle[following]:
                break
            ends.append(following)
        return ends

    def _is_number(self, word: str) -> bool:
        parts = word.split()
        if primary(self.language) == "en":
            return bool(parts) and parts[0] in NUMBER_WORDS
        return all(is_number_word(part, self.language) for part in parts)

    def _is_may(self, index: int) -> bool:
        """Return whether a word is the month in "5 May"."""
        unit = self.units[index]
        return (
            index > 0 and self.text[unit.start : unit.end] == "May" and self.text[self.units[index - 1].start].isdigit()
        )

    def _is_everyday(self, word: str) -> bool:
        return frequency_list(self.language) is not None and zipf(word, self.language) >= _EVERYDAY
