"""Text from outside, made safe to stand in a page: in HTML, in attributes, in JSON inside a script element, in links."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

# Invisible characters that move or hide others: C0 and C1 controls, bidirectional marks, zero-width characters.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def visible(text: str) -> str:
    """Characters that nobody would see are written out: `a\\u202eb` becomes `a[U+202E]b`."""
    text = _LONE_SURROGATE.sub("\ufffd", text)
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def shown(value: object) -> object:
    """What Jinja puts into a page before it escapes it."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def isolated(text: str) -> Markup:
    """Text from outside as an element of its own, so that its direction cannot reorder what stands around it."""
    return Markup("<bdi>{}</bdi>").format(escape(visible(text)))


def json_for_script(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, nor begin a comment or another element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(_LONE_SURROGATE.sub("\ufffd", text).translate(_IN_SCRIPT))  # noqa: S704  nothing in it is markup


def web_address(url: str) -> str:
    """The address where it is a plain http or https one; otherwise empty."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and not _UNSEEN.search(url)
    return url if plain else ""


def file_address(*parts: str) -> str:
    """A relative address of a file: every part of the path quoted, so that none of it can be a scheme."""
    path = "/".join(quote(piece, safe="") for part in parts for piece in part.split("/") if piece not in ("", "."))
    return f"./{path}"
