from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from harness.asr.biasing import MAX_VARIANTS, bias_entries
from harness.words.sounds.pronunciation import cmu_dictionary, pronounce
from harness.words.sounds.pronunciation_tags import Hint

ARPABET = {phone for phones in cmu_dictionary().values() for phone in phones.split()}


def nothing(_: str) -> None:
    return None


@given(phrases=st.lists(st.text(string.ascii_letters + " -'.,1é", max_size=15), max_size=8), seed=st.randoms())
def test_bias_entries_do_not_depend_on_order(phrases: list[str], seed) -> None:
    entries = bias_entries(phrases, nothing, is_rare=lambda word: len(word) > 2)
    shuffled = phrases + phrases[:2]
    seed.shuffle(shuffled)
    assert bias_entries(shuffled, nothing, is_rare=lambda word: len(word) > 2) == entries
    assert len({entry.name for entry in entries}) == len({entry.words for entry in entries}) == len(entries)
    for entry in entries:
        assert 1 <= len(entry.pronunciations) <= MAX_VARIANTS
        assert all(set(phones.split()) <= ARPABET for phones in entry.pronunciations)
        assert all(entry.words)


def test_common_parts_are_not_boosted_alone() -> None:
    entries = bias_entries(["Port Moresby", "Lusaka"], nothing, is_rare=lambda word: word != "port")
    assert {entry.words for entry in entries} == {("port", "moresby"), ("moresby",), ("lusaka",)}


def test_a_hint_adds_the_pronunciation_of_its_language(with_espeak: None) -> None:
    hints = {"asnières": Hint("fr", "asnières"), "kagutsuchi": Hint("ja", "カグツチ")}

    def pronunciations(hints: dict[str, Hint]) -> dict[tuple[str, ...], tuple[str, ...]]:
        entries = bias_entries(["Asnières", "Kagutsuchi", "medawar"], nothing, lambda word: True, hints)
        return {entry.words: entry.pronunciations for entry in entries}

    plain, hinted = pronunciations({}), pronunciations(hints)
    assert hinted["medawar",] == plain["medawar",]
    assert hinted["asnières",] == (*pronounce("asnières", "fr"), *plain["asnières",])[:MAX_VARIANTS]
    assert hinted["kagutsuchi",][0] == "K AA G UW T S UW CH IY"


def test_a_hint_changes_nothing_where_the_language_cannot_be_read() -> None:
    entries = [
        bias_entries(["Asnières"], nothing, lambda word: True, hints) for hints in ({}, {"asnières": Hint("de", "x")})
    ]
    assert entries[0] == entries[1]
