"""What a spaCy pipeline adds to a passage: parts of speech, named entities, noun chunks and constituents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from harness.answering.candidates import Ints, Passage, Syntax
from harness.answering.question import KINDS

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


def read_syntax(passage: Passage, pipeline: Any) -> Syntax:
    """Return what the pipeline says of a passage's candidates and words."""
    document = pipeline(passage.text)
    n = len(passage.units)
    starts = np.array([unit.start for unit in passage.units])
    of_token = [int(np.searchsorted(starts, token.idx, side="right")) - 1 for token in document]
    pos, after_pos = np.zeros(n, np.int64), np.zeros(n, np.int64)
    before_pos = np.zeros(n + 1, np.int64)
    known = {name: place for place, name in enumerate(_POS)}
    starting = {token.idx: token for token in document}
    ending = {token.idx + len(token): token for token in document}
    for index, unit in enumerate(passage.units):
        token = starting.get(unit.start) or document[max(_token_at(document, unit.start), 0)]
        pos[index] = known.get(token.pos_, 0)
        before_pos[index] = known.get(document[token.i - 1].pos_, 0) if token.i else 0
        end = ending.get(unit.end)
        if end is not None and end.i + 1 < len(document):
            after_pos[index] = known.get(document[end.i + 1].pos_, 0)
    first, last = passage.first, passage.last
    pairs = list(zip(first.tolist(), last.tolist(), strict=True))
    columns = {
        "part of speech before": before_pos[first],
        "part of speech first": pos[first],
        "part of speech last": pos[last],
        "part of speech after": after_pos[last],
        "entity": _entities(passage, document, of_token, pairs),
        "noun chunk": _chunks(passage, document, of_token, pairs),
        "constituent": _constituents(passage, document, of_token, pairs),
    }
    governor = np.full(n, -1)
    for token in document if document.has_annotation("DEP") else ():
        unit, head = of_token[token.i], of_token[token.head.i]
        if unit >= 0 and head != unit and not token.is_punct:
            governor[unit] = head
    return Syntax(np.stack([columns[name] for name in SYNTAX], axis=1), _roots(pairs, governor), governor)


def _roots(pairs: Sequence[tuple[int, int]], governor: Ints) -> Ints:
    """Return the unit of each candidate whose governor lies outside of it, the last if there are several."""
    governors = governor.tolist()
    return np.array(
        [
            next((unit for unit in range(last, first - 1, -1) if not first <= governors[unit] <= last), last)
            for first, last in pairs
        ],
        np.int64,
    )


def _token_at(document: Any, character: int) -> int:
    span = document.char_span(character, character + 1, alignment_mode="expand")
    return int(span.start) if span is not None and len(span) else 0


def _span(passage: Passage, of_token: Sequence[int], start: int, end: int) -> tuple[int, int] | None:
    """Return the units of tokens `start` to `end`, exclusive, without function words at the edges."""
    first, last = max(of_token[start], 0), of_token[end - 1]
    while first <= last and passage.idle[first]:
        first += 1
    while last >= first and passage.idle[last]:
        last -= 1
    return (first, last) if first <= last else None


def _entities(passage: Passage, document: Any, of_token: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Ints:
    labels: dict[tuple[int, int], str] = {}
    inside = np.full(len(passage.units), -1)
    for number, entity in enumerate(document.ents):
        span = _span(passage, of_token, entity.start, entity.end)
        if span is not None:
            labels[span] = _LABELS.get(entity.label_, "other")
            inside[span[0] : span[1] + 1] = number
    result = np.zeros(len(pairs), np.int64)
    for row, (first, last) in enumerate(pairs):
        if (first, last) in labels:
            result[row] = _ENTITIES.index(labels[first, last])
        elif inside[first] >= 0 and inside[first] == inside[last]:
            result[row] = 1
        elif (inside[first : last + 1] >= 0).any():
            result[row] = 2
    return result


def _chunks(passage: Passage, document: Any, of_token: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Ints:
    whole: set[tuple[int, int]] = set()
    inside, ends = np.full(len(passage.units), -1), np.full(len(passage.units), -1)
    for number, chunk in enumerate(document.noun_chunks if document.has_annotation("DEP") else ()):
        span = _span(passage, of_token, chunk.start, chunk.end)
        if span is not None:
            whole.add(span)
            inside[span[0] : span[1] + 1] = number
            ends[span[1]] = number
    result = np.zeros(len(pairs), np.int64)
    for row, (first, last) in enumerate(pairs):
        if (first, last) in whole:
            result[row] = 1
        elif inside[last] >= 0:
            result[row] = 2 if ends[last] >= 0 else 3
    return result


def _constituents(passage: Passage, document: Any, of_token: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Ints:
    spans: dict[tuple[int, int], int] = {}
    if document.has_annotation("DEP"):
        known = {name: place for place, name in enumerate(_CONSTITUENTS)}
        for token in document:
            span = _span(passage, of_token, token.left_edge.i, token.right_edge.i + 1)
            if span is not None:
                spans[span] = known.get(token.dep_, len(_CONSTITUENTS) - 1)
    return np.array([spans.get(pair, 0) for pair in pairs], np.int64)
