"""Frequencies as wordfreq gives them, and bands that split the scale without gap or overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.words.rarity import BANDS, band, is_rare, zipf
from harness.words.text.normalise import tokenise


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [(0.0, "unseen"), (0.01, "(0,2)"), (1.99, "(0,2)"), (2.0, "[2,3)"), (3.0, "[3,4)"), (4.0, "[4,5)"), (5.0, ">=5")],
)
def test_band_edges(frequency: float, expected: str) -> None:
    assert band(frequency) == expected


@given(st.floats(0, 9), st.floats(0, 9))
def test_bands_are_in_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert BANDS.index(band(low)) <= BANDS.index(band(high))


def test_names_are_rare_and_plain_words_are_not() -> None:
    assert [
        word for word in tokenise("When was Peter Medawar born in Wolverhampton?", "en") if is_rare(word, "en")
    ] == ["medawar"]
    assert zipf("qzxvkj", "en") == 0.0
    assert is_rare("wolverhampton", "en", 3.6)  # its frequency is 3.5


def test_a_word_at_the_threshold_is_not_rare() -> None:
    assert zipf("alight", "en") == 3.0
    assert not is_rare("alight", "en")
    assert is_rare("alight", "en", 3.01)


def test_words_that_numbers_and_possessives_are_made_of_are_never_rare() -> None:
    text = " ".join(
        [*map(str, range(120)), *(f"{n}th" for n in range(4, 120)), "1990s 90s $5 £3 €2 5% 3.5 1905", "Ann's"]
    )
    assert zipf("ninetieth", "en") < 3  # so the rule has work to do
    assert not any(is_rare(word, "en") for word in tokenise(text, "en"))
