"""Keywords, lists, yes or no, numbers: twenty questions that get an answer of the kind they ask for, or none."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import pytest

from harness.answering.extractive import Extractive
from harness.answering.protocol import AnswererSpec, Reading
from harness.records import Snippet
from harness.words.text.normalise import normalise


class Asked(NamedTuple):
    """A question, its snippets, and what an answer of the right kind looks like (`None`: only a refusal is right)."""

    question: str
    snippets: tuple[str, ...]
    kind: str | None


DATE: Final = r"(?!.*\b(?:metres|people|km)\b).*(?:\b1\d{3}\b|\b20\d{2}\b|century|January|May|July|October).*"
RIVERS: Final = r"(?:the rivers )?Anse, Brill and Corren"

FERRY: Final = (
    "The Lumen ferry disaster of 14 October 1931 happened off Port Askell, when 212 people drowned.",
    "Port Askell still keeps a stone for the Lumen ferry. Captain Edith Varrow was cleared in 1933.",
    "The Lumen ferry was 61 metres long and had been built by Harlan Orr in Greenock.",
)
LAKE: Final = (
    "Lake Ivorel lies in Tarvonia, 312 metres deep and fed by the rivers Anse, Brill and Corren.",
    "The perch, the char and the vendace are the three fish of Lake Ivorel.",
    "Since 1974 no motor boat has been allowed on Lake Ivorel. About 4,200 people live around it.",
)
OPERA: Final = (
    "The opera The Glass Heron was composed by Ottoline Brandt and first given in Ravensburg on 3 May 1902.",
    "Ottoline Brandt wrote The Glass Heron in eleven weeks. It has four acts and needs 90 players.",
    "Critics disliked The Glass Heron, but Emil Sorge and Ada Lindqvist sang in it for twenty years.",
)
HALL: Final = (
    "Corbet Hall, the seat of the Marchmain family, stands 41 metres high in Eastvale.",
    "Corbet Hall was finished in 1788 by the architect Josiah Penn. Its roof cost 9,000 pounds.",
    "Visitors to Corbet Hall see paintings, clocks and a maze. The house has 63 rooms.",
)
QUESTIONS: Final = (
    Asked("Lumen ferry disaster location", FERRY, r"(off )?Port Askell|Greenock"),
    Asked("Lumen ferry disaster date", FERRY, DATE),
    Asked("Lumen ferry captain", FERRY, r"(Captain )?(Edith )?Varrow|Harlan Orr"),
    Asked("Lake Ivorel depth", LAKE, r"312 metres(?: deep)?"),
    Asked("Glass Heron opera composer", OPERA, r"Ottoline Brandt|Emil Sorge|Ada Lindqvist"),
    Asked("population of Lake Ivorel", LAKE, r"(?:About )?4,200(?: people)?"),
    Asked("List the rivers that feed Lake Ivorel", LAKE, RIVERS),
    Asked("What are the three fish of Lake Ivorel?", LAKE, r"perch, the char and the vendace|Anse, Brill and Corren"),
    Asked("Name two singers of The Glass Heron", OPERA, r"Emil Sorge and Ada Lindqvist(?: sang)?"),
    Asked("Which three things do visitors see at Corbet Hall?", HALL, r"(?:see )?paintings, clocks and a maze"),
    Asked("Was Captain Varrow cleared?", FERRY, None),
    Asked("Is Lake Ivorel deep?", LAKE, None),
    Asked("Did Ottoline Brandt compose The Glass Heron?", OPERA, None),
    Asked("Can motor boats go on Lake Ivorel?", LAKE, None),
    Asked("How many people drowned with the Lumen ferry?", FERRY, r"212(?: people)?"),
    Asked("How many acts does The Glass Heron have?", OPERA, r"(?:four|90)(?: acts| players)?"),
    Asked("How tall is Corbet Hall?", HALL, r"41 metres(?: high)?"),
    Asked("What year was Corbet Hall finished?", HALL, DATE),
    Asked("When was The Glass Heron first given?", OPERA, DATE),
    Asked("Who designed Corbet Hall?", HALL, r"Marchmain|Josiah Penn"),
)


def answered(asked: Asked) -> str:
    reader = Extractive(AnswererSpec("extractive"), "en")
    snippets = tuple(Snippet(f"s{number}", text) for number, text in enumerate(asked.snippets))
    return reader.answer([Reading(normalise(asked.question, "en"), snippets)])[0].text


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.question)
def test_no_answer_of_the_wrong_kind(asked: Asked) -> None:
    answer = answered(asked)
    assert not answer or (asked.kind is not None and re.fullmatch(asked.kind, answer)), answer


def test_most_of_those_that_have_an_answer_get_one() -> None:
    """A reader that refuses everything would pass the test above."""
    answers = [answered(asked) for asked in QUESTIONS if asked.kind is not None]
    assert len(answers) == 16
    assert sum(map(bool, answers)) >= 14


@pytest.mark.parametrize(
    ("question", "snippets"),
    [
        ("How many acts does The Glass Heron have?", ("The Glass Heron is an opera by Ottoline Brandt.",)),
        ("When was Corbet Hall finished?", ("Corbet Hall has 63 rooms and a maze.",)),
        ("List the fish of Lake Ivorel", ("Perch live in Lake Ivorel.",)),
    ],
)
def test_without_anything_of_that_kind_it_refuses(question: str, snippets: tuple[str, ...]) -> None:
    assert answered(Asked(question, snippets, None)) == ""
