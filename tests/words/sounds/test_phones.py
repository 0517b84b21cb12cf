"""Phone distances against a search over all alignments, metric laws, and real pairs of reference and hypothesis."""

from __future__ import annotations

import json
import string
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from harness.words.align import align, error_regions
from harness.words.sounds.phones import phone_distance, phones, substitution_cost
from harness.words.sounds.pronunciation import cmu_dictionary
from harness.words.text.normalise import tokenise

ARPABET = sorted({phone for phones in cmu_dictionary().values() for phone in phones.split()})
WORDS = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=6), max_size=3)


def test_every_phone_has_features() -> None:
    """Two phones without features would be as far apart as a vowel and a consonant."""
    assert len(ARPABET) == 39
    vowels = {phone for phone in ARPABET if phone[0] in "AEIOU"}
    for first, second in product(ARPABET, ARPABET):
        cost = substitution_cost(first, second)
        assert cost == substitution_cost(second, first)
        assert (cost == 0) == (first == second)
        if (first in vowels) == (second in vowels):
            assert cost < 1, (first, second)


def test_phones_that_sound_alike_are_nearer() -> None:
    order = [("S", "S"), ("S", "SH"), ("S", "Z"), ("S", "G"), ("S", "IY")]
    costs = [substitution_cost(*pair) for pair in order]
    assert costs == sorted(costs)
    assert len(set(costs)) == len(costs)
    assert substitution_cost("IY", "IH") < substitution_cost("IY", "UW") < substitution_cost("IY", "AO")
    assert substitution_cost("W", "UW") < substitution_cost("W", "AE") < substitution_cost("B", "UW")


def test_words_are_pronounced_by_dictionary_then_by_rule() -> None:
    assert phones("which", "en") == ("W", "IH", "CH")
    assert phones("medawar", "en") == ("M", "EH", "D", "AO", "AA", "R")
    assert phones("москва", "en") == tuple("москва")


@pytest.mark.parametrize(
    ("reference", "near", "far"),
    [
        ("medawar", "mad dog or", "seven"),
        ("beyonce", "the yonsei", "river"),
        ("okapi", "copy", "danube"),
        ("liber servitoris", "liba salvatore", "which museum"),
    ],
)
def test_near_and_far(reference: str, near: str, far: str) -> None:
    close, distant = (phone_distance(reference.split(), hypothesis.split(), "en") for hypothesis in (near, far))
    assert close < 0.45
    assert distant > 0.55


def test_homophones_and_nothing() -> None:
    assert phone_distance(["two", "knights"], ["too", "nights"], "en") == 0
    assert phone_distance(["grade"], ["gray", "aid"], "en") == pytest.approx(1 / 5)
    assert phone_distance([], [], "en") == 0
    assert phone_distance(["rome"], [], "en") == phone_distance([], ["rome"], "en") == 1
    assert phone_distance(["москва"], ["moscow"], "en") == 1


@given(WORDS, WORDS)
def test_symmetric_and_between_0_and_1(reference: list[str], hypothesis: list[str]) -> None:
    distance = phone_distance(reference, hypothesis, "en")
    assert 0 <= distance <= 1
    assert distance == pytest.approx(phone_distance(hypothesis, reference, "en"))
    assert phone_distance(reference, reference, "en") == 0


@given(WORDS, WORDS)
def test_against_a_search_over_all_alignments(reference: list[str], hypothesis: list[str]) -> None:
    first, second = (
        tuple(phone for word in words for phone in phones(word, "en")) for words in (reference, hypothesis)
    )

    @cache
    def least(i: int, j: int) -> float:
        if i == len(first) or j == len(second):
            return len(first) - i + len(second) - j
        exchanged = substitution_cost(first[i], second[j]) + least(i + 1, j + 1)
        return min(exchanged, 1 + least(i + 1, j), 1 + least(i, j + 1))

    longer = max(len(first), len(second))
    assert phone_distance(reference, hypothesis, "en") == pytest.approx(least(0, 0) / longer if longer else 0)


def test_real_error_regions_are_nearer_than_shuffled_ones(outside_data: Path) -> None:
    references, hypotheses = (
        questions(outside_data / "noiseqa" / f"xquad-{name}.json") for name in ("context-en-question-en", "asr-natural")
    )
    pairs = []
    for identity, text in references.items():
        reference, hypothesis = tokenise(text, "en"), tokenise(hypotheses[identity], "en")
        for region in error_regions(align(reference, hypothesis)):
            pair = (
                reference[region.reference_start : region.reference_end],
                hypothesis[region.hypothesis_start : region.hypothesis_end],
            )
            if all(pair):
                pairs.append(pair)
    shuffled = [words for _, words in pairs]
    Random(1).shuffle(shuffled)
    real = [phone_distance(*pair, "en") for pair in pairs]
    unreal = [phone_distance(words, other, "en") for (words, _), other in zip(pairs, shuffled, strict=True)]
    assert len(pairs) > 1_000
    assert mannwhitneyu(unreal, real).statistic / len(pairs) ** 2 > 0.935  # measured: 0.943; 0.910 without features


def questions(path: Path) -> dict[str, str]:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return {qa["id"]: qa["question"] for a in articles for p in a["paragraphs"] for qa in p["qas"]}
