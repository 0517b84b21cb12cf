"""The figures of early decision, made of courses, with intervals that keep all recordings of a question together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Final, Literal

import numpy as np

from harness.analysis.attribution import Estimate
from harness.analysis.early.clusters import Clusters
from harness.analysis.early.courses import Course
from harness.analysis.early.deciding import WordKind, Words, deciding_words
from harness.analysis.early.revisions import Revisions, revisions
from harness.analysis.early.rule import Stops, cross_validate, stops
from harness.analysis.statistics import RESAMPLES

Mode = Literal["words", "partials", "audio"]
"""Cut text, partial hypotheses of a recogniser that reads as it goes, or cut recordings."""
Decides = Literal["outcome", "intent"]
"""What is decided: the run's outcome of a retriever, or the intent of an interpreter."""
GRID: Final = tuple(step / 10 for step in range(1, 11))
SHOWN: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share that is right after a share of the words or seconds."""

    share: float
    right: Estimate


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What stopping at one fixed relative margin gives, on all questions: its outcome, and the share that had come in."""

    threshold: float
    right: Estimate
    share: Estimate


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule gives whose threshold was set on other questions, where it might lose `tolerance` of the outcome.

    `thresholds`: of each fold; `None`: never before the end. `difference` is its outcome less that of the whole.
    """

    tolerance: float
    thresholds: tuple[float | None, ...]
    right: Estimate
    share: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Curve:
    """One way of growing questions, and what is decided on them. `backend` and `condition` are `None` for the reference's text.

    Shares are of the words or seconds of each question: until its decision is first right, and until it is right ever after.
    In these two a question that never gets there counts with 1, the whole of it. `of_right` is the latter among the `n_right`
    that are right in the end; `amount` the same in words or seconds, of `amount_total`. `n_empty` have nothing to decide on: they
    failed, or no word was recognised. `seconds` is when the deciding word ends, of recordings
    of `seconds_total`, among those whose words are timed. `revisions` and `at_once` are of partial hypotheses: how they change,
    and the outcome where the same recordings are read at once.
    """

    mode: Mode
    backend: str | None
    condition: str | None
    n: int
    n_questions: int
    n_right: int
    n_ever: int
    n_empty: int
    right: Estimate
    ever: Estimate
    until_right: Estimate
    until_settled: Estimate
    of_right: Estimate
    amount: Estimate
    amount_total: Estimate
    points: tuple[CurvePoint, ...]
    rules: tuple[RuleResult, ...]
    at_thresholds: tuple[AtThreshold, ...]
    deciding: tuple[WordKind, ...] = ()
    revisions: Revisions | None = None
    at_once: Estimate | None = None
    decides: Decides = "outcome"
    seconds: Estimate | None = None
    seconds_total: Estimate | None = None


@dataclass(frozen=True)
class Counting:
    """How figures are counted: folds of the rule and what it may lose, the seed, and how many resamples an interval has."""

    n_folds: int = 5
    tolerances: tuple[float, ...] = (0.0,)
    seed: int = 7
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Grown:
    """Courses of one kind, one at least. `partials` are the tokens of each recording's partial hypotheses, the transcript last;
    none of a recording that failed; `at_once` says whether each is right where the recogniser reads the whole recording at once.
    `grid` are the shares at which the curve is drawn.
    """

    mode: Mode
    courses: Sequence[Course]
    backend: str | None = None
    condition: str | None = None
    partials: Sequence[Sequence[Sequence[str]]] = ()
    at_once: Sequence[bool] = ()
    grid: Sequence[float] = GRID
    decides: Decides = "outcome"


def curve(grown: Grown, counting: Counting, words: Words) -> Curve:
    """Return all figures of the courses. `words` tells of the words of cut text."""
    courses = grown.courses
    questions = [course.question_id for course in courses]
    clusters = Clusters(questions, counting.seed, counting.resamples)
    right = np.array([course.right for course in courses])
    ever = np.array([course.first is not None for course in courses])
    timed = np.array([course.right and bool(course.ends) for course in courses])
    ends = np.array([c.ends[c.settled] if c.ends and c.settled is not None else 0.0 for c in courses])
    until_settled = np.array([course.share(course.settled) for course in courses])
    stopped = stops(courses)
    return Curve(
        grown.mode, grown.backend, grown.condition,
        n=len(courses), n_questions=clusters.n_questions, n_right=int(right.sum()), n_ever=int(ever.sum()),
        n_empty=sum(not course.costs for course in courses),
        right=clusters.share(right),
        ever=clusters.share(ever),
        until_right=clusters.mean(np.array([course.share(course.first) for course in courses])),
        until_settled=clusters.mean(until_settled),
        of_right=clusters.mean(until_settled, right),
        amount=clusters.mean(until_settled * np.array([course.total for course in courses]), right),
        amount_total=clusters.mean(np.array([course.total for course in courses]), right),
        points=tuple(CurvePoint(at, clusters.share(np.array([c.right_by(at) for c in courses]))) for at in grown.grid),
        rules=tuple(_rule_result(courses, stopped, counting, tolerance, clusters) for tolerance in counting.tolerances),
        at_thresholds=tuple(_at_thresholds(courses, clusters)),
        deciding=deciding_words(courses, clusters, words) if grown.mode == "words" else (),
        revisions=revisions(grown.partials, clusters) if grown.partials else None,
        at_once=clusters.share(np.array(grown.at_once)) if grown.at_once else None,
        decides=grown.decides,
        seconds=clusters.mean(ends, timed) if timed.any() else None,
        seconds_total=clusters.mean(np.array([course.length for course in courses]), timed) if timed.any() else None,
    )  # fmt: skip


def _rule_result(
    courses: Sequence[Course], stopped: Stops, counting: Counting, tolerance: float, clusters: Clusters
) -> RuleResult:
    questions = [course.question_id for course in courses]
    rule = cross_validate(stopped, questions, counting.n_folds, tolerance, counting.seed)
    right, rows = np.array([course.right for course in courses]), np.arange(len(courses))
    rule_right, share = stopped.right[rows, rule.column], stopped.share[rows, rule.column]
    return RuleResult(
        tolerance,
        tuple(None if isinf(threshold) else threshold for threshold in rule.thresholds),
        clusters.share(rule_right),
        clusters.mean(share),
        clusters.mean(rule_right.astype(np.float64) - right),
    )


def _at_thresholds(courses: Sequence[Course], clusters: Clusters) -> list[AtThreshold]:
    stopped = stops(courses, SHOWN)
    return [
        AtThreshold(threshold, clusters.share(stopped.right[:, at]), clusters.mean(stopped.share[:, at]))
        for at, threshold in enumerate(SHOWN)
    ]
