"""Languages by their BCP-47 tags: "en", "en-GB", "es"."""

from __future__ import annotations

from functools import cache


@cache
def primary(language: str) -> str:
    """Return the primary subtag of a language's tag, in lower case: "en-GB" -> "en"."""
    return language.replace("_", "-").partition("-")[0].lower()
