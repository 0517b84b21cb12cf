"""A rule that decides before the end: stop as soon as the first choice stands far enough before the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.analysis.early.courses import Course

THRESHOLDS: Final = (*(step / 20 for step in range(21)), inf)  # relative margins; without end: never before the end


@dataclass(frozen=True)
class Stops:
    """What each threshold does to each course: bool and float64[n_courses, n_thresholds].

    `share` is how much had come in when it stopped.
    """

    right: NDArray[np.bool_]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class CrossValidated:
    """What the rule does to each course with the threshold of its fold, which was set on the other questions.

    `thresholds` has one for each fold; `column` is the course's among `THRESHOLDS`, int64[n_courses].
    """

    thresholds: tuple[float, ...]
    column: NDArray[np.int64]


def stops(courses: Sequence[Course], thresholds: Sequence[float] = THRESHOLDS) -> Stops:
    """Return where each threshold stops each course."""
    at = [[course.stop(threshold) for threshold in thresholds] for course in courses]
    right = [[c.right_at(step) for step in steps] for c, steps in zip(courses, at, strict=True)]
    share = [[c.share(step) for step in steps] for c, steps in zip(courses, at, strict=True)]
    shape = len(courses), len(thresholds)
    return Stops(np.array(right, dtype=np.bool_).reshape(shape), np.array(share, dtype=np.float64).reshape(shape))


def cross_validate(
    stopped: Stops, questions: Sequence[str], n_folds: int, tolerance: float, seed: int
) -> CrossValidated:
    """Return the threshold for each course: of those that are right as often on the other folds' courses as waiting for the end
    is, or less often by `tolerance` at most, the one that saves most there; of equals the highest.

    All recordings of a question, `questions[i]`, are in one fold. `THRESHOLDS` are the columns of `stopped`.
    """
    names = list(dict.fromkeys(questions))
    n_folds = min(n_folds, len(names))
    drawn = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[place]: number % n_folds for number, place in enumerate(drawn.tolist())}
    folds = np.array([fold_of[question] for question in questions], dtype=np.int64)
    chosen = np.full(n_folds, len(THRESHOLDS) - 1)
    for fold in range(n_folds):
        others = folds != fold
        if others.any():
            chosen[fold] = _cheapest(
                stopped.right[others].sum(axis=0), stopped.share[others].sum(axis=0), others.sum(), tolerance
            )
    return CrossValidated(tuple(THRESHOLDS[column] for column in chosen), chosen[folds])


def _cheapest(n_right: NDArray[np.int64], cost: NDArray[np.float64], n: int, tolerance: float) -> int:
    allowed = n_right >= n_right[-1] - tolerance * n - 1e-9
    lowest = cost[allowed].min()
    return int(np.flatnonzero(allowed & (cost <= lowest + 1e-9))[-1])
