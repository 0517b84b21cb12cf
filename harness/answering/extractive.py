"""The reader that needs no model: the candidate near the question's rare words in several snippets is the answer.

It counts repetitions (Brill, Dumais & Banko, AskMSR, EMNLP 2002): a candidate gets a vote from every snippet that holds
it. A vote weighs more the more of the question's rare words stand in that snippet, the closer they are to the candidate,
and the better its shape fits the kind of answer that is asked for. The constants were set on half of
the relations of the suite `standard` and on half of a public
reading-comprehension set; docs/method.md has the figure on the other half.
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
from harness.answering.question import Asked, Kind, knows_kinds, take_apart
from harness.records import Answer
from harness.words.entities import spacy_pipeline
from harness.words.languages import primary

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
_BY_RANK: Final = 0.25  # a snippet at rank r, from 0, weighs 1 / (1 + 0.25 r) as much
_LONGER: Final = 0.85  # a longer candidate is taken where it has this share of the votes: Gustave Flaubert for Flaubert
_LABELLED: Final = frozenset({Kind.PERSON, Kind.PLACE, Kind.DATE, Kind.NUMBER})
_RIGHT_LABEL: Final = 1.5  # labelled as a person where a person is asked for
_WRONG_LABEL: Final = 0.3
_DECAY: Final = 0.5 ** (np.arange(4096) / _HALVED_EVERY)


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH
    pipeline: str | None = None


class Extractive:
    """Reads the first `top_k` (10) snippets. It refuses only where no snippet shares a word with the question.

    `pipeline` names an installed spaCy pipeline, or its folder, whose named entities then tell persons from
    places. It is used only if named: the same spec gives the same answers on every machine.
    """

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = None

    def __init__(self, spec: AnswererSpec, language: str) -> None:
        refuse_model(spec)
        options = read_options(spec, _Options)
        self.depth, self._pipeline, self._language = options.top_k, options.pipeline, language
        self._passage = lru_cache(maxsize=50_000)(lambda snippet: read_passage(snippet, language, options.pipeline))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the reader in the suite's language."""
        if knows_kinds(self._language):
            return ()
        return (
            f"extractive: it knows the question words of English only, so questions in {self._language!r} are answered "
            f"whatever kind of answer they ask for",
        )

    def identity(self) -> Mapping[str, str]:
        """Return the version of the rules, how many snippets are read, and the version of the pipeline."""
        parts = {"answerer": "extractive", "version": VERSION, "option.top_k": str(self.depth)}
        if not knows_kinds(self._language):
            parts["language"] = primary(self._language)
        if self._pipeline is not None:
            meta = spacy_pipeline(self._pipeline).meta
            parts |= {"option.pipeline": self._pipeline, "pipeline": f"{meta['lang']}_{meta['name']} {meta['version']}"}
        return parts

    def warm_up(self) -> None:
        """Load the pipeline, if one is named. Raises `UsageError` where it is not installed."""
        if self._pipeline is not None:
            spacy_pipeline(self._pipeline)

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading. `score` is the sum of the votes; the snippets are those that voted, largest vote first."""
        return [self._answer(reading) for reading in readings]

    def _answer(self, reading: Reading) -> Answer:
        asked = take_apart(reading.question.split(), self._language)
        matches = [_Match.of(asked, self._passage(snippet)) for snippet in reading.snippets[: self.depth]]
        most = max((match.overlap for match in matches), default=0.0)
        if not most:
            return Answer("")
        support = [
            match.support(asked.kind) * (match.overlap / most) ** _LOUDNESS / (1 + _BY_RANK * rank)
            for rank, match in enumerate(matches)
        ]
        return _elected(matches, support, [snippet.id for snippet in reading.snippets])


@dataclass(frozen=True, eq=False)
class _Match:
    """The question's words in one passage: their summed weight, how near each unit is to them, and where they are."""

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
            occurrences = np.array([place for place, _ in places])
            distance = np.abs(units[:, None] - occurrences).min(axis=1)  # (n_units, n_places) -> n_units
            near += tells * _DECAY[np.minimum(distance, len(_DECAY) - 1)]
            taken[occurrences + 1] = 1
            overlap += tells
        return cls(passage, overlap, near, taken.cumsum())

    def support(self, kind: Kind) -> NDArray[np.float64]:
        """Return the support of each candidate here as an answer of that kind, float64[n_candidates].

        It is 0 for one that repeats a word of the question.
        """
        first, last = self.passage.first, self.passage.last
        near = np.maximum(self.near[first], self.near[last])
        repeats = self.taken[last + 1] > self.taken[first]
        fit = _FIT[kind][self.passage.shape] * self.passage.wholeness
        if kind in _LABELLED:
            labelled = self.passage.kind
            fit = fit * np.where(labelled == kind, _RIGHT_LABEL, np.where(labelled == None, 1.0, _WRONG_LABEL))  # noqa: E711
        return np.where(repeats, 0.0, near * fit)

    def best(self, support: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest support of each key, float64[n_keys]."""
        return np.maximum.reduceat(support, self.passage.starts) if len(support) else support

    def spelling(self, key: str, support: NDArray[np.float64]) -> str:
        """Return the spelling of the key where its support is largest."""
        index = self.passage.keys.index(key)
        start, end = (int(place) for place in [*self.passage.starts, len(support)][index : index + 2])
        return self.passage.texts[start + int(support[start:end].argmax())]


def _elected(matches: Sequence[_Match], support: Sequence[NDArray[np.float64]], ids: Sequence[str]) -> Answer:
    """Return the answer with most votes: a snippet votes for a candidate with the best of its places there."""
    votes = [match.best(places) for match, places in zip(matches, support, strict=True)]  # [n_keys] of each passage
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
    first = voters[0][1]
    text = matches[first].spelling(key, support[first])
    return Answer(text, tuple(ids[rank] for _, rank in voters), round(totals[numbers[key]].item(), 6))


def _longest(keys: Sequence[str], totals: NDArray[np.float64]) -> str:
    """Return the key with most votes, or a longer one around it that has nearly as many, step by step. Ties: the later in the
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
