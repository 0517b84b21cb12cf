"""Words that sound the same: spellings of one word, or two words."""

from __future__ import annotations

import pytest

from harness.words.sounds.homophones import are_spellings_of_one_word, frequency, is_everyday

NAMES = "jimmy steven katherine mark eric philip john brian kelly caesar cairo paris rachel thai louis"
EVERYDAY = "whales their tie sea knights night wine rows male pair bare hair tide niece morning soul grease"
ONE_WORD = (
    "jimi/jimmy caesar/ceaser catherine/katherine stephen/steven marc/mark sean/shawn colour/color theatre/theater "
    "marrakesh/marrakkesh pyrenees/pirenees kairo/cairo grey/gray"
)
SPANISH = "velázquez/velasquez jiménez/gimenez vargas/bargas hernán/ernan sevilla/seviya quito/kito chávez/chaves"
TWO_SPANISH_WORDS = "hola/ola casa/caza valla/vaya tubo/tuvo hecho/echo cien/sien bello/vello perro/pero chile/cile vargas/margas año/ano"
TWO_WORDS = (
    "wales/whales hart/heart heart/hart thai/tie tie/thai their/there rome/roam wain/wine price/prize rice/rise four/for medawar/medewer "
    "oslo/ohslow bukhara/bukara"
)


@pytest.mark.parametrize("word", NAMES.split())
def test_a_name_is_nearly_as_common_in_other_languages(word: str) -> None:
    assert not is_everyday(word, "en")


@pytest.mark.parametrize("word", EVERYDAY.split())
def test_an_everyday_word_is_not(word: str) -> None:
    assert is_everyday(word, "en")


def test_an_uncommon_word_is_no_everyday_word() -> None:
    assert not is_everyday("ceaser", "en")
    assert not is_everyday("marrakkesh", "en")


@pytest.mark.parametrize("pair", ONE_WORD.split())
def test_spellings_of_one_word(pair: str) -> None:
    first, second = pair.split("/")
    assert are_spellings_of_one_word(first, second, "en")
    assert are_spellings_of_one_word(second, first, "en")


@pytest.mark.parametrize("pair", TWO_WORDS.split())
def test_two_words(pair: str) -> None:
    assert not are_spellings_of_one_word(*pair.split("/"), "en")


@pytest.mark.parametrize("pair", SPANISH.split())
def test_spellings_of_one_word_in_spanish(pair: str) -> None:
    assert are_spellings_of_one_word(*pair.split("/"), "es")


@pytest.mark.parametrize("pair", TWO_SPANISH_WORDS.split())
def test_two_words_of_spanish(pair: str) -> None:
    assert not are_spellings_of_one_word(*pair.split("/"), "es")


def test_sounds_of_one_language_say_nothing_of_another() -> None:
    assert not are_spellings_of_one_word("hendrix", "hendricks", "es")
    assert not are_spellings_of_one_word("jimi", "jimmy", "de")


@pytest.mark.parametrize("language", ["cy", "eu", "gl", "xx"])
def test_a_language_without_a_list_borrows_none(language: str) -> None:
    """wordfreq itself answers for Welsh with English, for Basque and Galician with Spanish."""
    assert frequency("the", language) == frequency("casa", language) == 0.0
    assert not is_everyday("the", language)
