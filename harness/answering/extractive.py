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

from harness.answering.features import categories, numbers, static_features
from harness.answering.kinds import Kind
from harness.answering.parse_features import parse_features
from harness.answering.passage import Floats, Ints, read_passage
from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, refuse_model
from harness.answering.question import Knowledge, knowledge_of, take_apart
from harness.answering.ranker import OTHER, PIPELINE, PLAIN, elect, fitting, load_ranker
from harness.answering.sentences import Sentences, choose
from harness.answering.syntax import read_question
from harness.errors import UsageError
from harness.records import Answer
from harness.words.entities import spacy_pipeline
from harness.words.languages import primary
from harness.words.text.normalise import normalise

VERSION: Final = "3"  # part of the identity: to be raised with every change that changes answers
_REMEMBERED: Final = 8192  # snippets; some ten kilobytes each


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH
    pipeline: str | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """The candidates for a question, each with its features, in the order of the snippets and of their places there."""

    chosen: Sentences
    fits: Ints  # [n_candidates], which of all candidates are of the kind that is asked for
    keys: Sequence[str]
    values: Ints  # [n_candidates, n_named], places among the values of each feature
    numbers: Floats  # [n_candidates, n_numbers]

    @property
    def kind(self) -> Kind:
        """What is asked for."""
        return self.chosen.asked.kind

    def written(self, place: int) -> str:
        """Return a candidate as it stands in its snippet."""
        return self.chosen.written(int(self.fits[place]))

    def snippet(self, place: int) -> int:
        """Return which snippet a candidate stands in."""
        return int(self.chosen.passage[self.fits[place]])


class Extractive:
    """Reads the first `top_k` (10) snippets. It refuses where no snippet shares a word with the question, or none holds the
    kind of answer that is asked for; it never answers yes or no.

    `pipeline` names an installed spaCy pipeline, or its folder, whose named entities, noun chunks and parse are then
    features too. It is used only if named: the same spec gives the same answers on every machine.
    """

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = None

    def __init__(self, spec: AnswererSpec, language: str, knowledge: Knowledge | None = None) -> None:
        """`knowledge`: what of the language is used; if not given, all that is known."""
        refuse_model(spec)
        options = read_options(spec, _Options)
        self._knowledge = knowledge_of(language) if knowledge is None else knowledge
        ruled = self._knowledge is Knowledge.RULES
        if options.pipeline is not None and not ruled:
            raise UsageError(
                f"answerer {spec.label!r}: option pipeline: what a pipeline says was weighed on English questions only, and "
                f"the suite's language is {language!r}: leave the option out"
            )
        self._table = OTHER if not ruled else PIPELINE if options.pipeline is not None else PLAIN
        self.depth, self._pipeline, self._language = options.top_k, options.pipeline, language
        self._read = lru_cache(maxsize=_REMEMBERED)(lambda snippet: read_passage(snippet, language))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the reader in the suite's language."""
        if self._knowledge is not Knowledge.NOTHING:
            return ()
        return (
            f"extractive: it knows the question words of English and Spanish only, so questions in {self._language!r} are "
            f"answered whatever kind of answer they ask for",
        )

    def identity(self) -> Mapping[str, str]:
        """Return the version of the rules, how many snippets are read, and the version of the pipeline."""
        parts = {"answerer": "extractive", "version": VERSION, "option.top_k": str(self.depth)}
        if self._knowledge is not Knowledge.RULES:
            parts["language"] = primary(self._language)
        if self._pipeline is not None:
            meta = spacy_pipeline(self._pipeline).meta
            parts |= {"option.pipeline": self._pipeline, "pipeline": f"{meta['lang']}_{meta['name']} {meta['version']}"}
        return parts

    def warm_up(self) -> None:
        """Load the weights, and the pipeline if one is named. Raises `UsageError` where it is not installed."""
        load_ranker(self._table)
        if self._pipeline is not None:
            spacy_pipeline(self._pipeline)

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading. `score` is its probability among all candidates; the snippets are those that hold it, most
        probable first.
        """
        return [self._answer(reading) for reading in readings]

    def prepare(self, reading: Reading) -> Prepared | None:
        """Return the candidates of a reading that fit its question, with their features; `None` where there are none."""
        passages = [self._read(snippet) for snippet in reading.snippets[: self.depth]]
        asked = take_apart(reading.question.split(), self._language).knowing(self._knowledge)
        chosen = choose(asked, passages, self._language)
        if chosen is None:
            return None
        fits = np.flatnonzero(fitting(chosen))
        if not len(fits):
            return None
        values, figures = self._features(chosen, reading.question)
        return Prepared(chosen, fits, [chosen.keys[place] for place in fits.tolist()], values[fits], figures[fits])

    def _features(self, chosen: Sentences, question: str) -> tuple[Ints, Floats]:
        """Return the features with named values and those that are numbers, each [n_candidates, n_features]."""
        values, figures = [static_features(chosen), categories(chosen)], [numbers(chosen, countries(self._language))]
        if self._pipeline is not None:
            pipeline = spacy_pipeline(self._pipeline)
            role = read_question(question, pipeline, self._language)
            named, more = parse_features(chosen, role, pipeline, self._language)
            values.append(named)
            figures.append(more)
        return np.concatenate(values, axis=1), np.concatenate(figures, axis=1)

    def _answer(self, reading: Reading) -> Answer:
        prepared = self.prepare(reading)
        if prepared is None:
            return Answer("")
        ranker = load_ranker(self._table)
        contributions = ranker.contributions(prepared.values, prepared.numbers)
        scores = np.round(contributions.sum(axis=1), 6)  # the same on every machine
        key, probability = elect(scores, prepared.keys)
        mentions = [place for place, other in enumerate(prepared.keys) if other == key]
        mentions.sort(key=lambda place: (-scores[place], place))
        ids = dict.fromkeys(reading.snippets[prepared.snippet(place)].id for place in mentions)
        return Answer(
            prepared.written(mentions[0]),
            tuple(ids),
            round(probability, 6),
            reasons=ranker.reasons(prepared.values, contributions, mentions[0]),
        )


@cache
def countries(language: str) -> frozenset[str]:
    """Return the normalised names of countries and territories in a language; empty where Babel does not know it."""
    from babel import Locale, UnknownLocaleError

    try:
        territories = Locale.parse(primary(language)).territories
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(normalise(name, language) for code, name in territories.items() if len(code) == 2)
