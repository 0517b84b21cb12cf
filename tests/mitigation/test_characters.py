"""The control of the hybrid."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mitigation.protocol import build_repair, parse_mitigation
from tests.mitigation.corpora import corpus, first, repaired


def test_letters_retrieve_what_words_miss() -> None:
    query = "mad medawah"
    plain = corpus().search([corpus().query(query)], 1)[0]
    assert plain.snippet_ids == ("dogs",)
    assert first(repaired("characters,weight=2", query)[0]) == "medawar"


def test_it_is_the_hybrid_with_characters() -> None:
    queries = ("who wrote middlemarsh", "peter meadow are", "")
    assert repaired("characters", *queries) == repaired("hybrid,beside=characters", *queries)
    assert repaired("characters", *queries) != repaired("hybrid", *queries)
    repair = build_repair(parse_mitigation("characters"), corpus())
    assert repair.identity()["beside.retriever"] == "characters"
    with pytest.raises(UsageError, match="Did you mean 'weight'"):
        build_repair(parse_mitigation("characters,weigth=1"), corpus())
