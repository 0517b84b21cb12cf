"""Names in texts: lexicons, the three ways to look names up, and which of them are taken."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UnknownName, UsageError
from harness.interpretation.slots.lexicon import Lexicon, draw_lexicon, slots_of
from harness.interpretation.slots.protocol import Mention, above, build_slot_filler, without_overlaps
from harness.records import Entity, Question, Snippet


def question(identity: str, text: str, *entities: str, aliases: tuple[str, ...] = ()) -> Question:
    marked = tuple(Entity(name, text.index(name), text.index(name) + len(name), aliases=aliases) for name in entities)
    return Question(identity, text, entities=marked)


QUESTIONS = [
    question("q1", "Who was Peter Medawar?", "Peter Medawar", aliases=("Medawar",)),
    question("q2", "Where is Ljubljana?", "Ljubljana"),
    question("q3", "Is Ljubljana older than Middlemarch?", "Ljubljana", "Middlemarch"),
]
SNIPPETS = [
    Snippet("s1", "Nothing here.", title="Charles Bridge - Plain Reference"),
    Snippet("s2", "Nothing there.", title="Ljubljana | A Guide"),
    Snippet("s3", "It was Zdenka Podkapova who met Medawar. May the rain come.", title="how to train dogs"),
    Snippet("s4", "Nothing at all.", title="Karel Capek"),
]
LEXICON = Lexicon(
    (("peter", "medawar"), ("ljubljana",), ("middlemarch",), ("luciana",), ("middle", "earth"), ("peter",)),
    3,
    {("medawar",): 0},
)


def test_a_lexicon_holds_every_entity_then_titles_then_names_in_texts() -> None:
    drawn = draw_lexicon(QUESTIONS, SNIPPETS, "en", 10, seed=7)
    assert drawn.names[:3] == (("peter", "medawar"), ("ljubljana",), ("middlemarch",))
    assert drawn.n_own == 3
    assert set(drawn.names[3:5]) == {("charles", "bridge"), ("karel", "capek")}
    assert drawn.names[5:] == (("zdenka", "podkapova"),)  # neither "Medawar", which is one of the names, nor "May the"
    assert drawn.aliases == {("medawar",): 0}
    assert drawn.sizes([0, 2, 10]) == [0, 2, 3]
    assert [drawn.reach(size) for size in (0, 2, 10)] == [3, 5, 6]


def test_a_longer_lexicon_holds_the_shorter_one_and_seeds_differ() -> None:
    snippets = [Snippet(str(n), "", title=f"Zbigniew Number{n:03}") for n in range(60)]
    short, long = (draw_lexicon(QUESTIONS, snippets, "en", n, seed=7) for n in (10, 40))
    assert len(short.names) == 13
    assert long.names[:13] == short.names
    assert draw_lexicon(QUESTIONS, snippets, "en", 40, seed=8).names != long.names
    assert draw_lexicon(QUESTIONS, list(reversed(snippets)), "en", 40, seed=7).names == long.names


def test_reference_slots_are_the_entities_of_the_question() -> None:
    assert [slots_of(one, LEXICON, "en") for one in QUESTIONS] == [{0}, {1}, {1, 2}]
    assert slots_of(Question("q", "Who was it?", entities=()), LEXICON, "en") == set()


def slots(name: str, text: str, size: int = 3, threshold: float = 0.5) -> set[int]:
    (of_texts,) = build_slot_filler(name, "en").slots([text], LEXICON, [size])
    return set(above(of_texts[0], threshold))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who was Peter Medawar?", {0}),  # and not "peter", which is a name too
        ("who was medawar", {0}),
        ("ljubljana, middlemarch", {1, 2}),
        ("ljubljana ljubljana", {1}),
        ("who was peter", {5}),
        ("middle march", set()),
        ("", set()),
    ],
)
def test_exact_names(text: str, expected: set[int]) -> None:
    assert slots("exact", text, threshold=1.0) == expected


def test_a_smaller_lexicon_does_not_know_the_others() -> None:
    assert slots("exact", "who was peter", size=2) == set()
    (none, two, three) = build_slot_filler("fuzzy", "en").slots(["who was peter"], LEXICON, [0, 2, 3])
    assert 5 not in above(none[0], 0.5) | above(two[0], 0.5)
    assert 5 in above(three[0], 0.5)


def test_fuzzy_names_by_hand() -> None:
    """ "middle march" has the letters of the name; "lubljana" lacks one of nine: 1 - 1/9."""
    (of_texts,) = build_slot_filler("fuzzy", "en").slots(["middle march", "lubljana"], LEXICON, [3])
    assert of_texts[0][0] == (1.0, 2)
    assert of_texts[1][0] == (pytest.approx(8 / 9), 1)


@pytest.mark.parametrize("text", ["peter mad dog or", "who was peter med a war"])
def test_phonetic_names(text: str) -> None:
    assert slots("phonetic", text, size=0, threshold=0.7) == {0}
    assert slots("phonetic", text, size=3, threshold=0.7) == {5}  # the whole of "peter" is nearer than a guess at more
    assert slots("phonetic", "seven", threshold=0.7) == set()


def test_what_sounds_alike_scores_one() -> None:
    names = Lexicon((("jimi",), ("salammbo",)), 2, {})
    (of_texts,) = build_slot_filler("phonetic", "en").slots(["did jimmy play"], names, [0])
    assert of_texts[0][0] == (1.0, 0)


def test_of_places_that_overlap_the_better_is_taken() -> None:
    mentions = [Mention(0, 2, 0, 0.8), Mention(1, 3, 1, 0.9), Mention(3, 4, 2, 0.7), Mention(5, 6, 1, 0.6)]
    assert without_overlaps(mentions) == ((0.9, 1), (0.7, 2))  # a name counts once
    assert without_overlaps([Mention(0, 1, 0, 0.8), Mention(0, 2, 1, 0.8)]) == ((0.8, 1),)  # the longer of equals


def mentions_of(draw: st.DrawFn) -> list[Mention]:
    triples = st.tuples(st.integers(0, 6), st.integers(1, 3), st.integers(0, 4), st.sampled_from([0.5, 0.7, 0.9, 1.0]))
    return [
        Mention(start, start + length, name, score)
        for start, length, name, score in draw(st.lists(triples, max_size=8))
    ]


@given(mentions=st.composite(mentions_of)(), threshold=st.sampled_from([0.5, 0.6, 0.8, 1.0]))
def test_a_threshold_after_is_a_threshold_before(mentions: list[Mention], threshold: float) -> None:
    before = without_overlaps([mention for mention in mentions if mention.score >= threshold])
    assert above(without_overlaps(mentions), threshold) == {name for _, name in before}
    assert all(one != other for (_, one), (_, other) in combinations(before, 2))


def test_names_and_options_that_mean_nothing() -> None:
    with pytest.raises(UnknownName, match="phonetic"):
        build_slot_filler("phonetics", "en")
    with pytest.raises(UsageError, match="unknown option"):
        build_slot_filler("fuzzy,threshold=2", "en")
    with pytest.raises(UsageError, match="no models"):
        build_slot_filler("exact:large", "en")
