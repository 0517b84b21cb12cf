"""Who is charged for which error: by hand on one utterance, and by properties on any."""

from __future__ import annotations

from collections import Counter
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.corpus_counts import count_corpus
from harness.analysis.error_rates import Counts, ErrorCounts, count_errors, recalled
from harness.words.align import NIST, UNIT, align
from harness.words.rarity import BANDS, Rarity, band, is_rare, zipf

VOCABULARY = ["the", "born", "medawar", "qzxv", "gabon", "fluoxetine"]
texts = st.lists(st.sampled_from(VOCABULARY), max_size=8)


def counted(reference: str, hypothesis: str) -> ErrorCounts:
    words = reference.split()
    return count_errors(words, align(words, hypothesis.split()), Rarity("en"))


def test_one_utterance_by_hand() -> None:
    """when hit; was deleted; the, peter hit; medawar -> fluoxetine; born hit; qzxv inserted. No other way costs 3."""
    found = counted("when was the peter medawar born", "when the peter fluoxetine born qzxv")
    assert found.common == Counts(hits=4, deletions=1)
    assert found.rare == Counts(substitutions=1, insertions=1)
    assert found.false_rare_insertions == 2
    assert found.words.errors == 3
    assert found.words.rate == pytest.approx(3 / 6)
    assert found.bands["unseen"] == Counts(insertions=1)
    assert found.bands["(0,2)"] == Counts(substitutions=1)


def test_rare_words_said_elsewhere_are_not_false() -> None:
    assert counted("medawar was born", "was medawar born").false_rare_insertions == 0
    assert counted("was he born", "was medawar medawar he born").false_rare_insertions == 2


@pytest.mark.parametrize(
    ("hypothesis", "is_recalled"),
    [
        ("in rio de janeiro now", True),
        ("rio de janeiro", True),
        ("in the rio de janeiro big now", True),  # beside the mention, not inside it
        ("in rio the de janeiro now", False),
        ("in rio janeiro now", False),
        ("in reo de janeiro now", False),
    ],
)
def test_a_mention_is_recalled_whole_or_not_at_all(hypothesis: str, is_recalled: bool) -> None:
    assert recalled(align(["in", "rio", "de", "janeiro", "now"], hypothesis.split()), 1, 4, ()) == is_recalled


def test_empty_reference_has_no_rate() -> None:
    found = counted("", "the medawar")
    assert found.words == Counts(insertions=2)
    assert found.words.rate is None
    assert ErrorCounts() + found == found


@given(texts, texts)
def test_classes_and_bands_share_out_every_word(reference: list[str], hypothesis: list[str]) -> None:
    found = count_errors(reference, align(reference, hypothesis), Rarity("en"))
    assert sum(found.bands.values(), Counts()) == found.words
    assert found.words.reference == len(reference)
    assert found.words.hits + found.words.substitutions + found.words.insertions == len(hypothesis)
    assert found.rare.reference == sum(is_rare(word, "en") for word in reference)
    in_band = Counter(band(zipf(word, "en")) for word in reference)
    assert {name: found.bands[name].reference for name in BANDS} == {name: in_band[name] for name in BANDS}


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_counts_add_in_any_order(pairs: list[tuple[list[str], list[str]]]) -> None:
    counts = [count_errors(reference, align(reference, hypothesis), Rarity("en")) for reference, hypothesis in pairs]
    assert sum(counts, ErrorCounts()) == sum(reversed(counts), ErrorCounts())


@given(st.lists(st.tuples(texts, texts), max_size=5), st.sampled_from([UNIT, NIST]))
def test_many_at_once_count_as_one_by_one(pairs: list[tuple[list[str], list[str]]], costs: object) -> None:
    chosen = UNIT if costs == UNIT else NIST
    rare = frozenset(word for word in VOCABULARY if is_rare(word, "en"))
    found = count_corpus(
        [reference for reference, _ in pairs], [hypothesis for _, hypothesis in pairs], repeat(rare), chosen
    )
    for index, (reference, hypothesis) in enumerate(pairs):
        expected = count_errors(reference, align(reference, hypothesis, chosen), Rarity("en"))
        assert Counts(*found.words[index, 0].tolist()) == expected.common
        assert Counts(*found.words[index, 1].tolist()) == expected.rare
        assert found.false_rare_insertions[index] == expected.false_rare_insertions


@pytest.mark.parametrize(("language", "errors", "reference"), [("ja", 1, 6), ("zh", 1, 6), ("en", 2, 7), ("ko", 2, 7)])
def test_characters_do_not_depend_on_where_a_tokeniser_parts_them(language: str, errors: int, reference: int) -> None:
    words, hypothesis = ["国の", "首都です"], ["国", "の", "首部です"]
    characters = count_errors(words, align(words, hypothesis), Rarity(language)).characters
    assert (characters.errors, characters.reference) == (errors, reference)
