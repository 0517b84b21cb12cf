"""Rare entity words against all other words: which way round, and which questions have a say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test

from harness.analysis.contrasts import Contrast, inject_contrasts
from harness.analysis.measures import Measure
from harness.analysis.statistics import bootstrap_weights

# By question: of errors on rare entity words and of all others, how many lose the outcome alone, and how many there are.
QUESTIONS = {
    "q1": ((1, 1), (0, 2)),
    "q2": ((1, 1), (0, 1)),
    "q3": ((2, 2), (1, 2)),
    "q4": ((0, 1), (1, 1)),
    "q5": ((1, 1), (0, 0)),  # only one kind of word: no say
    "q6": ((0, 0), (1, 3)),
}


def contrast(questions: dict[str, tuple[tuple[float, float], tuple[float, float]]]) -> Contrast:
    rare, other = (Measure(f"inject_break_rate_{name}", "bm25") for name in ("rare", "other"))
    outcomes = {
        f"{question}.a": dict(zip((rare, other), counts, strict=True)) for question, counts in questions.items()
    }
    question_of = {utterance: utterance.removesuffix(".a") for utterance in outcomes}
    weights = bootstrap_weights(len(questions), seed=3, resamples=500)
    (found,) = inject_contrasts(outcomes, question_of, ("tiny", "clean"), weights, seed=7)
    return found


def test_the_contrast_is_rare_entity_words_minus_all_others_over_questions_that_have_both() -> None:
    differences = [1.0, 1.0, 0.5, -1.0]  # of q1 to q4
    found = contrast(QUESTIONS)
    assert (found.backend, found.condition, found.retriever) == ("tiny", "clean", "bm25")
    assert (found.a, found.b, found.n) == ("inject_break_rate_other", "inject_break_rate_rare", 4)
    assert found.delta == pytest.approx(np.mean(differences))
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert -1 <= found.ci_low < 0 < (found.delta or 0) < found.ci_high <= 1
    expected = permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    assert (found.test, found.p_value) == ("sign-flip", pytest.approx(expected))


def test_a_contrast_without_a_question_that_has_both_says_nothing() -> None:
    found = contrast({name: QUESTIONS[name] for name in ("q5", "q6")})
    assert (found.delta, found.ci_low, found.ci_high, found.p_value, found.n) == (None, None, None, None, 0)
