"""Where mentions come from, and that they land on the right words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.records import Entity, Question
from harness.suites.load import load_suite
from harness.words.entities import lexicon, mentions
from harness.words.text.normalise import tokenise

STANDARD = Path(__file__).parents[2] / "fixtures" / "standard"


def mentioned(text: str) -> list[str]:
    tokens = tokenise(text, "en")
    return [" ".join(tokens[start:end]) for start, end in mentions(Question("q", text), "en").spans]


def annotated(text: str, *entities: str) -> Question:
    marked = tuple(Entity(name, text.index(name), text.index(name) + len(name)) for name in entities)
    return Question("q", text, entities=marked)


def test_suite_annotation_comes_first() -> None:
    question = annotated(
        "When was Beyoncé's album “1989 (live)” sold in Rio de Janeiro?", "Beyoncé", "1989", "Rio de Janeiro"
    )
    by_suite = mentions(question, "en", pipeline="not-even-looked-at")
    tokens = tokenise(question.text, "en")
    assert by_suite.source == "suite"
    assert [" ".join(tokens[start:end]) for start, end in by_suite.spans] == [
        "beyonce",
        "nineteen eighty nine",
        "rio de janeiro",
    ]
    assert mentions(Question("q", "Who is Peter Medawar?", entities=()), "en").spans == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When was Peter Medawar born?", ["peter medawar"]),
        ("when was peter medawar born?", ["medawar"]),
        ("WHEN WAS PETER MEDAWAR BORN", ["medawar"]),
        ("When Was Peter Medawar Born?", ["medawar"]),
        ("Which novel is larger, middlemarch or hyperion?", ["middlemarch", "hyperion"]),
        ("Can I read middlemarch? I'm told it is by eliot.", ["middlemarch", "eliot"]),
        ("Who wrote middlemarch? Was it eliot?", ["middlemarch", "eliot"]),
        ("Middlemarch was written by whom?", ["middlemarch"]),
        ("WHO WROTE MIDDLEMARCH IN 1871", ["middlemarch"]),
        ("Was Eliot the author? I read middlemarch.", ["eliot", "middlemarch"]),
        ("Who wrote The Lord of the Rings?", ["the lord of the rings"]),
        ("Did Apollo 11 leave from Florida in 1969?", ["apollo eleven", "florida"]),
        ("Is St. Louis larger than Paris?", ["st louis", "paris"]),
        ("Marie Curie was born where? In Warsaw?", ["marie curie", "warsaw"]),
        ("What can I eat in the morning?", []),
        ("who is the president", []),
        ("", []),
    ],
)
def test_rule(text: str, expected: list[str]) -> None:
    assert mentioned(text) == expected


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text[:1].upper() + text[1:],
        lambda text: f"I'm asking what I asked: {text}",
        lambda text: f"May I? {text[:1].upper()}{text[1:]}",
        str.upper,
        str.title,
    ],
)
def test_names_are_guessed_alike_wherever_case_says_nothing(written: Callable[[str], str]) -> None:
    questions = [question.text.lower() for question in load_suite(STANDARD).questions]
    names = sum(bool(mentioned(text)) for text in questions)
    assert names > 0.8 * len(questions) > 150
    for text in questions:
        assert mentioned(written(text))[-1:] == mentioned(text)[-1:], text


@given(st.text(alphabet="aBq zé.?1' "))
def test_rule_spans_are_ordered_and_apart(text: str) -> None:
    spans = mentions(Question("q", text), "en").spans
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end <= len(tokenise(text, "en")) for start, end in spans)


def test_lexicon_keeps_first_spellings_in_order() -> None:
    questions = [
        annotated("Who is Zoë Kravitz?", "Zoë Kravitz"),
        annotated("Where is Aachen?", "Aachen"),
        annotated("is zoe kravitz in Aachen", "zoe kravitz", "Aachen"),
    ]
    assert lexicon(questions, "en") == ("Zoë Kravitz", "Aachen")


def test_spacy_pipeline(tmp_path: Path) -> None:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "peter medawar"}])
    pipeline.to_disk(tmp_path / "named")
    labelled = mentions(Question("q", "where was peter medawar's house"), "en", str(tmp_path / "named"))
    assert labelled.source == f"spacy:{tmp_path / 'named'}"
    assert labelled.spans == ((2, 4),)


def test_absent_pipeline_says_how_to_install_it() -> None:
    with pytest.raises(UsageError, match="python -m spacy download en_no_such"):
        mentions(Question("q", "who"), "en", "en_no_such")
