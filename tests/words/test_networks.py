"""The best way through a network: checked against all of its texts one by one, and against the alignment of one text."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from harness.words.align import NIST, UNIT, Costs, edits
from harness.words.networks import Place, WordNetwork

A_OR_BC = WordNetwork(
    (
        Place("x", optional=False, before=(-1,)),
        Place("a", optional=False, before=(0,)),
        Place("b", optional=False, before=(0,)),
        Place("c", optional=False, before=(2,)),
        Place(None, optional=False, before=(0,)),
        Place("y", optional=True, before=(1, 3, 4)),
    ),
    ends=(5,),
)  # x { a / b c / @ } (y)


def test_the_alternative_with_the_fewest_errors() -> None:
    assert A_OR_BC.align(["x", "b", "c", "y"], UNIT) == (["x", "b", "c", "y"], [])
    assert A_OR_BC.align(["x", "a"], UNIT) == (["x", "a", "y"], [])
    assert A_OR_BC.align(["x"], UNIT) == (["x", "y"], [])
    assert A_OR_BC.align(["x", "q", "c", "y"], UNIT) == (["x", "b", "c", "y"], [("substitution", 1, 1)])
    assert A_OR_BC.align(["x", "q", "y", "z"], NIST) == (["x", "y"], [("insertion", 1, 1), ("insertion", 2, 3)])
    assert list(A_OR_BC) == ["x", "a", "b", "c", "y"]


def test_nothing_at_all() -> None:
    assert WordNetwork((), (-1,)).align([], UNIT) == ([], [])
    assert WordNetwork((), (-1,)).align(["a"], UNIT) == ([], [("insertion", 0, 0)])


def texts(network: WordNetwork, ends: tuple[int, ...]) -> Iterator[list[tuple[str, bool]]]:
    """All ways to one of some places, as words with whether each may be missing."""
    for end in ends:
        if end < 0:
            yield []
            continue
        place = network.places[end]
        for begun in texts(network, place.before):
            yield [*begun, *([(place.word, place.optional)] if place.word is not None else [])]


@st.composite
def networks(draw: st.DrawFn) -> WordNetwork:
    places: list[Place] = []
    ends: tuple[int, ...] = (-1,)
    for _ in range(draw(st.integers(0, 4))):
        new: list[int] = []
        for alternative in draw(
            st.lists(st.lists(st.sampled_from([None, *"abc"]), min_size=1, max_size=2), min_size=1, max_size=3)
        ):
            before = ends
            for word in alternative:
                places.append(Place(word, word is not None and draw(st.booleans()), before))
                before = (len(places) - 1,)
            new += before
        ends = tuple(new)
    return WordNetwork(tuple(places), ends)


def fewest(words: list[tuple[str, bool]], hypothesis: list[str]) -> int:
    """The errors of one text by plain dynamic programming, where an optional word costs nothing to leave out."""
    row = list(range(len(hypothesis) + 1))
    for word, optional in words:
        left = row[0] + (not optional)
        new = [left]
        for column, other in enumerate(hypothesis):
            left = min(left + 1, row[column + 1] + (not optional), row[column] + (word != other))
            new.append(left)
        row = new
    return row[-1]


@given(networks(), st.lists(st.sampled_from("abcd"), max_size=6))
def test_no_way_through_has_fewer_errors(network: WordNetwork, hypothesis: list[str]) -> None:
    words, errors = network.align(hypothesis, UNIT)
    ways = list(texts(network, network.ends))
    assert words in [[word for word, _ in way] for way in ways]
    assert len(errors) == min(fewest(way, hypothesis) for way in ways)


@given(
    st.lists(st.sampled_from("abc"), max_size=8),
    st.lists(st.sampled_from("abc"), max_size=8),
    st.sampled_from([NIST, Costs(2, 1, 1)]),
)
def test_a_network_without_choices_is_aligned_as_its_text(
    reference: list[str], hypothesis: list[str], costs: Costs
) -> None:
    places = tuple(Place(word, False, (index - 1,)) for index, word in enumerate(reference))
    network = WordNetwork(places, (len(reference) - 1,))
    expected = reference, edits(reference, hypothesis, costs)
    assert network.align(hypothesis, costs) == expected
    with patch("harness.words.networks._MANY_CELLS", 0):  # as if it were long
        assert network.align(hypothesis, costs) == expected


@given(networks(), st.lists(st.sampled_from("abcd"), max_size=6))
def test_long_networks_are_aligned_as_short_ones(network: WordNetwork, hypothesis: list[str]) -> None:
    expected = network.align(hypothesis, UNIT)
    with patch("harness.words.networks._MANY_CELLS", 0):
        assert len(network.align(hypothesis, UNIT)[1]) == len(expected[1])
