"""Alignment against brute force, the pinned order of ties, and error regions that can be repaired."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from harness.records import AlignedWord, ErrorRegion
from harness.words.align import (
    NIST,
    UNIT,
    Costs,
    _weighted_edits,
    align,
    corpus_edits,
    edits,
    error_regions,
    repair,
)  # fmt: skip
from harness.words.weighted import Edit, weighted_edits

words = st.lists(st.sampled_from("abcd"), max_size=7)
long_texts = st.lists(st.sampled_from("abcdef"), max_size=80)
all_costs = st.sampled_from([UNIT, NIST, Costs(2, 1, 1), Costs(1, 2, 3)])


def least_cost(reference: list[str], hypothesis: list[str], costs: Costs) -> int:
    """The textbook recursion, straight from the definition."""

    @cache
    def from_(row: int, column: int) -> int:
        if row == len(reference) and column == len(hypothesis):
            return 0
        choices = []
        if row < len(reference) and column < len(hypothesis):
            differ = reference[row] != hypothesis[column]
            choices.append(from_(row + 1, column + 1) + costs.substitution * differ)
        if row < len(reference):
            choices.append(from_(row + 1, column) + costs.deletion)
        if column < len(hypothesis):
            choices.append(from_(row, column + 1) + costs.insertion)
        return min(choices)

    return from_(0, 0)


@given(words, words, all_costs)
def test_alignment_is_of_least_cost_and_holds_both_texts(
    reference: list[str], hypothesis: list[str], costs: Costs
) -> None:
    alignment = align(reference, hypothesis, costs)
    assert [step.reference for step in alignment if step.reference is not None] == reference
    assert [step.hypothesis for step in alignment if step.hypothesis is not None] == hypothesis
    assert all((step.reference == step.hypothesis) == (step.operation == "hit") for step in alignment)
    price = {"hit": 0, "substitution": costs.substitution, "insertion": costs.insertion, "deletion": costs.deletion}
    assert sum(price[step.operation] for step in alignment) == least_cost(reference, hypothesis, costs)


@given(long_texts, long_texts, all_costs)
def test_long_texts_are_aligned_as_short_ones(reference: list[str], hypothesis: list[str], costs: Costs) -> None:
    assert weighted_edits(
        reference, hypothesis, costs.substitution, costs.insertion, costs.deletion
    ) == _weighted_edits(reference, hypothesis, costs)


def test_ten_thousand_words_at_sclite_s_costs_take_seconds() -> None:
    rng = random.Random(3)
    reference = [str(rng.randrange(20_000)) for _ in range(10_000)]
    hypothesis = [
        word if rng.random() > 0.1 else str(rng.randrange(20_000)) for word in reference if rng.random() > 0.02
    ]
    begun = time.process_time()
    errors = edits(reference, hypothesis, NIST)
    assert time.process_time() - begun < 20  # 1 s on a free machine; pure Python needs two minutes and 1 GB
    counts = Counter(operation for operation, _, _ in errors)
    assert (counts["deletion"] - counts["insertion"]) == len(reference) - len(hypothesis)
    assert 900 < counts["substitution"] < 1100


@pytest.mark.slow
def test_a_hundred_thousand_words_at_unit_costs_need_little_memory() -> None:
    """In a process of its own, which says how much memory it ever held."""
    source = (
        "import random, resource; from harness.words.align import edits; rng = random.Random(3)\n"
        "reference = [str(rng.randrange(20_000)) for _ in range(100_000)]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "edits(reference, [word for word in reference if rng.random() > 0.1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    printed = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert int(printed) < 100_000  # kB


def letters(reference: str, hypothesis: str, costs: Costs) -> str:
    return "".join(step.operation[0] for step in align(reference.split(), hypothesis.split(), costs))


@pytest.mark.parametrize(
    ("reference", "hypothesis", "unit", "nist"),
    [
        ("a", "b c", "is", "is"),
        ("a b", "c", "sd", "ds"),
        ("a a", "a", "hd", "dh"),
        ("a", "a a", "hi", "ih"),
        ("a b c", "b c d", "dhhi", "dhhi"),
        ("a b", "b a", "ihd", "dhi"),
        ("peter medawar was born", "peter mad dog or was born", "hiishh", "hiishh"),
        ("a b c d", "b e f a", "ssss", "dhiss"),
    ],
)
def test_order_of_ties_is_pinned(reference: str, hypothesis: str, unit: str, nist: str) -> None:
    assert (letters(reference, hypothesis, UNIT), letters(reference, hypothesis, NIST)) == (unit, nist)


def unit_edits_in_the_stated_order(reference: list[str], hypothesis: list[str]) -> list[Edit]:
    """The module's sentence on ties of unit costs, word for word."""
    start = shared_start(reference, hypothesis)
    end = shared_start(reference[start:][::-1], hypothesis[start:][::-1])
    row, column = len(reference) - end, len(hypothesis) - end
    cost = [
        [least_cost(reference[start:i], hypothesis[start:j], UNIT) for j in range(start, column + 1)]
        for i in range(start, row + 1)
    ]
    errors: list[Edit] = []
    while row > start or column > start:
        i, j = row - start, column - start
        if i and cost[i][j] == cost[i - 1][j] + 1:
            row -= 1
            errors.append(("deletion", row, column))
        elif i == 0 or (j and cost[i][j - 1] < cost[i - 1][j - 1]):
            column -= 1
            errors.append(("insertion", row, column))
        else:
            row, column = row - 1, column - 1
            if reference[row] != hypothesis[column]:
                errors.append(("substitution", row, column))
    return errors[::-1]


def shared_start(first: list[str], second: list[str]) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


@given(words, words)
def test_ties_of_unit_costs_are_broken_as_stated(reference: list[str], hypothesis: list[str]) -> None:
    assert edits(reference, hypothesis) == unit_edits_in_the_stated_order(reference, hypothesis)


_RAPIDFUZZ = {"replace": "substitution", "insert": "insertion", "delete": "deletion"}


@given(st.lists(st.tuples(long_texts, long_texts), max_size=4), all_costs)
def test_many_pairs_at_once_are_aligned_as_one_by_one(pairs: list[tuple[list[str], list[str]]], costs: Costs) -> None:
    references, hypotheses = [list(texts) for texts in zip(*pairs, strict=True)] or ([], [])
    together = list(corpus_edits(references, hypotheses, costs))
    assert together == [edits(*pair, costs) for pair in pairs]
    if costs == UNIT:  # as runs before jiwer did this work
        assert together == [
            [(_RAPIDFUZZ[edit.tag], edit.src_pos, edit.dest_pos) for edit in Levenshtein.editops(*pair)]
            for pair in pairs
        ]


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("medawar", "mad dog or", ErrorRegion(0, 1, 0, 3, "split")),
        ("x rio de janeiro", "x reality", ErrorRegion(1, 4, 1, 2, "merge")),
        ("x a b y", "x c d y", ErrorRegion(1, 3, 1, 3, "substitution")),
        ("x a y", "x y", ErrorRegion(1, 2, 1, 1, "deletion")),
        ("x y", "x a y", ErrorRegion(1, 1, 1, 2, "insertion")),
    ],
)
def test_kinds_of_region(reference: str, hypothesis: str, expected: ErrorRegion) -> None:
    assert error_regions(align(reference.split(), hypothesis.split())) == (expected,)


@given(words, words, all_costs)
def test_regions_are_maximal_and_cover_every_error(reference: list[str], hypothesis: list[str], costs: Costs) -> None:
    regions = error_regions(align(reference, hypothesis, costs))
    ends = [(0, 0), *((region.reference_end, region.hypothesis_end) for region in regions)]
    starts = [
        *((region.reference_start, region.hypothesis_start) for region in regions),
        (len(reference), len(hypothesis)),
    ]
    for index, ((row, column), (next_row, next_column)) in enumerate(zip(ends, starts, strict=True)):
        assert reference[row:next_row] == hypothesis[column:next_column]  # what lies between regions matches
        assert next_row > row or index in (0, len(regions))  # two regions never touch


@given(words, words, all_costs, st.sets(st.integers(0, 7)))
def test_repair(reference: list[str], hypothesis: list[str], costs: Costs, chosen: set[int]) -> None:
    regions = error_regions(align(reference, hypothesis, costs))
    assert repair(reference, hypothesis, regions, range(len(regions))) == reference
    assert repair(reference, hypothesis, regions, ()) == hypothesis
    # Repairing some regions and then the others, in what came out, is repairing all.
    partly = repair(reference, hypothesis, regions, chosen)
    fixed = sum(
        (region.reference_end - region.reference_start) - (region.hypothesis_end - region.hypothesis_start)
        for index, region in enumerate(regions)
        if index in chosen
    )
    assert len(partly) == len(hypothesis) + fixed


def test_steps_carry_their_words() -> None:
    assert align(["peter", "medawar"], ["peter", "mad", "dog"]) == (
        AlignedWord("hit", "peter", "peter"),
        AlignedWord("insertion", None, "mad"),
        AlignedWord("substitution", "medawar", "dog"),
    )
    assert align([], []) == ()
