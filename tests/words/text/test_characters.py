"""Characters that are folded, vanish or separate, and every block of Unicode."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.words.text.characters import fold_with_offsets
from harness.words.text.normalise import normalise, tokenise, tokenise_spans

# Blocks hold 16 characters and more; what comes after the second plane is unassigned, private, or tags and selectors.
SOME_OF_EVERY_BLOCK = (*range(0x20, 0x3000, 7), *range(0x3000, 0x20000, 31), *range(0xE0000, 0xE0200, 16), 0x10FFFF)
LANGUAGES = ("en", "de", "fa", "tr", "el")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I ❤️ love", "i love"),
        ("1️⃣ one #️⃣ two 🔟", "one two"),
        ("a🇩🇪b 👩‍👩‍👧 👍🏽 🏴\U000e0067\U000e0062\U000e007f ok", "a b ok"),
        ("ℹ️ Ⓜ️ ㊗️ 🅰️ x", "x"),
        ("Coca-Cola™ Linux®-based Foo©Bar Acme℠", "coca cola linux based foo bar acme"),
        ("Ljubl\u00adjana Ljubl\u2060jana Ljubl\ufeffjana Ljubl\u200ejana", "ljubljana ljubljana ljubljana ljubljana"),
        ("zero\u200bwidth", "zero width"),
        ("ﬁne ｆｕｌｌ １２ Ⅻ", "fine full twelve xii"),
        ("①② ⒈ ❸ 5⒈", "one two one three five one"),
        ("٣ १२", "three twelve"),
        ("\u0301 a\u20dd \u0903 \ufe0f", "a"),
        ("O’Brien O‘Brien OʼBrien O＇Brien O´Brien", " ".join(["o'brien"] * 5)),
        ("ПО́ЛЕ Йод й", "по́ле йод й"),
        ("Nº Mª", "no ma"),
        ("a\u200db \u200c", "ab"),
    ],
)  # fmt: skip
def test_english(text: str, expected: str) -> None:
    assert normalise(text, "en") == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Años PINGÜINO cafe\u0301", "años pingüino café"),
        ("de", "GROẞ groß Köln Ko\u0308ln", "groß groß köln köln"),
        ("pl", "ŁÓDŹ", "łódź"),
        ("fa", "می\u200cخواهم \u200cمی\u200c", "می\u200cخواهم می"),
        ("ko", unicodedata.normalize("NFD", "한국"), "한국"),
        ("el", "ΟΔΟΣ οδός", "οδοσ οδόσ"),
    ],
)
def test_other_languages_keep_their_letters(language: str, text: str, expected: str) -> None:
    assert normalise(text, language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_alone_and_between_letters(language: str) -> None:
    """No token is empty, a mark or invisible; what is normal stays so."""
    for first in SOME_OF_EVERY_BLOCK:
        character = chr(first)
        for text in (character, f"a{character}b"):
            tokens = tokenise(text, language)
            assert all(any(unicodedata.category(c)[0] in "LN" for c in token) for token in tokens), hex(first)
            assert tokenise(" ".join(tokens), language) == tokens, hex(first)
            assert [token.text for token in tokenise_spans(text, language)] == tokens, hex(first)


@given(st.text(), st.sampled_from(LANGUAGES))
def test_every_folded_character_has_its_source(text: str, language: str) -> None:
    folded, starts, ends = fold_with_offsets(text, language)
    assert len(folded) == len(starts) == len(ends)
    assert starts == sorted(starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))
