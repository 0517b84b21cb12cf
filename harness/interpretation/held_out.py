"""Predictions for every item by models that have not seen its fold: of texts, of recordings, and of slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.interpretation.classifier import DEFAULT_STRENGTH, Classifier
from harness.interpretation.folds import Item, training
from harness.interpretation.protocol import Fitted, Interpreter, Prediction
from harness.interpretation.slots.protocol import Slots, above

if TYPE_CHECKING:
    from harness.interpretation.classifier import Rows

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(51))  # of slots: 0.00 to 1.00


@dataclass(frozen=True)
class HeldOut:
    """An interpreter fitted once for each fold, to all others."""

    folds: Sequence[int]
    fitted: Mapping[int, Fitted]

    @classmethod
    def fit(
        cls, interpreter: Interpreter, items: Sequence[Item], folds: Sequence[int], texts: Sequence[str | None]
    ) -> HeldOut:
        """Fit to the texts of the items, each distinct pair of text and intent once. A text that is `None` teaches nothing."""
        fitted = {}
        for fold, places in training(folds).items():
            known = dict.fromkeys((text, items[p].intent) for p in places if (text := texts[p]) is not None)
            if known:
                fitted[fold] = interpreter.fit(*zip(*known, strict=True))
        return cls(folds, fitted)

    def predict(self, texts: Sequence[str | None]) -> list[Prediction | None]:
        """Return the prediction for a text of each item; `None` where there is no text, or nothing to learn from."""
        return self.predict_for(range(len(texts)), texts)

    def predict_for(self, places: Sequence[int], texts: Sequence[str | None]) -> list[Prediction | None]:
        """Return predictions for texts that belong to the items at these places, such as the beginnings of one text."""
        predictions: list[Prediction | None] = [None] * len(texts)
        for fold, model in self.fitted.items():
            own = [at for at, place in enumerate(places) if self.folds[place] == fold and texts[at] is not None]
            for at, prediction in zip(own, model.predict([texts[at] or "" for at in own]), strict=True):
                predictions[at] = prediction
        return predictions


def classify(
    rows: Rows, labels: Sequence[str], folds: Sequence[int], strength: float = DEFAULT_STRENGTH
) -> list[Prediction]:
    """Return the label of each row by a classifier of the other folds' rows."""
    predictions: dict[int, Prediction] = {}
    for fold, places in training(folds).items():
        own = [place for place, other in enumerate(folds) if other == fold]
        if places:
            model = Classifier(rows[places], [labels[place] for place in places], strength)
            predictions |= zip(own, model.predict(rows[own]), strict=True)
    return [predictions.get(place, Prediction("")) for place in range(len(folds))]


class ThresholdCounts:
    """What each threshold would take of the possible slots of each item: kept, since several kinds of folds ask."""

    def __init__(self, items: Sequence[Item], slots: Sequence[Slots | None]) -> None:
        import numpy as np

        self._slots = slots
        # Right slots, and predicted ones and those of the reference together: int64[n_items, n_thresholds, 2]
        self._counts = np.array(
            [_by_threshold(item.slots, own) for item, own in zip(items, slots, strict=True)], np.int64
        )

    def chosen(self, folds: Sequence[int]) -> list[frozenset[int] | None]:
        """Return the slots of each item above the threshold with the best F1 on the other folds; the highest of equals.

        `None` where there was no text. Without another fold the threshold is 1.
        """
        chosen: dict[int, float] = {}
        for fold, places in training(folds).items():
            right, both = self._counts[places].sum(axis=0).T.tolist()
            f1 = [2 * top / max(bottom, 1) for top, bottom in zip(right, both, strict=True)]
            chosen[fold] = max(zip(f1, THRESHOLDS, strict=True))[1]
        return [None if own is None else above(own, chosen[fold]) for own, fold in zip(self._slots, folds, strict=True)]


def _by_threshold(reference: frozenset[int], slots: Slots | None) -> list[tuple[int, int]]:
    """Return for each threshold the right slots, and the predicted ones and those of the reference together."""
    of_slots = [(score, name in reference) for score, name in slots or ()]
    taken = ([right for score, right in of_slots if score >= threshold] for threshold in THRESHOLDS)
    return [(sum(rights), len(rights) + len(reference)) for rights in taken]
