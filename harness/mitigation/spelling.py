"""The repair `spelling`: a word that is absent from the index becomes the word of the index that is nearest in letters.

What a spelling checker does with typing errors. It helps where a recogniser spells what it hears (Whisper: "Maraimko"), and does
nothing where one writes words of its dictionary only (pocketsphinx); see docs/research.md. `phonetic-names` compares sounds in
place of letters, and runs of words in place of words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np

from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import MitigationSpec, Repaired, Setting, read_options
from harness.records import Transcript

_DISTANCES: Final = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
_SHORTEST: Final = 4  # letters: shorter words have a neighbour too often
_AT_ONCE: Final = 64  # words compared with the whole vocabulary: 4 bytes for each pair

Nearest = tuple[str, float]


class SpellingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `spelling`."""

    distance: Annotated[
        Annotated[float, msgspec.Meta(gt=0, lt=1)] | None,
        msgspec.Meta(
            description="the most letters that may differ, as a share of the longer word; left out, chosen on other questions"
        ),
    ] = None


class Spelling:
    """Replaces words absent from the index by the nearest in letters."""

    option_type: ClassVar = SpellingOptions

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        options = read_options(spec, SpellingOptions)
        self._corpus = corpus
        self.grid: Sequence[Setting] = [
            {"distance": distance} for distance in (_DISTANCES if options.distance is None else (options.distance,))
        ]
        self._nearest: dict[str, Nearest] = {}
        self._vocabulary = [word for word in corpus.words.vocabulary if len(word) >= _SHORTEST]

    def identity(self) -> Mapping[str, str | float]:
        """Return what was compared."""
        return {"measure": "optimal string alignment", "shortest": _SHORTEST}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return each transcript with its absent words replaced; `None` where none is near enough to another."""
        queries = [self._corpus.query(transcript.text) for transcript in transcripts]
        absent = {word for query in queries for word in query.words if self._is_absent(word)}
        self._look_up(absent)
        return [self._replaced(query, setting["distance"]) for query in queries]

    def _is_absent(self, word: str) -> bool:
        return len(word) >= _SHORTEST and not self._corpus.document_frequency(word)

    def _replaced(self, query: WeightedQuery, most: float) -> WeightedQuery | None:
        words = tuple(
            self._nearest[word][0] if word in self._nearest and self._nearest[word][1] <= most else word
            for word in query.words
        )
        return None if words == query.words else WeightedQuery(words)

    def _look_up(self, words: Iterable[str]) -> None:
        """Note the nearest word of the index for each of `words`: the more frequent one of two, then the first by alphabet."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        missing = sorted(word for word in words if word not in self._nearest)
        if not self._vocabulary:
            return
        frequencies = np.array([self._corpus.document_frequency(word) for word in self._vocabulary])
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            distances = cdist(part, self._vocabulary, scorer=OSA.normalized_distance, dtype=np.float32)
            for word, row in zip(part, distances, strict=True):
                nearest = np.flatnonzero(row <= row.min())
                place = int(nearest[np.argmax(frequencies[nearest])])
                self._nearest[word] = (
                    self._vocabulary[place],
                    float(OSA.normalized_distance(word, self._vocabulary[place])),
                )
