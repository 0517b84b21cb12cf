"""The reader that needs no model: a linear ranker over the names, dates, numbers and phrases of the snippets.

It searches the sentences that have most of the question's rare words. A candidate's score is the sum of what its plain
features weigh (Rajpurkar et al., SQuAD, EMNLP 2016, section 5): its kind beside the kind that is asked for, how near it
is to the question's words, the words around it. Repetitions count (Brill, Dumais & Banko, AskMSR, EMNLP 2002): the
probabilities of one answer in several snippets are summed. An answer carries the features that chose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, ClassVar, Final

import msgspec
import numpy as np

from harness.answering.candidates import Floats, Ints, Passage, Syntax, read_passage
from harness.answering.features import Sentences, categories, choose, governing, numbers, static_features
from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, refuse_model
from harness.answering.question import KINDS, Kind, knows_kinds, take_apart
from harness.answering.ranker import elect, fitting, load_ranker
from harness.answering.syntax import KIND_ENTITY, SYNTAX, read_syntax
from harness.records import Answer, Snippet
from harness.words.entities import spacy_pipeline
from harness.words.languages import primary
from harness.words.text.normalise import normalise

VERSION: Final = "2"  # part of the identity: to be raised with every change that changes answers
_REMEMBERED: Final = 8192  # snippets; some ten kilobytes each


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH
    pipeline: str | None = None


@dataclass(frozen=True, eq=False)
class _Read:
    """A snippet read once, with the features that no question changes."""

    passage: Passage
    static: Ints  # [n_candidates, n_static]
    syntax: Syntax | None


@dataclass(frozen=True, eq=False)
class Prepared:
    """The candidates for a question, each with its features, in the order of the snippets and of their places there."""

    kind: Kind
    keys: Sequence[str]
    values: Ints  # [n_candidates, n_named], places among the values of each feature
    numbers: Floats  # [n_candidates, n_numbers]
    passage: Ints  # [n_candidates], the snippet, and which of its candidates
    of: Ints
    passages: Sequence[Passage]

    def written(self, place: int) -> str:
        """Return a candidate as it stands in its snippet."""
        return self.passages[int(self.passage[place])].written(int(self.of[place]))


class Extractive:
    """Reads the first `top_k` (10) snippets. It refuses where no snippet shares a word with the question, or none holds the
    kind of answer that is asked for; it never answers yes or no.

    `pipeline` names an installed spaCy pipeline, or its folder, whose named entities, noun chunks and parse are then
    features too. It is used only if named: the same spec gives the same answers on every machine.
    """

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = None

    def __init__(self, spec: AnswererSpec, language: str) -> None:
        refuse_model(spec)
        options = read_options(spec, _Options)
        self.depth, self._pipeline, self._language = options.top_k, options.pipeline, language
        self._read = lru_cache(maxsize=_REMEMBERED)(lambda snippet: _read(snippet, language, options.pipeline))

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
        """Load the weights, and the pipeline if one is named. Raises `UsageError` where it is not installed."""
        load_ranker(self._pipeline is not None)
        if self._pipeline is not None:
            spacy_pipeline(self._pipeline)

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading. `score` is its probability among all candidates; the snippets are those that hold it, most
        probable first.
        """
        return [self._answer(reading) for reading in readings]

    def prepare(self, reading: Reading) -> Prepared | None:
        """Return the candidates of a reading that fit its question, with their features; `None` where there are none."""
        read = [self._read(snippet) for snippet in reading.snippets[: self.depth]]
        chosen = choose(take_apart(reading.question.split(), self._language), [one.passage for one in read])
        if chosen is None:
            return None
        fits = np.flatnonzero(fitting(chosen))
        if not len(fits):
            return None
        values, figures = _features(chosen, read, self._language)
        return Prepared(
            chosen.asked.kind,
            [chosen.keys[place] for place in fits.tolist()],
            values[fits],
            figures[fits],
            chosen.passage[fits],
            chosen.of[fits],
            [one.passage for one in read],
        )

    def _answer(self, reading: Reading) -> Answer:
        prepared = self.prepare(reading)
        if prepared is None:
            return Answer("")
        ranker = load_ranker(self._pipeline is not None)
        contributions = ranker.contributions(prepared.values, prepared.numbers)
        scores = np.round(contributions.sum(axis=1), 6)  # the same on every machine
        key, probability = elect(scores, prepared.keys)
        mentions = [place for place, other in enumerate(prepared.keys) if other == key]
        mentions.sort(key=lambda place: (-scores[place], place))
        ids = dict.fromkeys(reading.snippets[int(prepared.passage[place])].id for place in mentions)
        return Answer(
            prepared.written(mentions[0]),
            tuple(ids),
            round(probability, 6),
            reasons=ranker.reasons(prepared.values, contributions, mentions[0]),
        )


def _read(snippet: Snippet, language: str, pipeline: str | None) -> _Read:
    passage = read_passage(snippet, language)
    syntax = read_syntax(passage, spacy_pipeline(pipeline)) if pipeline is not None else None
    return _Read(passage, static_features(passage), syntax)


def _features(chosen: Sentences, read: Sequence[_Read], language: str) -> tuple[Ints, Floats]:
    """Return the features with named values, int64[n_candidates, n_named], and the numbers, float64[n_candidates, n_numbers]."""
    passages = [one.passage for one in read]
    starts = np.cumsum([0, *(len(one.static) for one in read)])[:-1]
    rows = starts[chosen.passage] + chosen.of
    values = [np.concatenate([one.static for one in read])[rows], categories(chosen)]
    figures = [numbers(chosen, passages, countries(language))]
    syntaxes = [one.syntax for one in read if one.syntax is not None]
    if syntaxes:
        syntax = np.concatenate([one.features for one in syntaxes])[rows]
        entity = syntax[:, list(SYNTAX).index("entity")]
        kind = KINDS.index(chosen.asked.kind) * (len(KIND_ENTITY) // len(KINDS))
        values += [syntax, (kind + entity)[:, None]]
        figures.append(governing(chosen, syntaxes, passages))
    return np.concatenate(values, axis=1), np.concatenate(figures, axis=1)


@cache
def countries(language: str) -> frozenset[str]:
    """Return the normalised names of countries and territories in a language; empty where Babel does not know it."""
    from babel import Locale, UnknownLocaleError

    try:
        territories = Locale.parse(primary(language)).territories
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(normalise(name, language) for code, name in territories.items() if len(code) == 2)
