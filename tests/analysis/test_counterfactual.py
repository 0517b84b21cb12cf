"""Repairs against a brute-force reading of their definitions, with outcomes that no search would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import chain, combinations, permutations
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.counterfactual import counterfactual
from harness.analysis.outcomes import Judge
from harness.analysis.word_classes import FUNCTION_WORDS, region_classes
from harness.errors import UsageError
from harness.records import Counterfactual, ErrorRegion, WordClass
from harness.words.align import align, error_regions, repair
from harness.words.rarity import Rarity
from harness.words.text.normalise import tokenise

WORDS = ["peter", "medawar", "the", "river", "of", "mad", "dog"]
CLASSES: Sequence[WordClass] = ("rare_entity", "rare_other", "content", "function")
texts = st.lists(st.sampled_from(WORDS), max_size=9)
Outcome = Callable[[str], float]


def random_outcome(levels: int, seed: int) -> Outcome:
    """An arbitrary function of the text, with `levels` values in [0, 1]."""
    return lambda text: sha256(f"{seed} {text}".encode()).digest()[0] % levels / (levels - 1)


def found(
    reference: Sequence[str], hypothesis: Sequence[str], outcome: Outcome, calls: list[Sequence[str]] | None = None
) -> tuple[Counterfactual, Sequence[WordClass]]:
    def judge(variants: Sequence[str]) -> list[float]:
        if calls is not None:
            calls.append(variants)
        return [outcome(text) for text in variants]

    regions = error_regions(align(reference, hypothesis))
    classes = [CLASSES[region.reference_start % 4] for region in regions]
    return counterfactual(reference, hypothesis, regions, classes, judge, "hit@1", (7, 1)), classes


def f(reference: Sequence[str], hypothesis: Sequence[str], outcome: Outcome, repaired: Sequence[int]) -> float:
    return outcome(" ".join(repair(reference, hypothesis, error_regions(align(reference, hypothesis)), set(repaired))))


@given(texts, texts, st.integers(2, 4), st.integers(0, 50))
def test_every_field_is_what_its_definition_says(
    reference: list[str], hypothesis: list[str], levels: int, seed: int
) -> None:
    outcome = random_outcome(levels, seed)
    result, classes = found(reference, hypothesis, outcome)
    n = len(classes)

    def value(*repaired: int) -> float:
        return f(reference, hypothesis, outcome, repaired)

    everything = range(n)
    assert result.from_hypothesis == outcome(" ".join(hypothesis)) == value()
    assert result.from_reference == outcome(" ".join(reference)) == value(*everything)
    assert list(result.repair_one) == [value(e) for e in everything]
    assert list(result.inject_one) == [value(*(set(everything) - {e})) for e in everything]
    for name in CLASSES:
        own = [e for e in everything if classes[e] == name]
        assert result.class_repair[name] == value(*own)
        assert result.class_repair[f"not_{name}"] == value(*(set(everything) - set(own)))
    subsets = chain.from_iterable(combinations(everything, size) for size in range(n + 1))
    restoring = [s for s in subsets if result.from_hypothesis < result.from_reference <= value(*s)]
    assert list(result.smallest_repairs) == [s for s in restoring if len(s) == len(restoring[0])]
    if n <= 6:
        mean = [0.0] * n
        for order in permutations(everything):
            for place, region in enumerate(order):
                gain = value(*order[: place + 1]) - value(*order[:place])
                mean[region] += gain / factorial(n)
        assert list(result.shapley) == pytest.approx(mean, abs=1e-12)
    assert sum(result.shapley) == pytest.approx(result.from_reference - result.from_hypothesis, abs=1e-12)
    assert result.shapley_error == ()


def errors_everywhere(n: int) -> tuple[list[str], list[str]]:
    """A question of which every other word is misrecognised: n regions."""
    reference = list(chain.from_iterable((f"right{i}", "and") for i in range(n)))
    return reference, [word.replace("right", "wrong") for word in reference]


def test_one_call_and_each_text_once() -> None:
    calls: list[Sequence[str]] = []
    reference, hypothesis = errors_everywhere(12)
    found(reference, hypothesis, random_outcome(2, 3), calls)
    assert [len(set(texts)) for texts in calls] == [len(texts) for texts in calls] == [4096]
    calls.clear()
    twice = (ErrorRegion(0, 0, 0, 1, "insertion"), ErrorRegion(1, 1, 2, 3, "insertion"))  # repairing either: "a a"
    outcome = random_outcome(2, 3)

    def judge(texts: Sequence[str]) -> list[float]:
        calls.append(texts)
        return [outcome(text) for text in texts]

    counterfactual(["a"], ["a", "a", "a"], twice, ["content", "content"], judge, "hit@1", (7,))
    assert [sorted(texts) for texts in calls] == [["a", "a a", "a a a"]]


@settings(deadline=None, max_examples=8)
@given(st.integers(13, 16), st.integers(0, 99))
def test_sampled_values_sum_to_the_whole_and_lie_near_the_truth(n: int, seed: int) -> None:
    """f is a weighted vote of the repaired regions in pairs, so the truth is known: half of each pair's weight."""
    reference, hypothesis = errors_everywhere(n)
    weights = {(i, j): (i * 31 + j * 17 + seed) % 7 for i, j in combinations(range(n), 2)}
    total = sum(weights.values()) or 1

    def outcome(text: str) -> float:
        right = {i for i in range(n) if f"right{i} " in f"{text} "}
        return sum(w for (i, j), w in weights.items() if {i, j} <= right) / total

    result, _ = found(reference, hypothesis, outcome)
    assert sum(result.shapley) == pytest.approx(result.from_reference - result.from_hypothesis, abs=1e-9)
    truth = [sum(w for pair, w in weights.items() if i in pair) / 2 / total for i in range(n)]
    for value, error, true in zip(result.shapley, result.shapley_error, truth, strict=True):
        assert abs(value - true) <= 5 * error + 1e-9
    assert found(reference, hypothesis, outcome)[0] == result


def test_beyond_twelve_regions_repair_sets_have_at_most_three() -> None:
    reference, hypothesis = errors_everywhere(14)

    def needs(*wanted: int) -> Outcome:
        return lambda text: float(all(f"right{i} " in f"{text} " for i in wanted))

    assert found(reference, hypothesis, needs(2, 5, 9))[0].smallest_repairs == ((2, 5, 9),)
    assert found(reference, hypothesis, needs(1, 2, 5, 9))[0].smallest_repairs == ()
    assert found(reference, hypothesis, needs(4))[0].shapley[4] == pytest.approx(1.0)


def test_a_mixture_may_fail_where_both_ends_succeed() -> None:
    """from_hypothesis == from_reference, and still each single error is to blame for something."""
    result, _ = found(["a", "x", "b"], ["c", "x", "d"], lambda text: float(text in ("a x b", "c x d")))
    assert (result.from_hypothesis, result.from_reference, result.smallest_repairs) == (1.0, 1.0, ())
    assert (result.repair_one, result.inject_one, result.shapley) == ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))


def classes_of(reference: str, hypothesis: str, mention: str) -> tuple[WordClass, ...]:
    words, other, named = tokenise(reference, "en"), tokenise(hypothesis, "en"), tokenise(mention, "en")
    start = next(i for i in range(len(words)) if words[i : i + len(named)] == named)
    return region_classes(words, other, error_regions(align(words, other)), [(start, start + len(named))], Rarity("en"))


@pytest.mark.parametrize(
    ("reference", "hypothesis", "mention", "expected"),
    [
        ("what did Peter Medawar study", "what did peter mad dog or study", "Peter Medawar", ("rare_entity",)),
        ("what did Peter Medawar study", "what did beater med a war steady", "Medawar", ("rare_entity",)),
        ("where does the okapi live near Paris", "where does the copy live near paris", "Paris", ("rare_other",)),
        ("which river flows through Paris", "which liver flows through parish", "Paris", ("content", "content")),
        ("who was the king of Spain", "who is a king of spain", "Spain", ("function",)),
        ("the king of Spain", "the king medawar of the spain", "Spain", ("rare_other", "function")),
        ("the king of Spain", "the of spain", "Spain", ("content",)),
    ],
)
def test_a_region_has_the_class_of_its_weightiest_reference_word(
    reference: str, hypothesis: str, mention: str, expected: tuple[WordClass, ...]
) -> None:
    assert classes_of(reference, hypothesis, mention) == expected


def test_function_words_are_tokens_as_the_tokeniser_writes_them() -> None:
    for word in FUNCTION_WORDS:
        assert tokenise(word, "en") == [word]


@pytest.mark.parametrize(
    ("outcome", "ranking", "value"),
    [("hit@1", "xr", 0.0), ("hit@2", "xr", 1.0), ("rr@10", "xr", 0.5), ("rr@10", "xyz", 0.0), ("hit@10", "r", 1.0)],
)
def test_outcomes_by_name(outcome: str, ranking: str, value: float) -> None:
    assert Judge.named(outcome).of_ranking(ranking, {"r"}) == value


@pytest.mark.parametrize(
    "outcome", ["hit@0", "hit@11", "hit", "rr@5", "f2", "hit@1 ", "has_answer", "has_answer@0", "has_answer@11"]
)
def test_unknown_outcomes_are_refused(outcome: str) -> None:
    with pytest.raises(UsageError, match=r"hit@1 to hit@10, has_answer@1 to has_answer@10, rr@10, answer, f1"):
        Judge.named(outcome)


@pytest.mark.parametrize(
    ("outcome", "metric", "answer", "value"),
    [
        ("answer", "exact_match", "The Seine", 1.0),
        ("answer", "exact_match", "the river Seine", 0.0),
        ("f1", "f1", "the river Seine", 2 / 3),
        ("f1", "f1", "", 0.0),
    ],
)
def test_outcomes_of_answers(outcome: str, metric: str, answer: str, value: float) -> None:
    judge = Judge.named(outcome)
    assert (judge.reads, judge.metric, judge.depth) == (True, metric, 10)
    assert judge.of_answer(answer, ["Seine"], "en") == pytest.approx(value)
    assert not Judge.named("hit@3").reads
