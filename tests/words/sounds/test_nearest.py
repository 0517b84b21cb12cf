"""Names nearest in sound: many distances at once equal one by one, and what is nearest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.words.sounds.nearest import NearestNames, many_distances
from harness.words.sounds.phones import phone_distance, phones

WORDS = ("medawar", "mad", "dog", "or", "middlemarch", "march", "a", "brooks", "1871", "buddenbrooks", "")
runs = st.lists(st.sampled_from(WORDS), max_size=4).map(lambda words: tuple(filter(None, words)))


def sounds(run: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(phone for word in run for phone in phones(word, "en"))


@settings(deadline=None)
@given(st.lists(st.tuples(runs, runs), max_size=6))
def test_many_distances_equal_those_of_one_pair_at_a_time(pairs: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    distances = many_distances([(sounds(first), sounds(second)) for first, second in pairs])
    assert distances.tolist() == pytest.approx([phone_distance(first, second, "en") for first, second in pairs])


def test_the_name_that_sounds_most_like_a_run_is_nearest() -> None:
    names = NearestNames([("middlemarch",), ("medawar",), ("george", "eliot")], "en")
    nearest = names.nearest([("mad", "dog", "or"), ("middle", "march"), ("george", "elliott")])
    assert {run: near.name for run, near in nearest.items()} == {
        ("mad", "dog", "or"): ("medawar",),
        ("middle", "march"): ("middlemarch",),
        ("george", "elliott"): ("george", "eliot"),
    }
    for run, near in nearest.items():
        assert near.distance == pytest.approx(phone_distance(run, near.name, "en"))


def test_of_equally_near_names_the_first_is_taken() -> None:
    for names in ((("reed",), ("reid",)), (("reid",), ("reed",))):
        assert NearestNames(names, "en").nearest([("reade",)])[("reade",)].name == names[0]


def test_more_names_than_are_compared_exactly_and_more_runs_than_go_at_once() -> None:
    names = [(f"{first}{second}ville",) for first in ("bar", "cor", "mon", "pel", "sut") for second in "aeiou"]
    nearest = NearestNames(names, "en").nearest([(word,) for (word,) in names] + [(f"{i}",) for i in range(200)])
    assert all(nearest[name].distance == 0 for name in names)
    assert len(nearest) == 225


def test_without_names_or_without_sound_nothing_is_near() -> None:
    assert NearestNames([], "en").nearest([("medawar",)]) == {}
    assert NearestNames([("medawar",)], "en").nearest([()]) == {}
    assert NearestNames([(), ("medawar",)], "en").nearest([("medawar",)])[("medawar",)].distance == 0
    assert NearestNames([("medawar",)], "en").nearest([]) == {}
