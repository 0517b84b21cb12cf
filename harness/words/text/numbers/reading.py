"""Find words, numbers and signs in folded text, and read them in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from harness.words.text.characters import CURRENCY_SIGNS, GROUP_SPACE, SIGNS, SUBSCRIPTS, SUPERSCRIPTS
from harness.words.text.numbers import english
from harness.words.text.numbers.cardinals import (
    Words,
    cardinal,
    minus,
    money,
    one_by_one,
    ordinal,
    paired,
    point,
    reads_numbers,
    split,
)
from harness.words.text.numbers.signs import CURRENCIES, UNITS, currency_name, number_format, sign_names, unit_words

Piece = tuple[str, int, int]  # a word and the folded characters that it was read from

LETTER = rf"[^\s0-9{re.escape(SIGNS)}]"
LONGEST = 15  # digits that are read as one number; more are read one by one
_END = rf"(?!{LETTER}|[0-9])"
_FRACTION_SIGNS = dict(zip(SUPERSCRIPTS + SUBSCRIPTS, "0123456789+-0123456789", strict=True))
_SCRIPT_DIGITS = str.maketrans(_FRACTION_SIGNS)
_INDICATORS = str.maketrans({"º": "o", "ª": "a"})
_NOT_AT_AN_EDGE = "\u200c\u200d·"
_OPENING = re.escape(CURRENCY_SIGNS + "-−–")  # what may stand right before .5
_WORD_GROUPS = frozenset({"word", "word_after_digit"})
_ROMANCE_ORDINAL = r"\.?(?:[ºª]|er)"
_ORDINAL_ENDINGS = {
    "en": r"(?:st|nd|rd|th|[ºª])",
    **dict.fromkeys(("es", "pt", "it", "gl"), _ROMANCE_ORDINAL),
    "fr": r"(?:er|ers|re|ère|e|ème|nd|nde)",
    "ca": r"(?:r|n|t|è|a)",
    "nl": r"(?:e|ste|de)",
    "sv": r":[ae]",
}
_FEMININE = ("ª", "re", "ère", "nde")


@cache
def reader(language: str) -> Reader:
    """Return what reads text of a language, a primary subtag."""
    if language == "en":
        return EnglishReader()
    return GermanReader(language) if language == "de" else Reader(language)


def _pattern_of_unit(unit: str) -> str:
    return re.escape(unit).replace("°c", r"°\ ?c").replace("°f", r"°\ ?f")


class Reader:
    """The expressions of one language: numbers as it writes them, money, ordinals, units, signs and words."""

    before_words = before_numbers = ""  # expressions that only a subclass has, and where they are tried
    scales = "(?!)"
    reads_plain_words = True  # as they stand
    word = rf"{LETTER}+(?:'(?:{LETTER})+)*"

    def __init__(self, language: str) -> None:
        self.language = language
        self.names = sign_names(language)
        form = number_format(language)
        self._decimal = form.decimal
        group = f"[{re.escape(form.group + GROUP_SPACE)}']"
        indian = r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?![0-9])" if form.group == "," else ""
        grouped = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?![0-9]){indian})"
        point_sign = re.escape(form.decimal)
        self.number = rf"(?:(?:{grouped}|[0-9]+)(?:{point_sign}[0-9]+)?|(?<![^\s{_OPENING}]){point_sign}[0-9]+)"
        units = "|".join(_pattern_of_unit(unit) for unit in sorted(UNITS, key=len, reverse=True))
        ending = _ORDINAL_ENDINGS.get(language)
        ordinals = (
            rf"| (?P<ordinal>[1-9][0-9]{{0,14}}(?:{group}[0-9]{{3}})*)(?P<ending>{ending}){_END}" if ending else ""
        )
        money_signs = re.escape(CURRENCY_SIGNS)
        pattern = rf"""
            {self.before_words}
            (?<![0-9])(?P<word>{self.word})
            | (?P<currency>[{money_signs}])\ ?(?P<amount>{self.number})(?P<scale>{self.scales})?
            | (?P<amount_before>{self.number})(?P<scale_before>{self.scales})?\ ?(?P<currency_after>[{money_signs}])(?![0-9])
            {self.before_numbers}
            {ordinals}
            | (?!{grouped})(?P<dotted>[0-9]+(?:\.[0-9]+){{2,}})
            | (?P<measured>{self.number})\ ?(?P<unit>{units}){_END}
            | (?:(?P<whole>[0-9]+)\ +)?(?P<top>[0-9]{{1,4}})⁄(?P<bottom>[0-9]{{1,4}})
            | (?P<number>{self.number})
            | (?P<power>[{SUPERSCRIPTS}]+) | (?P<index>[{SUBSCRIPTS}]+)
            | (?P<minus>(?:(?<!\S)-|−\ ?)(?=\.?[0-9]|[{money_signs}]))
            | (?P<numbered>\#\ {{0,3}}(?=[0-9]))
            | (?P<by>(?<=[0-9])\ ?×\ ?(?=[0-9])|(?<=[0-9])x(?=[0-9]))
            | (?P<sign>[&%+@§]|(?<!=)=(?!=))
            | (?P<word_after_digit>{self.word})
            """
        self._expression = re.compile(pattern, re.VERBOSE)
        self._of_ascii = re.compile(pattern.replace(LETTER, "[a-z]"), re.VERBOSE)  # the same there, and faster

    def pieces(self, folded: str) -> Iterator[Piece]:
        """Yield the words of folded text, with the characters that each was read from."""
        piece: Piece = ("", 0, 0)
        expression = self._of_ascii if folded.isascii() else self._expression
        for match in expression.finditer(folded):
            is_word = match.lastgroup in _WORD_GROUPS
            if is_word and self.reads_plain_words and (word := match.group()).isascii():
                piece = (word, match.start(), match.end())
                yield piece
                continue
            for word in self._word(match.group()) if is_word else self.words_of(match, folded, piece):
                piece = (word, match.start(), match.end())
                yield piece

    def _word(self, word: str) -> Words:
        word = word.translate(_INDICATORS).strip(_NOT_AT_AN_EDGE)
        return (word,) if word else ()

    def words_of(self, match: re.Match[str], folded: str, before: Piece) -> Words:
        """Return the words that one match is read as, words themselves apart."""
        groups = {name: text for name, text in match.groupdict().items() if text is not None}
        match groups:
            case {"number": number}:
                words = self.read(number)
            case {"currency": sign, "amount": amount} | {"currency_after": sign, "amount_before": amount}:
                words = self.money(sign, amount, groups.get("scale") or groups.get("scale_before"))
            case {"measured": number, "unit": unit}:
                words = self._measured(number, unit.replace(" ", ""))
            case {"dotted": number}:
                words = self.dotted(number)
            case {"ordinal": digits, "ending": ending}:
                words = self.ordinal(digits, ending)
            case {"top": top, "bottom": bottom}:
                words = self.fraction(groups.get("whole"), top, bottom)
            case {"power": power}:
                words = self._power(power, folded[: match.start()])
            case {"index": digits}:
                words = self._script(digits)
            case {"minus": _}:
                words = minus(self.language)
            case {"by": sign}:
                words = split(self.names.by, self.language) or split(sign, self.language)
            case _:
                words = self._sign((groups.get("sign") or groups["numbered"]).strip())
        return words

    def dotted(self, number: str) -> Words:
        """Return the words of a date, a version or an address, 1.2.3: its numbers."""
        return tuple(word for part in number.split(".") for word in self.whole_number(part))

    def read(self, number: str) -> Words:
        """Return the words of a number as the language writes it: 1.234,5 in German."""
        whole, fraction = self._parts(number)
        words = self.whole_number(whole)
        return (*words, *point(self.language), *one_by_one(fraction, self.language)) if fraction else words

    def whole_number(self, digits: str) -> Words:
        """Return the words of a run of digits: with leading zeros or over 15 of them one by one."""
        if (digits[0] == "0" and len(digits) > 1) or len(digits) > LONGEST:
            return one_by_one(digits, self.language)
        return self._of_value(int(digits)) if reads_numbers(self.language) else (digits,)

    def _of_value(self, value: int) -> Words:
        return cardinal(value, self.language)

    def _parts(self, number: str) -> tuple[str, str]:
        whole, _, fraction = number.partition(self._decimal)
        return "".join(character for character in whole if character.isdigit()) or "0", fraction

    def ordinal(self, digits: str, ending: str) -> Words:
        """Return the words of a place in an order, of the gender that its ending shows."""
        whole = self._parts(digits)[0]
        if len(whole) > LONGEST:
            return self.whole_number(whole)
        words = ordinal(int(whole), self.language)
        if ending.endswith(_FEMININE):
            if self.language == "fr":
                return ("première",) if words == ("premier",) else words
            return tuple(f"{word[:-1]}a" if word.endswith("o") else word for word in words)
        return (*words[:-1], words[-1].removesuffix("o")) if ending.endswith("er") and self.language == "es" else words

    def money(self, sign: str, amount: str, scale: str | None) -> Words:
        """Return the words of an amount of money."""
        whole, fraction = self._parts(amount)
        code = CURRENCIES.get(sign)
        if code is None or not reads_numbers(self.language) or len(whole) > LONGEST:
            return self.read(amount)
        in_words = money(f"{whole}.{fraction}" if fraction else whole, code, self.language)
        if in_words and len(fraction) == 2 and fraction != "00":
            return in_words
        amount = amount if fraction != "00" else whole
        return (
            *self.read(amount),
            *(in_words or currency_name(code, float(f"{whole}.{fraction[:3] or 0}"), self.language)),
        )

    def _measured(self, number: str, unit: str) -> Words:
        whole, fraction = self._parts(number)
        before, after = unit_words(unit, float(f"{whole[:LONGEST]}.{fraction[:3] or 0}"), self.language)
        if not before and not after and unit != "%":
            after = split(unit.translate(_SCRIPT_DIGITS), self.language)
        return (*before, *self.read(number), *after)

    def fraction(self, whole: str | None, top: str, bottom: str) -> Words:
        """Return the words of a fraction: as a decimal where that is exact (8½ is 8,5), its two numbers otherwise."""
        if not reads_numbers(self.language):
            return tuple(part for part in (whole, top, bottom) if part)
        value = f"{int(top) / (int(bottom) or 1):.10g}".partition(".")[2]
        if int(bottom) in (2, 4, 5, 8, 10) and value and int(top) < int(bottom):
            return self.read(f"{whole or 0}{self._decimal}{value}")
        return tuple(word for part in (whole, top, bottom) if part for word in self.read(part))

    def _power(self, power: str, before: str) -> Words:
        value, of_number = power.translate(_SCRIPT_DIGITS), before[-1:].isdigit()
        if value in ("2", "3") and before[-1:].isalnum():
            return split(self.names.squared if value == "2" else self.names.cubed, self.language) or self.read(value)
        return self.higher_power(value, of_number)

    def higher_power(self, power: str, of_number: bool) -> Words:
        """Return the words of an exponent over 3, or of a digit set high for another reason."""
        return self._script(power.strip("+-"))

    def _script(self, digits: str) -> Words:
        plain = "".join(character for character in digits.translate(_SCRIPT_DIGITS) if character.isdigit())
        return self.read(plain) if plain else ()

    def _sign(self, sign: str) -> Words:
        if sign == "%":
            return (*unit_words("%", 5, self.language)[0], *unit_words("%", 5, self.language)[1])
        return split(self.names.of(sign), self.language)


class GermanReader(Reader):
    """German: 1100 to 1999 by hundreds, neunzehnhundert, also where they stand in words as eintausendneunhundert."""

    reads_plain_words = False

    def _of_value(self, value: int) -> Words:
        return paired(value, "de") if value in _BY_HUNDREDS else cardinal(value, "de")

    def _word(self, word: str) -> Words:
        words = super()._word(word)
        return _by_hundreds().get(words, words) if word.startswith(("tausend", "eintausend")) else words


class EnglishReader(Reader):
    """English: the possessive 's as a word, years in pairs, times, dates, decades and fractions."""

    before_words = r"(?P<no>no\.\ ?(?=[0-9])) |"
    before_numbers = rf"""
        | (?<![0-9:.])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![0-9:])(?:\ ?(?P<half>[ap])\.?\ ?m{_END})?
        | (?<![0-9:.])(?P<full_hour>1[0-2]|0?[1-9])\ ?(?P<half_day>[ap])\.?\ ?m{_END}
        | (?P<decade>[1-9][0-9]{{0,2}}0)'?s{_END}
        | (?:(?P<wholes>[0-9]{{1,3}})\ )?(?<![0-9/])(?P<parts>[1-9])/(?P<of>[234568]|1[06]){_END}(?!/)
    """
    scales = rf"(?:\ (?:{'|'.join(sorted(english.SCALES))})|\ ?(?:{'|'.join(english.SCALE_SIGNS)})){_END}"
    word = rf"{LETTER}+(?:'(?!s(?!{LETTER}))(?:{LETTER})+)*|'s(?!{LETTER})"

    _month_after = re.compile(rf"\ (?:(?!may|mar)(?:{'|'.join(english.MONTHS)})|(?:may|march|mar)(?!\ {LETTER})){_END}")

    _power_of_ten = re.compile(f"10[{SUPERSCRIPTS}]")

    def __init__(self) -> None:
        super().__init__("en")

    def words_of(self, match: re.Match[str], folded: str, before: Piece) -> Words:
        """Return the words of what only English reads, else of what every language does."""
        groups = {name: text for name, text in match.groupdict().items() if text is not None}
        match groups:
            case {"number": number} if self._is_day(match, folded, before):
                words = ordinal(int(number), "en")
            case {"number": number} if _is_last_year(number, folded, before, match.start()):
                words = ("to", *self.read(number))
            case {"hour": hour, "minute": minute}:
                words = english.time(hour, minute, groups.get("half"))
            case {"full_hour": hour, "half_day": half}:
                words = english.time(hour, "00", half)
            case {"decade": digits}:
                words = english.decade(digits)
            case {"parts": parts, "of": whole} if "wholes" in groups or int(parts) < int(whole):
                words = self.fraction(groups.get("wholes"), parts, whole)
            case {"parts": parts, "of": whole}:
                words = (*self.read(parts), *self.read(whole))
            case {"no": _}:
                words = ("number",)
            case {"by": _} if self._power_of_ten.match(folded, match.end()):
                words = ("times",)
            case _:
                words = super().words_of(match, folded, before)
        return words

    def _is_day(self, match: re.Match[str], folded: str, before: Piece) -> bool:
        number = match["number"]
        if len(number) > 2 or not number.isdigit() or not 1 <= int(number) <= 31:
            return False
        after_month = before[0] in english.MONTHS and folded[before[2] : match.start()] in (" ", ". ")
        return after_month or self._month_after.match(folded, match.end()) is not None

    def _of_value(self, value: int) -> Words:
        return english.whole_number(value)

    def dotted(self, number: str) -> Words:
        """1.2.3 -> one point two point three."""
        words = [word for part in number.split(".") for word in ("point", *self.whole_number(part))]
        return tuple(words[1:])

    def money(self, sign: str, amount: str, scale: str | None) -> Words:
        """Return the words of an amount of money: $2.50, £3bn."""
        whole, fraction = self._parts(amount)
        plain = f"{whole}.{fraction}" if fraction else whole
        return english.money(sign, plain, scale.strip() if scale else None, self.read)

    def fraction(self, whole: str | None, top: str, bottom: str) -> Words:
        """8½ -> eight and a half."""
        return english.fraction(self.read(whole) if whole else None, top, bottom)

    def higher_power(self, power: str, of_number: bool) -> Words:
        """10⁶ -> ten to the sixth."""
        sign, digits = power[:1] if power[:1] in "+-" else "", power.strip("+-")
        if not digits.isdigit() or len(digits) > LONGEST:
            return self._script(power)
        return english.power(int(f"{sign}{digits}"), of_number)


_BY_HUNDREDS = range(1100, 2000)


@cache
def _by_hundreds() -> dict[Words, Words]:
    pairs = [(cardinal(value, "de"), paired(value, "de")) for value in _BY_HUNDREDS]
    return {words: hundreds for (word,), hundreds in pairs for words in ((word,), (word.removeprefix("ein"),))}


def _is_last_year(number: str, folded: str, before: Piece, start: int) -> bool:
    """Return whether a number ends a span of years, 1914–1918."""
    first, between = folded[before[1] : before[2]], folded[before[2] : start]
    return between.strip() in ("-", "–") and _is_year(first) and _is_year(number) and first < number


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits.isdigit() and english.is_in_pairs(int(digits))
