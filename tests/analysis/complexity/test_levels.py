"""Versions of a suite without its rarest words."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.complexity.levels import Levels, rarest_word

# Zipf in wordfreq: paris 5.0, seine 3.3, ljubljana 2.8, okapi 1.6, medawar 0
WORDS = ["paris", "seine", "ljubljana", "okapi", "medawarian"]


def levels(words: list[str], fewest: int, n: int = 10) -> Levels:
    return Levels.of([["the", word] for word in words], "en", fewest, n)


def test_the_rarest_goes_first() -> None:
    made = levels(WORDS, 1)
    assert made.order.tolist() == [4, 3, 2, 1, 0]
    assert made.sizes == (5, 4, 3, 2, 1)
    assert [word for word, _ in filter(None, made.rarest)] == WORDS[::-1]
    assert made.kept().tolist() == [[number < size for number in range(5)] for size in made.sizes]
    assert [frequency for _, frequency in filter(None, made.rarest)] == sorted(rarest_word([w], "en")[0] for w in WORDS)


def test_questions_with_the_same_rarest_word_go_together() -> None:
    made = levels(["okapi"] * 4 + ["seine"] * 2 + ["paris"] * 4, 3)
    assert made.sizes == (10, 6, 4)
    for kept in made.kept():
        assert len(set(kept[:4])) == len(set(kept[4:6])) == len(set(kept[6:])) == 1


def test_numbers_are_never_rare() -> None:
    assert rarest_word(["what", "happened", "in", "1848", "in", "paris"], "en")[2] == "paris"
    assert rarest_word(["seventeenth"], "en") == (inf, "", "") == rarest_word([], "en")
    made = Levels.of([["1848"], ["okapi"], ["paris"]], "en", 1, 3)
    assert (made.order.tolist(), made.rarest[-1]) == ([1, 2, 0], None)


def test_words_of_equal_frequency_follow_in_an_order_without_meaning() -> None:
    """Not that of the questions, nor the alphabet's; the same each time."""
    words = [f"{letter}qzxj" for letter in "abcdefghij"]
    order = levels(words, 1).order.tolist()
    assert order != sorted(order)
    assert [words[::-1][i] for i in levels(words[::-1], 1).order] == [words[i] for i in order]


def test_too_few_questions_make_one_level() -> None:
    assert levels(WORDS, 5).sizes == levels(WORDS, 50).sizes == (5,)


@given(st.integers(2, 60), st.integers(1, 30), st.integers(0, 9))
def test_random_removal_keeps_as_many_at_every_level(n: int, fewest: int, seed: int) -> None:
    made = levels([WORDS[i % 5] + "q" * i for i in range(n)], fewest)
    assert made.sizes[0] == n
    assert made.sizes[-1] >= min(fewest, n)
    assert list(made.sizes) == sorted(set(made.sizes), reverse=True)
    assert made.kept().sum(axis=1).tolist() == list(made.sizes)
    orders = made.random_orders(7, seed)
    kept = made.kept_by(orders)
    assert (kept.sum(axis=2) == np.array(made.sizes)[:, None]).all()
    assert (kept[1:] <= kept[:-1]).all(), "levels are nested"
    assert (np.sort(orders, axis=1) == np.arange(n)).all()
    assert (orders == made.random_orders(7, seed)).all()


@pytest.mark.parametrize(("n", "fewest"), [(250, 30), (1190, 100)])
def test_ten_levels_of_equal_steps(n: int, fewest: int) -> None:
    made = levels([f"qzxj{'q' * i}" for i in range(n)], fewest)
    assert len(made.sizes) == 10
    assert (made.sizes[0], made.sizes[-1]) == (n, fewest)
    assert np.ptp(np.diff(made.sizes)) <= 1
