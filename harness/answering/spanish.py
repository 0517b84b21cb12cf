"""What a question in Spanish asks for, from its words alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, takewhile
from typing import Final

from harness.answering.kinds import Kind
from harness.words.stop_words import stop_words

_BY_WORD: Final = {
    "quién": Kind.PERSON, "quien": Kind.PERSON, "quiénes": Kind.PERSON, "quienes": Kind.PERSON, "dónde": Kind.PLACE,
    "adónde": Kind.PLACE, "cuándo": Kind.DATE, "cuántos": Kind.COUNT, "cuántas": Kind.COUNT, "cuánto": Kind.AMOUNT,
    "cuánta": Kind.AMOUNT, "cómo": Kind.MANNER,
}  # fmt: skip
_NAMED: Final = frozenset(
    {"llama", "llaman", "llamaba", "llamaban"}
)  # how is it called: the noun after it names the kind
_OF_NOUN: Final = frozenset({"qué", "que", "cuál", "cuáles", "cual"}) | _NAMED
_NOUNS: Final = {
    Kind.YEAR: "año siglo década",
    Kind.DATE: "día fecha mes época",
    Kind.PERSON: (
        "persona hombre mujer actor actriz artista autor autora compositor compositora director directora emperador "
        "escritor escritora explorador fundador inventor jugador músico novelista papa pintor pintora poeta presidente "
        "presidenta príncipe princesa reina rey arquitecto científico"
    ),
    Kind.PLACE: (
        "lugar país estado ciudad pueblo villa continente isla provincia región departamento distrito capital reino "
        "planeta imperio república estadio río barrio"
    ),
    Kind.GROUP: "empresa organización equipo grupo partido banda universidad escuela tribu familia club dinastía",
    Kind.COUNT: "número población",
    Kind.AMOUNT: "porcentaje altura longitud peso profundidad distancia velocidad temperatura edad tamaño precio",
}  # fmt: skip
_KIND_OF: Final = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
_ARTICLES: Final = frozenset({"el", "la", "los", "las", "es", "era", "fue", "son", "eran", "fueron"})
_WINDOW: Final = 3  # words after "qué" in which the noun stands


def kind_in_spanish(words: Sequence[str]) -> tuple[Kind, tuple[str, ...]]:
    """Return the kind and the noun that names it, by the first question word."""
    idle = stop_words("es")
    for index, word in enumerate(words):
        after = words[index + 1 :]
        if word == "qué" and words[index - 1 : index] == ["por"]:
            return Kind.REASON, ()
        if word in _BY_WORD and not (word == "cómo" and _NAMED.intersection(after[:2])):
            counted = after[:1] if _BY_WORD[word] is Kind.COUNT else ()
            return _BY_WORD[word], tuple(counted)
        if word in _OF_NOUN:
            phrase = list(dropwhile(_ARTICLES.__contains__, after))[:_WINDOW]
            phrase = list(takewhile(lambda other: other not in idle, phrase))
            for noun in phrase:
                singular = next(
                    (one for one in (noun, noun.removesuffix("s"), noun.removesuffix("es")) if one in _KIND_OF), ""
                )
                if singular:
                    return _KIND_OF[singular], (noun,)
            return (Kind.THING, tuple(phrase[:1])) if phrase else (Kind.ANY, ())
    return Kind.ANY, ()
