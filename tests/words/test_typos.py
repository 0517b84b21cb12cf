"""Typing errors of references are flagged, true names are not: on the shipped suites and on other people's questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.rarity import is_rare
from harness.words.text.normalise import tokenise
from harness.words.typos import possible_typo, possible_typos

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("word", "commoner"),
    [
        ("caracter", "character"),  # a letter left out
        ("betwen", "between"),
        ("goverment", None),  # in texts once in two million words: too often for a gap of three
        ("wich", None),  # too short to tell
        ("medawar", None),
        ("ljubljana", None),
        ("maillard", None),
        ("kenyas", None),  # a plural or a genitive
        ("middlemarch", None),
        ("goonj", None),  # `goons` is no common word
        ("sagrada", None),
        ("o'briens", None),
        ("naïvete", None),
    ],
)
def test_a_word_alone(word: str, commoner: str | None) -> None:
    assert possible_typo(word, "en") == commoner


@pytest.mark.parametrize(
    ("word", "text", "commoner"),
    [
        ("mamel", "", None),
        ("mamel", "Is the largest mamel a whale?", "mammal"),  # two edits, consonants and syllables of a known word
        ("mamel", "is the largest mamel a whale", None),  # the text has no capitals to tell names by
        ("mamel", "Is the largest Mamel a whale?", None),
        ("gaurentee", "What does UDP gaurentee?", "guarantee"),
        ("geladas", "Where do geladas live?", None),  # `gladys` has a syllable less
        ("chinua", "", "china"),
        ("chinua", "Where was Chinua Achebe born?", None),  # written as a name
        ("chinua", "Chinua Achebe was born where?", "china"),  # a capital at the start says nothing
        ("caracter", "WHAT IS THE MAIN CARACTER", "character"),
    ],
)
def test_the_text_tells_names_from_words(word: str, text: str, commoner: str | None) -> None:
    assert possible_typo(word, "en", text) == commoner


def test_a_name_in_one_text_is_a_name_in_all() -> None:
    texts = [
        "where is chinua from",
        "Is the largest mamel a whale?",
        "A mamel and a caracter?",
        "Who is Chinua Achebe?",
    ]
    assert possible_typos(texts, "en") == {"mamel": "mammal", "caracter": "character"}
    assert possible_typos(texts[:1], "en") == {"chinua": "china"}


@pytest.mark.parametrize("suite", ["demo", "standard"])
def test_no_name_of_the_shipped_suites_is_flagged(suite: str) -> None:
    texts = [question.text for question in load_suite(find_suite(suite)).questions]
    rare = {word for text in texts for word in tokenise(text, "en") if is_rare(word, "en")}
    assert possible_typos(texts, "en") == {}
    assert {word for word in rare if possible_typo(word, "en")} == {"chinua"}


def test_typing_errors_in_questions_of_squad() -> None:
    if not (folder := DATA / "noiseqa").is_dir():
        pytest.skip("the questions of NoiseQA are not at hand")
    data = json.loads((folder / "xquad-context-en-question-en.json").read_text("utf-8"))["data"]
    texts = [qa["question"] for article in data for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
    assert list(possible_typos(texts, "en")) == [
        "consts", "elclusively", "parliment", "agenchy", "includ", "betwen", "gaurentee", "chainging", "designa", "buiding",
        "coruption", "framd",
    ]  # fmt: skip


def test_names_in_entity_questions() -> None:
    if not (folder := DATA / "entityquestions" / "test").is_dir():
        pytest.skip("EntityQuestions is not at hand")
    texts = [row["question"] for path in sorted(folder.glob("*.json")) for row in json.loads(path.read_text("utf-8"))]
    rare = {word for text in texts for word in tokenise(text, "en") if is_rare(word, "en")}
    assert len(possible_typos(texts, "en")) < 0.003 * len(rare)
