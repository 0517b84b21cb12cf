"""The repair `confidence`: words count by the confidence that the recogniser gave them, from `floor` at 0 to 1 at 1.

A misrecognised name often has a low confidence, and its words mislead the search. But a name that was recognised often has one,
too, and a query that loses its name has nothing left to search by. A transcript without confidences is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Annotated, ClassVar, Final

import msgspec

from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import MitigationSpec, Repaired, Setting, read_options
from harness.records import Transcript
from harness.words.text.normalise import tokenise

_FLOORS: Final = (0.75, 0.5, 0.25, 0.0)


class ConfidenceOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `confidence`."""

    floor: Annotated[
        Annotated[float, msgspec.Meta(ge=0, lt=1)] | None,
        msgspec.Meta(description="what a word of confidence 0 counts; left out, it is chosen on other questions"),
    ] = None


class Confidence:
    """Weighs words by their confidences."""

    option_type: ClassVar = ConfidenceOptions

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        options = read_options(spec, ConfidenceOptions)
        self._corpus = corpus
        self.grid: Sequence[Setting] = [
            {"floor": floor} for floor in (_FLOORS if options.floor is None else (options.floor,))
        ]

    def identity(self) -> Mapping[str, str | float]:
        """Return nothing beside the setting: there is nothing else."""
        return {}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return each transcript as a weighted query; `None` without confidences."""
        return [self._weighted(transcript, setting["floor"]) for transcript in transcripts]

    def _weighted(self, transcript: Transcript, floor: float) -> WeightedQuery | None:
        if all(word.confidence is None for word in transcript.words):
            return None
        words = self._corpus.query(transcript.text).words
        confidences = _by_word(words, transcript, self._corpus.language)
        return WeightedQuery(words, tuple(floor + (1 - floor) * confidence for confidence in confidences))


def _by_word(words: Sequence[str], transcript: Transcript, language: str) -> list[float]:
    """Return the confidence of each normalised word of a text: 1 where it is not known which recognised word it was.

    Texts are normalised as a whole, so that `nineteen`, `45` becomes what neither is alone; what was removed as not speech
    still stands among the recognised words.
    """
    recognised = [
        (token, 1.0 if word.confidence is None else min(max(word.confidence, 0.0), 1.0))
        for word in transcript.words
        for token in tokenise(word.text, language)
    ]
    confidences = [1.0] * len(words)
    matcher = SequenceMatcher(None, words, [token for token, _ in recognised], autojunk=False)
    for start, other, size in matcher.get_matching_blocks():
        for offset in range(size):
            confidences[start + offset] = recognised[other + offset][1]
    return confidences
