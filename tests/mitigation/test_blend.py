"""The blend of words, sound and letters: its sum by hand, what each weight retrieves, and its units."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.errors import UsageError
from harness.mitigation.corpus import WeightedQuery
from harness.mitigation.protocol import build_repair, parse_mitigation
from harness.records import Ranking, Transcript
from harness.retrieval.phonetic import N_GRAM, grams_within, phone_grams
from harness.retrieval.protocol import RETRIEVERS
from tests.mitigation.corpora import SNIPPETS, corpus, first, repaired

NOTHING = {"sound": 0.0, "absent": 0.0, "letters": 0.0}


def scores(ranking: Ranking) -> dict[str, float]:
    return dict(zip(ranking.snippet_ids, ranking.scores, strict=True))


def test_scores_are_the_weighted_sum_of_those_of_the_retrievers() -> None:
    query = "who wrote the middle marsh novel"
    (blended,) = repaired("blend", query, setting={"sound": 0.5, "absent": 0.0, "letters": 0.25})
    assert isinstance(blended, Ranking)
    parts = {
        name: scores(RETRIEVERS.get(name).build(SNIPPETS, {}, None, language="en").search([query], 10)[0])
        for name in ("bm25", "phonetic", "characters")
    }
    for identity, score in scores(blended).items():
        own = [parts[name].get(identity, 0.0) for name in ("bm25", "phonetic", "characters")]
        assert score == pytest.approx(own[0] + 0.5 * own[1] + 0.25 * own[2], abs=1e-8)


def test_without_weights_nothing_changes() -> None:
    query = "who wrote a novel in the middle of march"
    (blended,) = repaired("blend", query, setting=NOTHING)
    assert isinstance(blended, Ranking)
    plain = corpus().search([corpus().query(query)], 10)[0]
    assert blended.snippet_ids[: len(plain.snippet_ids)] == plain.snippet_ids


@pytest.mark.parametrize("weight", ["sound", "absent", "letters"])
def test_each_weight_alone_retrieves_a_misrecognised_name(weight: str) -> None:
    before, after = (
        repaired("blend", "the rejection of medawah in london by a mad dog", setting=setting)
        for setting in (NOTHING, {**NOTHING, weight: 2.0})
    )
    assert first(before[0]) == "dogs"
    assert first(after[0]) == "medawar"


def test_phones_of_absent_words_are_those_runs_that_reach_into_them() -> None:
    words = ["another", "medawah", "man"]
    everything = grams_within(words, [True] * 3, "en")
    assert sorted(set(everything)) == sorted(set(phone_grams("another medawah man", "en")))
    assert len(everything) == N_GRAM * len(phone_grams("another medawah man", "en"))
    inside = grams_within(words, [False, True, False], "en")
    assert set(inside) < set(everything)
    assert max(inside.count(run) for run in inside) == N_GRAM
    assert min(inside.count(run) for run in inside) == 1, "a run that begins or ends in another word counts in part"
    assert grams_within(words, [False] * 3, "en") == []
    assert grams_within([], [], "en") == []


def test_a_transcript_without_words_retrieves_nothing() -> None:
    assert repaired("blend", "", "?!") == [Ranking((), ()), Ranking((), ())]


def test_scores_of_another_retriever_are_stretched_to_those_of_bm25() -> None:
    query = "who wrote middlemarch"
    best = corpus().search([corpus().query(query)], 1)[0].scores[0]
    for base in ("rank-bm25", "hybrid:bm25+phonetic"):  # other units
        searched = corpus(base)
        repair = build_repair(parse_mitigation("blend"), searched)
        (ranking,) = repair.repair([Transcript(query)], NOTHING, searched, 10)
        assert isinstance(ranking, Ranking)
        own = searched.search([searched.query(query)], 10)[0]
        assert own.scores[0] != pytest.approx(best, rel=0.01)
        assert ranking.snippet_ids[: len(own.snippet_ids)] == own.snippet_ids
        assert ranking.scores[0] == pytest.approx(best, rel=1e-6)


def test_weights_are_chosen_unless_they_are_given() -> None:
    chosen = build_repair(parse_mitigation("blend"), corpus())
    assert len(chosen.grid) > 5
    assert chosen.grid[0] == {"sound": 0.1, "absent": 0.0, "letters": 0.0}, "the most careful one"
    given = build_repair(parse_mitigation("blend,sound=0.2,absent=0.3,letters=0.1"), corpus())
    assert list(given.grid) == [{"sound": 0.2, "absent": 0.3, "letters": 0.1}]
    assert {"sound": 0.2, "depth": 100}.items() <= given.identity().items()
    with pytest.raises(UsageError, match="given together"):
        build_repair(parse_mitigation("blend,sound=0.2"), corpus())
    with pytest.raises(UsageError, match="0"):
        build_repair(parse_mitigation("blend,sound=-1,absent=0,letters=0"), corpus())


def test_searches_are_counted() -> None:
    searched = corpus()
    repair = build_repair(parse_mitigation("blend"), searched)
    transcripts = [Transcript("who wrote middle marsh"), Transcript("a mad dog")]
    repair.repair(transcripts, repair.grid[-1], searched, 10)
    repair.repair(transcripts, repair.grid[0], searched, 10)
    assert searched.meter.queries == 2 * 2 * 4, "two texts, twice, by four parts"


def test_a_deeper_search_ranks_more() -> None:
    searched = corpus()
    repair = build_repair(parse_mitigation("blend"), searched)
    transcript = [Transcript("a novel about medawah and the mad dog of march")]
    few, all_of_them = (repair.repair(transcript, repair.grid[-1], searched, k)[0] for k in (1, 5))
    assert isinstance(few, Ranking)
    assert isinstance(all_of_them, Ranking)
    assert (len(few.snippet_ids), len(all_of_them.snippet_ids)) == (1, 5)
    assert few.snippet_ids[0] == all_of_them.snippet_ids[0]


def test_what_it_stands_on_is_not_mixed_up() -> None:
    """A sum is remembered, but not across the rankings that it stands on."""

    class Reversed:
        """Searches that rank the other way round."""

        def search(self, queries: Sequence[WeightedQuery], k: int) -> list[Ranking]:
            return [
                Ranking(one.snippet_ids[::-1], one.scores) if one.scores else one for one in plain.search(queries, k)
            ]

    plain = corpus()
    repair = build_repair(parse_mitigation("blend"), plain)
    transcript = [Transcript("who wrote a novel in the middle of march")]
    weights = {**NOTHING, "sound": 0.01}
    first_time, other, again = (repair.repair(transcript, weights, base, 5) for base in (plain, Reversed(), plain))
    assert first_time == again
    assert first_time != other
    assert build_repair(parse_mitigation("blend"), corpus()).repair(transcript, weights, Reversed(), 5) == other


def test_a_label_that_names_another_kind_of_retriever_is_refused() -> None:
    searched = corpus()
    own = searched.build
    searched.build = lambda name: own("bm25" if name == "phonetic" else name)
    with pytest.raises(UsageError, match="labelled 'phonetic' is of another kind"):
        build_repair(parse_mitigation("blend"), searched)
