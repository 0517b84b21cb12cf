"""How right an interpretation is, in sums: every score is a ratio of two, so that recordings and questions add up.

    intent accuracy        right intents / utterances
    slot F1                2 * right slots / (predicted slots + reference slots): the harmonic mean of precision and recall
    exact interpretation   utterances with the right intent and just the right slots / utterances; the interpretation error
                           rate (IRER) of Saxon et al. (2021) is 1 - exact, in our reading
    semantic error rate    SemER = (substitutions + deletions + insertions) / (reference slots + 1): the intent counts as a slot
                           that is substituted where it is wrong (the measure of Alexa's papers, in our reading)

A slot is a name of the lexicon. Predicted slots that are wrong and reference slots that are missing are substitutions as far as
they can be paired, and insertions or deletions beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields

from harness.interpretation.protocol import Prediction


@dataclass(frozen=True, slots=True)
class Counts:
    """What the scores of one utterance, or of many together, are made of. Counts add."""

    utterances: int = 0
    intents_right: int = 0
    slots_right: int = 0
    slots_predicted: int = 0
    slots_reference: int = 0
    exact: int = 0
    errors: int = 0
    """Substitutions, deletions and insertions of slots, and wrong intents."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))

    def ratios(self) -> Mapping[str, tuple[int, int]]:
        """Return numerator and denominator of every score; a denominator may be 0."""
        both = self.slots_predicted + self.slots_reference
        return {
            "intent_accuracy": (self.intents_right, self.utterances),
            "slot_precision": (self.slots_right, self.slots_predicted),
            "slot_recall": (self.slots_right, self.slots_reference),
            "slot_f1": (2 * self.slots_right, both),
            "exact_interpretation": (self.exact, self.utterances),
            "semer": (self.errors, self.slots_reference + self.utterances),
        }


def judge(intent: str, slots: Set[int], predicted: Prediction | None, predicted_slots: Set[int] | None) -> Counts:
    """Return the counts of one utterance. `None` for a prediction or for slots is a failure: no intent, and no slots.

    >>> judge("author", {1}, Prediction("author"), {2})
    Counts(utterances=1, intents_right=1, slots_right=0, slots_predicted=1, slots_reference=1, exact=0, errors=1)
    """
    right = predicted is not None and predicted.error is None and predicted.intent == intent
    given = predicted_slots or set()
    n_right = len(slots & given)
    substitutions_deletions_insertions = max(len(slots) - n_right, len(given) - n_right)
    return Counts(
        1, int(right), n_right, len(given), len(slots), int(right and slots == given),
        substitutions_deletions_insertions + int(not right),
    )  # fmt: skip
