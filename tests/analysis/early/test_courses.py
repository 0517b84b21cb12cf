from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.analysis.early.courses import NOTHING, Course, Decision, margin, of_texts, of_words
from harness.records import Ranking
from tests.analysis.early.by_hand import ALL, EARLY, EMPTY, GONE, LATE, NEVER, WAVERING


def names_paris(question: str, texts: Sequence[str]) -> list[Decision]:
    assert question == "q"
    assert len(set(texts)) == len(texts)
    assert all(text.strip() for text in texts), "nothing is asked of an empty text"
    return [Decision("paris" in text.split(), len(text.split()) / 10) for text in texts]


def test_a_text_grows_word_by_word() -> None:
    course = of_words("q", ["the", "river", "paris", "is", "on"], names_paris)
    assert course.costs == (1, 2, 3, 4, 5)
    assert [d.right for d in course.decisions] == [False, False, True, True, True]
    assert [d.margin for d in course.decisions] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert (course.first, course.settled, course.right, course.share(course.settled)) == (2, 2, True, 0.6)


def test_partial_texts_repeat_are_empty_or_failed() -> None:
    course = of_texts("q", [(0.5, ""), (1.0, "paris"), (1.5, "paris"), (2.0, None), (2.5, "paris is")], names_paris)
    assert course.total == 2.5
    assert course.decisions == (NOTHING, Decision(True, 0.1), Decision(True, 0.1), NOTHING, Decision(True, 0.2))
    assert (course.first, course.settled) == (1, 4)


@pytest.mark.parametrize("course", [of_words("q", [], names_paris), of_texts("q", [], names_paris)])
def test_nothing_recognised_is_never_right_and_costs_the_whole(course: Course) -> None:
    assert (course.first, course.settled, course.right, course.share(course.settled)) == (None, None, False, 1.0)
    assert course.stop(0.0) is None
    assert not course.right_at(course.stop(0.0))
    assert not course.right_by(1.0)


def test_first_and_settled() -> None:
    assert [c.first for c in ALL] == [3, 0, 0, 1, None, None]
    assert [c.settled for c in ALL] == [3, 0, 2, None, None, None]
    assert [c.share(c.settled) for c in ALL] == [1.0, 0.25, 0.6, 1.0, 1.0, 1.0]


def test_where_a_rule_stops() -> None:
    assert [c.stop(0.5) for c in ALL] == [2, 0, 0, 3, 1, None]
    assert [c.stop(0.0) for c in ALL] == [0, 0, 0, 0, 1, None]
    assert [c.stop(9.0) for c in ALL] == [3, 3, 4, 3, 1, None]
    assert [c.right_at(c.stop(0.5)) for c in ALL] == [False, True, True, False, False, False]


def test_right_after_a_share_goes_by_whole_words() -> None:
    assert [WAVERING.right_by(share) for share in (0.1, 0.2, 0.39, 0.4, 0.6, 1.0)] == [
        False, True, True, False, True, True,
    ]  # fmt: skip
    assert [c.right_by(0.5) for c in (LATE, EARLY, GONE, NEVER, EMPTY)] == [False, True, True, False, False]
    third = replace(LATE, costs=(1 / 3, 2 / 3, 1.0, 4 / 3), total=4 / 3)
    assert third.right_by(1.0)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((8.0, 6.0), 0.25), ((8.0, 8.0), 0.0), ((8.0,), 1.0), ((), None), ((0.0, 0.0), None), ((-2.0, -3.0), 0.5),
        ((8.0, 6.0, 0.0), 0.25),
    ],
)  # fmt: skip
def test_the_margin_is_relative_to_the_first(scores: tuple[float, ...], expected: float | None) -> None:
    assert margin(Ranking(tuple("abc"[: len(scores)]), scores)) == expected
