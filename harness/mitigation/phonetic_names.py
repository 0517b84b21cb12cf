"""The repair `phonetic-names`: a run of words becomes the name of the index that sounds most like it, if some word of the run is
absent from the index and the distance between their phones is at most `distance`.

The gate is what keeps the harm away: without it, words that stand rightly in the query become names that sound like them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from harness.errors import UsageError
from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.names import Name, indexed_names
from harness.mitigation.protocol import MitigationSpec, Repaired, Setting, read_options
from harness.records import Transcript
from harness.words.sounds.nearest import NearestNames, Neighbour
from harness.words.sounds.pronunciation import pronounces, pronunciation_identity

_DISTANCES: Final = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
_LONGEST: Final = 4  # words of a run


class PhoneticNamesOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `phonetic-names`."""

    distance: Annotated[
        Annotated[float, msgspec.Meta(ge=0, lt=1)] | None,
        msgspec.Meta(
            description="the largest distance between phones, as a share of the longer; left out, chosen on other questions"
        ),
    ] = None


class _Candidate(NamedTuple):
    """A run of a query's words, `words[start:end]`, and the name for it."""

    distance: float
    start: int
    end: int
    name: Name


class PhoneticNames:
    """Replaces runs of words by the names of the index that sound like them."""

    option_type: ClassVar = PhoneticNamesOptions

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        options = read_options(spec, PhoneticNamesOptions)
        if not pronounces(corpus.language):
            raise UsageError(
                f"mitigation {spec.label!r} cannot pronounce words in {corpus.language!r}: outside English that takes "
                "the program espeak-ng (apt-get install espeak-ng) with a voice of the language (espeak-ng --voices)"
            )
        self._corpus = corpus
        self.grid: Sequence[Setting] = [
            {"distance": distance} for distance in (_DISTANCES if options.distance is None else (options.distance,))
        ]
        self._nearest = NearestNames(indexed_names(corpus.snippets, corpus.language), corpus.language)

    def identity(self) -> Mapping[str, str | float]:
        """Return what decides how words sound."""
        return {"pronunciation": pronunciation_identity(self._corpus.language), "longest": _LONGEST}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return each transcript with names in the place of what sounds like them; `None` where nothing is near enough."""
        queries = [self._corpus.query(transcript.text) for transcript in transcripts]
        spans = [list(self._spans(query.words)) for query in queries]
        runs = (query.words[start:end] for query, own in zip(queries, spans, strict=True) for start, end in own)
        neighbours = self._nearest.nearest(runs)
        return [
            _replaced(query.words, own, neighbours, setting["distance"])
            for query, own in zip(queries, spans, strict=True)
        ]

    def _spans(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield the runs with a word that is absent from the index."""
        absent = [not self._corpus.document_frequency(word) for word in words]
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
                if any(absent[start:end]):
                    yield start, end


def _replaced(
    words: Name, spans: Sequence[tuple[int, int]], neighbours: Mapping[Name, Neighbour], most: float
) -> WeightedQuery | None:
    """Return the words with the nearest names in place: nearest first, of equally near ones the longer run, then the first."""
    candidates = sorted(
        (
            _Candidate(near.distance, start, end, near.name)
            for start, end in spans
            if (near := neighbours.get(words[start:end])) is not None and near.distance <= most
        ),
        key=lambda one: (one.distance, one.start - one.end, one.start),
    )
    taken: list[_Candidate] = []
    for candidate in candidates:
        if all(candidate.end <= other.start or other.end <= candidate.start for other in taken):
            taken.append(candidate)
    if not taken:
        return None
    changed = list(words)
    for candidate in sorted(taken, key=lambda one: -one.start):
        changed[candidate.start : candidate.end] = candidate.name
    return WeightedQuery(tuple(changed))
