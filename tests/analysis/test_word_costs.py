"""Rare words one by one: N-best lists, bias lists, and what is recoverable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.analysis.word_costs import WordCost, word_costs
from harness.records import Sample
from tests.analysis.samples import questions_of, sample

REFERENCE, HYPOTHESIS = "where does the okapi live", "where does the copy live"


def okapi(n: int, in_nbest: bool | None, **fields: object) -> Sample:
    """A sample with `okapi` misrecognised; whether the N-best list has the word."""
    made = sample(f"q{n}", REFERENCE, HYPOTHESIS, "lost", [1.0], ["rare_entity"], [(3, 4)], restored_by=[0])
    (word,) = made.rare_words
    return replace(made, rare_words=(replace(word, in_nbest=in_nbest),), **fields)  # type: ignore[arg-type]


def cost(samples: Sequence[Sample], bias_words: Mapping[str, set[str]] | None = None) -> WordCost:
    (row,) = word_costs(samples, ("b", "clean", "bm25"), questions_of(samples), bias_words or {}, "en")
    return row


def test_nbest_lists_count_the_times_they_have_the_word() -> None:
    assert cost([okapi(1, True), okapi(2, False), okapi(3, True)]).in_nbest == 2
    assert cost([okapi(1, False), okapi(2, False)]).in_nbest == 0  # lists that lack it, which is not no lists
    assert cost([okapi(1, None), okapi(2, None)]).in_nbest is None
    assert cost([okapi(1, None), okapi(2, True)]).in_nbest == 1


def test_a_word_is_in_the_bias_list_where_it_was_listed_every_time() -> None:
    samples = [okapi(1, None), okapi(2, None)]
    assert cost(samples, {"q1": {"okapi"}, "q2": {"okapi", "ljubljana"}}).in_bias_list is True
    assert cost(samples, {"q1": {"okapi"}, "q2": {"ljubljana"}}).in_bias_list is False
    assert cost(samples).in_bias_list is False


def test_what_is_recoverable_is_lost_and_returns_by_the_region_of_the_word() -> None:
    lost = okapi(1, None)
    kept = sample("q2", REFERENCE, HYPOTHESIS, "kept", [0.0], ["rare_entity"], [(3, 4)], restored_by=[0])
    no_return = sample("q3", REFERENCE, HYPOTHESIS, "lost", [1.0], ["rare_entity"], [(3, 4)])
    right = sample("q4", REFERENCE, REFERENCE, "kept")
    row = cost([lost, kept, no_return, right])
    assert (row.n_reference, row.n_correct, row.recoverable, row.questions) == (4, 1, 1, ("q1",))
    assert row.recognised_as == (("copy", 3),)


def test_the_costliest_words_come_first_by_their_part_of_the_loss() -> None:
    reference = "where do the okapi and the quagga live"
    alone = sample("q1", reference, "where do the copy and the quagga live", "lost", [1.0], ["rare_entity"], [(3, 4)])
    both = sample(
        "q2", reference, "where do the copy and the wagon live", "lost", [0.25, 0.75], ["rare_entity"] * 2, [(3, 4), (6, 7)],
        restored_by=[1],
    )  # fmt: skip
    samples = [alone, both]
    rows = word_costs(samples, ("b", "clean", "bm25"), questions_of(samples), {}, "en")
    assert [(row.word, row.shapley, row.recoverable) for row in rows] == [("okapi", 1.25, 0), ("quagga", 0.75, 1)]
