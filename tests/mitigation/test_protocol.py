"""How repairs are named and built, and what their searches cost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.errors import UnknownName, UsageError
from harness.mitigation.corpus import Corpus, Meter, WeightedQuery
from harness.mitigation.protocol import MitigationSpec, build_repair, parse_mitigation, setting_text
from harness.records import Ranking, Snippet, Transcript
from harness.retrieval.protocol import RETRIEVERS, Retriever

SNIPPETS = (
    Snippet("a", "Peter Medawar studied the rejection of grafts", "Medawar"),
    Snippet("b", "The mad dog bit a man who studied", "Dogs"),
    Snippet("c", "Middlemarch is a novel by George Eliot", "Middlemarch"),
    Snippet("d", "A march in the middle of the month", "March"),
)


def build(name: str) -> Retriever:
    return RETRIEVERS.get(name).build(SNIPPETS, {}, None, language="en")


def corpus() -> Corpus:
    return Corpus(SNIPPETS, "en", build("bm25"), build)


def first(queries: Sequence[WeightedQuery]) -> list[str]:
    return [ranking.snippet_ids[0] for ranking in corpus().search(queries, 4)]


def test_a_repair_is_named_like_any_plug_in() -> None:
    assert parse_mitigation("hybrid") == MitigationSpec("hybrid", "hybrid", {})
    assert parse_mitigation("hybrid,weight=1.5,label=mine") == MitigationSpec("hybrid", "mine", {"weight": 1.5})


@pytest.mark.parametrize("text", ["", ",weight=1", "hybrid:phones", "hybrid,weight", "hybrid,weight=1,weight=2"])
def test_a_name_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_mitigation(text)


def test_unknown_repairs_and_options_are_named() -> None:
    with pytest.raises(UnknownName, match="hybrid"):
        build_repair(parse_mitigation("hybrit"), corpus())
    with pytest.raises(UsageError, match="Did you mean 'weight'"):
        build_repair(parse_mitigation("hybrid,wieght=2"), corpus())


def test_a_word_counts_as_much_as_its_weight() -> None:
    words = ("medawar", "middlemarch", "novel")
    assert first([WeightedQuery(words), WeightedQuery(words, (1.0, 0.25, 0.25))]) == ["c", "a"]


def test_weights_scale_scores_and_a_word_of_none_is_not_searched() -> None:
    plain, half, without = corpus().search(
        [WeightedQuery(("medawar", "novel"), weights) for weights in ((), (0.5, 0.5), (1.0, 0.0))], 4
    )
    assert half.snippet_ids == plain.snippet_ids
    assert half.scores == tuple(score / 2 for score in plain.scores)
    assert without.snippet_ids == ("a",)


@pytest.mark.parametrize("weights", [(1.0,), (1.0, -0.5), (1.0, float("nan")), (1.0, 65.0)])
def test_weights_that_cannot_be_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="weights"):
        WeightedQuery(("a", "b"), weights)


def test_searches_are_counted_as_often_as_they_are_asked_for() -> None:
    searched = corpus()
    first_time = searched.search([searched.query("Medawar")], 4)
    assert searched.meter == Meter(queries=1, seconds=0.0), "the caller has measured what was not remembered"
    assert searched.search([searched.query("medawar")], 4) == first_time
    assert searched.meter.queries == 2
    assert searched.meter.seconds > 0


def test_a_deeper_search_is_made_anew() -> None:
    searched = corpus()
    query = searched.query("the middle of a novel about a dog")
    assert len(searched.search([query], 1)[0].snippet_ids) == 1
    assert len(searched.search([query], 4)[0].snippet_ids) == 4


def test_what_sounds_alike_is_retrieved_by_the_hybrid() -> None:
    searched = corpus()
    transcript = Transcript("the month meda war's injection of grafts")
    assert searched.search([searched.query(transcript.text)], 1)[0].snippet_ids == ("d",)
    repair = build_repair(MitigationSpec("hybrid", "hybrid", {}), searched)
    (ranking,) = repair.repair([transcript], {}, searched, 4)
    assert isinstance(ranking, Ranking)
    assert ranking.snippet_ids[0] == "a"


def test_a_setting_is_shown_by_name() -> None:
    assert setting_text({"distance": 0.25, "weight": 1.0}) == "distance 0.25, weight 1"
    assert setting_text({}) == ""
