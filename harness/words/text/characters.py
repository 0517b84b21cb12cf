"""Characters as the rules for words see them: case, accents, forms of one letter, what nobody sees, what is no letter.

A text is folded grapheme by grapheme, and every character of the result knows which characters of the text it came from.

- Compatibility forms are folded (NFKC: full width, ligatures, digits of other scripts); case is folded. English loses the
  accents and strokes of Latin letters (Beyoncé -> beyonce, Łódź -> lodz), other languages keep them, and ß.
- Emoji, keycaps, flags, `™ ® © ℠` vanish whole: they separate words and leave none.
- Soft hyphens, word joiners, marks of direction, variation selectors and the like go without a trace; a zero-width space
  separates. The joiners inside words of Persian and Indic scripts stay, except in English.
- Combining marks stay on letters only; one that stands alone goes.
- Superscripts, subscripts, fractions and circled numbers never run into the digits beside them: 10² is not 102.
- Typographic apostrophes become `'`. Signs that are read (`SIGNS`) stay, every other one becomes a space.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import regex

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
CURRENCY_SIGNS = "$£€¥₹₽₩₺₪₫₴฿₦₱¢"
SIGNS = "'.,&%+=@#°/:−–×§⁄-" + CURRENCY_SIGNS + SUPERSCRIPTS + SUBSCRIPTS
GROUP_SPACE = "\u202f"  # a narrow space, kept apart from others: between digits it groups them

_GRAPHEME = regex.compile(r"[\x00-\x7f]+(?![^\x00-\x7f])|\X")  # ASCII by the run, for speed
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}℠]|[0-9#*]\ufe0f?\u20e3")
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}--[\u200b-\u200d]]|\p{Me}", regex.V1)
_JOINERS = re.compile("[\u200c\u200d]+")
_OF_LATIN = regex.compile(r"(^|[\p{Latin}\p{Common}\p{Inherited}--\p{M}])\p{M}+", regex.V1)
_ON_NOTHING = regex.compile(r"(?<![\p{L}\p{M}\p{Nl}\u200c\u200d])[\p{M}\u200c\u200d]+")
_LONGEST_GRAPHEME = 64  # a letter with more marks than any script gives it; n of them take n * n steps to put in order
_KEPT = frozenset(SIGNS + GROUP_SPACE + "\u200c\u200d")
_ASCII = {
    code: ("'" if chr(code) == "`" else " ")
    for code in range(128)
    if not chr(code).isalnum() and chr(code) not in SIGNS
}
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ′‛`´"), "'")
_SIGN_VARIANTS = {
    **_APOSTROPHES,
    **dict.fromkeys(map(ord, "‐‑"), "-"),
    **dict.fromkeys(map(ord, "‒—―"), "–"),
    **dict.fromkeys(map(ord, "\u202f\u2009"), GROUP_SPACE),
    ord("№"): " # ", ord("∕"): "/",
}  # fmt: skip
_LATIN_VARIANTS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_TURKIC_CASE = str.maketrans({"I": "ı", "İ": "i"})
_AS_THEY_ARE = frozenset(SUPERSCRIPTS + SUBSCRIPTS + GROUP_SPACE + "ºª")  # read by what stands before them
_OWN_SIGNS = {"ca": "·"}  # a letter's part: col·lecció


def fold(text: str, language: str) -> str:
    """Return a text folded by the rules of its language, a primary subtag."""
    return fold_with_offsets(text, language)[0]


def fold_with_offsets(text: str, language: str) -> tuple[str, list[int], list[int]]:
    """Return the folded text, and for each of its characters where its source begins and ends in `text`."""
    turkic = language in ("tr", "az")
    if text.isascii():
        text = text.translate(_TURKIC_CASE) if turkic else text
        return text.lower().translate(_ASCII), list(range(len(text))), list(range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _GRAPHEME.finditer(text):
        piece, (start, end) = match.group(), match.span()
        if piece.isascii():
            pieces.append((piece.translate(_TURKIC_CASE) if turkic else piece).lower().translate(_ASCII))
            starts += range(start, end)
            ends += range(start + 1, end + 1)
            continue
        piece = _fold_grapheme(piece[:_LONGEST_GRAPHEME], language)
        pieces.append(piece)
        starts += [start] * len(piece)
        ends += [end] * len(piece)
    return "".join(pieces), starts, ends


@lru_cache(maxsize=16384)
def _fold_grapheme(grapheme: str, language: str) -> str:
    """Return one letter with its marks, or one sign, as it is compared; a space for what only separates."""
    if _PICTURE.search(grapheme):
        return " "
    grapheme = _INVISIBLE.sub("", grapheme)
    if language == "en":
        grapheme = _JOINERS.sub("", grapheme)
    grapheme = "".join(map(_apart, grapheme))
    previous = None
    while grapheme != previous:  # one round may make another possible
        previous = grapheme
        grapheme = _fold_once(grapheme, language)
    own_sign = _OWN_SIGNS.get(language, "")
    kept = "".join(c if c in own_sign else _letter_digit_or_space(c) for c in grapheme)
    return str(_ON_NOTHING.sub("", kept))


def _fold_once(grapheme: str, language: str) -> str:
    grapheme = grapheme.translate(_SIGN_VARIANTS)
    grapheme = "".join(c if c in _AS_THEY_ARE else _compatible(c) for c in grapheme)
    if language in ("tr", "az"):
        grapheme = grapheme.translate(_TURKIC_CASE)
    # ß and ss are two spellings in German; a word in capitals has no ß to keep.
    grapheme = "".join("ß" if c in "ßẞ" and language != "en" else c.casefold() for c in grapheme)
    if language != "en":
        return unicodedata.normalize("NFC", grapheme)
    grapheme = _OF_LATIN.sub(r"\1", unicodedata.normalize("NFD", grapheme.translate(_LATIN_VARIANTS)))
    return unicodedata.normalize("NFC", grapheme.translate(_LATIN_VARIANTS))


def _compatible(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def _apart(character: str) -> str:
    """Return a character; a number that is no plain digit, and a word in one character, with spaces around it."""
    if character in SUPERSCRIPTS or character in SUBSCRIPTS:
        return character
    tag, _, parts = unicodedata.decomposition(character).partition(" ")
    if tag == "<fraction>":
        return f" {_compatible(character)} "  # 8½ is 8 1⁄2
    if tag == "<square>":  # one step only: ㎡ is m², which is no m2
        return f" {''.join(chr(int(code, 16)) for code in parts.split())} "
    if unicodedata.category(character) == "No":
        value = unicodedata.numeric(character, 0.5)
        return f" {int(value)} " if value.is_integer() else " "
    return character


def _letter_digit_or_space(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))  # digits of other scripts too
    return character if category[0] in "LM" or category == "Nl" else " "
