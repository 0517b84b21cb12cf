"""The learned part of the reader: what every feature weighs, which candidate that elects, and why.

`weights/plain.json` holds the weights for English without a spaCy pipeline, `weights/pipeline.json` those with one, and
`weights/other.json` those for other languages: fitted on the same questions, without the classes of English words. A feature is
there by its name, with a weight for each of its values, or with one weight if it is a number; what is not there weighs
nothing. `fixtures/train_reader.py` writes both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.answering.candidates import SHAPES
from harness.answering.features import CATEGORIES, NUMBERS, STATIC
from harness.answering.kinds import Kind
from harness.answering.parse_features import GOVERNING, ROLE
from harness.answering.passage import Floats, Ints
from harness.answering.question import stem
from harness.answering.sentences import Sentences
from harness.answering.syntax import KIND_ENTITY, SYNTAX

_TOP: Final = 10  # candidates among which the one is elected that shares most words with the others
_SHARED: Final = 0.5  # what such sharing counts beside a candidate's own probability
_REASONS: Final = 4  # features that an answer names
_NO_NUMBERS: Final = ("name", "phrase", "mixed", "list")
_FITS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PERSON: _NO_NUMBERS,
    Kind.GROUP: (*_NO_NUMBERS, "measure"),
    Kind.PLACE: _NO_NUMBERS,
    Kind.YEAR: ("year", "date"),
    Kind.DATE: ("year", "date"),
    Kind.COUNT: ("number", "measure"),
    Kind.AMOUNT: ("number", "measure"),
}

_WHERE: Final = frozenset({"in", "at", "near", "off", "into"})  # who stands after one of these is a place
_UNITS: Final = frozenset(stem(unit, "en") for unit in (
    "metres", "meters", "kilometres", "kilometers", "km", "miles", "feet", "foot", "inches", "kg", "kilograms",
    "tons", "tonnes", "pounds", "dollars", "euros", "percent", "degrees", "seconds", "minutes", "hours", "days",
    "weeks", "months", "years", "centuries", "acres", "hectares", "litres", "gallons",
))  # fmt: skip

PLAIN, PIPELINE, OTHER = "plain", "pipeline", "other"
TABLES: Final = (PLAIN, PIPELINE, OTHER)
Named = Mapping[str, tuple[str, ...]]


def named_features(with_pipeline: bool) -> Named:
    """Return the features with named values, in the order of their columns."""
    return {
        **STATIC,
        **CATEGORIES,
        **({**SYNTAX, "kind, entity": KIND_ENTITY, "asked, role": ROLE} if with_pipeline else {}),
    }


def number_features(with_pipeline: bool) -> tuple[str, ...]:
    """Return the features that are numbers, in the order of their columns."""
    return (*NUMBERS, *GOVERNING) if with_pipeline else NUMBERS


class Ranker:
    """The weights, as arrays over the columns of `named_features` and `number_features`."""

    def __init__(self, table: Mapping[str, float | Mapping[str, float]], with_pipeline: bool) -> None:
        self._named, self._numbers = named_features(with_pipeline), number_features(with_pipeline)
        self._of_values = np.array([_of_value(table, name, v) for name, values in self._named.items() for v in values])
        self._of_numbers = np.array([_of_number(table, name) for name in self._numbers])
        self._offsets = np.cumsum([0, *(len(values) for values in self._named.values())])[:-1]

    def contributions(self, values: Ints, numbers: Floats) -> Floats:
        """Return what each feature adds to each candidate's score, float64[n_candidates, n_named + n_numbers]."""
        return np.concatenate([self._of_values[values + self._offsets], numbers * self._of_numbers], axis=1)

    def reasons(self, values: Ints, contributions: Floats, candidate: int) -> tuple[tuple[str, float], ...]:
        """Return the features that raised a candidate most above the average of all, with what they added, largest first."""
        gain = np.round(contributions[candidate] - contributions.mean(axis=0), 3)
        order = sorted(range(len(gain)), key=lambda i: (-gain[i], i))[:_REASONS]
        return tuple((self._name(i, values[candidate]), float(gain[i])) for i in order if gain[i] > 0)

    def _name(self, feature: int, values: NDArray[np.int64]) -> str:
        names = list(self._named)
        if feature < len(names):
            return f"{names[feature]}: {self._named[names[feature]][int(values[feature])]}"
        return self._numbers[feature - len(names)]


def _of_value(table: Mapping[str, float | Mapping[str, float]], name: str, value: str) -> float:
    weights = table.get(name, {})
    return weights.get(value, 0.0) if isinstance(weights, Mapping) else 0.0


def _of_number(table: Mapping[str, float | Mapping[str, float]], name: str) -> float:
    weight = table.get(name, 0.0)
    return 0.0 if isinstance(weight, Mapping) else weight


@cache
def load_ranker(table: str) -> Ranker:
    """Return the ranker of one of the `TABLES` of weights in the package."""
    text = (files("harness.answering") / "weights" / f"{table}.json").read_bytes()
    return Ranker(msgspec.json.decode(text, type=dict[str, float | dict[str, float]]), table == PIPELINE)


def fitting(chosen: Sentences) -> NDArray[np.bool_]:
    """Return which candidates are of the kind that is asked for, bool[n_candidates].

    A question for a number takes no name and one for a person no year. Where several things are asked for, only a list
    answers; a question for yes or no is answered by no words of a snippet.
    """
    asked = chosen.asked
    if asked.kind is Kind.JUDGEMENT:
        return np.zeros(len(chosen.shape), bool)
    shapes = ("list",) if asked.several else _FITS.get(asked.kind, SHAPES)
    fits = np.isin(chosen.shape, [SHAPES.index(shape) for shape in shapes])
    if not asked.ruled:
        return fits & _plain(chosen)
    if asked.kind is Kind.COUNT:
        fits &= ~_counts_something_else(chosen)
    if asked.kind is Kind.PERSON:
        places = {chosen.keys[place] for place in np.flatnonzero(_follows(chosen, _WHERE)).tolist()}
        fits &= np.array([key not in places for key in chosen.keys], bool)
    return fits


def _plain(chosen: Sentences) -> NDArray[np.bool_]:
    """Return which candidates are a name, a number, a date or one word, bool[n_candidates].

    The weights of English word classes do not tell where a longer phrase of another language ends.
    """
    others = [SHAPES.index(shape) for shape in ("name", "year", "date", "number")]
    return np.asarray(np.isin(chosen.shape, others) | (chosen.first == chosen.last), bool)


def _counts_something_else(chosen: Sentences) -> NDArray[np.bool_]:
    """Return which candidates are no count of the asked noun: of "how many acts", "eleven weeks" and the eleven in it."""
    counted = np.cumsum([0, *(stem in chosen.asked.focus for stem in chosen.stems)])
    unit = np.array([*(stem in _UNITS and stem not in chosen.asked.focus for stem in chosen.stems), False], bool)
    ends = chosen.edges[chosen.sentence[chosen.last] + 1] == chosen.last + 1
    units = np.cumsum([0, *unit])
    measures = units[chosen.last + 1] > units[chosen.first]
    without = (chosen.shape == SHAPES.index("measure")) & (counted[chosen.last + 1] == counted[chosen.first])
    few = np.array([" " not in key for key in chosen.keys]) & (
        stem("population", "en") in chosen.asked.focus
    )  # no population is seven
    return np.asarray(measures | (unit[chosen.last + 1] & ~ends) | (without & bool(chosen.asked.focus)) | few, bool)


def _follows(chosen: Sentences, words: frozenset[str]) -> NDArray[np.bool_]:
    """Return which candidates stand after one of some words."""
    after = np.array([False, *(stem in words for stem in chosen.stems)], bool)
    return np.asarray(after[chosen.first] & (chosen.edges[chosen.sentence[chosen.first]] != chosen.first), bool)


def elect(scores: Floats, keys: Sequence[str]) -> tuple[str, float]:
    """Return the key of the answer and its probability.

    The probability of a key is the sum of those of its candidates: a key that several snippets hold has more. Of the most
    probable keys, the one is taken with the largest probability and expected token F1 together: Gustave Flaubert rather
    than Flaubert or Gustave. Ties: the one that stands first.
    """
    probability = np.exp(scores - scores.max())
    probability /= probability.sum()
    totals: dict[str, float] = {}
    for key, share in zip(keys, probability.tolist(), strict=True):
        totals[key] = totals.get(key, 0.0) + share
    top = sorted(totals, key=lambda key: -round(totals[key], 9))[:_TOP]  # stable: in the order of places
    words = [key.split() for key in top]
    worth = [
        (1 - _SHARED) * totals[key]
        + _SHARED * sum(_f1(own, other) * totals[o] for o, other in zip(top, words, strict=True))
        for key, own in zip(top, words, strict=True)
    ]
    best = max(range(len(top)), key=lambda place: (round(worth[place], 9), -place))
    return top[best], totals[top[best]]


def _f1(one: Sequence[str], other: Sequence[str]) -> float:
    if set(one).isdisjoint(other):
        return 0.0
    shared = sum((Counter(one) & Counter(other)).values())
    return 2 * shared / (len(one) + len(other))
