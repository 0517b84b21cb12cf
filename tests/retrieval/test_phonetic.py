"""A word that is substituted by sound is retrieved by sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import IndexError_, UsageError
from harness.records import Snippet
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.indexing import verify_index
from harness.retrieval.phonetic import PhoneticRetriever, phone_grams, stream_grams
from harness.retrieval.source import word_analyser
from harness.words.sounds.phones import phones
from tests.retrieval.test_retrievers import SNIPPETS


def test_runs_of_phones_ignore_where_words_end() -> None:
    assert phone_grams("dog", "en") == ["D-AO-G", "~T-AA-K"]
    assert phone_grams("?!", "en") == []
    assert phone_grams("new york", "en") == phone_grams("New-York!", "en")
    assert set(phone_grams("medawar", "en")) & set(phone_grams("mad dog or", "en")) == {"~M-EH-T-AA"}


def test_a_substituted_name_is_retrieved() -> None:
    hypotheses = ["peter mad dog or", "medaw are"]
    by_sound = PhoneticRetriever.build(SNIPPETS, {}, None, language="en")
    by_word = ImpactRetriever.build(SNIPPETS, {}, None, language="en")
    assert [ranking.snippet_ids[:1] for ranking in by_sound.search(hypotheses, 1)] == [("medawar",), ("medawar",)]
    assert [ranking.snippet_ids[:1] for ranking in by_word.search(hypotheses, 1)] == [("dog",), ()]


def test_variants_of_a_query_rank_as_queries_of_their_own() -> None:
    retriever = PhoneticRetriever.build(SNIPPETS, {"variant": "bm25+"}, None, language="en")
    query = "what did peter medal war study"
    variants = [query, "what did peter mad dog or study", ""]
    assert retriever.search_variants(query, variants, 2) == retriever.search(variants, 2)


def test_its_index_is_kept_and_told_from_one_of_words(tmp_path: Path) -> None:
    first = PhoneticRetriever.build(SNIPPETS, {}, tmp_path / "index", language="en")
    assert PhoneticRetriever.build(SNIPPETS, {}, tmp_path / "index", language="en").identity() == first.identity()
    assert verify_index(tmp_path / "index") == []
    with pytest.raises(IndexError_, match="built with tokeniser 4 phones"):
        ImpactIndex.open(tmp_path / "index", word_analyser("en"))


def test_a_language_that_cannot_be_pronounced_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'phonetic' cannot pronounce words in 'es': .*apt-get install espeak-ng"):
        PhoneticRetriever.build(SNIPPETS, {}, None, language="es")
    with pytest.raises(UsageError, match=r"cannot pronounce words in 'fi'"):
        PhoneticRetriever.write_index(SNIPPETS, {}, tmp_path / "index", language="fi")


def test_words_of_another_language_by_its_own_sounds(with_espeak: None) -> None:
    snippets = (Snippet("guadalajara", "Guadalajara está en Jalisco."), Snippet("cien", "Cien años de soledad."))
    retriever = PhoneticRetriever.build(snippets, {}, None, language="es-MX")
    rankings = retriever.search(["huada la jara", "sien anyos"], 1)
    assert [ranking.snippet_ids[:1] for ranking in rankings] == [("guadalajara",), ("cien",)]
    assert str(retriever.identity()["tokeniser"]).count("espeak-ng") == 1
    with pytest.raises(UsageError, match="cannot pronounce words in 'tlh'"):
        PhoneticRetriever.build(snippets, {}, None, language="tlh")


def test_an_index_tells_by_what_its_words_were_pronounced(with_espeak: None) -> None:
    pronounced = str(PhoneticRetriever.build(SNIPPETS, {}, None, language="en").identity()["tokeniser"])
    assert "cmudict-en-us" in pronounced
    assert "espeak-ng" in pronounced


def test_sounds_without_words_retrieve_as_the_text_that_sounds_so() -> None:
    retriever = PhoneticRetriever.build(SNIPPETS, {"variant": "bm25+"}, None, language="en")
    texts = ["what did peter medal war study", "mad dog or", "river", ""]
    streams = [[phone for word in text.split() for phone in phones(word, "en")] for text in texts]
    assert retriever.search_phones(streams, 3) == retriever.search(texts, 3)
    assert [stream_grams(stream) for stream in streams] == [phone_grams(text, "en") for text in texts]
    (ranking,) = retriever.search_phones([["M", "EH", "T", "AA", "W", "AA"]], 1)  # no word, and no right vowel
    assert ranking.snippet_ids == ("medawar",)
