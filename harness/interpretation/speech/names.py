"""The names of a lexicon in streams of phones, without words: where each sounds best, and how well.

A name is laid over every stretch of the stream (Sellers, J. Algorithms, 1980): what stands before and after it costs nothing,
and phones that differ cost as `words.sounds.phones` prices them. The score is what is left of the name's phones,
(phones - cost) / (phones + 4): a short name is alike some stretch of any stream by chance, so that four phones more would have
to be alike. Of 1,000 recordings of `standard`, the name with the best score is the right one for 416; for 293 without the
four, for 390 and 401 with two and eight.
"""

from __future__ import annotations

from collections.abc import Sequence
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
_LATER = 1e-7  # far below the difference of any two costs
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
        costs = table.costs(stream)
        scores = table.scores(costs)
        by_size = [_best(scores, places, lexicon.reach(size)) for size in sizes]
        named = sorted({at for best in by_size for at in best})
        where = dict(zip(named, table.stretches(named, stream, costs), strict=True))
        for column, best in zip(slots, by_size, strict=True):
            column.append(without_overlaps([Mention(*where[at], places[at], float(scores[at])) for at in best]))
    return slots


def _best(scores: NDArray[np.float64], places: Sequence[int], reach: int) -> list[int]:
    """Return the entries with the best scores, the first of equals, among names before `reach`."""
    import numpy as np

    within = np.where(np.array(places, np.int64) < reach, scores, 0.0)
    order = (-within).argsort(kind="stable")[:_MOST]
    return [at for at in order.tolist() if within[at] >= LOWEST_SCORE]


class Lexemes:
    """Names as phones, laid over one stream after the other, all of them at once. A name without phones scores 0."""

    def __init__(self, names: Sequence[Stream]) -> None:
        import numpy as np

        known = sorted(PHONES)
        self._numbers = {phone: number for number, phone in enumerate(known)}
        self._lengths = np.array([len(name) for name in names], np.int64)  # [n_names]
        self._phones = np.full((len(names), int(self._lengths.max(initial=0))), len(known), np.int64)
        for row, name in enumerate(names):
            self._phones[row, : len(name)] = [self._number(phone) for phone in name]
        self._longest_first = (-self._lengths).argsort(kind="stable")
        self._prices = np.ones((len(known) + 1, len(known) + 1))  # the last: a character that is no phone
        self._prices[:-1, :-1] = [[substitution_cost(a, b) for b in known] for a in known]

    def _number(self, phone: str) -> int:
        return self._numbers.get(phone, len(self._numbers))

    def scores(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of every name from its costs, float64[n_names]; from 0 to under 1."""
        scores: NDArray[np.float64] = (self._lengths - costs) / (self._lengths + _MORE_PHONES)
        return scores

    def costs(self, stream: Stream) -> NDArray[np.float64]:
        """Return what every name costs at its best stretch of the stream, at most its phones, float64[n_names]."""
        import numpy as np

        costs = np.zeros(len(self._lengths))
        costs[self._longest_first] = self._ending(self._longest_first, stream).min(axis=1)
        return costs

    def stretches(self, names: Sequence[int], stream: Stream, costs: NDArray[np.float64]) -> list[tuple[int, int]]:
        """Return where each name costs as little, a half-open range of phones: of several the last to begin, then the first
        to end.
        """
        import numpy as np

        order = sorted(names, key=lambda at: -int(self._lengths[at]))
        values = self._ending(np.array(order, np.int64), stream, _LATER)
        ends = values.argmin(axis=1)
        starts = (costs[order] - values.min(axis=1)) / _LATER
        where = dict(zip(order, zip(starts.round().astype(int).tolist(), ends.tolist(), strict=True), strict=True))
        return [where[at] for at in names]

    def _ending(self, order: NDArray[np.int64], stream: Stream, later: float = 0.0) -> NDArray[np.float64]:
        """Return what names cost that end before each phone of the stream, less `later` for each phone before their beginning.

        `order` are names, the longest first. float64[n_names, n_phones + 1]
        """
        import numpy as np

        phones, lengths = self._phones[order], self._lengths[order]
        prices = self._prices[:, [self._number(phone) for phone in stream]]  # of each phone at each place of the stream
        steps = np.arange(len(stream) + 1)
        costs = np.tile(-later * steps, (len(order), 1))
        for row in range(int(lengths.max(initial=0))):
            n_names = int(np.searchsorted(-lengths, -row, side="left"))  # those that have a phone here
            left_out = costs[:n_names] + 1.0
            np.minimum(left_out[:, 1:], costs[:n_names, :-1] + prices[phones[:n_names, row]], out=left_out[:, 1:])
            costs[:n_names] = np.minimum.accumulate(left_out - steps, axis=1) + steps  # phones that the name lacks
        return costs
