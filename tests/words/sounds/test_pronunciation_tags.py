"""Pronunciations beside a question are read as they are written, and refused where they mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.words.sounds.pronunciation_tags import Hint, holds_word, language_hints, language_of, parse_pronunciations


def test_the_three_ways_to_write_one() -> None:
    readings = parse_pronunciations("Königgrätz=de Kagutsuchi=ja:カグツチ Hypnos=/ˈhɪpnɑs/")
    assert readings == {"Königgrätz": "de", "Kagutsuchi": "ja:カグツチ", "Hypnos": "/ˈhɪpnɑs/"}
    assert [language_of(reading) for reading in readings.values()] == ["de", "ja", None]
    assert parse_pronunciations("") == {}


@pytest.mark.parametrize("tag", ["Hypnos", "Hypnos=", "=de", "Hypnos=/hɪp", "a=de a=fr", "a=de:", "a=-v", "a=/a/b/"])
def test_what_means_nothing(tag: str) -> None:
    with pytest.raises(UsageError, match="expected each word once"):
        parse_pronunciations(tag)


@given(
    st.dictionaries(
        st.text("Köäß'-é文", min_size=1), st.sampled_from(["de", "pt-BR", "ja:カグ", "/ˈhɪpnɑs/"]), max_size=4
    )
)
def test_every_reading_is_parsed(readings: dict[str, str]) -> None:
    assert parse_pronunciations(" ".join(f"{word}={how}" for word, how in readings.items())) == readings


def test_a_word_stands_as_a_whole() -> None:
    assert holds_word("in Ménière's disease?", "Ménière")
    assert holds_word("the Jonah Lomu.", "Lomu")
    assert not holds_word("the Lomus", "Lomu")
    assert not holds_word("anything", "")


def test_hints_are_words_of_a_known_language() -> None:
    tags = ["Königgrätz=de Hypnos=/ˈhɪpnɑs/", "Kagutsuchi=ja:カグツチ", "in other words: slowly", "", "Königgrätz=cs"]
    assert language_hints(tags) == {"königgrätz": Hint("de", "königgrätz"), "kagutsuchi": Hint("ja", "カグツチ")}
