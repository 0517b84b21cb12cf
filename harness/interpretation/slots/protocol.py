"""What a slot filler is, which there are, and how its findings become slots.

A filler lists places of a text where a name of the lexicon may stand, with a score in [0, 1]. Of places that overlap the better
one is taken (then the longer, then the earlier), and all that score at least a threshold are the slots. The threshold is set
on training texts, by the F1 of slots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.interpretation.protocol import PartSpec, parse_part
from harness.interpretation.slots.lexicon import Lexicon
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class Mention:
    """A half-open range of a text's words (or phones), and the name that may stand there, by its place in the lexicon."""

    start: int
    end: int
    name: int
    score: float


Slots = tuple[tuple[float, int], ...]  # score and name of mentions that do not overlap, the best first


class SlotFiller(Protocol):
    """One configured way to look names up. Built as `Class(spec, language)`, which loads nothing."""

    def __init__(self, spec: PartSpec, language: str) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes what is found."""
        ...

    def slots(self, texts: Sequence[str], lexicon: Lexicon, sizes: Sequence[int]) -> list[list[Slots]]:
        """Return for each size, a number of distractors, the possible slots of each text (`without_overlaps`)."""
        ...


SLOT_FILLERS: Registry[type[SlotFiller]] = Registry(
    "slot filler",
    "harness.slot_fillers",
    {
        "exact": "harness.interpretation.slots.exact:Exact",
        "fuzzy": "harness.interpretation.slots.fuzzy:Fuzzy",
        "phonetic": "harness.interpretation.slots.phonetic:Phonetic",
    },
)


def build_slot_filler(text: str, language: str) -> SlotFiller:
    """Return the slot filler that a spec names. Raises `UnknownName`, and `UsageError` for its options."""
    spec = parse_part("slot filler", text)
    return SLOT_FILLERS.get(spec.name)(spec, language)


def without_overlaps(mentions: Sequence[Mention]) -> Slots:
    """Return score and name of the mentions that are taken, best first; each name once.

    Those of at least some score are what would be taken of only the mentions of at least that score.
    """
    taken: list[Mention] = []
    order = sorted(
        mentions, key=lambda mention: (-mention.score, mention.start - mention.end, mention.start, mention.name)
    )
    for mention in order:
        apart = all(mention.end <= other.start or other.end <= mention.start for other in taken)
        if apart and all(mention.name != other.name for other in taken):
            taken.append(mention)
    return tuple((mention.score, mention.name) for mention in taken)


def above(slots: Slots, threshold: float) -> frozenset[int]:
    """Return the names of the slots that score at least the threshold."""
    return frozenset(name for score, name in slots if score >= threshold)
