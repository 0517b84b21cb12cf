"""What nobody would see is written out; what a script or an emoji needs stays."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.unseen import UNSEEN, javascript_pattern, visible, visible_json, visible_line

TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x1b\x9b\u202e\u200b\u200d\u2028\ufe0f\n\r\U000e0041")
)
# Signs that are drawn around figures, and controls of hieroglyphs: category Cf, but to be seen.
DRAWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}


@pytest.mark.parametrize(
    "text",
    [
        "क्‍ष और र्‍य", "র‍্য", "ශ්‍රී ලංකා", "می‌خواهم", "رَبّ", "שלום", "Ärger naïve", "e\u0301t\u0302", "東京", "葛\U000e0100城", "ไทย",
        "👩‍👩‍👧‍👦", "🏳️‍🌈", "1️⃣", "❤️", "👍🏽", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "a\tb\nc",
    ],
)  # fmt: skip
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "[U+001B][31m"),
        ("\x1b]52;c;aGk=\x07", "[U+001B]]52;c;aGk=[U+0007]"),
        ("\x9b31m\x90q\x9c", "[U+009B]31m[U+0090]q[U+009C]"),
        ("a\u202eb\u2066c\u2069", "a[U+202E]b[U+2066]c[U+2069]"),
        ("pay\u200dpal, pay\u200cpal, pay\u200bpal, pay\xadpal", "pay[U+200D]pal, pay[U+200C]pal, pay[U+200B]pal, pay[U+00AD]pal"),
        ("a\ufe0fb\U000e0100", "a[U+FE0F]b[U+E0100]"),
        ("a\U000e0068\U000e0069", "a[U+E0068][U+E0069]"),
        ("😀\u200da", "😀[U+200D]a"),
        ("\u3164\u115f\uffa0", "[U+3164][U+115F][U+FFA0]"),
        ("a\u2028b\u2029c\r", "a[U+2028]b[U+2029]c[U+000D]"),
        ("half \ud83d", "half \ufffd"),
    ],
)  # fmt: skip
def test_what_hides_or_commands_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_control_and_format_character_between_letters_is_written_out() -> None:
    hidden = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Co")]
    assert {ord(c) for c in hidden if visible(f"a{c}b") == f"a{c}b"} <= DRAWN | {0x9, 0xA}


@given(TEXT)
def test_written_out_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = visible_line(text)
    assert visible_line(line) == line
    assert len(line.splitlines()) <= 1


@given(TEXT)
def test_json_with_escapes_means_the_same(text: str) -> None:
    written = visible_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert not UNSEEN.search(written)


def test_the_page_looks_for_the_same_characters() -> None:
    wide = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: rf"\U{int(m[1], 16):08x}", javascript_pattern())
    assert re.sub(r"\\u00([0-9a-f]{2})", r"\\x\1", wide) == UNSEEN.pattern
