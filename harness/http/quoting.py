"""What a server says in place of an answer, in a few words that may be shown: its own message, in JSON or not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape

from harness.http.secrets import redact

_SHOWN_CHARACTERS = 100
_READ_CHARACTERS = 16_000  # of a page: its title stands in front
_DEEPEST = 4
# Where services put their message: OpenAI and its kin, FastAPI, RFC 9457, OAuth, Google, and others.
_MESSAGES = (
    "error",
    "message",
    "detail",
    "error_description",
    "errors",
    "title",
    "msg",
    "description",
    "reason",
    "code",
    "type",
)
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body|title|meta|script|h1)\b", re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]*)</title", re.IGNORECASE)
_UNREAD = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,1000}(?:>|$)")


def excerpt(text: str, key: str | None = None) -> str:
    """Return the first 100 characters of a text from outside, on one line, without secrets, what cannot be seen written out."""
    line = " ".join(redact(text, key).split())
    shown = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in line[:_SHOWN_CHARACTERS])
    return shown if len(line) <= _SHOWN_CHARACTERS else f"{shown.rstrip()} ..."


def message_in(body: bytes, key: str | None = None) -> str:
    """Return what a refusal says: the message in its JSON, the title of a page, or its first words; else `nothing`."""
    text = body.decode("utf-8", "replace")
    return excerpt(_message_of(_document(text)) or _of_page(text) or text, key) or "nothing"


def description(body: bytes, key: str | None = None) -> str:
    """Return what an answer is that is not as expected: `an error: "no such model"`, `a web page: "Sign in"`, `nothing`."""
    text = body.decode("utf-8", "replace")
    if not text.strip():
        return "nothing"
    document = _document(text)
    if reported := error_of(document):
        return f'an error: "{excerpt(reported, key)}"'
    if page := _of_page(text):
        return f'a web page: "{excerpt(page, key)}"'
    return f'{"plain text" if document is None else "JSON"}: "{excerpt(text, key)}"'


def error_of(document: object) -> str:
    """Return the message of JSON that reports an error, which services send with status 200, too; empty where it reports none."""
    if not isinstance(document, Mapping):
        return ""
    named = {name: document.get(name) for name in ("error", "errors", "detail", "message", "msg")}
    return next((text for value in named.values() if (text := _message_of(value))), "")


def _document(text: str) -> object:
    """Return the text as JSON; `None` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _message_of(value: object, depth: int = 0) -> str:
    """Return the first message in a value: itself, that of its first entry, or what stands under a name that messages have."""
    if isinstance(value, str):
        return value.strip()
    if depth == _DEEPEST:
        return ""
    if isinstance(value, list):
        return next((text for one in value[:3] if (text := _message_of(one, depth + 1))), "")
    if isinstance(value, Mapping):
        known = (value[name] for name in _MESSAGES if name in value)
        return next((text for one in known if (text := _message_of(one, depth + 1))), "")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and depth else ""


def _of_page(text: str) -> str:
    """Return the title of a web page and what it says, or its markup where that is nothing; empty for other texts."""
    start = text[:_READ_CHARACTERS]
    if not _PAGE.match(start):
        return ""
    title = _TITLE.search(start)
    words = " ".join(unescape(_TAG.sub(" ", _UNREAD.sub(" ", start))).split())
    named = " ".join(unescape(title[1]).split()) if title else ""
    return ". ".join(dict.fromkeys(filter(None, (named, words)))) or start
