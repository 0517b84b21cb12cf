"""Text and URLs of strangers."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.retrieval.web.cleaning import clean, n_hidden, same_page, snippet_id, strip_tags


@given(st.text(st.characters(exclude_categories=())), st.integers(20, 200))
def test_clean_text_is_one_bounded_printable_line(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned)
    assert n_hidden(cleaned) == 0
    assert cleaned == cleaned.strip()
    assert clean(cleaned, limit) == cleaned


def test_what_turns_text_around_is_taken_out() -> None:
    text = "user\u202egpj.exe\u2066 \x1b[31mred\x00\ufeff\nnext\u2028line"
    assert clean(text, 100) == "usergpj.exe [31mred next line"
    assert n_hidden(text) == 5


def test_joiners_of_scripts_that_need_them_stay() -> None:
    assert clean("می\u200cخواهم", 100) == "می\u200cخواهم"


def test_long_text_is_cut_between_words() -> None:
    assert clean("one two three four five", 14) == "one two three…"
    assert len(clean("x" * 10_000_000, 600)) <= 600


def test_tags_are_taken_out_and_entities_read() -> None:
    assert strip_tags('the <span class="searchmatch">okapi</span> &amp; a &lt;b&gt; 1 < 2') == "the okapi & a <b> 1 < 2"
    assert strip_tags("<b>never closed") == "never closed"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a", "https://www.example.org/a/", "https://EXAMPLE.org:443/a#part",
        "https://example.org/a?utm_source=x&fbclid=1", "http://example.org:80/a?",
    ],
)  # fmt: skip
def test_urls_of_one_page(url: str) -> None:
    assert same_page(url) == "example.org/a"


@pytest.mark.parametrize(
    "url",
    ["https://example.org/A", "https://example.org/a?p=1", "https://example.org:8080/a", "https://m.example.org/a"],
)
def test_urls_of_other_pages(url: str) -> None:
    assert same_page(url) != "example.org/a"


def test_ids_follow_page_and_text() -> None:
    one = snippet_id("https://example.org/a", "text")
    assert one == snippet_id("http://www.example.org/a/#x", "text")
    assert len({one, snippet_id("https://example.org/a", "Text"), snippet_id("https://example.org/b", "text")}) == 3
    assert len(one) == 13
