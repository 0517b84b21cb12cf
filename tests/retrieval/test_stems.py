"""Indexes of languages that inflect names hold stems; others hold words unless stems are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HarnessError, IndexError_, UsageError
from harness.records import OptionValue, Snippet
from harness.retrieval.building import build_retrievers
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.indexing import verify_index, write_index
from harness.retrieval.protocol import parse_retriever
from harness.retrieval.source import WORDS
from harness.retrieval.stems import STEMS, analyser_of

SNIPPETS = [
    Snippet("river", "Jokirannassa on Turun tunnetuin paikka."),
    Snippet("other", "Tampere on kaupunki, ja Tampere on suuri."),
]


def built(options: dict[str, OptionValue], language: str, folder: Path | None = None) -> ImpactRetriever:
    return ImpactRetriever.build(SNIPPETS, options, folder, language=language)


@pytest.mark.parametrize(
    ("language", "stemmer", "kind"),
    [
        ("en", "auto", WORDS), ("es", "auto", WORDS), ("de-AT", "auto", WORDS), ("fi", "auto", STEMS), ("ru-RU", "auto", STEMS),
        ("fi", "none", WORDS), ("en", "snowball", STEMS), ("es-MX", "snowball", STEMS), ("ja", "auto", WORDS),
    ],
)  # fmt: skip
def test_what_is_stemmed(language: str, stemmer: str, kind: str) -> None:
    assert analyser_of(language, stemmer).kind == kind


@pytest.mark.parametrize(
    ("language", "text", "stems"),
    [
        ("fi", "Turun joessa", ["turu", "joes"]),
        ("ru", "река в Рязани", ["рек", "в", "рязан"]),
        ("es", "las ciudades fundadas", ["las", "ciudad", "fund"]),
        ("de", "die gegründeten Städte", ["die", "gegrund", "stadt"]),
    ],
)
def test_stems(language: str, text: str, stems: list[str]) -> None:
    assert analyser_of(language, "snowball").terms(text) == stems


def test_an_inflected_name_is_retrieved() -> None:
    assert built({}, "fi").search(["Mikä virtaa Turussa?"], 2)[0].snippet_ids == ("river",)
    assert built({"stemmer": "none"}, "fi").search(["Mikä virtaa Turussa?"], 2)[0].snippet_ids == ()


def test_the_identity_tells_stems_from_words_and_english_keeps_its_own() -> None:
    stems, words = built({}, "fi").identity(), built({"stemmer": "none"}, "fi").identity()
    assert stems != words
    assert "stems of snowballstemmer" in str(stems["tokeniser"])
    assert built({}, "en").identity() == built({"stemmer": "none"}, "en").identity()
    assert "stemmer" not in str(built({}, "en").identity())


@pytest.mark.parametrize(
    ("name", "options", "language", "message"),
    [
        ("bm25", {"stemmer": "porter"}, "en", "the option stemmer is 'porter': expected snowball, none or auto"),
        ("bm25", {"stemmer": "snowball"}, "ja", "there is no Snowball stemmer of 'ja'. Known: ar, ca"),
        ("bm25", {"stemer": "snowball"}, "fi", "Did you mean 'stemmer'"),
        ("phonetic", {"stemmer": "snowball"}, "en", "retriever 'phonetic' has no option 'stemmer'"),
    ],
)
def test_what_means_nothing(
    tmp_path: Path, name: str, options: dict[str, OptionValue], language: str, message: str
) -> None:
    spec = parse_retriever(",".join([name, *(f"{key}={value}" for key, value in options.items())]))
    with pytest.raises(UsageError, match=message):
        build_retrievers([spec], SNIPPETS, tmp_path, language=language)


def test_a_kept_index_is_not_taken_for_one_of_other_terms(tmp_path: Path) -> None:
    specs = [
        parse_retriever(text) for text in ("bm25", "bm25,stemmer=none,label=words", "bm25,stemmer=snowball,label=s")
    ]
    retrievers = build_retrievers(specs, SNIPPETS, tmp_path / "cache", language="fi")
    kinds = {label: retriever.index.analyser.kind for label, retriever in retrievers.items()}
    assert kinds == {"bm25": STEMS, "words": WORDS, "s": STEMS}
    write_index(SNIPPETS, specs[0], tmp_path / "index", language="fi")
    assert verify_index(tmp_path / "index") == []
    built({}, "fi", tmp_path / "index")
    with pytest.raises(IndexError_, match=r"stems of snowballstemmer .*, this is tokeniser"):
        built({"stemmer": "none"}, "fi", tmp_path / "index")


def test_every_language_with_a_stemmer_has_it() -> None:
    from harness.retrieval.stems import _ALGORITHMS

    for language in _ALGORITHMS:
        try:
            assert analyser_of(language, "snowball").terms("Okapi"), language
        except HarnessError as error:  # a language whose words cannot be cut here
            pytest.fail(f"{language}: {error}")
