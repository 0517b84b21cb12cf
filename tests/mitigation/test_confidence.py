"""Words by how sure the recogniser was: which word has which confidence, and what the floor does."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mitigation.corpus import WeightedQuery
from harness.mitigation.protocol import build_repair, parse_mitigation
from harness.records import Transcript, Word
from tests.mitigation.corpora import corpus, repaired


def transcript(text: str, **confidences: float | None) -> Transcript:
    return Transcript(text, words=tuple(Word(word, confidence=value) for word, value in confidences.items()))


def test_a_word_counts_from_the_floor_to_one() -> None:
    given = transcript("Who wrote Middlemarch?", Who=1.0, wrote=0.5, Middlemarch=0.0)
    (query,) = repaired("confidence", given, setting={"floor": 0.2})
    assert isinstance(query, WeightedQuery)
    assert query.words == ("who", "wrote", "middlemarch")
    assert query.weights == pytest.approx((1.0, 0.6, 0.2))


def test_a_name_that_was_unsure_decides_less() -> None:
    given = transcript("grafts in novels", grafts=0.1, novels=1.0)
    searched = corpus()
    (low,) = repaired("confidence", given, setting={"floor": 0.0})
    assert isinstance(low, WeightedQuery)
    assert searched.search([searched.query("grafts in novels")], 1)[0].snippet_ids == ("medawar",)
    assert searched.search([low], 1)[0].snippet_ids == ("novel",)


def test_words_that_are_read_together_and_words_that_were_removed() -> None:
    given = Transcript(
        "in nineteen 45 she wrote",
        words=tuple(
            Word(text, confidence=value)
            for text, value in (
                ("[music]", 0.1),
                ("in", 0.2),
                ("nineteen", 0.3),
                ("45", 0.4),
                ("she", 0.5),
                ("wrote", 0.6),
            )
        ),
    )
    (query,) = repaired("confidence", given, setting={"floor": 0.0})
    assert isinstance(query, WeightedQuery)
    weights = dict(zip(query.words, query.weights, strict=True))
    assert {"in": 0.2, "she": 0.5, "wrote": 0.6}.items() <= weights.items()
    assert "music" not in weights


def test_an_unknown_confidence_counts_in_full_and_none_at_all_changes_nothing() -> None:
    (query,) = repaired("confidence", transcript("a dog", a=0.5, dog=None), setting={"floor": 0.0})
    assert query == WeightedQuery(("a", "dog"), (0.5, 1.0))
    assert (
        repaired("confidence", Transcript("a dog"), transcript("a dog", a=None, dog=None), Transcript("")) == [None] * 3
    )


def test_confidences_out_of_range_are_cut() -> None:
    (query,) = repaired("confidence", transcript("a dog", a=-0.5, dog=1.5), setting={"floor": 0.0})
    assert query == WeightedQuery(("a", "dog"), (0.0, 1.0))


def test_the_floor_is_chosen_unless_it_is_given() -> None:
    assert [one["floor"] for one in build_repair(parse_mitigation("confidence"), corpus()).grid] == [
        0.75,
        0.5,
        0.25,
        0.0,
    ]
    assert list(build_repair(parse_mitigation("confidence,floor=0.6"), corpus()).grid) == [{"floor": 0.6}]
    with pytest.raises(UsageError, match="floor"):
        build_repair(parse_mitigation("confidence,floor=1"), corpus())
