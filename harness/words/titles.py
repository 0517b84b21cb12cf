"""Names in the titles of web pages."""

from __future__ import annotations

import re

MAX_TITLE_WORDS = 4
_AFTER_THE_NAME = re.compile(r"\s+[-–—|·]\s|:\s|\s\(")


def title_name(title: str) -> str | None:
    """Return the name in a snippet's title: `Charles Bridge | Plain Reference` -> `Charles Bridge`; `None` for no name."""
    name = _AFTER_THE_NAME.split(title.strip(), maxsplit=1)[0].strip(" .,;!?\"'")
    words = name.split()
    if not 1 <= len(words) <= MAX_TITLE_WORDS or any(words[place][0].islower() for place in (0, -1)):
        return None
    return name if any(character.isalpha() for character in name) else None
