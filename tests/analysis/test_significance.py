"""Paired tests against SciPy, against brute force, and against what their definitions promise."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, permutation_test

from harness.analysis.significance import (
    holm,
    linearised_differences,
    mapsswe,
    mcnemar_exact,
    minimum_detectable_difference,
    segment_errors,
    sign_flip,
    sign_flip_rates,
)
from harness.analysis.statistics import bootstrap_weights, resampled_ratios
from harness.records import AlignedWord
from harness.words.align import align

WORDS = st.lists(st.sampled_from("abcdef"), max_size=14)


# ---- McNemar


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_scipys_binomial_test(only_first: int, only_second: int) -> None:
    expected = binomtest(only_first, only_first + only_second).pvalue if only_first + only_second else 1.0
    assert mcnemar_exact(only_first, only_second) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_thousands_of_questions() -> None:
    assert mcnemar_exact(1000, 1200) == pytest.approx(binomtest(1000, 2200).pvalue, rel=1e-9)
    assert 0 < mcnemar_exact(0, 900) < 1e-200


def test_mcnemar_sums_the_tail_of_the_binomial_distribution() -> None:
    for only_first, only_second in ((0, 0), (0, 1), (1, 5), (3, 3), (7, 20), (90, 130)):
        n, fewer = only_first + only_second, min(only_first, only_second)
        tail = Fraction(sum(comb(n, k) for k in range(fewer + 1)), 2**n)
        assert mcnemar_exact(only_first, only_second) == pytest.approx(float(min(1, 2 * tail)), rel=1e-13)


def test_mcnemar_of_ten_million_discordant_pairs_is_the_normal_one() -> None:
    only_first, only_second = 4_998_000, 5_002_000
    z = (only_second - only_first - 1) / (only_first + only_second) ** 0.5  # with the correction for continuity
    assert mcnemar_exact(only_first, only_second) == pytest.approx(2 * norm.sf(z), rel=1e-6)


# ---- sign flips


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-8, 8).map(lambda n: n / 4), min_size=2, max_size=9))
def test_all_patterns_are_scipys_exact_permutation_test(differences: list[float]) -> None:
    found = sign_flip(np.array(differences), seed=1)
    expected = permutation_test(
        (np.array(differences),), lambda x, axis: np.abs(x.mean(axis)), vectorized=True, permutation_type="samples",
        n_resamples=10_000, alternative="greater",
    )  # fmt: skip
    assert found == pytest.approx(expected.pvalue)


@settings(deadline=None)
@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=12))
def test_of_yes_and_no_it_is_mcnemars_test(differences: list[int]) -> None:
    expected = mcnemar_exact(differences.count(1), differences.count(-1))
    assert sign_flip(np.array(differences, dtype=float), seed=1) == pytest.approx(expected)


COUNTS = st.tuples(st.integers(0, 5), st.integers(1, 6))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=6))
def test_rates_are_swapped_question_by_question(questions: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Every way of swapping, in exact fractions; ties are ties however they would round."""

    def difference(swaps: tuple[bool, ...]) -> Fraction:
        arms = [(b, a) if swap else (a, b) for (a, b), swap in zip(questions, swaps, strict=True)]
        first, second = (Fraction(sum(arm[i][0] for arm in arms), sum(arm[i][1] for arm in arms)) for i in (0, 1))
        return abs(first - second)

    patterns = list(product([False, True], repeat=len(questions)))
    extreme = sum(difference(swaps) >= difference(patterns[0]) for swaps in patterns)
    table = np.array(questions, dtype=float).transpose(2, 1, 0)[..., None]  # (top or bottom, arm, question, 1)
    assert sign_flip_rates(table[0], table[1], seed=1)[0] == pytest.approx(extreme / len(patterns))


def test_drawn_patterns_come_close_to_all_patterns() -> None:
    generator = np.random.default_rng(4)
    for shift in (0.0, 0.3, 0.6):
        differences = np.round(generator.normal(shift, 1, 16), 3)
        signs = np.array(list(product([1.0, -1.0], repeat=16)))
        expected = (np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9).mean()
        found = sign_flip(differences, seed=2)
        assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 10_000) + 1e-4)
        assert found == sign_flip(differences, seed=2)


def test_drawn_patterns_never_give_zero() -> None:
    assert sign_flip(np.ones(200), seed=3) == pytest.approx(1 / 10_001)


def test_columns_are_tested_each_for_itself() -> None:
    generator = np.random.default_rng(9)
    tops, bottoms = generator.poisson(2, (2, 30, 3)).astype(float), np.full((2, 30, 3), 4.0)
    bottoms[:, :, 1] = 0  # nothing to count
    tops[:, 10:, 2] = 1  # few questions differ: all patterns
    together = sign_flip_rates(tops, bottoms, seed=5)
    alone = [sign_flip_rates(tops[:, :, [column]], bottoms[:, :, [column]], seed=5)[0] for column in (0, 2)]
    assert together[[0, 2]].tolist() == alone
    assert np.isnan(together[1])
    assert sign_flip_rates(tops[:, :10, [2]], bottoms[:, :10, [2]], seed=6)[0] == alone[1]


# ---- MAPSSWE


def marks(first: list[AlignedWord], second: list[AlignedWord]) -> tuple[str, list[tuple[int, int]]]:
    """Another way to the segments: `.` for a word right in both, `x` for any slot with an error."""
    slots: list[list[int]] = [[0, 0]]
    for system, alignment in enumerate((first, second)):
        position = 0  # even slots hold insertions, odd ones words
        for step in alignment:
            slots += [[0, 0] for _ in range(2 * position + 3 - len(slots))]
            where = 2 * position + (step.reference is not None)
            slots[where][system] += step.operation != "hit"
            position += step.reference is not None
    kept = [(slot[0], slot[1]) for index, slot in enumerate(slots) if index % 2 or any(slot)]
    return "".join("x" if any(slot) else "." for slot in kept), kept


@settings(max_examples=300, deadline=None)
@given(WORDS.filter(bool), WORDS, WORDS)
def test_segments_are_what_two_right_words_leave(reference: list[str], first: list[str], second: list[str]) -> None:
    one, other = align(reference, first), align(reference, second)
    line, slots = marks(list(one), list(other))
    expected = [
        (sum(a for a, _ in slots[m.start() : m.end()]), sum(b for _, b in slots[m.start() : m.end()]))
        for m in re.finditer(r"x(?:\.?x)*", line)
    ]
    assert list(segment_errors(one, other)) == expected
    assert list(segment_errors(other, one)) == [(b, a) for a, b in expected]


def test_the_example_of_the_docstring() -> None:
    reference = ["did", "peter", "medawar", "study", "rejection", "in", "london"]
    first = align(reference, ["did", "peter", "mad", "study", "project", "in", "london"])
    second = align(reference, ["did", "peter", "medawar", "study", "injection", "in", "london"])
    assert list(segment_errors(first, second)) == [(2, 1)]
    assert list(segment_errors(first, first)) == [(2, 2)]
    assert list(segment_errors(align(reference, reference), align(reference, reference))) == []


def test_alignments_of_different_references_are_refused() -> None:
    with pytest.raises(ValueError, match="not of the same reference"):
        mapsswe([align(["a", "b"], ["a"])], [align(["a", "c"], ["a"])])
    with pytest.raises(ValueError, match="not of the same reference"):
        mapsswe([align(["a"], ["a"])], [align(["a", "b"], ["a"])])


# ---- Holm


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=7))
def test_holm_is_bonferroni_closed_under_intersection(p_values: list[float]) -> None:
    """A hypothesis is as doubtful as the least doubtful of all sets that hold it (Marcus, Peritz & Gabriel 1976)."""
    indexes = range(len(p_values))
    sets = [chosen for size in range(1, len(p_values) + 1) for chosen in combinations(indexes, size)]
    expected = [max(min(1.0, len(s) * min(p_values[i] for i in s)) for s in sets if one in s) for one in indexes]
    assert holm(p_values) == pytest.approx(expected)


# ---- what can be detected


def test_the_linearised_spread_is_that_of_the_bootstrap() -> None:
    generator = np.random.default_rng(8)
    bottoms = np.stack([generator.integers(3, 12, 400)] * 2).astype(float)
    tops = np.minimum(bottoms, generator.poisson([[1.5], [2.0]], (2, 400)) + generator.poisson(1, 400))
    weights = bootstrap_weights(400, seed=6)
    drawn = [resampled_ratios(tops[arm][:, None], bottoms[arm][:, None], weights)[:, 0] for arm in (0, 1)]
    found = linearised_differences(tops, bottoms)
    assert found.mean() == pytest.approx(0, abs=1e-12)
    assert found.std(ddof=1) / np.sqrt(400) == pytest.approx((drawn[1] - drawn[0]).std(), rel=0.03)


def test_a_detectable_difference_is_found_four_times_in_five() -> None:
    """Simulated suites of 150 questions whose true difference is exactly the one that is called detectable."""
    generator = np.random.default_rng(12)
    n, spread = 150, 0.5
    difference = minimum_detectable_difference(np.tile([-spread, spread], n // 2))
    assert difference is not None
    found = [sign_flip(generator.normal(difference, spread, n), seed, resamples=400) <= 0.05 for seed in range(1000)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


def test_nothing_is_promised_without_a_spread() -> None:
    assert minimum_detectable_difference(np.zeros(50)) is None
    assert minimum_detectable_difference(np.array([1.0])) is None
