"""The names that an application knows: those that the questions ask for, among names that nobody asks for.

A lexicon of N distractors holds every entity of the suite, and N other names: the first from the titles of its snippets, where
those do not suffice from their texts, in an order that depends on the seed and the name alone. So a longer lexicon holds the
shorter one. Where there are fewer than N, all are taken, and `n_distractors` says how many that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from harness.records import Question, Snippet, Zipf
from harness.words.entities import lexicon
from harness.words.languages import frequency_list
from harness.words.rarity import is_rare
from harness.words.text.normalise import normalise
from harness.words.titles import MAX_TITLE_WORDS, title_name

Name = tuple[str, ...]  # normalised words
_COMMON: Zipf = 4.0  # "Literature" at the start of a sentence, and "May the", are no names


@dataclass(frozen=True)
class Lexicon:
    """Names in normalised words: the `n_own` of the suite, then distractors in the order in which they are added.

    `aliases` maps other names of an entity (`JFK`) to the place of its first name.
    """

    names: tuple[Name, ...]
    n_own: int
    aliases: Mapping[Name, int]

    def sizes(self, wanted: Sequence[int]) -> list[int]:
        """Return how many distractors there are of each number wanted."""
        return [min(n, len(self.names) - self.n_own) for n in wanted]

    def reach(self, n_distractors: int) -> int:
        """Return how many of `names` a lexicon of that many distractors holds."""
        return min(self.n_own + n_distractors, len(self.names))

    def place(self, name: Name) -> int | None:
        """Return the place of one of the suite's names; `None` for any other."""
        return self._places.get(name)

    @cached_property
    def _places(self) -> Mapping[Name, int]:
        return {name: place for place, name in enumerate(self.names[: self.n_own])}

    def entries(self) -> tuple[tuple[Name, int], ...]:
        """Return every spelling with the place of its name; names come in order, other spellings last."""
        return (*((name, place) for place, name in enumerate(self.names)), *self.aliases.items())


def draw_lexicon(
    questions: Sequence[Question], snippets: Sequence[Snippet], language: str, most: int, seed: int,
    pipeline: str | None = None,
) -> Lexicon:  # fmt: skip
    """Return the entities of the questions among at most `most` other names of the snippets.

    `pipeline` names a spaCy pipeline for questions whose entities are not annotated.
    """
    own = {_words(text, language): place for place, text in enumerate(lexicon(questions, language, pipeline))}
    own.pop((), None)
    own = {name: place for place, name in enumerate(own)}
    aliases: dict[Name, int] = {}
    for question in questions:
        for entity in question.entities or ():
            place = own.get(_words(entity.text, language))
            for name in (_words(alias, language) for alias in entity.aliases):
                if place is not None and name and name not in own:
                    aliases.setdefault(name, place)
    others = _distractors(snippets, language, {*own, *aliases}, most, seed)
    return Lexicon((*own, *others), len(own), aliases)


def slots_of(question: Question, lexicon_of: Lexicon, language: str, pipeline: str | None = None) -> frozenset[int]:
    """Return the places of the names that a question asks about: its reference slots."""
    names = (_words(text, language) for text in lexicon([question], language, pipeline))
    return frozenset(place for name in names if (place := lexicon_of.place(name)) is not None)


def _distractors(
    snippets: Sequence[Snippet], language: str, taken: set[Name], most: int, seed: int
) -> tuple[Name, ...]:
    drawn: dict[Name, None] = {}
    titles = (title_name(snippet.title) for snippet in snippets)
    for names in (filter(None, titles), _names_in_texts(snippets, language)):
        if len(drawn) < most:
            forms = {_words(name, language) for name in names} - taken - {()} - set(drawn)
            drawn |= dict.fromkeys(sorted(forms, key=lambda name: _number(name, seed)))
    return tuple(drawn)[:most]


def _names_in_texts(snippets: Sequence[Snippet], language: str) -> Iterable[str]:
    """Yield what stands in the texts like a name: runs of capitalised or rare words, one of which at least is uncommon."""
    names = lexicon((Question(snippet.id, snippet.text) for snippet in snippets), language)
    return (name for name in names if len(name.split()) <= MAX_TITLE_WORDS and _is_uncommon(name, language))


def _is_uncommon(name: str, language: str) -> bool:
    listed = frequency_list(language) is not None
    return not listed or any(is_rare(word, language, _COMMON) for word in _words(name, language))


def _words(text: str, language: str) -> Name:
    return tuple(normalise(text, language).split())


def _number(name: Name, seed: int) -> bytes:
    """Return what orders names: the same on every machine."""
    return sha256(f"{seed}\0{' '.join(name)}".encode()).digest()
