"""Accuracy level by level: against plain counts, and what the controls say of courses whose cause is known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import entropy, linregress

from harness.analysis.complexity.continuum import REMOVED, Continuum, Draws, Outcomes, beside, continuum
from harness.analysis.complexity.levels import Levels
from harness.analysis.complexity.questions import QuestionSets
from harness.words.rarity import is_rare

# Twelve that wordfreq has never seen, and others up to common ones.
WORDS = [
    "qzxja",
    "qzxjb",
    "qzxjc",
    "qzxjd",
    "qzxje",
    "qzxjf",
    "qzxjg",
    "qzxjh",
    "qzxji",
    "qzxjk",
    "qzxjl",
    "qzxjm",
    "okapi",
    "axolotl",
    "quokka",
    "tapir",
    "pangolin",
    "ocelot",
    "marmoset",
    "gannet",
    "capybara",
    "wombat",
    "lemur",
    "armadillo",
    "ljubljana",
    "zagreb",
    "bratislava",
    "tallinn",
    "vilnius",
    "riga",
    "minsk",
    "skopje",
    "sarajevo",
    "tirana",
    "bucharest",
    "sofia",
    "paris",
    "london",
    "berlin",
    "rome",
    "madrid",
    "vienna",
    "dublin",
    "moscow",
    "cairo",
    "tokyo",
    "delhi",
    "sydney",
]
TEXTS = [["where", "is", word] for word in WORDS]
N = len(TEXTS)
QUICK = Draws(orders=100, equal_size=20, seed=3)


def outcomes(reached: np.ndarray, reference: np.ndarray | None = None, backend: str = "tiny") -> Outcomes:
    return Outcomes(backend, "clean", "bm25", reached, np.ones(N) if reference is None else reference, np.ones(N))


def made(*of: Outcomes, fewest: int = 20, embeddings: np.ndarray | None = None, draws: Draws = QUICK) -> Continuum:
    sets = QuestionSets.of(TEXTS, lambda word: is_rare(word, "en"), embeddings)
    return continuum(Levels.of(TEXTS, "en", fewest), sets, of, draws)


def test_values_are_plain_counts() -> None:
    rng = np.random.default_rng(0)
    voices = rng.integers(1, 4, N).astype(float)
    reached = rng.binomial(voices.astype(int), 0.5).astype(float)
    result = made(Outcomes("tiny", "clean", "bm25", reached, voices * (rng.random(N) < 0.9), voices))
    levels = Levels.of(TEXTS, "en", 20)
    assert [level.questions for level in result.levels] == list(levels.sizes)
    reference, accuracy, loss = result.series
    assert [s.quantity for s in result.series] == ["reference", "accuracy", "loss"]
    assert (reference.backend, accuracy.backend, loss.condition) == (None, "tiny", "clean")
    for k, size in enumerate(levels.sizes):
        left = levels.order[N - size :]
        assert accuracy.course.values[k] == pytest.approx(reached[left].sum() / voices[left].sum(), abs=1e-6)
        words = Counter(word for i in left for word in TEXTS[i])
        assert result.measures is not None
        assert result.measures["vocabulary"].values[k] == len(words)
        assert result.measures["entropy_1"].values[k] == pytest.approx(entropy(list(words.values()), base=2), abs=1e-6)
        assert result.levels[k].removed_share == pytest.approx(1 - size / N, abs=1e-6)
    line = accuracy.fits[REMOVED].line
    assert line is not None
    theirs = linregress(1 - np.array(levels.sizes) / N, [v or 0.0 for v in accuracy.course.values])
    assert (line.slope, line.r2) == pytest.approx((theirs.slope, theirs.rvalue**2), abs=1e-4)


def test_what_rare_words_lose_comes_back_as_they_go() -> None:
    unseen_lose = np.array([float(i >= 12) for i in range(N)])
    result = made(outcomes(unseen_lose))
    reference, accuracy, loss = result.series
    assert accuracy.course.outside[3:] == (1,) * 7
    assert loss.course.outside[3:] == (-1,) * 7
    assert reference.course.outside == (0,) * 10, "the reference always reaches it"
    assert all(fit.line is None for fit in reference.fits.values())
    fit = accuracy.fits[REMOVED]
    assert fit.line is not None
    assert fit.line.broken is not None
    assert fit.line.broken.better
    assert fit.line.broken.knee == pytest.approx(0.25, abs=0.03), "a quarter of the questions lose it"
    assert fit.line.broken.slope_after == pytest.approx(0.0, abs=0.05)
    assert fit.random_bend_share is not None
    assert fit.random_bend_share < 0.05
    assert fit.random_r2 is not None
    assert fit.random_share is not None
    assert 0.3 < fit.random_r2 < fit.line.r2
    assert 0.05 < fit.random_share < 0.3, "even here a line's R2 is nothing unusual among nested levels"


def test_what_has_nothing_to_do_with_rarity_stays_within_random_removal() -> None:
    """95 of 100 courses do; of the levels one by one, far more would be called outside."""
    rng = np.random.default_rng(1)
    series = made(*(outcomes((rng.random(N) < 0.5).astype(float), backend=str(i)) for i in range(100))).series
    accuracies = [each for each in series if each.quantity == "accuracy"]
    assert 1 <= sum(any(each.course.outside) for each in accuracies) <= 10
    bent = [each.fits[REMOVED].random_bend_share for each in accuracies]
    assert 1 <= sum(share is not None and share < 0.05 for share in bent) <= 12
    by_aicc = [fit.line.broken.better for each in accuracies if (fit := each.fits[REMOVED]).line and fit.line.broken]
    assert sum(by_aicc) > 12, "AICc alone sees knees that are none"
    shares = [each.fits[REMOVED].random_share or 0.0 for each in accuracies]
    assert 0.4 < np.mean(shares) < 0.6, "R2 along the rarest words is one among those of random orders"


def test_a_band_holds_whole_courses() -> None:
    rng = np.random.default_rng(2)
    walks = np.concatenate([np.zeros((400, 1)), rng.normal(size=(400, 6)).cumsum(axis=1)], axis=1)
    band = beside(np.zeros(7), walks)
    assert (band.low[0], band.high[0], band.outside) == (0.0, 0.0, (0,) * 7)
    low, high = np.array(band.low), np.array(band.high)
    inside = ((walks >= low - 1e-6) & (walks <= high + 1e-6)).all(axis=1).mean()
    assert inside == pytest.approx(0.95, abs=0.01)
    assert beside(np.array([0.0, 99, -99, 0, 0, 0, 0]), walks).outside == (0, 1, -1, 0, 0, 0, 0)
    assert beside(np.zeros(7), walks, (-1.0, 1.0)).high[1:] == (1.0,) * 6
    assert beside(np.full(7, np.nan), walks).values == (None,) * 7
    assert beside(np.full(7, np.nan), walks).outside == (0,) * 7


def test_at_equal_size_a_measure_of_size_says_nothing() -> None:
    """Vocabulary falls with the questions; of as many questions from every level it is the same."""
    result = made(outcomes(np.ones(N)), draws=Draws(100, 100, 3))
    assert result.equal_size is not None
    assert result.measures is not None
    sizes = result.equal_size["vocabulary"]
    assert set(sizes.values) == {22.0}, "twenty names and two other words, whichever are drawn"
    assert result.measures["vocabulary"].values[0] == 50
    assert result.measures["vocabulary"].outside == (0,) * 10
    rare = result.equal_size["rare_share"]
    assert rare.low is not None
    assert rare.high is not None
    assert rare.values[0] is not None
    assert rare.low < rare.values[0] < rare.high
    assert rare.values[-1] is not None
    assert rare.values[-1] < rare.low
    assert result.measures["rare_share"].outside[-1] == -1


def test_embeddings_and_retrievers_add_their_own() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(N, 5))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    one = outcomes(np.ones(N))
    sets = QuestionSets.of(TEXTS, None, rows, {"kind": [str(i % 3) for i in range(N)]}, 1)
    both = [one, Outcomes("tiny", "clean", "dense", np.zeros(N), np.ones(N), np.ones(N))]
    result = continuum(Levels.of(TEXTS, "en", 20), sets, both, QUICK)
    assert [(s.retriever, s.quantity) for s in result.series] == [
        (retriever, quantity) for retriever in ("bm25", "dense") for quantity in ("reference", "accuracy", "loss")
    ]
    assert list(result.measures or {}) == [
        "vocabulary", "distinct_texts", "entropy_1", "entropy_2", "entropy_3", "tree_weight", "tree_weight_per_edge",
        "adjusted_rand:kind",
    ]  # fmt: skip
    assert set(result.series[0].fits) == {REMOVED, *(result.measures or {})}


def test_too_few_questions_say_so() -> None:
    result = made(outcomes(np.ones(N)), fewest=45)
    assert (result.levels, result.series, result.measures) == ((), (), None)
    assert result.not_computed == "48 questions make 4 levels of 45 questions or more; 8 levels are needed"
    assert made(outcomes(np.ones(N)), fewest=200).not_computed.startswith("48 questions make 1 level ")


def test_the_same_seed_gives_the_same_bytes_and_another_other_bands() -> None:
    reached = (np.random.default_rng(5).random(N) < 0.5).astype(float)
    first = made(outcomes(reached))
    assert first == made(outcomes(reached))
    other = made(outcomes(reached), draws=Draws(100, 20, 4))
    assert other.series[1].course.values == first.series[1].course.values
    assert other.series[1].course.high != first.series[1].course.high
