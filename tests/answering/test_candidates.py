"""What a snippet offers: names whole, dates, numbers and phrases, and nothing that no answer could be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.candidates import SHAPES, read_passage
from harness.answering.protocol import snippet_text
from harness.records import Snippet


def offered(text: str, title: str = "") -> dict[str, str]:
    passage = read_passage(Snippet("s", text, title), "en")
    return {written: SHAPES[shape] for written, shape in zip(passage.texts, passage.shape.tolist(), strict=True)}


@pytest.mark.parametrize(
    ("text", "candidate", "shape"),
    [
        ("It was written by J. R. R. Tolkien in Oxford.", "J. R. R. Tolkien", "name"),
        ("It was Leonardo da Vinci who drew it.", "Leonardo da Vinci", "name"),
        ("The firm of Jos de Blok grew.", "Jos de Blok", "name"),
        ("He died on 12 May 1945 there.", "12 May 1945", "date"),
        ("He died in the 19th century there.", "19th century", "date"),
        ("It dates from 1834, they say.", "1834", "date"),
        ("About 50,000 people came.", "50,000", "number"),
        ("It is 515 million years old.", "515 million years", "number"),
        ("They have seven legs.", "seven", "number"),
        ("It harms the inner ear and more.", "inner ear", "phrase"),
        ("That is tennis.", "tennis", "phrase"),
        ("Silver is a metal.", "Silver", "phrase"),  # a capital at the beginning says nothing
    ],
)
def test_what_is_offered(text: str, candidate: str, shape: str) -> None:
    assert offered(text).get(candidate) == shape


def test_what_is_not_offered() -> None:
    texts_offered = offered("The river flows to Paris. The end of it is far, and more.")
    for wrong in ("The", "The river", "to Paris", "Paris. The end", "end of", "far, and more", "of"):
        assert wrong not in texts_offered


def test_a_whole_phrase_weighs_more_than_its_parts() -> None:
    passage = read_passage(Snippet("s", "It goes for the inner ear."), "en")
    weigh = dict(zip(passage.texts, passage.wholeness.tolist(), strict=True))
    assert weigh["inner ear"] > max(weigh["inner"], weigh["ear"])


def test_titles_are_read_too_and_weigh_less() -> None:
    passage = read_passage(Snippet("s", "The city is Prague.", "Prague"), "en")
    assert passage.keys.count("prague") == 1
    weights = [w for text, w in zip(passage.texts, passage.wholeness.tolist(), strict=True) if text == "Prague"]
    assert len(weights) == 2
    assert min(weights) < max(weights)


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_can_be_read(text: str, title: str) -> None:
    snippet = Snippet("s", text, title)
    passage = read_passage(snippet, "en")
    assert len(passage.starts) == len(passage.keys) == len(set(passage.keys))
    assert all(written in snippet_text(snippet) for written in passage.texts)
    assert (passage.wholeness > 0).all()
