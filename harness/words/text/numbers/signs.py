"""What signs beside numbers are called: currencies, per cent, degrees and units, by language.

Names come from num2words (currencies) and from the Unicode CLDR by Babel (units, "and", how digits are grouped); English
names that people read otherwise than the CLDR writes them ("dollars", not "US dollars") stand here. The few signs that neither
has are listed for the languages that were looked up; elsewhere such a sign separates words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from harness.words.text.numbers.cardinals import Words, split

CURRENCIES = {
    "$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₪": "ILS", "₫": "VND",
    "₴": "UAH", "฿": "THB", "₦": "NGN", "₱": "PHP",
}  # fmt: skip
ENGLISH_CURRENCIES = {  # one, several; one and several of its hundredth part
    "$": ("dollar", "dollars", "cent", "cents"), "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"), "₹": ("rupee", "rupees", "paisa", "paise"),
    "¥": ("yen", "yen"), "₽": ("ruble", "rubles"), "₩": ("won", "won"), "₺": ("lira", "lira"), "₪": ("shekel", "shekels"),
    "₫": ("dong", "dong"), "₴": ("hryvnia", "hryvnias"), "฿": ("baht", "baht"), "₦": ("naira", "naira"),
    "₱": ("peso", "pesos"), "¢": ("cent", "cents"),
}  # fmt: skip

# The CLDR's names of units by how they are written; m and g alone may be anything else.
UNITS = {
    "%": "percent", "°c": "celsius", "°f": "fahrenheit", "°": "degree", "km/h": "kilometer-per-hour",
    "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "kg": "kilogram", "mg": "milligram", "ml": "milliliter",
    "km²": "square-kilometer", "m²": "square-meter", "cm²": "square-centimeter", "m³": "cubic-meter", "km³": "cubic-kilometer",
    "km2": "square-kilometer", "m2": "square-meter", "m3": "cubic-meter", "mph": "mile-per-hour",
    "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz",
}  # fmt: skip


@dataclass(frozen=True)
class NumberFormat:
    """How a language writes numbers: what stands before a fraction, and what groups thousands."""

    decimal: str
    group: str


@cache
def _locale(language: str) -> Any | None:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


@cache
def number_format(language: str) -> NumberFormat:
    """Return how numbers are written; 1,000.5 where the CLDR does not know the language."""
    locale = _locale(language) if language != "en" else None
    if locale is None:
        return NumberFormat(".", ",")
    symbols = locale.number_symbols.get("latn") or {}
    group = symbols.get("group", ",")
    return NumberFormat(symbols.get("decimal", "."), " " if group.isspace() else group)


@dataclass(frozen=True)
class SignNames:
    """What signs are called; an empty name only separates words."""

    ampersand: str = ""
    plus: str = ""
    equals: str = ""
    at: str = ""
    number: str = ""
    section: str = ""
    by: str = ""  # between two numbers: 4x4
    squared: str = ""
    cubed: str = ""

    def of(self, sign: str) -> str:
        """Return what a sign that stands for itself is called."""
        names = {
            "&": self.ampersand,
            "+": self.plus,
            "=": self.equals,
            "@": self.at,
            "#": self.number,
            "§": self.section,
        }
        return names[sign]


_NAMES = {
    "en": SignNames("and", "plus", "equals", "at", "number", "section", "by", "squared", "cubed"),
    "es": SignNames("y", "más", "igual a", "arroba", "número", "sección", "por", "al cuadrado", "al cubo"),
    "de": SignNames("und", "plus", "gleich", "at", "nummer", "paragraph", "mal", "hoch zwei", "hoch drei"),
    "fr": SignNames("et", "plus", "égale", "arobase", "numéro", "paragraphe", "sur", "au carré", "au cube"),
    "it": SignNames("e", "più", "uguale", "chiocciola", "numero", "paragrafo", "per", "al quadrato", "al cubo"),
    "pt": SignNames("e", "mais", "igual a", "arroba", "número", "parágrafo", "por", "ao quadrado", "ao cubo"),
    "nl": SignNames("en", "plus", "is", "apenstaartje", "nummer", "paragraaf", "bij", "kwadraat", "tot de derde"),
}


@cache
def sign_names(language: str) -> SignNames:
    """Return what a language calls the signs; where only "and" is known, from the CLDR, only that."""
    if language in _NAMES:
        return _NAMES[language]
    locale = _locale(language)
    pattern = locale.list_patterns["standard"]["2"] if locale is not None else ""
    linked = pattern.removeprefix("{0} ").removesuffix(" {1}")
    return SignNames(ampersand="" if "{" in linked else linked)


@lru_cache(maxsize=4096)
def unit_words(sign: str, value: float, language: str) -> tuple[Words, Words]:
    """Return the words of a unit before and after its number: 5, "%", "tr" -> (yüzde), (); nothing where it is not known."""
    if sign == "%" and language == "en":
        return (), ("percent",)
    locale = _locale(language)
    if locale is None:
        return (), ()
    from babel.numbers import format_decimal
    from babel.units import format_unit

    number = format_decimal(value, locale=locale)
    before, _, after = format_unit(value, UNITS[sign], "long", locale=locale).partition(number)
    return split(before, language), split(after, language)


@lru_cache(maxsize=4096)
def currency_name(code: str, value: float, language: str) -> Words:
    """Return the CLDR's name of a currency for an amount of it, for what num2words does not know."""
    locale = _locale(language)
    if locale is None:
        return ()
    from babel.numbers import get_currency_name

    return split(get_currency_name(code, count=value, locale=locale), language)
