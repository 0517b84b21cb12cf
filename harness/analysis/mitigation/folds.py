"""Nested cross-validation over questions: every fold is judged at a setting that the other folds chose.

A repair that learns is taught for each fold by the others; to choose its setting it is taught without one more of them, by which
it is then chosen. Other repairs learn nothing, so what the other folds together say of a setting is all there is to choose by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from harness.analysis.mitigation.bench import Bench, Layer, Layers, Tried
from harness.mitigation.protocol import Example, Learning, Repair, Setting

N_FOLDS: Final = 5
_DRAW: Final = 17  # beside the seed, so that folds are drawn apart from anything else


def question_folds(question_ids: Iterable[str], seed: int, n_folds: int = N_FOLDS) -> dict[str, int]:
    """Return the fold of each question, from 0: all recordings of a question are in one. Folds differ by one question at most.

    The order of the questions does not matter. There are no more folds than questions.
    """
    ordered = sorted(set(question_ids))
    order = np.random.default_rng([_DRAW, seed]).permutation(len(ordered))
    n = max(1, min(n_folds, len(ordered)))
    return {ordered[place]: position % n for position, place in enumerate(order.tolist())}


@dataclass(frozen=True)
class Cell:
    """One backend's transcripts under one condition: places in a bench of its recordings, and of the reference texts of their
    questions.
    """

    hypotheses: Sequence[int]
    references: Sequence[int]
    texts: Mapping[str, str]  # the reference by question


@dataclass(frozen=True)
class Chosen:
    """A repair in each fold: the layers there, and what became of the texts of a cell."""

    layers: Sequence[Layers]  # by fold
    hypotheses: Sequence[Tried]
    references: Sequence[Tried]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The setting of each fold."""
        return tuple(layers[0].setting for layers in self.layers)


UNREPAIRED: Final[Layers] = ()


class Choice:
    """Chooses settings on the texts of one cell. `folds` is by question."""

    def __init__(self, bench: Bench, cell: Cell, folds: Mapping[str, int]) -> None:
        self._bench, self._cell, self._folds = bench, cell, folds
        self.n_folds = max(folds.values(), default=0) + 1
        self._taught: dict[tuple[int, frozenset[int]], Repair] = {}

    def unrepaired(self) -> Chosen:
        """Return what becomes of the texts as they are."""
        return self._of([UNREPAIRED] * self.n_folds)

    def chosen(self, repair: Repair, below: Sequence[Layers] | None = None) -> Chosen:
        """Return the repair with the setting that each fold's other folds choose, on top of `below`, the layers of each fold."""
        under = below or [UNREPAIRED] * self.n_folds
        return self._of([self._layers(repair, fold, under[fold]) for fold in range(self.n_folds)])

    def _of(self, layers: Sequence[Layers]) -> Chosen:
        return Chosen(
            layers,
            self._by_fold(self._cell.hypotheses, lambda fold: layers[fold]),
            self._by_fold(self._cell.references, lambda fold: layers[fold]),
        )

    def _by_fold(self, indices: Sequence[int], layers: Callable[[int], Layers]) -> list[Tried]:
        """Return what becomes of each text in its fold, in the order of `indices`."""
        tried: dict[int, Tried] = {}
        for fold in range(self.n_folds):
            own = self._within(indices, {fold})
            tried |= dict(zip(own, self._bench.tried(layers(fold), own), strict=True))
        return [tried[index] for index in indices]

    def _within(self, indices: Sequence[int], folds: set[int]) -> list[int]:
        return [index for index in indices if self._folds[self._bench.items[index].question_id] in folds]

    def _layers(self, repair: Repair, fold: int, below: Layers) -> Layers:
        """Return the repair at the setting that serves best in the other folds, the first one among equals."""
        settings = list(repair.grid)
        others = [other for other in range(self.n_folds) if other != fold]
        best = settings[0]
        if len(settings) > 1 and others:
            best = max(settings, key=lambda setting: self._served(repair, setting, fold, others, below))
        return (Layer(self._taught_without(repair, {fold}), best), *below)

    def _served(self, repair: Repair, setting: Setting, fold: int, others: Sequence[int], below: Layers) -> float:
        """Return the share of hypotheses that reach the outcome, less the share of references that no longer do.

        A better retriever raises both: what it gains from hypotheses is rewarded, what it costs from references is taken off.
        """
        hypotheses, change = [], []
        for other in others:
            layers = (Layer(self._taught_without(repair, {fold, other}), setting), *below)
            hypotheses += self._bench.tried(layers, self._within(self._cell.hypotheses, {other}))
            references = self._within(self._cell.references, {other})
            before, after = self._bench.tried(below, references), self._bench.tried(layers, references)
            change += [one.outcome - own.outcome for own, one in zip(before, after, strict=True)]
        gained = sum(one.outcome for one in hypotheses) / max(len(hypotheses), 1)
        return round(gained + min(0.0, sum(change) / max(len(change), 1)), 12)

    def _taught_without(self, repair: Repair, folds: set[int]) -> Repair:
        if not isinstance(repair, Learning):
            return repair
        key = (id(repair), frozenset(folds))
        if key not in self._taught:
            self._taught[key] = repair.learnt(list(self._examples(folds)))
        return self._taught[key]

    def _examples(self, without: set[int]) -> Iterable[Example]:
        """Yield the hypotheses of all folds but these."""
        for index in self._within(self._cell.hypotheses, {*range(self.n_folds)} - without):
            item = self._bench.items[index]
            if item.transcript is not None:
                yield Example(item.question_id, self._cell.texts[item.question_id], item.transcript)
