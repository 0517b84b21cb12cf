"""Filling a template leaves a sentence that reads well."""

from random import Random

import pytest
from compose import as_name, fill, reads_well, slug, styles_apart
from content import Template, load_frames, load_relations
from hypothesis import given
from hypothesis import strategies as st

from harness.suites.voices import plain_letters
from harness.words.text.normalise import tokenise


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("{x} stands here.", "the Eiffel Tower", "The Eiffel Tower stands here."),
        ("Look! {x} stands here.", "the tower", "Look! The tower stands here."),
        ("Go to {x}.", "the tower", "Go to the tower."),
        ("Answer: {x}.", "the tower", "Answer: the tower."),
        ("I saw a {x}.", "emu", "I saw an emu."),
        ("I saw an {x}.", "cow", "I saw a cow."),
        ("A {x} ran.", "owl", "An owl ran."),
        ("A {x} degree.", "university", "A university degree."),
        ("{x} More.", "It is so.", "It is so. More."),
        ("They said {x}.", "it is so.", "They said it is so."),
        ("No  {x} gaps.", " big ", "No big gaps."),
    ],
)
def test_fill_keeps_the_grammar(pattern: str, value: str, expected: str) -> None:
    assert fill(pattern, {"x": value}) == expected


def test_a_forum_handle_keeps_its_small_letters() -> None:
    assert fill("{handle} wrote: hi", {"handle": "gus42"}) == "gus42 wrote: hi"


@given(st.text(), st.text(alphabet="abc ÅÉ.", min_size=1))
def test_fill_adds_and_loses_no_words(before: str, value: str) -> None:
    before = before.replace("{", "").replace("}", "")
    filled = fill(f"{before} | {{x}} end", {"x": value})
    assert filled.casefold().split() == f"{before} | {value} end".casefold().split()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("the grey tower", "Grey Tower"), ("battle of brittan", "Battle of Brittan"), ("Bel's pausey", "Bel's Pausey")],
)
def test_as_name(name: str, expected: str) -> None:
    assert as_name(name) == expected


def test_letters_for_a_voice_that_knows_ascii() -> None:
    assert plain_letters("Tromsø, Hódmezővásárhely?") == "Tromso, Hodmezovasarhely?"
    for relation in load_relations():
        for fact in relation.facts:
            assert plain_letters(fact.question).isascii()
            assert tokenise(plain_letters(fact.question), "en") == tokenise(fact.question, "en")


@given(st.text())
def test_a_slug_is_safe_in_addresses_and_stable(text: str) -> None:
    result = slug(text)
    assert slug(result) == result
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_doubled_words_and_lengths_are_refused() -> None:
    words = " ".join(f"w{i}" for i in range(30))
    assert reads_well(words)
    assert reads_well(words + " in eighteen eighteen")
    assert not reads_well(words + " House House")
    assert not reads_well("too short")
    assert not reads_well(f"{words} {words} {words}")


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.integers())
def test_styles_apart_is_a_permutation_with_styles_first(styles: list[str], seed: int) -> None:
    templates = tuple(Template(style, str(i), "") for i, style in enumerate(styles))
    ordered = styles_apart(Random(seed), templates)
    assert sorted(ordered, key=lambda t: int(t.title)) == list(templates)
    distinct = len(set(styles))
    assert len({template.style for template in ordered[:distinct]}) == distinct


def test_there_are_frames_enough() -> None:
    frames = load_frames()
    assert len(set(frames.sound_alikes)) >= 60
    assert {frame.style for frame in frames.sound_alikes} == {"encyclopaedic", "news", "forum", "list", "shop"}
