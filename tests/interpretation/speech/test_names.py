"""Names laid over streams of phones: equal to trying every stretch, and slots as those of texts are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.interpretation.slots.lexicon import Lexicon
from harness.interpretation.slots.protocol import above
from harness.interpretation.speech.names import Lexemes, names_in_phones
from harness.words.sounds.phones import PHONES, _edit_cost, phones, substitution_cost

FEW = ("P", "B", "AA", "IY", "S")
SOUNDS = st.lists(st.sampled_from(FEW), max_size=7).map(tuple)


def every_stretch(name: tuple[str, ...], stream: tuple[str, ...]) -> dict[tuple[int, int], float]:
    """What a name costs at each half-open range."""
    ends = range(len(stream) + 1)
    return {(start, end): _edit_cost(name, stream[start:end]) for end in ends for start in range(end + 1)}


@settings(max_examples=60)
@given(st.lists(SOUNDS, min_size=1, max_size=5), SOUNDS)
def test_a_name_costs_what_the_best_of_all_stretches_costs(
    names: list[tuple[str, ...]], stream: tuple[str, ...]
) -> None:
    table = Lexemes(names)
    best = [min(every_stretch(name, stream).values()) for name in names]
    assert table.costs(stream).tolist() == pytest.approx(best)
    expected = [(len(name) - cost) / (len(name) + 4) for name, cost in zip(names, best, strict=True)]
    assert table.scores(table.costs(stream)).tolist() == pytest.approx(expected)
    assert all(0 <= score < 1 for score in expected)


@settings(max_examples=60)
@given(SOUNDS.filter(bool), SOUNDS)
def test_a_name_stands_where_it_costs_least(name: tuple[str, ...], stream: tuple[str, ...]) -> None:
    costs = every_stretch(name, stream)
    best = min(costs.values())
    cheapest = [where for where, cost in costs.items() if cost == pytest.approx(best)]
    assert stretch(name, stream) == max(cheapest, key=lambda where: (where[0], -where[1]))


def stretch(name: tuple[str, ...], stream: tuple[str, ...]) -> tuple[int, int]:
    others = Lexemes([("S",), name, ("P",) * 9])  # beside a shorter and a longer one
    return others.stretches([1], stream, others.costs(stream))[0]


def test_costs_and_scores_by_hand() -> None:
    stream = ("W", "IH", "CH", "P", "AE", "R", "AH", "S", "AY")
    table = Lexemes([("P", "AE", "R", "AH", "S"), ("P", "AE", "R", "AH", "F"), ("x", "y"), (), ("P",) * 12])
    costs = table.costs(stream).tolist()
    assert costs[:4] == pytest.approx([0.0, substitution_cost("F", "S"), 2.0, 0.0])
    assert costs[4] <= 12
    assert table.scores(table.costs(stream))[:4].tolist() == pytest.approx([5 / 9, (5 - costs[1]) / 9, 0.0, 0.0])
    assert table.stretches([1, 0], stream, table.costs(stream)) == [(3, 8), (3, 8)]
    assert Lexemes([("P",)]).costs(()).tolist() == [1.0]


def test_of_two_names_that_sound_alike_in_part_the_longer_one_is_taken() -> None:
    table = Lexemes([("P", "AE"), ("P", "AE", "R", "AH", "S")])
    short, long = table.scores(table.costs(("P", "AE", "R", "AH", "S"))).tolist()
    assert long > short


def _lexicon(*names: str, n_own: int, aliases: dict[str, int] | None = None) -> Lexicon:
    split = {tuple(name.split()): place for name, place in (aliases or {}).items()}
    return Lexicon(tuple(tuple(name.split()) for name in names), n_own, split)


def sounds_of(text: str) -> tuple[str, ...]:
    return tuple(phone for word in text.split() for phone in phones(word, "en"))


def test_slots_in_phones() -> None:
    lexicon = _lexicon("medawar", "paris", "new york", "meadow are", n_own=3, aliases={"big apple": 2})
    streams = [sounds_of(text) for text in ("who was meadow are", "from paris to new york", "the big apple", "hm")]
    own, among_one = names_in_phones([*streams, ()], lexicon, [0, 1], "en")
    assert [name for _, name in own[0]][:1] == [0]
    assert above(own[1], 0.5) == {1, 2}  # five and six phones, all alike: 5/9, 6/10
    assert above(own[2], 0.5) == {2}  # by its other name
    assert above(own[3], 0.3) == frozenset()
    assert own[4] == ()
    # A distractor that sounds better takes its place from a name, and nothing from other streams.
    assert [name for _, name in among_one[0]][:1] == [3]
    assert 0 not in {name for _, name in among_one[0]}
    assert [slots[0] for slots in among_one[1:3]] == [slots[0] for slots in own[1:3]]
    for slots in (*own, *among_one):
        assert [score for score, _ in slots] == sorted((score for score, _ in slots), reverse=True)
        assert all(0.2 <= score < 1 for score, _ in slots)


def test_nothing_is_nothing() -> None:
    assert names_in_phones([("P",)], Lexicon((), 0, {}), [0], "en") == [[()]]
    assert names_in_phones([], _lexicon("paris", n_own=1), [0, 10], "en") == [[], []]


def test_every_phone_has_a_price() -> None:
    known = sorted(PHONES)
    for phone in known:
        costs = Lexemes([(other,) for other in known]).costs((phone,)).tolist()
        assert costs == pytest.approx([substitution_cost(other, phone) for other in known])
