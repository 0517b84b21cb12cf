"""Untrusted text and URLs, made harmless and comparable."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from unicodedata import category, normalize
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harness.http.disguise import masked
from harness.retrieval.web.addresses import check_url

# Marks that reverse the direction of text, so that another text is shown than is there.
_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_TRACKING = ("utm_", "gclid", "fbclid", "msclkid", "mc_cid", "mc_eid")


def clean(text: str, max_characters: int) -> str:
    """One line in NFC without control characters and direction marks, cut at a space where it is too long."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: 8 * max_characters].translate(_BIDI)
        if character.isspace() or category(character) not in ("Cc", "Cs")
    )
    line = normalize("NFC", " ".join(kept.split()))
    if len(line) <= max_characters:
        return line
    kept = line[: max_characters - 1]
    if line[max_characters - 1] != " ":
        kept = kept.rpartition(" ")[0] or kept
    return kept.rstrip() + "…"


def n_hidden(text: str) -> int:
    """Return how many control characters and direction marks `clean` takes out of the text."""
    return sum(ord(c) in _BIDI or (not c.isspace() and category(c) in ("Cc", "Cs")) for c in text)


def strip_tags(markup: str) -> str:
    """Return the text of a fragment of HTML, as services mark the words that matched."""
    reader = _TextReader()
    reader.feed(markup)
    reader.close()
    return "".join(reader.texts)


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


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
