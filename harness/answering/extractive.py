"""The reader that needs no model: what is said near the question's rare words, in several snippets, is the answer.

Redundancy stands in for understanding (Brill, Dumais & Banko, AskMSR, EMNLP 2002): a candidate gets a vote from every
snippet that holds it, the louder the more of the question's telling words stand in that snippet and the closer to the
candidate, and the better its shape fits the kind of answer that is asked for. The constants were set on half of the
relations of the suite `standard` and on half of a public reading-comprehension set; README.md has the figures on the
other halves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.answering.candidates import Passage, read_passage
from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, refuse_model
from harness.answering.question import Asked, Kind, take_apart
from harness.records import Answer, Snippet

VERSION: Final = "1"  # part of the identity: to be raised with every change that changes answers

# How well each shape fits each kind of answer, in the order of SHAPES: name, phrase, date, number.
_FIT: Final[Mapping[Kind, NDArray[np.float64]]] = {
    Kind.PERSON: np.array([1.0, 0.1, 0.0, 0.0]),
    Kind.PLACE: np.array([1.0, 0.15, 0.0, 0.0]),
    Kind.DATE: np.array([0.1, 0.1, 1.0, 0.3]),
    Kind.NUMBER: np.array([0.05, 0.05, 0.3, 1.0]),
    Kind.THING: np.array([0.7, 1.0, 0.1, 0.1]),
    Kind.ANY: np.array([1.0, 0.7, 0.3, 0.3]),
}
_HALVED_EVERY: Final = 6.0  # words between a question word and a candidate
_ANYWHERE: Final = 0.3  # what a candidate has that is far from all of them
_SAME_STEM: Final = 0.5  # "founded" for "founder"
_LOUDNESS: Final = 2.0  # power of the share of the question's words that a snippet has
_BY_RANK: Final = 0.1  # a snippet at rank r, from 0, speaks 1 / (1 + 0.1 r) as loud
_LONGER: Final = 0.7  # a longer candidate is taken where it has this share of the votes: Gustave Flaubert for Flaubert
_DECAY: Final = 0.5 ** (np.arange(4096) / _HALVED_EVERY)


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH


class Extractive:
    """Reads the first `top_k` (10) snippets. It refuses only where no snippet shares a word with the question."""

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = None

    def __init__(self, spec: AnswererSpec) -> None:
        refuse_model(spec)
        self.depth = read_options(spec, _Options).top_k
        self._passage = lru_cache(maxsize=50_000)(read_passage)

    def identity(self) -> Mapping[str, str]:
        """The version of the rules, and how many snippets are read."""
        return {"answerer": "extractive", "version": VERSION, "option.top_k": str(self.depth)}

    def warm_up(self) -> None:
        """Nothing to load."""

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading. `score` is the sum of the votes; the snippets are those that voted, loudest first."""
        return [self._answer(reading) for reading in readings]

    def _answer(self, reading: Reading) -> Answer:
        asked = take_apart(reading.question.split())
        heard = [_Match.of(asked, self._passage(snippet)) for snippet in reading.snippets[: self.depth]]
        most = max((match.overlap for match in heard), default=0.0)
        votes: dict[str, _Votes] = {}
        for rank, (match, snippet) in enumerate(zip(heard, reading.snippets, strict=False)):
            if match.overlap > 0:
                loudness = (match.overlap / most) ** _LOUDNESS / (1 + _BY_RANK * rank)
                _vote(votes, match, snippet, loudness * _FIT[asked.kind])
        if not votes:
            return Answer("")
        chosen = votes[_longest(votes, max(votes, key=lambda key: (round(votes[key].total, 9), key)))]
        return Answer(chosen.text, tuple(chosen.by_loudness()), round(chosen.total, 6))


@dataclass
class _Votes:
    """What was said for one candidate, by snippet; `text` is its loudest writing."""

    text: str = ""
    total: float = 0.0
    by_snippet: dict[str, float] = field(default_factory=dict)

    def by_loudness(self) -> list[str]:
        return sorted(self.by_snippet, key=lambda identity: -self.by_snippet[identity])


@dataclass(frozen=True, eq=False)
class _Match:
    """The question's words in one passage: how much they tell together, how near each unit is to them, and where they are."""

    passage: Passage
    overlap: float
    near: NDArray[np.float64]  # [n_units]
    taken: NDArray[np.int64]  # [n_units + 1], the number of question words before each unit

    @classmethod
    def of(cls, asked: Asked, passage: Passage) -> _Match:
        near, taken, overlap = np.full(passage.n_units, _ANYWHERE), np.zeros(passage.n_units + 1, np.int64), 0.0
        units = np.arange(passage.n_units)
        for stem_, words in asked.stems.items():
            places = passage.places.get(stem_)
            if places is None:
                continue
            exact = max((words[word] for _, word in places if word in words), default=0.0)
            tells = max(exact, _SAME_STEM * max(words.values()))
            found = np.array([place for place, _ in places])
            distance = np.abs(units[:, None] - found).min(axis=1)  # (n_units, n_places) -> n_units
            near += tells * _DECAY[np.minimum(distance, len(_DECAY) - 1)]
            taken[found + 1] = 1
            overlap += tells
        return cls(passage, overlap, near, taken.cumsum())


def _vote(votes: dict[str, _Votes], match: _Match, snippet: Snippet, fit: NDArray[np.float64]) -> None:
    """Adds what one snippet says for each of its candidates: the best of their places, `fit` for each of SHAPES.

    No candidate repeats a word of the question.
    """
    passage = match.passage
    if not passage.keys:
        return
    first, last = passage.first, passage.last
    said = np.maximum(match.near[first], match.near[last]) * fit[passage.shape] * passage.wholeness
    said[match.taken[last + 1] > match.taken[first]] = 0.0
    best = np.maximum.reduceat(said, passage.starts)
    for index in np.flatnonzero(best).tolist():
        vote = votes.setdefault(passage.keys[index], _Votes())
        loudest = best[index].item()
        if loudest > max(vote.by_snippet.values(), default=0.0):
            end = passage.starts[index + 1] if index + 1 < len(passage.starts) else len(said)
            span = said[passage.starts[index] : end]
            vote.text = passage.texts[passage.starts[index] + int(span.argmax())]
        vote.total += loudest
        vote.by_snippet[snippet.id] = loudest


def _longest(votes: Mapping[str, _Votes], key: str) -> str:
    """The longest candidate around `key` that is spoken for nearly as much, step by step."""
    while longer := [
        other
        for other, vote in votes.items()
        if len(other) > len(key) and f" {key} " in f" {other} " and vote.total >= _LONGER * votes[key].total
    ]:
        key = max(longer, key=lambda other: (round(votes[other].total, 9), other))
    return key
