"""Versions of a suite that lack its rarest words, with the questions that hold them, and as many questions removed at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np

from harness.records import Zipf
from harness.words.rarity import is_rare, zipf

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS: Final = 10
FEWEST_LEVELS: Final = 8

Word = tuple[Zipf, str, str]  # frequency, a hash that orders words of equal frequency, and the word


@dataclass(frozen=True)
class Levels:
    """A continuum of versions: at level k the `sizes[k]` questions are left that come last in `order`.

    `order` is int64[n_questions], the questions with the rarest words first; `rarest[k]` is the rarest word that is left.
    No level was to have fewer questions than `fewest`.
    """

    fewest: int
    order: NDArray[np.int64]
    sizes: tuple[int, ...]
    rarest: tuple[tuple[str, Zipf] | None, ...]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], language: str, fewest: int, levels: int = LEVELS) -> Levels:
        """Order questions by their rarest word and cut them into batches of about equal size until `fewest` are left.

        Questions with the same rarest word go together, so batches differ a little, and where a word has many questions there
        are fewer levels. Words of equal frequency follow each other in an order without meaning. Numbers are never rare; a
        question of nothing else goes last.
        """
        rarest = [rarest_word(text, language) for text in texts]
        order = sorted(range(len(texts)), key=lambda number: (rarest[number], number))
        cuts = [at for at in range(len(order)) if not at or rarest[order[at]] != rarest[order[at - 1]]]
        left = np.array([len(order) - at for at in cuts])
        targets = np.linspace(len(order), fewest, levels) if len(order) > fewest else np.array([len(order)])
        possible = left[left >= min(fewest, len(order))]
        sizes = sorted({int(possible[np.abs(possible - target).argmin()]) for target in targets}, reverse=True)
        words = [rarest[order[len(order) - size]] for size in sizes]
        return cls(
            fewest,
            np.array(order, dtype=np.int64),
            tuple(sizes),
            tuple((word, frequency) if word else None for frequency, _, word in words),
        )

    def kept(self) -> NDArray[np.bool_]:
        """Return which questions each level keeps: bool[n_levels, n_questions]."""
        return self.kept_by(self.order[None, :])[:, 0]

    def random_orders(self, n_orders: int, seed: int) -> NDArray[np.int64]:
        """Return orders in which questions are removed at random: int64[n_orders, n_questions]."""
        orders = np.tile(np.arange(len(self.order)), (n_orders, 1))
        return np.random.default_rng(seed).permuted(orders, axis=1)

    def kept_by(self, orders: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which questions every level of each order keeps, as many as here: bool[n_levels, n_orders, n_questions]."""
        places = orders.argsort(axis=1)
        first_kept = len(self.order) - np.array(self.sizes)
        kept: NDArray[np.bool_] = places[None, :, :] >= first_kept[:, None, None]
        return kept


def rarest_word(text: Sequence[str], language: str) -> Word:
    """Return the rarest word of a normalised text; one that is infinitely frequent where it has numbers only."""
    words = [(zipf(word, language), _hash(word), word) for word in set(text) if is_rare(word, language, inf)]
    return min(words, default=(inf, "", ""))


def _hash(word: str) -> str:
    return sha256(word.encode()).hexdigest()
