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
    """Text from outside inside back ticks; a table cell needs `code_cell` it."""
    return re.sub(r"[\x00-\x1f\x7f`\u202a-\u202e\u2066-\u2069]+", " ", untrusted)


def code_cell(untrusted: str) -> str:
    """Text from outside as code in a table, where a bar would end the cell."""
    return "`" + code(untrusted).replace("|", "\\|") + "`"
