"""Characters that nobody would see, written out so that they can neither hide nor reorder what stands around them.

Joiners and variation selectors stay where a script or an emoji needs them: Hindi and Persian words, families, keycaps.
"""

from __future__ import annotations

import re
from typing import Any, Final

# Viramas and vowel signs of the Indic scripts, and the letters of Arabic, Syriac and N'Ko: a joiner shapes what stands here.
_VIRAMA: Final = (
    r"\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0f84\u1039\u103a\u17d2"
    r"\u1a60\u1b44\ua9c0\uaaf6"
)
_JOINING: Final = (
    r"\u0620-\u065f\u066e-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06ff\u0710-\u077f\u07ca-\u07ea\u0860-\u086a"
    r"\u08a0-\u08c9"
)
_EMOJI: Final = r"\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
# Tags after a black flag name the flag of a part of a country, in five letters.
_NOT_IN_A_FLAG: Final = "".join(rf"(?<!\U0001f3f4[\U000e0061-\U000e007a]{{{n}}})" for n in range(6))

# C0 and C1 controls but tab and new line, soft hyphens, joiners and other marks without width, fillers, bidirectional marks,
# separators of lines and paragraphs, selectors and tags that select nothing, annotations, private characters.
UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ufeff\uffa0\ufff0-\ufffb\ue000-\uf8ff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f"
    r"\U000e0080-\U000e00ff\U000e01f0-\U0010ffff]"
    rf"|(?<![{_VIRAMA}{_JOINING}])\u200c(?![{_VIRAMA}])"
    rf"|(?<![{_VIRAMA}{_JOINING}{_EMOJI}\ufe0f])\u200d(?![{_VIRAMA}])|(?<=[{_EMOJI}\ufe0f])\u200d(?![{_EMOJI}])"
    rf"|(?<![{_EMOJI}{_HAN}0-9#*\xa9\xae\u203c\u2049\u2122\u2139])[\ufe00-\ufe0f]"
    rf"|(?<![{_HAN}])[\U000e0100-\U000e01ef]"
    rf"|{_NOT_IN_A_FLAG}[\U000e0020-\U000e007f]"
)
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def javascript_pattern() -> str:
    """Return the pattern of `UNSEEN` for JavaScript's regular expressions, to be read with the flag `u`."""
    wide = re.sub(r"\\U000([0-9a-f]{5})|\\U00(10[0-9a-f]{4})", lambda m: rf"\u{{{m[1] or m[2]}}}", UNSEEN.pattern)
    return re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", wide)


def visible(text: str) -> str:
    """`a\\u202eb` becomes `a[U+202E]b`; half a character becomes U+FFFD."""
    return UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", whole(text))


def visible_line(text: str) -> str:
    """The same as one line: a new line becomes `[U+000A]`, so that no text can write a line of its own."""
    return visible(text).replace("\n", "[U+000A]")


def visible_json(text: str) -> str:
    """JSON of the same value, with characters that nobody would see as escapes."""
    return UNSEEN.sub(lambda match: "".join(f"\\u{unit:04x}" for unit in _utf16(match[0])), text)


def _utf16(character: str) -> list[int]:
    encoded = character.encode("utf-16-be")
    return [int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2)]


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
