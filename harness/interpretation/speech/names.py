"""The names of a lexicon in streams of phones, without words: where each sounds best, and how well.

A name is laid over every stretch of the stream (Sellers, J. Algorithms, 1980): what stands before and after it costs nothing,
and phones that differ cost as `words.sounds.phones` prices them. The score is what is left of the name's phones,
(phones - cost) / (phones + 4): a short name is alike some stretch of any stream by chance, so that four phones more would have
to be alike. Of 1,000 recordings of `standard`, the name with the best score is the right one for 416; for 293 without the
four, for 390 and 401 with two and eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from harness.interpretation.slots.lexicon import Lexicon
from harness.interpretation.slots.protocol import Mention, Slots, without_overlaps
from harness.words.sounds.phones import PHONES, phones, substitution_cost
from harness.words.sounds.pronunciation import read_ahead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOWEST_SCORE = 0.2  # what scores less is no mention
_MORE_PHONES = 4
_MOST = 10  # names of a stream that may be its slots, those with the best scores
Stream = Sequence[str]


def names_in_phones(
    streams: Sequence[Stream], lexicon: Lexicon, sizes: Sequence[int], language: str
) -> list[list[Slots]]:
    """Return for each size, a number of distractors, the possible slots of each stream; the best first."""
    entries = lexicon.entries()
    read_ahead({word for name, _ in entries for word in name}, language)
    sounds = [tuple(chain.from_iterable(phones(word, language) for word in name)) for name, _ in entries]
    places = [place for _, place in entries]
    table = Lexemes(sounds)
    slots: list[list[Slots]] = [[] for _ in sizes]
    for stream in streams:
        scores = table.scores(stream)
        where = cache(lambda at, stream=stream: best_stretch(sounds[at], stream))  # asked for once for all sizes
        for column, size in zip(slots, sizes, strict=True):
            best = _best(scores, places, lexicon.reach(size))
            mentions = [Mention(*where(at), places[at], float(scores[at])) for at in best]
            column.append(without_overlaps(mentions))
    return slots


def _best(scores: NDArray[np.float64], places: Sequence[int], reach: int) -> list[int]:
    """Return the entries with the best scores, the first of equals, among names before `reach`."""
    import numpy as np

    within = np.where(np.array(places, np.int64) < reach, scores, 0.0)
    order = (-within).argsort(kind="stable")[:_MOST]
    return [at for at in order.tolist() if within[at] >= LOWEST_SCORE]


class Lexemes:
    """Names as phones, laid over one stream after the other, all of them at once. A name without phones is like nothing."""

    def __init__(self, names: Sequence[Stream]) -> None:
        import numpy as np

        self._numbers = {phone: number for number, phone in enumerate(sorted(PHONES))}
        self._lengths = np.array([len(name) for name in names], np.int64)  # [n_names]
        self._order = (-self._lengths).argsort(kind="stable")  # the longest first
        longest = int(self._lengths.max(initial=0))
        self._phones = np.full((len(names), longest), len(self._numbers), np.int64)  # by `_order`
        for row, at in enumerate(self._order.tolist()):
            self._phones[row, : len(names[at])] = [self._number(phone) for phone in names[at]]
        known = sorted(self._numbers, key=self._numbers.__getitem__)
        self._costs = np.ones((len(known) + 1, len(known) + 1))  # the last: a character that is no phone
        self._costs[: len(known), : len(known)] = [[substitution_cost(a, b) for b in known] for a in known]

    def _number(self, phone: str) -> int:
        return self._numbers.get(phone, len(self._numbers))

    def scores(self, stream: Stream) -> NDArray[np.float64]:
        """Return the score of every name at its best stretch of the stream, float64[n_names]; from 0 to under 1."""
        costs = self.costs(stream)
        scores: NDArray[np.float64] = (self._lengths - costs) / (self._lengths + _MORE_PHONES)
        return scores

    def costs(self, stream: Stream) -> NDArray[np.float64]:
        """Return what every name costs at its best stretch of the stream, at most its phones, float64[n_names]."""
        import numpy as np

        costs = np.zeros(len(self._lengths))
        columns = np.array([self._number(phone) for phone in stream], np.int64)
        steps = np.arange(len(columns) + 1)
        lengths = self._lengths[self._order]
        above = np.zeros(
            (len(lengths), len(columns) + 1)
        )  # costs of the phones so far, ending before each of the stream's
        for row in range(self._phones.shape[1]):
            n_names = int(np.searchsorted(-lengths, -row, side="left"))  # those that have a phone here
            exchanged = above[:n_names, :-1] + self._costs[self._phones[:n_names, row][:, None], columns[None, :]]
            current = above[:n_names] + 1.0
            np.minimum(current[:, 1:], exchanged, out=current[:, 1:])
            above[:n_names] = np.minimum.accumulate(current - steps, axis=1) + steps  # phones that the name lacks
        costs[self._order] = above.min(axis=1)
        return costs


def best_stretch(name: Stream, stream: Stream) -> tuple[int, int]:
    """Return where a name sounds best, a half-open range of phones: of equal ones the first to end, and the shortest."""
    # The cost so far, and where it begins: less is better, and then the later start, which is counted negatively.
    above: list[tuple[float, int]] = [(0.0, -start) for start in range(len(stream) + 1)]
    for phone in name:
        current = [_dearer(above[0], 1)]
        for column, other in enumerate(stream):
            exchanged = _dearer(above[column], substitution_cost(phone, other))
            current.append(min(exchanged, _dearer(above[column + 1], 1), _dearer(current[column], 1)))
        above = current
    end = min(range(len(above)), key=lambda column: (round(above[column][0], 9), column))
    return -above[end][1], end


def _dearer(path: tuple[float, int], cost: float) -> tuple[float, int]:
    return path[0] + cost, path[1]
