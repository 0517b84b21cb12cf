"""References that leave a choice of words, and the choice that fits a hypothesis best, as sclite makes it.

A network is a list of places for words; each knows which places may come before it. What is aligned with a hypothesis is
one way through, the cheapest: errors cost as `Costs` says, passing a place without a word next to nothing. Everything is
counted in single precision and ties are broken as in SCTK's `net_dp.c`, because on references with many empty places the
rounding decides: of 3,000 random ones, two were counted otherwise in whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.words.align import Costs
from harness.words.weighted import Edit

_MANY_CELLS = 1_000_000  # 1,000 words a side, which take a second one by one
Prices = NDArray[np.float32]
_PASSING = np.float32(0.001)  # a place without a word; an optional word where `Costs` gives its deletion no price


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a network.

    word: `None` where the reference has no word.
    optional: whether the word counts as right where the hypothesis lacks it.
    before: indexes of the places that may come before, smaller than its own; -1 is the beginning.
    """

    word: str | None
    optional: bool
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordNetwork:
    """All texts that a reference allows. `ends` are the places that may be last; (-1,) if there is none at all."""

    places: tuple[Place, ...]
    ends: tuple[int, ...]

    def __iter__(self) -> Iterator[str]:
        """Yield every word that any of the texts has."""
        return (place.word for place in self.places if place.word is not None)

    def align(self, hypothesis: Sequence[str], costs: Costs) -> tuple[list[str], list[Edit]]:
        """Return the words of the best way through and the errors against it, as `align.edits` gives them.

        An optional word that the hypothesis lacks is among the words and not among the errors.
        """
        prices = self._prices(hypothesis, costs)
        steps: list[tuple[Place | None, int | None]] = []  # what stands side by side, from the last to the first
        at, column = min(self.ends, key=lambda end: prices[end + 1, -1]), len(hypothesis)
        while at >= 0 or column:
            previous, earlier = self._back(prices, at, column, hypothesis, costs)
            steps.append((self.places[at] if previous != at else None, earlier if earlier != column else None))
            at, column = previous, earlier
        return _words_and_errors(steps[::-1], hypothesis)

    def _prices(self, hypothesis: Sequence[str], costs: Costs) -> Prices:
        """Return the least price at which each place is reached with each part of the hypothesis behind it.

        float32[n_places + 1, n_hypothesis + 1]; row 0 is the beginning.
        """
        prices = np.zeros((len(self.places) + 1, len(hypothesis) + 1), np.float32)
        with_insertions = _with_insertions if prices.size <= _MANY_CELLS else _with_insertions_at_once
        prices[0, 1:] = np.inf
        prices[0] = with_insertions(prices[0], costs.insertion)
        for index, place in enumerate(self.places):
            reached = prices[_rows(place)].min(axis=0)
            row = reached + _deletion(place, costs)
            np.minimum(row[1:], reached[:-1] + _replacement(place, hypothesis, costs), out=row[1:])
            prices[index + 1] = with_insertions(row, costs.insertion)
        return prices

    def _back(self, prices: Prices, at: int, column: int, hypothesis: Sequence[str], costs: Costs) -> tuple[int, int]:
        """Return the place and the column from where a cell is reached: by a match or substitution, else an insertion."""
        if at < 0:
            return at, column - 1
        place, price, rows = self.places[at], prices[at + 1, column], _rows(self.places[at])
        above = int(prices[rows, column].argmin())  # the first of equals
        if not column:
            return place.before[above], column
        beside = int(prices[rows, column - 1].argmin())
        (replacement,) = _replacement(place, hypothesis[column - 1 : column], costs)
        if prices[rows[beside], column - 1] + replacement == price:
            return place.before[beside], column - 1
        inserted = prices[at + 1, column - 1] + np.float32(costs.insertion)
        if inserted == price or prices[rows[above], column] + _deletion(place, costs) != price:
            return at, column - 1
        return place.before[above], column


def _rows(place: Place) -> list[int]:
    return [index + 1 for index in place.before]


def _with_insertions(row: NDArray[np.float32], insertion: int) -> NDArray[np.float32]:
    """Return a row of cells where each may also be reached from the one to its left."""
    cells: list[float] = row.tolist()
    for column in range(1, len(cells)):
        inserted = float(np.float32(cells[column - 1] + insertion))
        cells[column] = min(cells[column], inserted)
    return np.array(cells, np.float32)


def _with_insertions_at_once(row: NDArray[np.float32], insertion: int) -> NDArray[np.float32]:
    """Return the same in NumPy. Sums are not rounded at each step, so that among very many a tie may fall otherwise."""
    margin = np.arange(len(row)) * float(insertion)
    cells = np.minimum.accumulate(row - margin) + margin
    return np.asarray(cells, np.float32)


def _deletion(place: Place, costs: Costs) -> np.float32:
    if place.word is None:
        return _PASSING
    if place.optional:
        return np.float32(costs.optional_deletion) or _PASSING
    return np.float32(costs.deletion)


def _replacement(place: Place, hypothesis: Sequence[str], costs: Costs) -> NDArray[np.float32]:
    if place.word is None:  # a word beside no word is an insertion
        return np.full(len(hypothesis), np.inf, np.float32)
    return np.array([0 if word == place.word else costs.substitution for word in hypothesis], np.float32)


def _words_and_errors(
    steps: Sequence[tuple[Place | None, int | None]], hypothesis: Sequence[str]
) -> tuple[list[str], list[Edit]]:
    words: list[str] = []
    errors: list[Edit] = []
    n_aligned = 0
    for place, column in steps:
        word = place.word if place is not None else None
        if column is not None:
            n_aligned = column + 1
            if word is None:
                errors.append(("insertion", len(words), column))
            elif word != hypothesis[column]:
                errors.append(("substitution", len(words), column))
        elif word is not None and place is not None and not place.optional:
            errors.append(("deletion", len(words), n_aligned))
        if word is not None:
            words.append(word)
    return words, errors
