"""Typing errors of the questions, told from their letters and from what the backends recognised instead."""

from __future__ import annotations

import pytest

from harness.analysis.word_costs import WordCost, suspected_typos

TEXTS = ("Which canyon is the deepest?", "Who painted The Hay Wain?", "What does a lorelei do?")


def row(
    backend: str, word: str, *recognised: tuple[str, int], n_correct: int = 0, condition: str = "clean"
) -> WordCost:
    n_reference = n_correct + sum(count for _, count in recognised)
    return WordCost(
        backend, condition, "bm25", word, 1.0, "(0,2)", True, n_reference, n_correct, None, 0, recognised, (), 0.0, 0.5
    )


def both(word: str, first: tuple[str, int], second: tuple[str, int]) -> list[WordCost]:
    return [row("tiny", word, first), row("base", word, second)]


def test_a_word_that_all_backends_take_for_one_common_word() -> None:
    assert suspected_typos(both("lorelei", ("sailor", 2), ("sailor", 1)), TEXTS, "en") == {"lorelei": "sailor"}


@pytest.mark.parametrize(
    "rows",
    [
        [row("tiny", "lorelei", ("sailor", 2))],  # one backend proves nothing
        both("lorelei", ("sailor", 2), ("lawyer", 1)),
        both("lorelei", ("medawar", 2), ("medawar", 1)),  # a rare word is no correction
        both("lorelei", ("a sailor", 2), ("a sailor", 1)),
        both("lorelei", ("", 2), ("", 1)),
        both("wain", ("wine", 2), ("wine", 1)),  # written as a name
        [*both("lorelei", ("sailor", 2), ("sailor", 1)), row("base", "lorelei", ("sailor", 1), n_correct=1, condition="babble")],
        [*both("lorelei", ("sailor", 2), ("sailor", 1)), row("large", "wain", ("wane", 1))],  # large had `lorelei` right
    ],
)  # fmt: skip
def test_what_does_not_look_like_a_typing_error(rows: list[WordCost]) -> None:
    assert suspected_typos(rows, TEXTS, "en") == {}


def test_letters_alone_are_enough() -> None:
    texts = (*TEXTS, "Is the largest mamel a whale?")
    assert suspected_typos(both("lorelei", ("sailor", 2), ("sailor", 1)), texts, "en") == {
        "lorelei": "sailor",
        "mamel": "mammal",
    }
    assert suspected_typos([], texts, "en") == {"mamel": "mammal"}
