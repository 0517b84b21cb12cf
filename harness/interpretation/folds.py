"""Which recordings are judged by a model that was trained on which others.

question   all recordings of a question are in one fold: no model has seen the question that it is judged on
entity     so are all questions that share an entity, whoever else they share one with: nor has it seen the name
speaker    a fold is a speaker: the questions and names are seen, from other speakers
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

FoldsBy = Literal["question", "entity", "speaker"]
DEFAULT_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A recording of a question: what is interpreted, and what would be right.

    `text` is the reference, `slots` are names by their places in the lexicon.
    """

    utterance_id: str
    question_id: str
    speaker: str
    text: str
    intent: str
    slots: frozenset[int] = frozenset()


def folds_of(items: Sequence[Item], by: FoldsBy, seed: int, n_folds: int = DEFAULT_FOLDS) -> list[int]:
    """Return the fold of each item, from 0. Groups are dealt out intent by intent, so that every fold has some of each.

    The order depends on the seed and the names of groups alone. There are fewer folds where there are fewer groups; speakers
    are a fold each.
    """
    if by == "speaker":
        names = sorted({item.speaker for item in items})
        return [names.index(item.speaker) for item in items]
    groups = [item.question_id for item in items] if by == "question" else _sharing_entities(items)
    first = {group: item.intent for group, item in zip(reversed(groups), reversed(items), strict=True)}
    order = sorted(first, key=lambda group: (first[group], sha256(f"{seed}\0{group}".encode()).digest()))
    fold = {group: place % n_folds for place, group in enumerate(order)}
    return [fold[group] for group in groups]


def is_seen(items: Sequence[Item], folds: Sequence[int]) -> list[bool | None]:
    """Return for each item whether some training item has one of its slots; `None` for an item without slots."""
    folds_of_slot: dict[int, set[int]] = {}
    for item, fold in zip(items, folds, strict=True):
        for slot in item.slots:
            folds_of_slot.setdefault(slot, set()).add(fold)
    return [
        any(folds_of_slot[slot] - {fold} for slot in item.slots) if item.slots else None
        for item, fold in zip(items, folds, strict=True)
    ]


def _sharing_entities(items: Sequence[Item]) -> list[str]:
    """Return a group for each item: the first question by name of all that hang together by their entities."""
    parent: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for item in items:
        for slot in item.slots:
            parent[root(slot)] = root(item.question_id)
    members: dict[Hashable, str] = {}
    for question in sorted({item.question_id for item in items}):
        members.setdefault(root(question), question)
    return [members[root(item.question_id)] for item in items]


def training(folds: Sequence[int]) -> Mapping[int, list[int]]:
    """Return for each fold the places of the items that its model is trained on: all of the other folds."""
    return {fold: [place for place, other in enumerate(folds) if other != fold] for fold in sorted(set(folds))}
