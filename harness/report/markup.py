"""Markdown from text that nobody vouches for."""

from __future__ import annotations

import re
from collections.abc import Iterable


def line(cells: Iterable[str]) -> str:
    """One line of a table; the cells are Markdown already."""
    return "| " + " | ".join(cells) + " |"


def text(untrusted: str) -> str:
    """Text from outside as plain words of a Markdown page: no markup, no HTML, no new lines, no reordering marks."""
    visible = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", untrusted)
    visible = visible.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_|#~!]|(?<=\])\()", r"\\\1", visible)  # a bracket alone is no link


def code(untrusted: str) -> str:
    """Text from outside inside back ticks; a bar in a table cell is to be escaped besides."""
    return re.sub(r"[\x00-\x1f\x7f`\u202a-\u202e\u2066-\u2069]+", " ", untrusted)


def prose(sentence: str) -> str:
    """Return a sentence of the report as Markdown: what stands between backticks is code, the rest plain words."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0 or not all(parts[1::2]):
        return text(sentence)
    return "".join(f"`{code(part)}`" if number % 2 else text(part) for number, part in enumerate(parts))
