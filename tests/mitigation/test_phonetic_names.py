"""Names in the place of what sounds like them: the gate, the threshold, the order, and the names of an index."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mitigation.names import indexed_names
from harness.mitigation.protocol import build_repair, parse_mitigation
from harness.records import Snippet
from tests.mitigation.corpora import SNIPPETS, corpus, repaired, text

NAMES = ("phonetic-names", "who was peter medawah", "who is george elliott", "the mad dog or the man")


def test_names_of_an_index_are_titles_capitals_and_their_rare_words() -> None:
    names = indexed_names(SNIPPETS, "en")
    assert {("peter", "medawar"), ("medawar",), ("middlemarch",), ("george", "eliot"), ("london",)} <= set(names)
    assert ("peter",) not in names, "a common word alone names nobody"
    assert names.index(("london",)) < names.index(("george", "eliot")), "the most frequent first"
    assert indexed_names([], "en") == []
    assert indexed_names([Snippet("x", "", "")], "en") == []


def test_a_run_with_an_absent_word_becomes_the_name_that_sounds_like_it() -> None:
    given = [text(one) for one in repaired(*NAMES, setting={"distance": 0.3})]
    assert given == ["who was peter medawar", "who is george eliot", None]


def test_words_of_the_index_are_left_alone_however_near_a_name_is() -> None:
    """`mad dog or` sounds like medawar, but for `or` all of it stands in the index."""
    assert repaired("phonetic-names", "the dog of march studied middle march", setting={"distance": 0.99}) == [None]


@pytest.mark.parametrize(("distance", "changes"), [(0.0, False), (0.2, True)])
def test_the_distance_decides(distance: float, changes: bool) -> None:
    assert (repaired("phonetic-names", "who wrote middlemarsh", setting={"distance": distance}) != [None]) is changes


def test_a_name_may_take_the_place_of_several_words_and_of_several_places() -> None:
    (query,) = repaired("phonetic-names", "jorge elliott studied in lawn done", setting={"distance": 0.35})
    assert text(query) == "george eliot studied in london"


def test_runs_do_not_overlap_and_nothing_else_changes() -> None:
    (query,) = repaired("phonetic-names", "medawah medawah zzyzx is a novel", setting={"distance": 0.3})
    assert text(query) == "medawar medawar zzyzx is a novel"


def test_empty_transcripts_and_texts_without_letters_are_left() -> None:
    assert repaired("phonetic-names", "", "?!", "1871", setting={"distance": 0.3}) == [None, None, None]


def test_the_distance_is_chosen_unless_it_is_given() -> None:
    grid = build_repair(parse_mitigation("phonetic-names"), corpus()).grid
    assert grid[0] == {"distance": 0.1}, "the most careful one first"
    assert list(build_repair(parse_mitigation("phonetic-names,distance=0.25"), corpus()).grid) == [{"distance": 0.25}]
    with pytest.raises(UsageError, match="distance"):
        build_repair(parse_mitigation("phonetic-names,distance=1.5"), corpus())


def test_an_index_without_names_changes_nothing() -> None:
    searched = corpus(snippets=(Snippet("x", "it was the day before the end", ""),))
    repair = build_repair(parse_mitigation("phonetic-names"), searched)
    from harness.records import Transcript

    assert repair.repair([Transcript("medawah")], {"distance": 0.4}, searched, 5) == [None]
