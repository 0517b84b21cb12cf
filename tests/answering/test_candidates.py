"""What a snippet offers: names whole, dates, numbers and phrases, and nothing that no answer could be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answering.candidates import SHAPES, read_parts
from harness.answering.features import STATIC, static_features
from harness.answering.passage import Passage, read_passage
from harness.answering.protocol import snippet_text
from harness.answering.question import take_apart
from harness.answering.sentences import choose
from harness.records import Snippet


def runs(passage: Passage, language: str = "en") -> list[tuple[int, str, str, str]]:
    """The candidates of a passage, each with its sentence, as it is written, its key and its shape."""
    sentences = range(len(passage.lines))
    parts = read_parts([(passage, sentence) for sentence in sentences], language, language == "en")
    units = passage.units
    return [
        (sentence, passage.text[units[start + first].start : units[start + last].end], key, SHAPES[shape])
        for sentence, start, part in zip(sentences, passage.edges, parts, strict=False)
        for first, last, key, shape in zip(part.first.tolist(), part.last.tolist(), part.keys, part.shape, strict=True)
    ]


def offered(text: str, title: str = "") -> dict[str, str]:
    return {written: shape for _, written, _, shape in runs(read_passage(Snippet("s", text, title), "en"))}


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
        ("It began on May 18, 1756 there.", "May 18, 1756", "date"),
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
    assert "May" not in offered("It May. 18 people may go.")
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
        for sentence, written, *_ in runs(passage):
            start, stop = passage.edges[sentence : sentence + 2]
            assert written in text[passage.units[start].start : passage.units[stop - 1].end]
    assert "Dr. Smith" in offered("He saw Dr. Smith. Paris was far.")
    assert not [one for one in offered("One (of two) was left; more, e.g. (all) and (both) stay.") if "(" in one]


def test_titles_are_read_first_as_a_sentence_of_their_own() -> None:
    passage = read_passage(Snippet("s", "The city is Prague.", "Prague"), "en")
    assert [sentence for sentence, _, key, _ in runs(passage) if key == "prague"] == [0, 1]
    assert passage.title_units == 1
    assert passage.sentences_holding("prague") == [0, 1]


def test_words_are_looked_for_whole_and_side_by_side() -> None:
    passage = read_passage(Snippet("s", "In 1945 King Arthur's Camelot fell. Five kings. Camelot, King Arthur."), "en")
    assert list(passage.sentences_holding("king arthur")) == [0, 2]
    assert list(passage.sentences_holding("king arthur camelot")) == [0]
    assert list(passage.sentences_holding("king")) == [0, 2]
    assert list(passage.sentences_holding("five")) == [1], "the five in nineteen forty five is no five"
    assert list(passage.sentences_holding("nineteen_forty_five")) == [0]
    assert not passage.sentences_holding("arthur king")


def test_a_list_does_not_go_on_in_the_next_sentence() -> None:
    assert "Peru and. Chile" not in offered("They saw Peru and. Chile was far.")
    texts = [Snippet("a", "They saw Peru and"), Snippet("b", "Chile was far.")]
    passages = [read_passage(one, "en") for one in texts]
    parts = read_parts([(passage, 0) for passage in passages], "en", True)
    assert [part.keys for part in parts] == [["saw", "saw peru", "peru"], ["chile", "chile was far", "far"]]


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_sentences_read_together_have_the_candidates_that_they_have_alone(texts: list[str]) -> None:
    together = [read_passage(Snippet("s", text), "en") for text in texts]
    places = [(row, sentence) for row, passage in enumerate(together) for sentence in range(len(passage.lines))]
    for part, (row, sentence) in zip(
        read_parts([(together[row], sentence) for row, sentence in places], "en", True), places, strict=True
    ):
        passage = read_passage(Snippet("s", texts[row]), "en")
        (other,) = read_parts([(passage, sentence)], "en", True)
        assert (part.keys, part.words) == (other.keys, other.words)
        for name in ("codes", "before", "after", "weights", "idle", "first", "last", "shape"):
            assert getattr(part, name).tolist() == getattr(other, name).tolist()


@given(st.text(max_size=200), st.text(max_size=30), st.sampled_from(["en", "de", "es", "xx"]))
def test_any_text_can_be_read(text: str, title: str, language: str) -> None:
    snippet = Snippet("s", text, title)
    passage = read_passage(snippet, language)
    assert all(written in snippet_text(snippet) for _, written, *_ in runs(passage, language))
    chosen = choose(take_apart([unit.word for unit in passage.units], language), [passage], language)
    if chosen is not None:
        assert static_features(chosen).shape == (len(chosen.keys), len(STATIC))
