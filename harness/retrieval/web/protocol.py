"""What a search service is, where its key comes from, and how values are found in its JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.errors import UsageError, WebError

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search as the service gave it, in its order: untrusted text."""

    title: str
    url: str
    text: str


class Provider(Protocol):
    """A search service. Building one sends nothing; keys are read from the environment and kept in `headers` alone."""

    @property
    def name(self) -> str:
        """How sources call it."""

    @property
    def endpoint(self) -> str:
        """Its address, without a query."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What else decides its answers."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent along; keys stand here."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """Environment variable to key."""

    def url(self, query: str, count: int) -> str:
        """The URL that asks for the first `count` results."""

    def results(self, answer: Any) -> list[Found]:
        """What the decoded JSON `answer` found. Raises `WebError` where the service reports a problem, or it is no answer."""


def key_from(variable: str) -> str:
    """The key in an environment variable. Raises `UsageError`, which never repeats it."""
    if not _VARIABLE.fullmatch(variable):
        raise UsageError(
            "a key is named by the environment variable that holds it, such as MY_API_KEY, and never written itself"
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UsageError(f"{variable} is not set: export {variable}=... with your key for the search service")
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"the key in {variable} holds characters that no key has")
    return key


def value_at(document: object, path: str) -> object:
    """What stands at a dotted path, `a.b.0.c`; `None` where nothing does. An empty path is the document itself."""
    for key in filter(None, path.split(".")):
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, Sequence) and not isinstance(document, str) and key.isdigit():
            document = document[int(key)] if int(key) < len(document) else None
        else:
            return None
    return document


def text_at(document: object, path: str) -> str:
    """The text at a path. Several texts are joined; what is no text counts as none."""
    found = value_at(document, path)
    if isinstance(found, list):
        return " ".join(part for part in found if isinstance(part, str))
    return found if isinstance(found, str) else ""


def list_at(document: object, path: str) -> list[Any]:
    """The objects of the list at a path. Raises `WebError` where no list stands there."""
    found = value_at(document, path)
    if not isinstance(found, list):
        raise WebError("BadResponse", f"the answer has no list at {path or 'its top'!r}: is this the right service?")
    return [entry for entry in found if isinstance(entry, Mapping)]
