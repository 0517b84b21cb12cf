"""What a snippet offers: names whole, dates, numbers and phrases, and nothing that no answer could be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.candidates import SHAPES, read_passage
from harness.answering.features import STATIC, static_features
from harness.answering.protocol import snippet_text
from harness.records import Snippet


def offered(text: str, title: str = "") -> dict[str, str]:
    passage = read_passage(Snippet("s", text, title), "en")
    return {passage.written(place): SHAPES[shape] for place, shape in enumerate(passage.shape.tolist())}


@pytest.mark.parametrize(
    ("text", "candidate", "shape"),
    [
        ("It was written by J. R. R. Tolkien in Oxford.", "J. R. R. Tolkien", "name"),
        ("It was Leonardo da Vinci who drew it.", "Leonardo da Vinci", "name"),
        ("The firm of Jos de Blok grew.", "Jos de Blok", "name"),
        ("He died on 12 May 1945 there.", "12 May 1945", "date"),
        ("He died in the 19th century there.", "19th century", "date"),
        ("It dates from 1834, they say.", "1834", "year"),
        ("About 50,000 people came.", "50,000", "number"),
        ("It is 515 million years old.", "515 million years", "measure"),
        ("They eat red, green and blue things.", "red, green and blue", "list"),
        ("She read “War and Peace” there.", "War and Peace", "list"),
        ("He joined the U.S. Navy there.", "U.S. Navy", "name"),
        ("It was near Los Angeles, California (then small).", "Los Angeles, California", "name"),
        ("It happened on Tuesday 5 May there.", "Tuesday 5 May", "date"),
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


def test_no_candidate_goes_over_the_end_of_a_sentence_or_a_bracket() -> None:
    for text in (
        "He saw Dr. Smith. Paris was far.",
        "One (of two) was left.",
        "A house\nand a barn",
        "It ended. And on",
    ):
        passage = read_passage(Snippet("s", text), "en")
        for first, last in zip(passage.first.tolist(), passage.last.tolist(), strict=True):
            assert passage.sentences[first] == passage.sentences[last]
    assert "Dr. Smith" in offered("He saw Dr. Smith. Paris was far.")
    assert not [one for one in offered("One (of two) was left; more, e.g. (all) and (both) stay.") if "(" in one]


def test_titles_are_read_first_as_a_sentence_of_their_own() -> None:
    passage = read_passage(Snippet("s", "The city is Prague.", "Prague"), "en")
    assert passage.keys.count("prague") == 2
    assert passage.title_units == 1
    assert passage.holds["prague"] == [0, 1]


@given(st.text(max_size=200), st.text(max_size=30), st.sampled_from(["en", "de", "es", "xx"]))
def test_any_text_can_be_read(text: str, title: str, language: str) -> None:
    snippet = Snippet("s", text, title)
    passage = read_passage(snippet, language)
    n = len(passage.first)
    assert len(passage.last) == len(passage.shape) == len(passage.keys) == n
    assert all(passage.written(place) in snippet_text(snippet) for place in range(n))
    assert static_features(passage).shape == (n, len(STATIC))
    assert passage.of_sentence[-1] == n
