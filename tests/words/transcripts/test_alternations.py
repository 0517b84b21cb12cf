"""NIST's notation of a choice: what each text may say, what stands for it where one text is wanted, what is refused."""

from __future__ import annotations

import re

import pytest

from harness.words.align import NIST
from harness.words.transcripts.alternations import MalformedAlternation, parse_choices


@pytest.mark.parametrize(
    ("text", "first", "words"),
    [
        ("a { b / c d } e", "a b e", ["a", "b", "c", "d", "e"]),
        ("{b/c}d", "b d", ["b", "c", "d"]),
        ("{ a / { b / c } } d", "a d", ["a", "b", "c", "d"]),
        ("{ @ / the } end", "end", ["the", "end"]),
        ("@ and/or @", "and/or", ["and/or"]),
        ("{ and/or }", "and", ["and", "or"]),
        ("well (uh) yes", "well uh yes", ["well", "uh", "yes"]),
        ("a } b (c", "a } b (c", None),
        ("{ a / } b", "a b", ["a", "b"]),
        ("me@home a(b)", "me@home a(b)", None),
    ],
)
def test_what_is_read(text: str, first: str, words: list[str] | None) -> None:
    choices = parse_choices(text)
    assert (None if choices is None else list(choices.network(str.split))) == words
    assert (text if choices is None else choices.first) == first


def test_only_braces_are_alternatives() -> None:
    assert [bool(parsed and parsed.has_alternatives) for parsed in map(parse_choices, ("@ a", "(a)", "{ a }", "a"))] == [
        False, False, True, False,
    ]  # fmt: skip


def test_every_alternative_is_normalised() -> None:
    choices = parse_choices("the { Ten-Ten / . } (UH-HUH) end")
    assert choices is not None
    network = choices.network(lambda text: re.findall(r"[a-z]+", text.lower()))
    assert list(network) == ["the", "ten", "ten", "uh", "huh", "end"]
    assert network.align(["the", "end"], NIST) == (["the", "uh", "huh", "end"], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a { b / c", "left open"),
        ("{ a / { b } c", "left open"),
        ("x{ a / b }", "brace inside the word 'x{'"),
        ("{ x{ a } / b }", "brace inside the word 'x'"),
        ("{ } a", "without alternatives"),
        ("{ / } a", "without alternatives"),
        ("{ " * 51 + "a" + " }" * 51, "nested more than 50 deep"),
    ],
)
def test_what_sclite_breaks_down_on_is_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedAlternation, match=message):
        parse_choices(text)
