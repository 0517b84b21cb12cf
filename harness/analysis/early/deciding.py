"""Which word decides: the one from which on a decision is right ever after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.analysis.attribution import Estimate
from harness.analysis.early.clusters import Clusters
from harness.analysis.early.courses import Course
from harness.records import Zipf


@dataclass(frozen=True)
class Words:
    """What is known of words: how frequent one is (`None` without a list), and whether that makes it rare."""

    zipf: Callable[[str], Zipf | None]
    is_rare: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class WordKind:
    """How often the deciding word is of a kind, and how often a random word of the same questions is, over `n` of them."""

    kind: Literal["rarest", "rare"]
    n: int
    decides: Estimate
    by_chance: Estimate
    difference: Estimate


def deciding_words(courses: Sequence[Course], clusters: Clusters, words: Words) -> tuple[WordKind, ...]:
    """Return how often the deciding word is the question's rarest, and a rare one where the question has any.

    The deciding word is the one that the decision is right from ever after, so only courses that are right in the end have one.
    By chance, each word of the same question is as likely. Words as rare as the rarest are all the rarest.
    """
    frequency = {word: words.zipf(word) for word in {word for course in courses for word in course.words}}
    marked: dict[Literal["rarest", "rare"], list[list[bool]]] = {"rarest": [], "rare": []}
    for course in courses:
        known = [value for word in course.words if (value := frequency[word]) is not None]
        lowest = min(known) if known else None
        marked["rarest"].append([lowest is not None and frequency[word] == lowest for word in course.words])
        marked["rare"].append([words.is_rare(word) for word in course.words])
    return tuple(
        kind for name, marks in marked.items() if (kind := _word_kind(name, courses, marks, clusters)) is not None
    )


def _word_kind(
    name: Literal["rarest", "rare"], courses: Sequence[Course], marks: Sequence[Sequence[bool]], clusters: Clusters
) -> WordKind | None:
    counted = np.array([course.right and any(each) for course, each in zip(courses, marks, strict=True)])
    if not counted.any():
        return None
    decides = np.array([
        course.settled is not None and each[course.settled] for course, each in zip(courses, marks, strict=True)
    ])  # fmt: skip
    chance = np.array([sum(each) / len(each) if each else 0.0 for each in marks])
    return WordKind(
        name,
        int(counted.sum()),
        clusters.share(decides, counted),
        clusters.mean(chance, counted),
        clusters.mean(decides - chance, counted),
    )
