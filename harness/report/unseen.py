"""Characters that nobody would see, written out so that they can neither hide nor reorder what stands around them."""

from __future__ import annotations

import re
from typing import Any

# C0 and C1 controls, bidirectional marks, zero-width characters, line and paragraph separators.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def visible(text: str) -> str:
    """`a\\u202eb` becomes `a[U+202E]b`; half a character becomes U+FFFD."""
    return UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", whole(text))


def whole(text: str) -> str:
    """The text with every half of a surrogate pair replaced, so that it can be encoded."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def all_visible(value: Any) -> Any:
    """The same for every string in lists and dictionaries, keys aside."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: all_visible(one) for key, one in value.items()}
    return [all_visible(one) for one in value] if isinstance(value, list) else value
