"""Untrusted text and URLs, made harmless and comparable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import unescape
from unicodedata import category, combining, normalize
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harness.http.disguise import masked
from harness.retrieval.web.addresses import check_url

# Marks that reverse the direction of text, so that another text is shown than is there.
_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_MOST_MARKS = 30  # on one letter: the limit of Unicode's stream-safe format; putting n marks in order takes n * n steps
_TRACKING = ("utm_", "gclid", "fbclid", "msclkid", "mc_cid", "mc_eid")


def clean(text: str, max_characters: int) -> str:
    """One line in NFC without control characters and direction marks, cut at a space where it is too long."""
    characters = text[: 8 * max_characters].translate(_BIDI)
    kept = "".join(
        " " if character.isspace() else character
        for character in (characters if characters.isascii() else _without_heaps(characters))
        if character.isspace() or category(character) not in ("Cc", "Cs")
    )
    line = normalize("NFC", " ".join(kept.split()))
    if len(line) <= max_characters:
        return line
    kept = line[: max_characters - 1]
    if line[max_characters - 1] != " ":
        kept = kept.rpartition(" ")[0] or kept
    return kept.rstrip() + "…"


def _without_heaps(characters: Iterable[str]) -> Iterator[str]:
    """Yield the characters without the marks that are more than thirty in a row."""
    in_a_row = 0
    for character in characters:
        in_a_row = in_a_row + 1 if combining(character) else 0
        if in_a_row <= _MOST_MARKS:
            yield character


def n_hidden(text: str) -> int:
    """Return how many control characters and direction marks `clean` takes out of the text."""
    return sum(ord(c) in _BIDI or (not c.isspace() and category(c) in ("Cc", "Cs")) for c in text)


def strip_tags(markup: str) -> str:
    """Return the text of a fragment of HTML, as services mark the words that matched.

    An expression in place of a parser: the standard library's takes minutes for a megabyte of "<", and raises for "<![<!".
    """
    return unescape(_TAG.sub("", markup))


def same_page(url: str) -> str:
    """A form that is equal for URLs of one page: without scheme, `www.`, fragment, default port, last slash, trackers."""
    parts = urlsplit(check_url(url))
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = urlencode([pair for pair in parse_qsl(parts.query, True) if not pair[0].lower().startswith(_TRACKING)])
    return urlunsplit(("", host + port, parts.path.rstrip("/"), query, "")).removeprefix("//")


def snippet_id(url: str, text: str) -> str:
    """`w` and twelve hexadecimal digits: the same page and text have the same id in every collection."""
    return "w" + sha256(f"{same_page(url)}\0{text}".encode()).hexdigest()[:12]


def without_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """Return the text with every key replaced by the name of its environment variable."""
    for variable, value in secrets.items():
        text = masked(text, value, f"[{variable}]")
    return text
