"""The reader that needs no model: what is said near the question's rare words, in several snippets, is the answer.

Redundancy stands in for understanding (Brill, Dumais & Banko, AskMSR, EMNLP 2002): a candidate gets a vote from every
snippet that holds it, the louder the more of the question's telling words stand in that snippet and the closer to the
candidate, and the better its shape fits the kind of answer that is asked for. The constants were set on half of the
relations of the suite `standard` and on half of a public reading-comprehension set; README.md has the figures on the
other halves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.answering.candidates import Passage, read_passage
from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, refuse_model
from harness.answering.question import Asked, Kind, take_apart
from harness.records import Answer

VERSION: Final = "1"  # part of the identity: to be raised with every change that changes answers

# How well each shape fits each kind of answer, in the order of SHAPES: name, phrase, date, number.
_FIT: Final[Mapping[Kind, NDArray[np.float64]]] = {
    Kind.PERSON: np.array([1.0, 0.1, 0.0, 0.0]),
    Kind.PLACE: np.array([1.0, 0.15, 0.0, 0.0]),
    Kind.DATE: np.array([0.1, 0.1, 1.0, 0.3]),
    Kind.NUMBER: np.array([0.05, 0.05, 0.3, 1.0]),
    Kind.THING: np.array([1.0, 1.0, 0.1, 0.1]),
    Kind.ANY: np.array([1.0, 0.7, 0.3, 0.3]),
}
_HALVED_EVERY: Final = 4.5  # words between a question word and a candidate
_ANYWHERE: Final = 0.3  # what a candidate has that is far from all of them
_SAME_STEM: Final = 0.5  # "founded" for "founder"
_LOUDNESS: Final = 1.5  # power of the share of the question's words that a snippet has
_BY_RANK: Final = 0.25  # a snippet at rank r, from 0, speaks 1 / (1 + 0.25 r) as loud
_LONGER: Final = 0.85  # a longer candidate is taken where it has this share of the votes: Gustave Flaubert for Flaubert
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
        matches = [_Match.of(asked, self._passage(snippet)) for snippet in reading.snippets[: self.depth]]
        most = max((match.overlap for match in matches), default=0.0)
        if not most:
            return Answer("")
        said = [
            match.said(_FIT[asked.kind]) * (match.overlap / most) ** _LOUDNESS / (1 + _BY_RANK * rank)
            for rank, match in enumerate(matches)
        ]
        return _elected(matches, said, [snippet.id for snippet in reading.snippets])


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

    def said(self, fit: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much speaks for each candidate here, float64[n_candidates], with the `fit` of each of SHAPES.

        Nothing does for one that repeats a word of the question.
        """
        first, last = self.passage.first, self.passage.last
        near = np.maximum(self.near[first], self.near[last])
        repeats = self.taken[last + 1] > self.taken[first]
        return np.where(repeats, 0.0, near * fit[self.passage.shape] * self.passage.wholeness)

    def best(self, said: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most that is said for each key, float64[n_keys]."""
        return np.maximum.reduceat(said, self.passage.starts) if len(said) else said

    def writing(self, key: str, said: NDArray[np.float64]) -> str:
        """The key as it is written where most speaks for it."""
        index = self.passage.keys.index(key)
        start, end = (int(place) for place in [*self.passage.starts, len(said)][index : index + 2])
        return self.passage.texts[start + int(said[start:end].argmax())]


def _elected(matches: Sequence[_Match], said: Sequence[NDArray[np.float64]], ids: Sequence[str]) -> Answer:
    """The answer with most votes: a snippet votes for a candidate with the best of its places there."""
    votes = [match.best(places) for match, places in zip(matches, said, strict=True)]  # [n_keys] of each passage
    numbers: dict[str, int] = {}  # of the keys in all passages
    of_key = [numbers.setdefault(key, len(numbers)) for match in matches for key in match.passage.keys]
    totals = np.bincount(of_key, np.concatenate(votes), minlength=1).astype(np.float64)
    if not totals.max():
        return Answer("")
    key = _longest(list(numbers), totals)
    voters = sorted(
        (-vote[match.passage.keys.index(key)], rank)
        for rank, (match, vote) in enumerate(zip(matches, votes, strict=True))
        if key in match.passage.keys and vote[match.passage.keys.index(key)] > 0
    )
    loudest = voters[0][1]
    text = matches[loudest].writing(key, said[loudest])
    return Answer(text, tuple(ids[rank] for _, rank in voters), round(totals[numbers[key]].item(), 6))


def _longest(keys: Sequence[str], totals: NDArray[np.float64]) -> str:
    """The key with most votes, or a longer one around it that has nearly as many, step by step. Ties: the later in the
    alphabet.
    """
    chosen, enough = "", totals.max() * (1 - 1e-9)
    while True:
        near = [keys[number] for number in np.flatnonzero(totals >= enough).tolist()]
        longer = [key for key in near if len(key) > len(chosen) and f" {chosen} " in f" {key} "] if chosen else near
        if not longer:
            return chosen
        best = max(totals[keys.index(key)] for key in longer) * (1 - 1e-9)
        chosen = max(key for key in longer if totals[keys.index(key)] >= best)
        enough = _LONGER * totals[keys.index(chosen)]
