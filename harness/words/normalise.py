"""Text to tokens, so that a reference and a hypothesis can be compared word by word.

The rules, each of them the same for references and hypotheses:

- Compatibility forms (NFKC) and case are folded; accents on Latin letters and strokes go (Beyoncé -> beyonce,
  Łódź -> lodz); letters of other scripts stay as they are. Typographic apostrophes become `'`.
- A word is a run of letters, with apostrophes kept inside it (don't, o'brien). A final `'s` is a token of its own, so
  that Einstein's -> einstein 's: an entity counts as recognised whether or not its possessive was, and a query still
  finds it. A recogniser that writes `einstein 's` agrees; one that writes `einsteins` does not. Other apostrophes go.
- Everything else separates words: hyphens, dots, slashes (twenty-one -> twenty one, U.S. -> u s).
- `&` is and, `%` is percent. Digits are read aloud (`harness.words.numbers`): 1945 -> nineteen forty five,
  3rd -> third, $5 -> five dollars, $2.50 -> two dollars fifty cents, 1990s -> nineteen nineties, mp3 -> mp three.
- "and" between a scale and a number goes: one hundred and five -> one hundred five.

Spelling variants, fillers, contractions and Roman numerals are left alone. Normalising twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.words.numbers import (
    CARDINALS,
    SCALES,
    decade_in_words,
    integer_in_words,
    number_in_words,
    ordinal_in_words,
)

NORMALISER_VERSION = "1"  # part of every result's digests: to be raised with every change of a rule


@dataclass(frozen=True, slots=True)
class Token:
    """A normalised word and the characters of the original text that it was read from, `text[start:end]`.

    Words read from one number share its characters.
    """

    text: str
    start: int
    end: int


# An inner apostrophe belongs to the word unless it begins a final 's.
_PLAIN_WORD = re.compile(r"[a-z]+(?:'(?!s(?![a-z]))[a-z]+)*|'s(?![a-z])")
_NOT_PLAIN = re.compile(r"[0-9&%$`]")  # ASCII characters that `_PLAIN_WORD` cannot deal with
_SCALES = frozenset(SCALES)
_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_LETTER = r"[^\s0-9'.,&%$£€]"
_EXPRESSION = re.compile(
    rf"""
    (?P<currency>[$£€])\ ?(?P<amount>{_NUMBER})(?:\ (?P<scale>{"|".join(SCALES)})(?!{_LETTER}))?
    | (?P<decade>[1-9][0-9]{{0,2}}0)'?s(?!{_LETTER}|[0-9])
    | (?P<ordinal>[1-9][0-9]*)(?:st|nd|rd|th)(?!{_LETTER}|[0-9])
    | (?P<number>{_NUMBER})
    | (?P<sign>[&%])
    | (?P<word>{_LETTER}+(?:'(?!s(?!{_LETTER}))(?:{_LETTER})+)*|'s(?!{_LETTER}))
    """,
    re.VERBOSE,
)
_SIGNS = {"&": "and", "%": "percent"}
_CURRENCIES = {"$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent")}
_CLUSTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+")  # a character and the accents on it
_LATIN_ACCENTS = re.compile("(^|[\\x00-\u036f])[\u0300-\u036f]+")
_KEPT_SIGNS = frozenset("'.,&%$£€")  # what `_EXPRESSION` reads; every other sign separates words
_ASCII_SIGNS = {
    code: ("'" if chr(code) == "`" else " ")
    for code in range(128)
    if not chr(code).isalnum() and chr(code) not in _KEPT_SIGNS
}
_LETTER_VARIANTS = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "′": "'", "‛": "'", "`": "'", "´": "'",
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
    }
)  # fmt: skip


def tokenise(text: str, language: str) -> list[str]:
    """Return the normalised words of a text, in order. Equals `[token.text for token in tokenise_spans(text)]`, but faster."""
    text = text.replace("’", "'")
    if text.isascii() and _NOT_PLAIN.search(text) is None:
        words: list[str] = _PLAIN_WORD.findall(text.lower())
        if "and" not in words or _SCALES.isdisjoint(words):
            return words
    return [token.text for token in tokenise_spans(text, language)]


def normalise(text: str, language: str) -> str:
    """Return the normalised words of a text, with a space between them."""
    return " ".join(tokenise(text, language))


def tokenise_spans(text: str, language: str) -> list[Token]:
    """Return the normalised words of a text with the places they were read from."""
    folded, starts, ends = _folded_with_offsets(text)
    tokens = [
        Token(word, starts[match.start()], ends[match.end() - 1])
        for match in _EXPRESSION.finditer(folded)
        for word in _words_of(match)
    ]
    return list(_without_scale_and(tokens))


def audit(entities: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Return the names that normalising changes beyond case and spacing, each with what becomes of it.

    For a person to read through: letters lost, digits read aloud, a name split at its hyphen.
    """
    pairs = ((entity, normalise(entity, language)) for entity in entities)
    return [(entity, normal) for entity, normal in pairs if " ".join(entity.casefold().split()) != normal]


def _folded_with_offsets(text: str) -> tuple[str, list[int], list[int]]:
    """Return the folded text, and for each of its characters where its source begins and ends in `text`."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS), list(range(len(text))), list(range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = _fold(match.group())
        pieces.append(piece)
        starts += [match.start()] * len(piece)
        ends += [match.end()] * len(piece)
    return "".join(pieces), starts, ends


@lru_cache(maxsize=4096)
def _fold(cluster: str) -> str:
    """One character with its accents, folded until nothing changes: one round may make another possible."""
    previous = None
    while cluster != previous:
        previous = cluster
        cluster = unicodedata.normalize("NFKC", cluster.translate(_LETTER_VARIANTS)).casefold()
        cluster = _LATIN_ACCENTS.sub(r"\1", unicodedata.normalize("NFD", cluster))
        cluster = unicodedata.normalize("NFC", cluster.translate(_LETTER_VARIANTS))
    # A digit or sign of another script may have carried an accent; on what replaces it the accent has no meaning.
    return _LATIN_ACCENTS.sub(r"\1", "".join(map(_letter_digit_or_space, cluster)))


def _letter_digit_or_space(character: str) -> str:
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))  # digits of other scripts too
    kept = character in _KEPT_SIGNS or unicodedata.category(character)[0] in "LMN"
    return character if kept else " "


def _words_of(match: re.Match[str]) -> Sequence[str]:
    """Return the words that one match of `_EXPRESSION` is read as."""
    if match["word"]:
        return (match["word"],)
    if match["sign"]:
        return (_SIGNS[match["sign"]],)
    if match["decade"]:
        return decade_in_words(match["decade"])
    if match["ordinal"]:
        return ordinal_in_words(match["ordinal"])
    if match["number"]:
        return number_in_words(match["number"])
    return _money_in_words(match["currency"], match["amount"], match["scale"])


def _money_in_words(currency: str, amount: str, scale: str | None) -> list[str]:
    """$1 -> one dollar, $2.50 -> two dollars fifty cents, $1.5 million -> one point five million dollars."""
    unit, part = _CURRENCIES[currency]
    whole, _, fraction = amount.partition(".")
    if scale is None and len(fraction) == 2 and fraction[0] != "0":
        parts = part if part == "pence" else f"{part}s"
        return [*_money_in_words(currency, whole, None), *integer_in_words(fraction), parts]
    words = [*number_in_words(amount), *([scale] if scale else [])]
    return [*words, unit if words == ["one"] else f"{unit}s"]


def _without_scale_and(tokens: Sequence[Token]) -> Iterator[Token]:
    for index, token in enumerate(tokens):
        between_numbers = (
            token.text == "and"
            and 0 < index < len(tokens) - 1
            and tokens[index - 1].text in _SCALES
            and tokens[index + 1].text in CARDINALS
        )
        if not between_numbers:
            yield token
