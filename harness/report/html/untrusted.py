"""Text from outside, made safe to stand in a page: in HTML, in attributes, in JSON inside a script element, in links."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from harness.report.unseen import UNSEEN, visible, whole

_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def shown(value: object) -> object:
    """What Jinja puts into a page before it escapes it."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def isolated(text: str) -> Markup:
    """Text from outside as an element of its own, so that its direction cannot reorder what stands around it."""
    return Markup("<bdi>{}</bdi>").format(escape(visible(text)))


def prose(text: str) -> Markup:
    """Return a sentence of the report as an element of its own; what stands between backticks in it is code."""
    parts = escape(visible(text)).split("`")
    coded = Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 and number < len(parts) - 1 else
        (Markup("`") if number % 2 else Markup("")) + part
        for number, part in enumerate(parts)
    )  # fmt: skip
    return Markup("<bdi>{}</bdi>").format(coded)


def json_for_script(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, nor begin a comment or another element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(whole(text).translate(_IN_SCRIPT))  # noqa: S704  nothing in it is markup


def web_address(url: str) -> str:
    """The address where it is a plain http or https one; otherwise empty."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and not UNSEEN.search(url)
    return url if plain else ""


def file_address(*parts: str) -> str:
    """A relative address of a file: every part of the path quoted, so that none of it can be a scheme."""
    path = "/".join(quote(piece, safe="") for part in parts for piece in part.split("/") if piece not in ("", "."))
    return f"./{path}"
