"""What only English needs: years in pairs, money, times, days of months, fractions, and number words that mean the same.

Numbers from 1010 to 1999 and from 2010 to 2099 are read in pairs, whether they stand as 1945, as 1,945 or as "one thousand
nine hundred (and) forty five": nineteen forty five; 1905 is nineteen oh five, 1900 nineteen hundred. Which reading a speaker
chose cannot be known from the digits, so one is pinned, and the others are turned into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from harness.words.text.numbers.cardinals import Words, cardinal, ordinal, paired
from harness.words.text.numbers.signs import ENGLISH_CURRENCIES

SCALES = frozenset({"hundred", "thousand", "million", "billion", "trillion"})
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
CARDINALS = frozenset(_SMALL) | SCALES
ORDINALS = frozenset({
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth",
    "hundredth", "thousandth", "millionth", "billionth", "trillionth",
})  # fmt: skip
_WITH_PARTS = frozenset(name for names in ENGLISH_CURRENCIES.values() if len(names) == 4 for name in names[:2])
_BEFORE_IDLE_AND = SCALES | _WITH_PARTS  # five dollars and five cents
SCALE_SIGNS = {
    "k": "thousand",
    "m": "million",
    "mn": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
)  # fmt: skip
_PARTS = {2: ("half", "halves"), 4: ("quarter", "quarters")}


def plural_of(word: str) -> str:
    """ninety -> nineties, hundred -> hundreds."""
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


_PLURALS = frozenset(map(plural_of, CARDINALS))
# Names of other currencies are words like others: "won" is mostly no money, and a naira may be what is asked for.
_COMMON_MONEY = frozenset(name for sign in "$£€" for name in ENGLISH_CURRENCIES[sign])
NUMBER_WORDS = CARDINALS | ORDINALS | _PLURALS | _COMMON_MONEY | {"oh", "point", "percent"}


def is_in_pairs(value: int) -> bool:
    """Return whether a number is read as a year is."""
    return 1010 <= value <= 1999 or 2010 <= value <= 2099


def whole_number(value: int) -> Words:
    """Return the words of a number: 1945 -> nineteen forty five, 2005 -> two thousand five."""
    return paired(value, "en") if is_in_pairs(value) else cardinal(value, "en")


def decade(digits: str) -> Words:
    """Digits that end in 0, with a plural's s: 1990 -> nineteen nineties, 90 -> nineties, 1800 -> eighteen hundreds."""
    words = whole_number(int(digits))
    return (*words[:-1], plural_of(words[-1]))


def time(hour: str, minute: str, half: str | None) -> Words:
    """12:05 -> twelve oh five, 7:30 p -> seven thirty pm, 12:00 -> twelve o'clock."""
    words = cardinal(int(hour), "en")
    if minute != "00":
        words += (("oh",) if minute[0] == "0" else ()) + cardinal(int(minute), "en")
    return (*words, f"{half}m") if half else (*words, "o'clock") if minute == "00" else words


def fraction(whole: Words | None, numerator: str, denominator: str) -> Words:
    """8, 1, 2 -> eight and a half; 3, 4 alone -> three quarters; 1, 2 alone -> one half."""
    top, bottom = int(numerator), int(denominator)
    one, several = _PARTS.get(bottom) or (ordinal(bottom, "en")[-1], plural_of(ordinal(bottom, "en")[-1]))
    names = (*ordinal(bottom, "en")[:-1], one if top == 1 else several)
    if whole is None:
        return (*cardinal(top, "en"), *names)
    return (*whole, "and", *(("a",) if top == 1 else cardinal(top, "en")), *names)


def power(exponent: int, of_number: bool) -> Words:
    """2 -> squared, 3 -> cubed, 6 -> to the sixth, -3 -> to the minus three; after a letter anything higher is a number."""
    if exponent in (2, 3):
        return ("squared",) if exponent == 2 else ("cubed",)
    if not of_number:
        return cardinal(abs(exponent), "en")
    return ("to", "the", *(("minus", *cardinal(-exponent, "en")) if exponent < 0 else ordinal(exponent, "en")))


def money(sign: str, amount: str, scale: str | None, read: Callable[[str], Words]) -> Words:
    """$1 -> one dollar, $2.05 -> two dollars five cents, $1.5 million -> one point five million dollars."""
    names = ENGLISH_CURRENCIES[sign]
    whole, _, part = amount.partition(".")
    if scale is None and len(part) == 2 and (len(names) == 4 or part == "00"):
        parts = () if part == "00" else (*cardinal(int(part), "en"), names[2] if part == "01" else names[3])
        return parts if parts and not whole.strip("0") else (*money(sign, whole or "0", None, read), *parts)
    words = (*read(amount), *((SCALE_SIGNS.get(scale, scale),) if scale else ()))
    return (*words, names[0] if words == ("one",) else names[1])


@cache
def _in_pairs() -> dict[Words, Words]:
    return {cardinal(value, "en"): paired(value, "en") for value in (*range(1010, 2000), *range(2010, 2100))}


def settled(words: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return the words with one reading where several mean the same, each with the first and last place it was read from.

    "and" goes between a scale, or an amount of money, and a number; numbers that are read in pairs are; "p m" after a number
    is pm.
    """
    kept = [(word, place, place) for place, word in enumerate(words) if not _is_idle_and(words, place)]
    result: list[tuple[str, int, int]] = []
    place = 0
    while place < len(kept):
        end = place
        while end < len(kept) and kept[end][0] in CARDINALS:
            end += 1
        if end > place:
            result += _in_one_reading(kept[place:end], kept[end][0] if end < len(kept) else "")
            place = end
        elif (
            kept[place][0] in ("a", "p")
            and place
            and kept[place - 1][0] in CARDINALS
            and _word_at(kept, place + 1) == "m"
        ):
            result.append((f"{kept[place][0]}m", kept[place][1], kept[place + 1][2]))
            place += 2
        else:
            result.append(kept[place])
            place += 1
    return result


def may_need_settling(words: Sequence[str]) -> bool:
    """Return, fast, whether `settled` could change anything."""
    return ("and" in words and not _BEFORE_IDLE_AND.isdisjoint(words)) or "thousand" in words or "m" in words


def _is_idle_and(words: Sequence[str], place: int) -> bool:
    return (
        words[place] == "and"
        and 0 < place < len(words) - 1
        and words[place - 1] in _BEFORE_IDLE_AND
        and words[place + 1] in CARDINALS
    )


def _word_at(kept: Sequence[tuple[str, int, int]], place: int) -> str:
    return kept[place][0] if place < len(kept) else ""


def _in_one_reading(run: list[tuple[str, int, int]], after: str) -> list[tuple[str, int, int]]:
    """Return a run of number words in pairs, if it is a year's number: what follows may make it another (fortieth)."""
    words = tuple(word for word, _, _ in run)
    if words[:2] not in (("one", "thousand"), ("two", "thousand")) or after in ORDINALS or after in _PLURALS:
        return run
    pairs = _in_pairs().get(words)
    return [(word, run[0][1], run[-1][2]) for word in pairs] if pairs else run
