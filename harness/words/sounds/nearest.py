"""The names nearest in sound to runs of words, among thousands: distances of many pairs at once.

First the nearest by phones as mere symbols (Levenshtein's distance, in C++), then those few by `phone_distance`'s prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.words.sounds.phones import phones, substitution_cost
from harness.words.sounds.pronunciation import read_ahead

Run = tuple[str, ...]  # normalised words

_AT_ONCE: Final = 128  # runs compared with all names: 4 bytes for each pair
_KEPT: Final = 12  # names that are looked at again for each run
_FIRST_SYMBOL: Final = 0xE000  # a phone becomes one character of the private use area


class Neighbour(NamedTuple):
    """The nearest name to a run of words, and its `phone_distance`."""

    name: Run
    distance: float


class NearestNames:
    """Names, each a run of normalised words of one language, that runs of words are compared with.

    Of several equally near ones the first is taken, so their order is the order of preference.
    """

    def __init__(self, names: Sequence[Run], language: str) -> None:
        self._language = language
        self._numbers: dict[str, int] = {}  # of phones, as they come
        read_ahead(chain.from_iterable(names), language)
        self._names = [name for name in names if self._phones(name)]
        self._sounds = [self._phones(name) for name in self._names]
        self._written = [self._symbols(sounds) for sounds in self._sounds]
        self._known: dict[Run, Neighbour | None] = {}

    def nearest(self, runs: Iterable[Run]) -> dict[Run, Neighbour]:
        """Return the nearest name of each run; a run without any phone has none."""
        asked = list(dict.fromkeys(runs))
        missing = [run for run in asked if run not in self._known]
        read_ahead(chain.from_iterable(missing), self._language)
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            self._known |= dict(zip(part, self._compared(part), strict=True))
        return {run: neighbour for run in asked if (neighbour := self._known[run]) is not None}

    def _phones(self, run: Run) -> tuple[str, ...]:
        return tuple(chain.from_iterable(phones(word, self._language) for word in run))

    def _symbols(self, sounds: Sequence[str]) -> str:
        return "".join(chr(_FIRST_SYMBOL + self._numbers.setdefault(phone, len(self._numbers))) for phone in sounds)

    def _compared(self, runs: Sequence[Run]) -> list[Neighbour | None]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        sounds = [self._phones(run) for run in runs]
        if not self._names or not runs:
            return [None] * len(runs)
        rough = cdist(
            [self._symbols(one) for one in sounds],
            self._written,
            scorer=Levenshtein.normalized_distance,
            dtype=np.float32,
        )
        n_kept = min(_KEPT, len(self._names))
        kept = np.sort(np.argpartition(rough, n_kept - 1, axis=1)[:, :n_kept], axis=1)  # (n_runs, n_kept)
        pairs = [
            (one, self._sounds[place]) for one, places in zip(sounds, kept.tolist(), strict=True) for place in places
        ]
        distances = many_distances(pairs).reshape(kept.shape)
        best = distances.argmin(axis=1)
        return [
            Neighbour(self._names[kept[row, column]], float(distances[row, column])) if sounds[row] else None
            for row, column in enumerate(best.tolist())
        ]


def many_distances(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.float64]:
    """Return what `phone_distance` returns for the words of each pair, given as phones: float64[n_pairs].

    Wagner & Fischer row by row for all pairs at once. An insertion costs 1 at each step, so the least over all cells to the
    left is a running minimum.
    """
    if not pairs:
        return np.zeros(0)
    numbers: dict[str, int] = {}
    rows, columns = (_padded([pair[side] for pair in pairs], numbers) for side in (0, 1))
    costs = np.zeros((len(numbers) + 1, len(numbers) + 1))
    for phone, number in numbers.items():
        for other, column in numbers.items():
            costs[number, column] = substitution_cost(phone, other)
    n_rows, n_columns = (np.array([len(pair[side]) for pair in pairs]) for side in (0, 1))
    steps = np.arange(columns.shape[1] + 1, dtype=np.float64)
    above = np.tile(steps, (len(pairs), 1))  # (n_pairs, n_columns + 1)
    last = above[np.arange(len(pairs)), n_columns]
    for row in range(rows.shape[1]):
        cells = above + 1.0
        exchanged = above[:, :-1] + costs[rows[:, row, None], columns]
        np.minimum(cells[:, 1:], exchanged, out=cells[:, 1:])
        cells = np.minimum.accumulate(cells - steps, axis=1) + steps
        ends = n_rows == row + 1
        last[ends] = cells[ends, n_columns[ends]]
        above = cells
    longer = np.maximum(n_rows, n_columns)
    distances: NDArray[np.float64] = np.divide(last, longer, out=np.zeros(len(pairs)), where=longer > 0)
    return distances


def _padded(texts: Sequence[Sequence[str]], numbers: dict[str, int]) -> NDArray[np.int64]:
    """Return the phones of texts by number, from 1 on, with 0 behind the shorter ones: int64[n_texts, longest]."""
    padded = np.zeros((len(texts), max(map(len, texts))), np.int64)
    for row, text in enumerate(texts):
        padded[row, : len(text)] = [numbers.setdefault(phone, len(numbers) + 1) for phone in text]
    return padded
