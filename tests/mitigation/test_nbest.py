"""What the entries of N-best lists retrieve together."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mitigation.protocol import build_repair, parse_mitigation
from harness.records import Alternative, Ranking, Transcript
from tests.mitigation.corpora import corpus, first, repaired, text


def listed(*texts: str) -> Transcript:
    return Transcript(texts[0], tuple(Alternative(one, -float(place)) for place, one in enumerate(texts)))


LIST = listed("who wrote the middle march", "who wrote the middle marsh", "who wrote middlemarch")


def test_the_entry_with_the_best_first_snippet_is_searched() -> None:
    (query,) = repaired("nbest,method=best", listed("the middle of the", "medawar", "medawar grafts studied"))
    assert text(query) == "medawar grafts studied"


def test_of_entries_that_retrieve_equally_well_the_likelier_is_searched() -> None:
    (query,) = repaired("nbest,method=best", listed("grafts", "grafts zzyzx", "zzyzx grafts"))
    assert text(query) == "grafts"


def test_the_union_holds_every_word_once() -> None:
    (query,) = repaired("nbest,method=union", LIST)
    assert text(query) == "who wrote the middle march marsh middlemarch"


def test_ranks_of_all_entries_are_fused() -> None:
    (ranking,) = repaired("nbest", listed("zzyzx", "middlemarch", "middlemarch novel"))
    assert isinstance(ranking, Ranking)
    assert ranking.scores[0] == pytest.approx(1 / 61 + 1 / 61, abs=1e-9)
    assert first(ranking) == "middlemarch"


@pytest.mark.parametrize("method", ["fusion", "best", "union"])
@pytest.mark.parametrize(
    "alone", [Transcript("who wrote"), listed("who wrote"), listed("who wrote", "Who wrote?"), listed("", "")]
)
def test_a_list_of_one_text_changes_nothing(method: str, alone: Transcript) -> None:
    assert repaired(f"nbest,method={method}", alone) == [None]


@pytest.mark.parametrize("method", ["fusion", "best", "union"])
def test_lists_do_not_mix(method: str) -> None:
    other = listed("a mad dog", "the mad dog")
    both = repaired(f"nbest,method={method}", LIST, Transcript("alone"), other)
    assert both == [*repaired(f"nbest,method={method}", LIST), None, *repaired(f"nbest,method={method}", other)]


def test_entries_beyond_the_number_asked_for_are_left_out() -> None:
    (query,) = repaired("nbest,method=union,entries=2", LIST)
    assert text(query) == "who wrote the middle march marsh"


def test_every_entry_is_a_search_and_options_are_checked() -> None:
    searched = corpus()
    repair = build_repair(parse_mitigation("nbest"), searched)
    repair.repair([LIST, Transcript("alone")], {}, searched, 5)
    assert searched.meter.queries == 3
    with pytest.raises(UsageError, match="method"):
        build_repair(parse_mitigation("nbest,method=vote"), searched)
