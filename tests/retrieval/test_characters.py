"""Search by runs of characters: what the runs are, and what they retrieve that words do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.records import Snippet
from harness.retrieval.characters import CharacterRetriever, character_grams
from harness.retrieval.indexing import verify_index
from harness.retrieval.protocol import RETRIEVERS

SNIPPETS = (
    Snippet("a", "Thomas Mann wrote the novel in Lübeck", "Buddenbrooks"),
    Snippet("b", "A brook is a small river", "Brook"),
    Snippet("c", "Buttons are sewn on", "Button"),
)


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("a dog", [" a d", "a do", " dog", "dog "]),
        ("A", [" a "]),
        ("", []),
        ("?!", []),
        ("O'Brien", [" o'b", "o'br", "'bri", "brie", "rien", "ien "]),
    ],
)
def test_runs_go_across_words(text: str, grams: list[str]) -> None:
    assert character_grams(text, "en") == grams


def test_a_name_cut_in_two_is_retrieved() -> None:
    by_words, by_characters = (
        RETRIEVERS.get(name).build(SNIPPETS, {}, None, language="en") for name in ("bm25", "characters")
    )
    query = "what is budden brooks"
    assert "a" not in by_words.search([query], 1)[0].snippet_ids
    assert by_characters.search([query], 1)[0].snippet_ids == ("a",)


def test_texts_of_any_language_have_characters() -> None:
    index = CharacterRetriever.build((Snippet("x", "Ночь тиха", ""),), {}, None, language="ru")
    assert index.search(["ночью"], 1)[0].snippet_ids == ("x",)


def test_a_kept_index_is_verified(tmp_path: Path) -> None:
    built = CharacterRetriever.build(SNIPPETS, {}, tmp_path / "index", language="en")
    opened = CharacterRetriever.build(SNIPPETS, {}, tmp_path / "index", language="en")
    assert opened.search(["brooks"], 3) == built.search(["brooks"], 3)
    assert verify_index(tmp_path / "index") == []


def test_it_has_no_stemmer() -> None:
    with pytest.raises(UsageError, match="no option 'stemmer'"):
        CharacterRetriever.build(SNIPPETS, {"stemmer": "snowball"}, None, language="en")
