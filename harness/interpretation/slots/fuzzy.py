"""Names that stand in a text nearly letter by letter: `fuzzy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import ClassVar

from harness.interpretation.protocol import PartSpec, read_options, refuse_model
from harness.interpretation.slots.exact import NoOptions
from harness.interpretation.slots.lexicon import Lexicon
from harness.interpretation.slots.protocol import Slots
from harness.interpretation.slots.windows import Comparison, mentions_by_likeness
from harness.words.text.normalise import NORMALISER_VERSION, tokenise


class Fuzzy:
    """Has no options. A run of words and a name are as alike as their letters: 1 - edits / letters of the longer one.

    Blanks do not count, since a recogniser that gets a name wrong also puts its word boundaries elsewhere.
    """

    package: ClassVar[str | None] = None

    def __init__(self, spec: PartSpec, language: str) -> None:
        refuse_model("slot filler", spec)
        read_options("slot filler", spec, NoOptions)
        self._language = language

    def identity(self) -> Mapping[str, str]:
        """The normaliser, and the version of rapidfuzz."""
        return {"slots": "fuzzy", "normaliser": NORMALISER_VERSION, "rapidfuzz": version("rapidfuzz")}

    def slots(self, texts: Sequence[str], lexicon: Lexicon, sizes: Sequence[int]) -> list[list[Slots]]:
        """Return the possible names in each text."""
        words = [tokenise(text, self._language) for text in texts]
        return mentions_by_likeness(words, lexicon, sizes, Comparison("".join))
