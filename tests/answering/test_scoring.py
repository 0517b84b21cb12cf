"""SQuAD's rule and DPR's rule, case by case."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.scoring import answers_in, exact_match, f1, has_answer, squad_normal


@pytest.mark.parametrize(
    ("answer", "normal"),
    [
        ("The Giant's Causeway!", "giants causeway"),
        ("  a  the An ", ""),
        ("theatre an", "theatre"),  # articles are words
        ("U.S.-led", "usled"),
        ("1,000", "1000"),
        ("Łódź", "łódź"),  # accents stay
    ],
)
def test_answers_are_normalised_as_the_official_script_does(answer: str, normal: str) -> None:
    assert squad_normal(answer, "en") == normal


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "overlap"),
    [
        ("Gustave Flaubert", ["Flaubert"], False, 2 / 3),
        ("Gustave Flaubert", ["Flaubert", "gustave flaubert."], True, 1.0),
        ("the sewers", ["sewers"], True, 1.0),
        ("New York New York", ["New York"], False, 2 / 3),  # repeated words count once each
        ("Paris", ["London"], False, 0.0),
        ("", ["London"], False, 0.0),
        ("the", ["a"], False, 0.0),  # nothing but articles is no answer
        ("Paris", [], False, 0.0),
    ],
)
def test_exact_match_and_f1(answer: str, accepted: list[str], exact: bool, overlap: float) -> None:
    assert exact_match(answer, accepted, "en") is exact
    assert f1(answer, accepted, "en") == pytest.approx(overlap)


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4))
def test_an_exact_match_has_an_f1_of_1(answer: str, accepted: list[str]) -> None:
    assert 0.0 <= f1(answer, accepted, "en") <= 1.0
    if exact_match(answer, accepted, "en"):
        assert f1(answer, accepted, "en") == 1.0


def test_which_answers_stand_in_a_text() -> None:
    assert answers_in("The Seine and the Marne", ["Rhine", "marne", "seine"]) == ["marne", "seine"]


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("The Ljubljanica flows here.", "ljubljanica", True),
        ("He won in 1945, in Oslo", "1945", True),
        ("He won in 19450", "1945", False),  # tokens, not characters
        ("a bright new day", "bright day", False),  # side by side
        ("It is the U.S. Army", "u.s.", True),  # signs are tokens
        ("It is the US Army", "u.s.", False),
        ("Café Procope", unicodedata.normalize("NFD", "café"), True),
        ("Cafe Procope", "café", False),  # marks count
        ("price: $5", "$ 5", True),
        ("東京 タワー", "東京", True),
        ("zero\u200bwidth", "zero width", True),  # format characters separate
        ("anything", "", False),
        ("anything", " \t", False),
        ("", "anything", False),
    ],
)
def test_the_dpr_rule(text: str, answer: str, expected: bool) -> None:
    assert has_answer([text], [answer], 1) is expected


def test_any_answer_in_any_of_the_first_k_texts() -> None:
    texts = ["nothing", "The Seine", "The Danube"]
    assert has_answer(texts, ["Rhine", "Seine"], 2)
    assert not has_answer(texts, ["Danube"], 2)
    assert not has_answer(texts, [], 3)


@pytest.mark.parametrize(
    ("language", "answer", "accepted", "exact", "overlap"),
    [
        ("es", "¡La Pampa!", "Pampa", True, 1.0),
        ("es", "The Pampa", "Pampa", False, 2 / 3),
        ("de", "Der Rhein", "rhein", True, 1.0),
        ("fr", "a", "a", True, 1.0),  # an English article, and a verb here
        ("fr", "«Le Monde»", "monde", False, 2 / 3),  # MLQA has no French
        ("ja", "ブルキナ ファソ。", "ブルキナファソ", True, 1.0),
        ("ja", "メキシコ市", "メキシコ", False, 8 / 9),
    ],
)
def test_other_languages_go_by_mlqa(language: str, answer: str, accepted: str, exact: bool, overlap: float) -> None:
    assert exact_match(answer, [accepted], language) is exact
    assert f1(answer, [accepted], language) == pytest.approx(overlap)
