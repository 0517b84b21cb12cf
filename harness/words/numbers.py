"""Numbers as they are read aloud in American English, without "and": 105 -> one hundred five.

Years are read in pairs: 1010 to 1999 and 2010 to 2099 as four bare digits (1945 -> nineteen forty five, 1905 ->
nineteen oh five, 1900 -> nineteen hundred). Which reading a speaker chose cannot be known from the digits, so one is
pinned.
"""

from __future__ import annotations

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES = ("hundred", "thousand", "million", "billion", "trillion")
_IRREGULAR_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip

CARDINALS = frozenset([*_ONES, *_TENS[1:], *SCALES])


def cardinal(value: int) -> list[str]:
    """Return the words of `0 <= value < 10**15`: 1234 -> one thousand two hundred thirty four."""
    if value < 20:
        return [_ONES[value]]
    if value < 100:
        tens, ones = divmod(value, 10)
        return [_TENS[tens], _ONES[ones]] if ones else [_TENS[tens]]
    size, scale = next(
        (size, scale)
        for size, scale in zip((10**12, 10**9, 10**6, 1000, 100), reversed(SCALES), strict=True)
        if value >= size
    )
    above, below = divmod(value, size)
    return [*cardinal(above), scale, *(cardinal(below) if below else [])]


def _is_read_as_year(digits: str) -> bool:
    return len(digits) == 4 and (1010 <= int(digits) <= 1999 or 2010 <= int(digits) <= 2099)


def integer_in_words(digits: str) -> list[str]:
    """A run of ASCII digits: year-like ones in pairs, those with leading zeros or over 15 digits one by one, others as
    cardinals. 007 -> zero zero seven.
    """
    if (digits[0] == "0" and len(digits) > 1) or len(digits) > 15:
        return [_ONES[int(digit)] for digit in digits]
    if not _is_read_as_year(digits):
        return cardinal(int(digits))
    century, rest = divmod(int(digits), 100)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return [*cardinal(century), *(["oh"] if rest < 10 else []), *cardinal(rest)]


def number_in_words(number: str) -> list[str]:
    """Digits with an optional fraction and commas between thousands: 1,000.50 -> one thousand point five zero."""
    whole, _, fraction = number.partition(".")
    words = cardinal(int(whole.replace(",", ""))) if "," in whole and len(whole) < 20 else None
    words = words if words is not None else integer_in_words(whole.replace(",", ""))
    return [*words, "point", *(_ONES[int(digit)] for digit in fraction)] if fraction else words


def ordinal_in_words(digits: str) -> list[str]:
    """21 -> twenty first. Always a cardinal underneath: 1900 -> one thousand nine hundredth."""
    words = cardinal(int(digits)) if len(digits) <= 15 else integer_in_words(digits)
    return [*words[:-1], ordinal_of(words[-1])]


def ordinal_of(word: str) -> str:
    """Return the ordinal of a cardinal's last word: twenty -> twentieth."""
    return _IRREGULAR_ORDINALS.get(word) or (f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")


def decade_in_words(digits: str) -> list[str]:
    """Digits that end in 0, with a plural's s: 1990 -> nineteen nineties, 90 -> nineties, 1800 -> eighteen hundreds."""
    words = integer_in_words(digits)
    return [*words[:-1], plural_of(words[-1])]


def plural_of(word: str) -> str:
    """ninety -> nineties, hundred -> hundreds."""
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


NUMBER_WORDS = frozenset(
    {*CARDINALS, *map(ordinal_of, CARDINALS), *map(plural_of, CARDINALS), "oh", "point", "percent"}
    | {"dollar", "dollars", "cent", "cents", "pound", "pounds", "pence", "euro", "euros"}
)
