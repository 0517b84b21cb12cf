"""What a search service is, where its key comes from, and how values are read from its JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.errors import UsageError, WebError
from harness.http.secrets import remember

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One result of a search as the service gave it, in its order: untrusted text."""

    title: str
    url: str
    text: str


class Provider(Protocol):
    """A search service. Building one sends nothing; keys are read from the environment and kept in `headers` alone."""

    @property
    def name(self) -> str:
        """Its name in the list of sources."""

    @property
    def endpoint(self) -> str:
        """Its address, without a query."""

    @property
    def identity(self) -> Mapping[str, str]:
        """Everything else that decides its answers."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that are sent; keys stand here."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """Environment variable to key."""

    @property
    def advice(self) -> Mapping[int, str]:
        """What to do about a status: it ends the message of a refusal."""

    def url(self, query: str, count: int) -> str:
        """Return the URL that asks for the first `count` results."""

    def results(self, answer: Any) -> list[SearchResult]:
        """Return the results in the decoded JSON `answer`. Raises `WebError` for a reported problem, or no answer."""


def key_from(variable: str) -> str:
    """Return the key in an environment variable. Raises `UsageError`, which never repeats it."""
    if not _VARIABLE.fullmatch(variable):
        raise UsageError(
            "a key is named by the environment variable that holds it, such as MY_API_KEY, and never written itself"
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UsageError(f"{variable} is not set: export {variable}=... with your key for the search service")
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"the key in {variable} holds characters that no key has")
    remember(variable, key)
    return key


def value_at(document: object, path: str) -> object:
    """Return the value at a dotted path, `a.b.0.c`; `None` where there is none. An empty path is the document itself."""
    for key in filter(None, path.split(".")):
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, Sequence) and not isinstance(document, str) and key.isdigit():
            document = document[int(key)] if int(key) < len(document) else None
        else:
            return None
    return document


def text_at(document: object, path: str) -> str:
    """Return the text at a path. Several texts are joined; what is no text counts as none."""
    value = value_at(document, path)
    if isinstance(value, list):
        return " ".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def list_at(document: object, path: str) -> list[Any]:
    """Return the objects of the list at a path. Raises `WebError` where no list stands there."""
    value = value_at(document, path)
    if not isinstance(value, list):
        raise WebError("BadResponse", f"the answer has no list at {path or 'its top'!r}: is this the right service?")
    return [entry for entry in value if isinstance(entry, Mapping)]
