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
        moves = self._moves(hypothesis, costs)
        steps: list[tuple[Place | None, int | None]] = []  # what stands side by side, from the last to the first
        at, column = moves.end, len(hypothesis)
        while at >= 0 or column:
            previous, earlier = int(moves.place[at + 1, column]), int(moves.column[at + 1, column])
            steps.append((self.places[at] if previous != at else None, earlier if earlier != column else None))
            at, column = previous, earlier
        return _words_and_errors(steps[::-1], hypothesis)

    def _moves(self, hypothesis: Sequence[str], costs: Costs) -> _Moves:
        n_columns = len(hypothesis) + 1
        price = np.zeros((len(self.places) + 1, n_columns), np.float32)  # row 0 is the beginning
        moves = _Moves(np.full(price.shape, -1, np.int32), np.zeros(price.shape, np.int32))
        insertion = float(costs.insertion)
        for column in range(1, n_columns):
            price[0, column] = price[0, column - 1] + insertion
            moves.column[0, column] = column - 1
        for index, place in enumerate(self.places):
            rows = np.array(place.before) + 1
            cheapest = price[rows].argmin(axis=0)  # the first of equals
            before = rows[cheapest]
            reached = price[before, np.arange(n_columns)]
            deleted = (reached + _deletion(place, costs)).tolist()
            replaced = (reached[:-1] + _replacement(place, hypothesis, costs)).tolist()
            before -= 1
            row = [deleted[0]]
            from_place, from_column = [int(before[0])], [0]
            for column in range(1, n_columns):
                inserted = float(np.float32(row[-1] + insertion))
                best = min(inserted, deleted[column], replaced[column - 1])
                row.append(best)
                if best == replaced[column - 1]:
                    from_place.append(int(before[column - 1]))
                    from_column.append(column - 1)
                elif best == inserted:
                    from_place.append(index)
                    from_column.append(column - 1)
                else:
                    from_place.append(int(before[column]))
                    from_column.append(column)
            price[index + 1], moves.place[index + 1], moves.column[index + 1] = row, from_place, from_column
        moves.end = min(self.ends, key=lambda end: price[end + 1, -1])
        return moves


@dataclass(slots=True)
class _Moves:
    """Where the best way to each place and hypothesis word comes from: int32[n_places + 1, n_hypothesis + 1] both."""

    place: NDArray[np.int32]
    column: NDArray[np.int32]
    end: int = -1


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
