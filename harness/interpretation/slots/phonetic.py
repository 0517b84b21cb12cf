"""Names that sound in a text: `phonetic`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from itertools import chain
from typing import ClassVar

from harness.errors import UsageError
from harness.interpretation.protocol import PartSpec, read_options, refuse_model
from harness.interpretation.slots.exact import NoOptions
from harness.interpretation.slots.lexicon import Lexicon, Name
from harness.interpretation.slots.protocol import Slots
from harness.interpretation.slots.windows import Comparison, mentions_by_likeness
from harness.words.sounds.phones import phone_distance, phones
from harness.words.sounds.pronunciation import pronounces, pronunciation_identity, read_ahead
from harness.words.text.normalise import NORMALISER_VERSION, tokenise

_N_RESCORED = 5  # names, the nearest with all phones equally far from each other
_FIRST_LETTER = 0xE000  # a private area: one character a phone


class Phonetic:
    """Has no options. A run of words and a name are as alike as they sound: 1 - the phone distance of `words.sounds.phones`."""

    package: ClassVar[str | None] = None

    def __init__(self, spec: PartSpec, language: str) -> None:
        refuse_model("slot filler", spec)
        read_options("slot filler", spec, NoOptions)
        if not pronounces(language):
            raise UsageError(
                f"the slot filler 'phonetic' cannot pronounce words in {language!r}: outside English that takes the program "
                "espeak-ng with a voice of the language"
            )
        self._language = language

    def identity(self) -> Mapping[str, str]:
        """Normaliser, pronunciations, and the version of rapidfuzz."""
        return {
            "slots": "phonetic", "normaliser": NORMALISER_VERSION, "rapidfuzz": version("rapidfuzz"),
            "pronunciation": pronunciation_identity(self._language),
        }  # fmt: skip

    def slots(self, texts: Sequence[str], lexicon: Lexicon, sizes: Sequence[int]) -> list[list[Slots]]:
        """Return the possible names in each text."""
        words = [tokenise(text, self._language) for text in texts]
        read_ahead(
            {*chain.from_iterable(words), *chain.from_iterable(name for name, _ in lexicon.entries())}, self._language
        )
        letters: dict[str, str] = {}
        how = Comparison(partial(self._spelt, letters), self._alike, _N_RESCORED)
        return mentions_by_likeness(words, lexicon, sizes, how)

    def _spelt(self, letters: dict[str, str], run: Name) -> str:
        """Return a character for each phone; `letters` holds those given so far."""
        sounds = chain.from_iterable(phones(word, self._language) for word in run)
        return "".join(letters.setdefault(phone, chr(_FIRST_LETTER + len(letters))) for phone in sounds)

    def _alike(self, run: Name, name: Name) -> float:
        return 1 - phone_distance(run, name, self._language)
