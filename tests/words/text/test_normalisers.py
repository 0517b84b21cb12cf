"""Rules by name: those of whisper-normalizer are its own to the letter, and mentions are found among their words."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MissingDependency, UnknownName
from harness.words.text.normalise import NORMALISER_VERSION, tokenise
from harness.words.text.normalisers import normaliser

english = pytest.importorskip("whisper_normalizer.english", reason="needs the extra whisper-normalizer")
basic = pytest.importorskip("whisper_normalizer.basic")
ENGLISH = english.EnglishTextNormalizer()
SIGNS = "aeio 's19.,$%()<>[]'-é½"


def test_the_default_rules_are_the_harness_own() -> None:
    own = normaliser("default", "en")
    assert str(own) == f"default {NORMALISER_VERSION}"
    assert own.tokenise("In 1945, Beyoncé's") == tokenise("In 1945, Beyoncé's", "en")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"unknown normaliser 'wisper'. Did you mean 'whisper'"):
        normaliser("wisper", "en")


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    normaliser.cache_clear()
    monkeypatch.setitem(sys.modules, "whisper_normalizer.english", None)
    with pytest.raises(
        MissingDependency, match=r"'whisper' needs .*pip install 'spoken-qa-harness\[whisper-normalizer\]'"
    ):
        normaliser("whisper", "en")
    normaliser.cache_clear()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He won't pay twenty-five dollars (or will he?)", "he will not pay $25"),
        ("Um, the Colour of Mr. Beyoncé's hat [laughs]", "the color of mister beyonce is hat"),
    ],
)
def test_english_follows_the_package(text: str, words: str) -> None:
    assert normaliser("whisper", "en-GB").tokenise(text) == words.split() == ENGLISH(text).split()


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("es", "¿Quién escribió «Cien años»?", "quién escribió cien años"),
        ("de-AT", "Wer war's (der Mann)?", "wer war s"),
        ("ja", "東京はどこ?", "東 京 は ど こ"),
        ("zh-Hant", "東京。", "東 京"),
    ],
)
def test_other_languages_keep_accents_and_those_without_spaces_are_split(language: str, text: str, words: str) -> None:
    assert normaliser("whisper", language).tokenise(text) == words.split()


@given(st.text(st.sampled_from(SIGNS), max_size=40))
def test_any_text_is_read_as_the_package_reads_it(text: str) -> None:
    assert normaliser("whisper", "en").tokenise(text) == ENGLISH(text).split()
    assert normaliser("whisper", "fr").tokenise(text) == basic.BasicTextNormalizer()(text).split()


def test_hostile_texts_are_read_like_others() -> None:
    rules = normaliser("whisper", "en")
    assert rules.tokenise("ends " + "<[(" * 100_000) == ["ends"]  # minutes, if each bracket is looked for to the end
    assert rules.tokenise("pi 3" + "1" * 6_000) == ["pi", "3" + "1" * 6_000]  # more digits than Python turns into text


@pytest.mark.parametrize(
    ("text", "mention", "words"),
    [
        ("Who was Medawar's brother?", "Medawar", ["medawar"]),
        ("Who wrote Nineteen Eighty-Four?", "Nineteen Eighty-Four", ["1984"]),
        ("Which St. Louis is older, St. Louis or Saint Louis?", "Saint Louis", ["saint", "louis"]),
        ("Is it twenty Medawar Road?", "Medawar", ["medawar"]),
        ("Where is 20 Fenchurch Street?", "Fenchurch Street", ["fenchurch", "street"]),
    ],
)
def test_a_mention_is_located_among_the_words(text: str, mention: str, words: list[str]) -> None:
    rules, start = normaliser("whisper", "en"), text.rindex(mention)
    place = rules.locate(text, (start, start + len(mention)))
    assert place is not None
    assert rules.tokenise(text)[slice(*place)] == words


def test_of_equal_words_the_nearest_are_the_mention() -> None:
    text, rules = "Bush pays $Bush", normaliser("whisper", "en")
    assert rules.tokenise(text) == ["bush", "pays", "bush"]
    assert rules.tokenise(text[:11]) == ["bush", "pays", "$"]  # what stands before ends otherwise when it stands alone
    assert rules.locate(text, (11, 15)) == (2, 3)


@pytest.mark.parametrize(
    ("text", "mention"),
    [("Who are they (The Band)?", "The Band"), ("Who wrote two Hundred?", "Hundred"), ("Who is Um?", "Um")],
)
def test_a_mention_that_the_rules_remove_or_melt_is_not_located(text: str, mention: str) -> None:
    start = text.index(mention)
    assert normaliser("whisper", "en").locate(text, (start, start + len(mention))) is None
