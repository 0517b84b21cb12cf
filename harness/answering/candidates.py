"""Candidate answers in sentences: names, dates, numbers, lists and short phrases, with what tells whether they are whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from harness.answering.passage import (
    COMMA,
    JOINED,
    PLAIN,
    SIGN,
    Bools,
    Facts,
    Floats,
    Ints,
    Passage,
    facts,
    without_possessive,
)
from harness.answering.word_classes import CODE
from harness.words.languages import capitalises_nouns

SHAPES: Final = ("name", "phrase", "mixed", "year", "date", "number", "measure", "list")
LONGEST: Final = 8  # words in an answer; lists may be longer
_LONGEST_LIST: Final = 24
_ARTICLES: Final = frozenset({"a", "an", "the", "el", "la", "los", "las", "le", "les", "der", "die", "das"})
_JOINS: Final = frozenset({"and", "or", "y", "e", "o", "et", "ou", "und", "oder"})
_LONGEST_MEMBER: Final = 4
_LINKS: Final = frozenset(
    {"of", "de", "la", "le", "da", "di", "del", "van", "von", "der", "den", "the", "el", "al", "ibn", "'s"}
)
_MONTHS: Final = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
_DATED: Final = frozenset({"century", "centuries", "bc", "ad", "bce", "ce", "early", "late", "mid"}) | _MONTHS
_ALSO_VERBS: Final = frozenset({"may", "march"})
_SEASONS: Final = frozenset({"spring", "summer", "autumn", "winter", "fall"})
_YEAR: Final = re.compile(r"1[0-9]{3}s?|20[0-9]{2}s?")


@dataclass(frozen=True, eq=False)
class Part:
    """A sentence with its candidates, in the order of their places. Arrays of units are [n_units], those of candidates
    [n_candidates]; `first` and `last` count from the beginning of the sentence. `words` are the candidates as a line of a
    passage would hold them, `keys` the same for all spellings of an answer. `before` and `after` are the class of what stands
    there: a word or a sign.
    """

    codes: Ints
    before: Ints
    after: Ints
    weights: Floats  # rarity of each unit
    idle: Bools
    first: Ints
    last: Ints
    shape: Ints
    keys: Sequence[str]
    words: Sequence[str]


def read_parts(wanted: Sequence[tuple[Passage, int]], language: str, classes: bool) -> list[Part]:
    """Return sentences of passages with their candidates, `classes` with the classes of English words. Those that were read
    before are not read again.
    """
    new = [(passage, sentence) for passage, sentence in wanted if sentence not in passage.parts]
    if new:
        for (passage, sentence), part in zip(new, _Page(new, language, classes).parts(), strict=True):
            passage.parts[sentence] = part
    return [passage.parts[sentence] for passage, sentence in wanted]


class _Page:
    """Sentences side by side, as arrays over all their units."""

    def __init__(self, sentences: Sequence[tuple[Passage, int]], language: str, classes: bool) -> None:
        self.language = language
        self.words: list[str] = []
        self.surfaces: list[str] = []
        gaps: list[int] = []
        before: list[int] = []
        after: list[int] = []
        self.edges = [0]
        for passage, sentence in sentences:
            start, stop = passage.edges[sentence : sentence + 2]
            for word, begin, end in passage.units[start:stop]:
                self.words.append(word)
                self.surfaces.append(passage.text[begin:end])
            gaps += passage.gaps[start:stop]
            before += passage.before[start:stop]
            after += passage.after[start:stop]
            self.edges.append(len(self.words))
        self.gaps = np.array(gaps, np.int64)
        self.known = [facts(word, language, classes) for word in self.words]
        known = self.known
        self._read_words(known)
        self.weights = np.where(self.idle, 0.0, np.array([one.weight for one in known]))
        self.codes = self._codes(known)
        self.before, self.after = np.array(before, np.int64), np.array(after, np.int64)
        signs = self.before < 0
        self.before[signs] = np.append(0, self.codes[:-1])[signs]
        signs = self.after < 0
        self.after[signs] = np.append(self.codes[1:], 0)[signs]

    def _read_words(self, known: Sequence[Facts]) -> None:
        starts = np.zeros(len(known), bool)
        starts[self.edges[:-1]] = True
        may = [surface == "May" for surface in self.surfaces]
        digits = np.array([surface[0].isdigit() for surface in self.surfaces])
        after, before = np.append(False, digits[:-1]) & ~starts, np.append(digits[1:] & ~starts[1:], False)
        is_may = np.array(may) & (after | before)  # the month of "5 May" and "May 5"
        self.idle = np.array([one.idle for one in known]) & ~is_may
        upper = np.array([surface[0].isupper() for surface in self.surfaces])
        everyday = np.array([one.everyday for one in known])
        alone = everyday if capitalises_nouns(self.language) else everyday & starts
        self.capitals = upper & ~(alone & np.array([one.idle for one in known]))
        self.names = self.capitals & ~alone
        self.numbers = (
            digits
            | np.array([one.number for one in known])
            | np.array([surface[-1].isdigit() for surface in self.surfaces])
        )

    def _codes(self, known: Sequence[Facts]) -> Ints:
        as_name = np.array([one.name for one in known], np.int64)
        plain = np.array([one.plain for one in known], np.int64)
        return np.where(self.numbers, CODE["number"], np.where(self.names, as_name, plain))

    def parts(self) -> list[Part]:
        """Return the sentences with their candidates."""
        first, last, shape = self._candidates()
        order = np.lexsort((last, first))
        first, last, shape = first[order], last[order], shape[order]
        joined = [word.replace(" ", JOINED) for word in self.words]
        words = [
            " ".join(without_possessive(joined[a : b + 1])) for a, b in zip(first.tolist(), last.tolist(), strict=True)
        ]
        keys = [word.replace(JOINED, " ") for word in words]
        bounds = np.searchsorted(first, self.edges).tolist()
        return [
            Part(
                self.codes[start:stop],
                self.before[start:stop],
                self.after[start:stop],
                self.weights[start:stop],
                self.idle[start:stop],
                first[low:high] - start,
                last[low:high] - start,
                shape[low:high],
                keys[low:high],
                words[low:high],
            )
            for (start, stop), (low, high) in zip(pairwise(self.edges), pairwise(bounds), strict=True)
        ]

    def _candidates(self) -> tuple[Ints, Ints, Ints]:
        """Return first and last units and shapes of all runs of words that could be an answer."""
        n = len(self.words)
        edge = ~self.idle
        breaks, commas = np.cumsum(self.gaps >= SIGN), np.cumsum(self.gaps == COMMA)
        first = np.repeat(np.arange(n), LONGEST)
        last = first + np.tile(np.arange(LONGEST), n)
        inside = last < n
        first, last = first[inside], last[inside]
        good = edge[first] & edge[last] & (breaks[first] == breaks[last]) & (commas[last] - commas[first] <= 2)
        first, last = first[good], last[good]
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
        words, n = self.words, len(self.words)
        years = np.array([bool(_YEAR.fullmatch(surface)) for surface in self.surfaces])
        months = np.array([word in _DATED and word not in _ALSO_VERBS for word in words])
        dated = months | (np.array([word in _ALSO_VERBS for word in words]) & self.capitals)
        season = np.array([word in _SEASONS for word in words])
        link = np.array([word in _LINKS for word in words])
        ordinal = np.array([one.ordinal for one in self.known])
        masks = np.stack([
            self.numbers, years, dated, self.capitals | link, self.names,
            ~(self.numbers | years | dated | season | self.idle | ordinal),
        ])  # fmt: skip
        sums = np.zeros((len(masks), n + 1), np.int64)
        np.cumsum(masks, axis=1, out=sums[:, 1:])
        n_numbers, n_years, n_dated, n_capitals, n_names, n_other = sums[:, last + 1] - sums[:, first]
        length = last - first + 1
        lone = (length == 1) & ~self.names[first]
        shape = np.full(len(first), SHAPES.index("mixed"))
        shape[(n_names == 0) | lone] = SHAPES.index("phrase")
        shape[(n_capitals == length) & ~lone] = SHAPES.index("name")
        shape[(n_numbers > 0) & self.numbers[first]] = SHAPES.index("measure")
        shape[(n_numbers > 0) & (n_other == 0)] = SHAPES.index("number")
        shape[(n_years + n_dated > 0) & (n_other == 0)] = SHAPES.index("date")
        shape[(n_years == 1) & (length == 1)] = SHAPES.index("year")
        return shape

    def _lists(self) -> list[tuple[int, int]]:
        """Return the runs that list things: "red, green and blue", "Peru and Chile", around each "and"."""
        lists = []
        for index, word in enumerate(self.words):
            if word not in _JOINS or not 0 < index < len(self.words) - 1:
                continue
            if self.gaps[index] >= SIGN or self.gaps[index + 1] >= SIGN:
                continue
            right = index + 2 if self.words[index + 1] in _ARTICLES and index + 2 < len(self.words) else index + 1
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
        before = index > 0 and self.gaps[index] == PLAIN and self.words[index - 1] in _ARTICLES
        return index - 1 if before else index

    def _member(self, index: int, step: int) -> list[int]:
        """Return the far ends of the runs of content words that begin at `index` and go left or right, shortest first."""
        if self.idle[index] or (step > 0 and self.gaps[index] != PLAIN):
            return []
        ends = [index]
        while len(ends) < _LONGEST_MEMBER:
            at, following = ends[-1], ends[-1] + step
            if not 0 <= following < len(self.words) or self.gaps[max(at, following)] != PLAIN or self.idle[following]:
                break
            ends.append(following)
        return ends
