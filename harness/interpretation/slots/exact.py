"""Names that stand in a text word for word: `exact`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from harness.interpretation.protocol import PartSpec, read_options, refuse_model
from harness.interpretation.slots.lexicon import Lexicon, Name
from harness.interpretation.slots.protocol import Mention, Slots, without_overlaps
from harness.words.text.normalise import NORMALISER_VERSION, tokenise


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing can be set."""


class Exact:
    """Has no options. Longer names go before shorter ones that they overlap."""

    package: ClassVar[str | None] = None

    def __init__(self, spec: PartSpec, language: str) -> None:
        refuse_model("slot filler", spec)
        read_options("slot filler", spec, NoOptions)
        self._language = language

    def identity(self) -> Mapping[str, str]:
        """The normaliser."""
        return {"slots": "exact", "normaliser": NORMALISER_VERSION}

    def slots(self, texts: Sequence[str], lexicon: Lexicon, sizes: Sequence[int]) -> list[list[Slots]]:
        """Return the names in each text; all score 1."""
        places = dict(reversed(lexicon.entries()))  # of two with one spelling the first
        longest = max((len(name) for name in places), default=0)
        of_texts = [_mentions(tokenise(text, self._language), places, longest) for text in texts]
        return [
            [without_overlaps([m for m in mentions if m.name < lexicon.reach(size)]) for mentions in of_texts]
            for size in sizes
        ]


def _mentions(words: Sequence[str], places: Mapping[Name, int], longest: int) -> list[Mention]:
    return [
        Mention(start, start + length, places[name], 1.0)
        for start in range(len(words))
        for length in range(1, min(longest, len(words) - start) + 1)
        if (name := tuple(words[start : start + length])) in places
    ]
