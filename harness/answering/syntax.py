"""What a spaCy pipeline adds to a passage: parts of speech, named entities, noun chunks and constituents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from harness.answering.kinds import KINDS
from harness.answering.passage import Bools, Ints, Passage, facts
from harness.answering.question import stem

_POS: Final = (
    "none", "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ", "SYM", "VERB", "X", "SPACE",
)  # fmt: skip
# The labels of OntoNotes, which spaCy's pipelines for English use; `part` stands inside a longer one, `holds` around one.
_ENTITIES: Final = ("none", "part", "holds", "PERSON", "PLACE", "GROUP", "DATE", "NUMBER", "AMOUNT", "other")
_LABELS: Final = {
    "PERSON": "PERSON", "PER": "PERSON", "GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE", "ORG": "GROUP", "NORP": "GROUP",
    "DATE": "DATE", "TIME": "DATE", "CARDINAL": "NUMBER", "ORDINAL": "NUMBER", "QUANTITY": "AMOUNT",
    "PERCENT": "AMOUNT", "MONEY": "AMOUNT",
}  # fmt: skip
_CHUNKS: Final = ("none", "whole", "part", "head cut")
_CONSTITUENTS: Final = (
    "none", "nsubj", "nsubjpass", "dobj", "pobj", "attr", "conj", "appos", "advmod", "amod", "compound", "npadvmod",
    "nummod", "prep", "ROOT", "acomp", "ccomp", "xcomp", "advcl", "relcl", "acl", "poss", "oprd", "pcomp", "other",
)  # fmt: skip

# What a word is to the verb or noun that it belongs to; the object of a verb is the subject of its passive.
ROLES: Final = ("other", "subject", "object", "after preposition", "adverb", "be", "apposition", "part of a name")
_ROLE_OF: Final = {
    "nsubj": "subject", "nsubjpass": "object", "dobj": "object", "attr": "be", "oprd": "be", "advmod": "adverb",
    "npadvmod": "adverb", "appos": "apposition", "compound": "part of a name", "dative": "object",
}  # fmt: skip
_ASKING: Final = frozenset({"WP", "WDT", "WRB", "WP$"})
_MODIFIERS: Final = frozenset({"det", "amod", "advmod", "nummod", "poss", "quantmod", "compound"})
_BESIDE_BE: Final = frozenset({"nsubj", "attr", "acomp"})


Run = tuple[int, int]  # first and last unit


class AskedRole(NamedTuple):
    """The role that a question asks for, and the stems of the words that it is about."""

    role: int
    about: frozenset[str]


SYNTAX: Final[Mapping[str, tuple[str, ...]]] = {
    "part of speech before": _POS,
    "part of speech first": _POS,
    "part of speech last": _POS,
    "part of speech after": _POS,
    "entity": _ENTITIES,
    "noun chunk": _CHUNKS,
    "constituent": _CONSTITUENTS,
}
KIND_ENTITY: Final = tuple(f"{kind} {entity}" for kind in KINDS for entity in _ENTITIES)


@dataclass(frozen=True, eq=False)
class Parse:
    """What a pipeline says of a passage, by units, and of the runs of units that it marks.

    `governor` is the unit that governs each unit, or -1; `roles` are places in `ROLES`, and `predicate` the verb or noun that
    each role is about, or -1. `inside_entity`, `inside_chunk`: the number of the run around a unit, or -1.
    """

    before: Ints  # parts of speech, [n_units]
    own: Ints
    after: Ints
    governor: Ints
    roles: Ints
    predicate: Ints
    entities: Mapping[Run, int]
    inside_entity: Ints
    chunks: frozenset[Run]
    inside_chunk: Ints
    ends_chunk: Bools
    constituents: Mapping[Run, int]

    def roots(self, runs: Sequence[Run]) -> Ints:
        """Return the unit of each run whose governor lies outside of it, the last if there are several."""
        governors = self.governor.tolist()
        return np.array(
            [
                next((unit for unit in range(last, first - 1, -1) if not first <= governors[unit] <= last), last)
                for first, last in runs
            ],
            np.int64,
        )

    def features(self, runs: Sequence[Run]) -> Ints:
        """Return the place of the value of each run within each feature of `SYNTAX`, int64[n_runs, n_features]."""
        first, last = np.array([a for a, _ in runs], np.int64), np.array([b for _, b in runs], np.int64)
        columns = {
            "part of speech before": self.before[first],
            "part of speech first": self.own[first],
            "part of speech last": self.own[last],
            "part of speech after": self.after[last],
            "entity": np.array([self._entity(run) for run in runs], np.int64),
            "noun chunk": np.array([self._chunk(run) for run in runs], np.int64),
            "constituent": np.array([self.constituents.get(run, 0) for run in runs], np.int64),
        }
        return np.stack([columns[name] for name in SYNTAX], axis=1)

    def _entity(self, run: Run) -> int:
        if run in self.entities:
            return self.entities[run]
        inside = self.inside_entity
        if inside[run[0]] >= 0 and inside[run[0]] == inside[run[1]]:
            return _ENTITIES.index("part")
        return _ENTITIES.index("holds") if (inside[run[0] : run[1] + 1] >= 0).any() else 0

    def _chunk(self, run: Run) -> int:
        if run in self.chunks:
            return _CHUNKS.index("whole")
        if self.inside_chunk[run[1]] < 0:
            return 0
        return _CHUNKS.index("part" if self.ends_chunk[run[1]] else "head cut")


def parse(passage: Passage, pipeline: Any, language: str) -> Parse:
    """Return what a pipeline says of a passage; it is asked once for each passage."""
    if not passage.parsed:
        passage.parsed.append(_parse(passage, pipeline, language))
    known: Parse = passage.parsed[0]
    return known


def _parse(passage: Passage, pipeline: Any, language: str) -> Parse:
    document = pipeline(passage.text)
    n = len(passage.units)
    starts = np.array([unit.start for unit in passage.units])
    of_token = [int(np.searchsorted(starts, token.idx, side="right")) - 1 for token in document]
    idle = [facts(unit.word, language, True).idle for unit in passage.units]
    has_parse = document.has_annotation("DEP")
    entities, inside_entity = _runs(
        ((one.start, one.end, _ENTITIES.index(_LABELS.get(one.label_, "other"))) for one in document.ents),
        of_token,
        idle,
    )
    chunks, inside_chunk = _runs(
        ((one.start, one.end, 1) for one in (document.noun_chunks if has_parse else ())), of_token, idle
    )
    constituents, _ = _runs(((*one, place) for one, place in _subtrees(document if has_parse else ())), of_token, idle)
    ends = np.zeros(n, bool)
    ends[[last for _, last in chunks]] = True
    governor = np.full(n, -1)
    for token in document if has_parse else ():
        unit, head = of_token[token.i], of_token[token.head.i]
        if unit >= 0 and head != unit and not token.is_punct:
            governor[unit] = head
    roles, predicate = _roles(document if has_parse else (), of_token, n)
    return Parse(
        *_parts_of_speech(passage, document),
        governor,
        roles,
        predicate,
        entities,
        inside_entity,
        frozenset(chunks),
        inside_chunk,
        ends,
        constituents,
    )


def _parts_of_speech(passage: Passage, document: Any) -> tuple[Ints, Ints, Ints]:
    n = len(passage.units)
    before, own, after = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    known = {name: place for place, name in enumerate(_POS)}
    starting = {token.idx: token for token in document}
    ending = {token.idx + len(token): token for token in document}
    for index, unit in enumerate(passage.units):
        token = starting.get(unit.start) or document[max(_token_at(document, unit.start), 0)]
        own[index] = known.get(token.pos_, 0)
        before[index] = known.get(document[token.i - 1].pos_, 0) if token.i else 0
        end = ending.get(unit.end)
        if end is not None and end.i + 1 < len(document):
            after[index] = known.get(document[end.i + 1].pos_, 0)
    return before, own, after


def _subtrees(document: Any) -> Iterator[tuple[tuple[int, int], int]]:
    known = {name: place for place, name in enumerate(_CONSTITUENTS)}
    for token in document:
        yield (token.left_edge.i, token.right_edge.i + 1), known.get(token.dep_, len(_CONSTITUENTS) - 1)


def _runs(
    marked: Iterable[tuple[int, int, int]], of_token: Sequence[int], idle: Sequence[bool]
) -> tuple[dict[Run, int], Ints]:
    """Return the runs of units of marked tokens, without function words at the edges, with their marks, and the number of
    the run around each unit, or -1.
    """
    runs: dict[Run, int] = {}
    inside = np.full(len(idle), -1)
    for number, (start, end, mark) in enumerate(marked):
        first, last = max(of_token[start], 0), of_token[end - 1]
        while first <= last and idle[first]:
            first += 1
        while last >= first and idle[last]:
            last -= 1
        if first <= last:
            runs[first, last] = mark
            inside[first : last + 1] = number
    return runs, inside


def read_question(words: str, pipeline: Any, language: str) -> AskedRole:
    """Return the part that the answer plays in a question: of "who led the panthers", the subject of led."""
    document = pipeline(words)
    asked = next((token for token in document if token.tag_ in _ASKING), None)
    if asked is None or not document.has_annotation("DEP"):
        return AskedRole(0, frozenset())
    while asked.dep_ in _MODIFIERS and asked.head.i != asked.i and asked.head.pos_ not in ("VERB", "AUX"):
        asked = asked.head  # what team: the team; how many points: the points
    role, predicate = role_of(asked)
    if predicate is not None and predicate.lemma_ == "be":
        others = [child for child in predicate.children if child.i != asked.i and child.dep_ in _BESIDE_BE]
        return AskedRole(ROLES.index("be"), frozenset(stem(child.text, language) for child in others))
    return AskedRole(ROLES.index(role), frozenset({stem(predicate.text, language)} if predicate is not None else ()))


def role_of(token: Any) -> tuple[str, Any]:
    """Return a token's role and the token that it is about, or `None`. Members of a list have the role of the first."""
    while token.dep_ == "conj" and token.head.i != token.i:
        token = token.head
    if token.dep_ == "pobj" and token.head.dep_ == "agent":
        return "subject", token.head.head
    if token.dep_ == "pobj":
        return "after preposition", token.head.head
    return _ROLE_OF.get(token.dep_, "other"), token.head if token.head.i != token.i else None


def _roles(document: Any, of_token: Sequence[int], n_units: int) -> tuple[Ints, Ints]:
    roles, predicate = np.zeros(n_units, np.int64), np.full(n_units, -1)
    for token in document:
        unit = of_token[token.i]
        if unit >= 0 and not token.is_punct:
            role, about = role_of(token)
            roles[unit] = ROLES.index(role)
            predicate[unit] = of_token[about.i] if about is not None else -1
    return roles, predicate


def _token_at(document: Any, character: int) -> int:
    span = document.char_span(character, character + 1, alignment_mode="expand")
    return int(span.start) if span is not None and len(span) else 0
