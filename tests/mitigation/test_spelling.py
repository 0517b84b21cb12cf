"""Absent words in the index's spelling."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mitigation.protocol import build_repair, parse_mitigation
from harness.records import Snippet, Transcript
from tests.mitigation.corpora import corpus, repaired, text


def test_an_absent_word_becomes_the_nearest_of_the_index() -> None:
    (query,) = repaired("spelling", "who wrote midlemarch in lodnon", setting={"distance": 0.2})
    assert text(query) == "who wrote middlemarch in london"


@pytest.mark.parametrize(
    ("given", "distance"),
    [
        ("who wrote middlemarch", 0.5),  # nothing is absent
        ("medawxx", 0.2),  # two of seven letters
        ("dgo", 0.99),  # too short
        ("", 0.5),
    ],
)
def test_what_is_left_alone(given: str, distance: float) -> None:
    assert repaired("spelling", given, setting={"distance": distance}) == [None]


def test_of_two_equally_near_words_the_more_frequent_is_taken_then_the_first() -> None:
    snippets = (Snippet("a", "berlin carlin"), Snippet("b", "carlin"), Snippet("c", "darlin"))
    searched = corpus(snippets=snippets)
    repair = build_repair(parse_mitigation("spelling"), searched)
    (query,) = repair.repair([Transcript("xarlin")], {"distance": 0.2}, searched, 3)
    assert text(query) == "carlin"
    searched = corpus(snippets=snippets[::2])
    (query,) = build_repair(parse_mitigation("spelling"), searched).repair(
        [Transcript("xarlin")], {"distance": 0.2}, searched, 3
    )
    assert text(query) == "carlin"


def test_the_distance_is_a_share_of_the_longer_word_and_chosen_unless_given() -> None:
    assert text(repaired("spelling", "medawxr", setting={"distance": 1 / 7})[0]) == "medawar"
    assert repaired("spelling", "medawxr", setting={"distance": 0.14}) == [None]
    assert build_repair(parse_mitigation("spelling"), corpus()).grid[0] == {"distance": 0.15}
    assert list(build_repair(parse_mitigation("spelling,distance=0.3"), corpus()).grid) == [{"distance": 0.3}]
    with pytest.raises(UsageError, match="distance"):
        build_repair(parse_mitigation("spelling,distance=0"), corpus())


def test_an_index_without_long_words_changes_nothing() -> None:
    searched = corpus(snippets=(Snippet("a", "it is so"),))
    assert build_repair(parse_mitigation("spelling"), searched).repair(
        [Transcript("medawar")], {"distance": 0.9}, searched, 3
    ) == [None]
