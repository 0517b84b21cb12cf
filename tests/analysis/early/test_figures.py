"""Figures of six courses counted by hand: settled after 4 of 4, 1 of 4, 3 of 5 words, and three times never."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.attribution import Estimate
from harness.analysis.early.clusters import Clusters
from harness.analysis.early.courses import Course
from harness.analysis.early.deciding import Words
from harness.analysis.early.figures import Counting, Curve, Grown, curve
from harness.analysis.early.revisions import revisions
from tests.analysis.early.by_hand import ALL, EARLY, LATE, WAVERING, course

ZIPF = {"okapi": 1.2, "medawar": 0.0, "nile": 3.4, "prize": 4.6, "knows": 5.0}
WORDS = Words(lambda word: ZIPF.get(word, 6.0), lambda word: ZIPF.get(word, 6.0) < 3)
COUNTING = Counting(n_folds=3, resamples=200)


@pytest.fixture(scope="module")
def counted() -> Curve:
    return curve(Grown("words", ALL, grid=(0.25, 0.5, 1.0)), COUNTING, WORDS)


def test_shares_until_right_count_the_never_right_as_the_whole(counted: Curve) -> None:
    assert (counted.n, counted.n_questions, counted.n_right, counted.n_ever, counted.n_empty) == (6, 6, 3, 4, 1)
    assert counted.right.value == 0.5
    assert counted.ever.value == pytest.approx(4 / 6, abs=1e-9)
    assert counted.until_right.value == pytest.approx((1 + 0.25 + 0.2 + 0.5 + 1 + 1) / 6, abs=1e-9)
    assert counted.until_settled.value == pytest.approx((1 + 0.25 + 0.6 + 3) / 6, abs=1e-9)


def test_among_the_right_ones_in_shares_and_in_words(counted: Curve) -> None:
    assert counted.of_right.value == pytest.approx((1 + 0.25 + 0.6) / 3, abs=1e-9)
    assert counted.amount.value == pytest.approx((4 + 1 + 3) / 3, abs=1e-9)
    assert counted.amount_total.value == pytest.approx((4 + 4 + 5) / 3, abs=1e-9)


def test_the_curve_keeps_every_question_in_its_denominator(counted: Curve) -> None:
    assert [point.share for point in counted.points] == [0.25, 0.5, 1.0]
    # a quarter: early and wavering (1 of 5 words); half: early and gone (wavering is wrong again); all: late, early, wavering
    assert [point.right.value for point in counted.points] == [pytest.approx(n / 6, abs=1e-9) for n in (2, 2, 3)]
    for point in counted.points:
        assert point.right.ci_low is not None
        assert point.right.ci_high is not None
        assert 0 < point.right.ci_low < point.right.value < point.right.ci_high < 1


def test_fixed_thresholds(counted: Curve) -> None:
    half = next(at for at in counted.at_thresholds if at.threshold == 0.5)
    assert half.right.value == pytest.approx(2 / 6, abs=1e-9)
    assert half.share.value == pytest.approx((0.75 + 0.25 + 0.2 + 1 + 1 + 1) / 6, abs=1e-9)


def test_the_rule_and_its_difference() -> None:
    """Right from the second of four words on, where the margin reaches .6: the rule stops there, at no loss."""
    courses = [course(f"q{n}", "-+++", (0.5, 0.6, 0.6, 0.6), "a b c d") for n in range(10)]
    rule = curve(Grown("words", courses), COUNTING, WORDS).rules[0]
    assert rule.thresholds == (0.6, 0.6, 0.6)
    assert (rule.right.value, rule.share.value, rule.difference) == (1.0, 0.5, Estimate(0.0, 0.0, 0.0))


def test_a_rule_that_misses_on_other_questions_says_so() -> None:
    """Nine are right at a margin of .5; the tenth, in whose fold the others set the threshold, is not yet."""
    courses = [course(f"q{n}", "++++", (0.5, 0.9, 0.9, 0.9), "a b c d") for n in range(9)]
    courses.append(course("odd", "-+++", (0.5, 0.9, 0.9, 0.9), "a b c d"))
    rule = curve(Grown("words", courses), Counting(n_folds=10, resamples=200), WORDS).rules[0]
    assert rule.difference.value == -0.1
    assert rule.right.value == 0.9
    assert sorted(rule.thresholds) == [0.5, *[0.9] * 9]


def test_the_deciding_word_beside_chance(counted: Curve) -> None:
    """`okapi` and `medawar` decide and are the rarest of four; `the` decides where `nile` is the rarest of five."""
    rarest, rare = counted.deciding
    assert (rarest.kind, rarest.n) == ("rarest", 3)
    assert rarest.decides.value == pytest.approx(2 / 3, abs=1e-9) or rarest.decides.value == 2 / 3
    assert rarest.by_chance.value == pytest.approx((1 / 4 + 1 / 4 + 1 / 5) / 3, abs=1e-9)
    assert rarest.difference.value == pytest.approx(2 / 3 - 0.7 / 3, abs=1e-9)
    assert (rare.kind, rare.n) == ("rare", 2)  # only two of the three have a rare word
    assert (rare.decides.value, rare.by_chance.value) == (1.0, 0.25)


def test_words_as_rare_as_the_rarest_are_all_the_rarest() -> None:
    twice = course("q", "-+", words="okapi okapi")
    (rarest, rare) = curve(Grown("words", [twice]), COUNTING, WORDS).deciding
    assert (rarest.decides.value, rarest.by_chance.value) == (1.0, 1.0)
    assert (rare.decides.value, rare.by_chance.value) == (1.0, 1.0)


def test_without_frequencies_nothing_is_the_rarest() -> None:
    without = Words(lambda _: None, lambda _: False)
    assert curve(Grown("words", ALL), COUNTING, without).deciding == ()


def test_parts_of_recordings_have_no_deciding_word(counted: Curve) -> None:
    assert counted.deciding
    assert curve(Grown("partials", ALL, "b", "clean"), COUNTING, WORDS).deciding == ()


@pytest.mark.parametrize("courses", [[ALL[4]], [ALL[5]], [ALL[3], ALL[4]]])
def test_where_nothing_is_right_in_the_end(courses: list[Course]) -> None:
    found_nothing = curve(Grown("words", courses), COUNTING, WORDS)
    assert (found_nothing.n_right, found_nothing.right.value) == (0, 0.0)
    assert found_nothing.of_right == found_nothing.amount == Estimate(None, None, None)
    assert found_nothing.until_settled.value == 1.0
    assert found_nothing.deciding == ()


def test_recordings_of_a_question_are_resampled_together() -> None:
    """Four recordings each of two questions: the interval is that of two questions, not of eight."""
    alike = [replace(c, question_id=f"{c.question_id}{n}") for c in (LATE, EARLY) for n in range(4)]
    together = [c for c in (LATE, EARLY) for _ in range(4)]
    apart, clustered = (curve(Grown("words", each), COUNTING, WORDS) for each in (alike, together))
    assert apart.of_right.value == clustered.of_right.value == 0.625
    assert (clustered.n, clustered.n_questions) == (8, 2)
    assert clustered.of_right.ci_low == 0.25
    assert apart.of_right.ci_low > 0.25


def test_seconds_are_of_timed_words_that_decide() -> None:
    """`late` decides at its fourth word, `early` at its first; `wavering` has no times, and `gone` is not right in the end."""
    timed = [
        replace(LATE, ends=(0.5, 1.0, 1.5, 2.0), length=2.5),
        replace(EARLY, ends=(0.4, 0.8, 1.2, 1.6), length=3.5),
        WAVERING,
        replace(ALL[3], ends=(9.0, 9.0, 9.0, 9.0), length=9.0),
    ]
    counted = curve(Grown("words", timed), COUNTING, WORDS)
    assert counted.seconds is not None
    assert counted.seconds_total is not None
    assert (counted.seconds.value, counted.seconds_total.value) == (1.2, 3.0)
    assert curve(Grown("words", [WAVERING]), COUNTING, WORDS).seconds is None


def test_revisions() -> None:
    """`a b`, `a c d`, `a c d e`: b is withdrawn, 1 of 4 words. `x`, `x y`: nothing. Nothing at all of the failed one."""
    partials = [[["a", "b"], ["a", "c", "d"], ["a", "c", "d", "e"]], [["x"], ["x", "y"]], []]
    counted = revisions(partials, Clusters(["p", "q", "r"], 7, 200))
    assert counted.n == 2
    assert counted.withdrawn.value == pytest.approx(1 / 6, abs=1e-9)
    assert counted.recordings.value == 0.5


def test_everything_withdrawn_counts_more_than_the_transcript_has() -> None:
    counted = revisions([[["a", "b"], ["c", "d"], ["e"]]], Clusters(["p"], 7, 200))
    assert counted.withdrawn.value == 4.0


def test_transcripts_without_words_have_no_rate() -> None:
    counted = revisions([[[], []]], Clusters(["p"], 7, 200))
    assert counted.withdrawn == Estimate(None, None, None)
    assert counted.recordings.value == 0.0


def test_the_same_seed_gives_the_same_figures() -> None:
    courses = [LATE, EARLY, WAVERING]
    assert curve(Grown("words", courses), COUNTING, WORDS) == curve(Grown("words", courses), COUNTING, WORDS)
