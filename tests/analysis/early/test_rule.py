from __future__ import annotations

from math import inf

import numpy as np
import pytest

from harness.analysis.early.rule import THRESHOLDS, cross_validate, stops
from tests.analysis.early.by_hand import ALL, course


def test_stops_of_each_threshold() -> None:
    stopped = stops(ALL, (0.0, 0.5, inf))
    assert stopped.right.tolist() == [
        [False, False, True], [True, True, True], [True, True, True], [False, False, False], [False, False, False],
        [False, False, False],
    ]  # fmt: skip
    assert stopped.share.tolist() == [
        [0.25, 0.75, 1.0], [0.25, 0.25, 1.0], [0.2, 0.2, 1.0], [0.25, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0],
    ]  # fmt: skip


# Right only from the second word on, where the margin is .6; a margin of .5 stops at the first word, too early.
HARD = [course(f"hard{n}", "-+++", (0.5, 0.6, 0.6, 0.6)) for n in range(4)]
# Right at once at .5: alone they would allow a threshold of .5.
EASY = [course(f"easy{n}", "++++", (0.5, 0.6, 0.6, 0.6)) for n in range(4)]


def test_the_threshold_is_the_cheapest_that_is_right_as_often_and_the_highest_of_equals() -> None:
    courses = HARD + EASY
    rule = cross_validate(stops(courses), [c.question_id for c in courses], 4, 0.0, 7)
    assert rule.thresholds == (0.6,) * 4  # .55 and .6 stop alike
    assert [THRESHOLDS[column] for column in rule.column] == [0.6] * 8
    easy = cross_validate(stops(EASY), [c.question_id for c in EASY], 2, 0.0, 7)
    assert easy.thresholds == (0.5, 0.5)


def test_a_threshold_is_set_on_other_questions_only() -> None:
    """Each of two questions alone in its fold gets what the other one allows."""
    courses = [HARD[0], EASY[0]]
    rule = cross_validate(stops(courses), ["hard", "easy"], 2, 0.0, 7)
    assert {THRESHOLDS[column] for column in rule.column} == {0.5, 0.6}
    assert THRESHOLDS[rule.column[0]] == 0.5
    assert THRESHOLDS[rule.column[1]] == 0.6


def test_recordings_of_a_question_are_in_one_fold() -> None:
    """Three recordings of the one hard question: none of them teaches the others that .5 is too early."""
    courses = [*(HARD[0] for _ in range(3)), *(course for course in EASY for _ in range(3))]
    questions = [c.question_id for c in courses]
    rule = cross_validate(stops(courses), questions, 5, 0.0, 3)
    assert len(rule.thresholds) == 5
    assert [THRESHOLDS[column] for column in rule.column] == [0.5] * 3 + [0.6] * 12


def test_a_tolerance_buys_earlier_stops() -> None:
    courses = [*HARD[:1], *EASY, *(course(f"more{n}", "++++", (0.5, 0.6, 0.6, 0.6)) for n in range(15))]
    questions = [c.question_id for c in courses]
    strict, lenient = (cross_validate(stops(courses), questions, 4, t, 7) for t in (0.0, 0.1))
    assert max(strict.thresholds) == 0.6
    assert lenient.thresholds == (0.5,) * 4


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_questions_leave_the_rule_at_never(n: int) -> None:
    courses = HARD[:n]
    rule = cross_validate(stops(courses), [c.question_id for c in courses], 5, 0.0, 7)
    assert set(rule.thresholds) <= {inf}
    assert np.array_equal(rule.column, np.full(n, len(THRESHOLDS) - 1))


def test_no_margin_anywhere_never_stops_early() -> None:
    courses = [course(f"q{n}", "-+") for n in range(6)]
    rule = cross_validate(stops(courses), [c.question_id for c in courses], 3, 0.0, 7)
    assert rule.thresholds == (inf,) * 3
