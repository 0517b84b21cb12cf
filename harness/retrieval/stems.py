"""Stems as terms: words cut by the Snowball stemmer of their language, for languages that inflect the names themselves.

Whether an index stems unless told otherwise was measured, hit@1 from the reference text without and with stems:

    fi    .00 -> .44    of 120 questions made by templates, names inflected as usual; .27 -> .52 with the names in one form
    ru    .08 -> .94    of 96 such questions; .75 -> 1.00 with the names in one form
    de    .25 -> .49    of 120 such questions, each name in the genitive; .50 -> .50 with the names in one form
    es    .92 -> .90    of 48 questions as people write them (the shipped Spanish suite): 1 won, 2 lost
    en    .88 -> .86    of 250 such questions (`standard`): 4 won, 7 lost

So indexes of Finnish and Russian are stemmed. In the other languages `stemmer=snowball` asks for it.
"""

from __future__ import annotations

from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.metadata import version
from typing import Final

from harness.errors import UsageError
from harness.retrieval.source import Analyser, word_analyser
from harness.words.languages import primary
from harness.words.text.normalise import tokenise

STEMS: Final = "stems"
AUTO: Final = "auto"
_STEMMED_UNLESS_TOLD = frozenset({"fi", "ru"})
_ALGORITHMS: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip


def analyser_of(language: str, stemmer: str) -> Analyser:
    """Return how texts in a language become terms: words with `none`, stems with `snowball`, what was measured with `auto`.

    Raises `UsageError` for another stemmer, and for a language that has none.
    """
    code = primary(language)
    if stemmer == "none" or (stemmer == AUTO and code not in _STEMMED_UNLESS_TOLD):
        return word_analyser(language)
    if stemmer not in (AUTO, "snowball"):
        raise UsageError(f"the option stemmer is {stemmer!r}: expected snowball, none or {AUTO}")
    if code not in _ALGORITHMS:
        known = ", ".join(sorted(_ALGORITHMS))
        raise UsageError(f"stemmer=snowball: there is no Snowball stemmer of {language!r}. Known: {known}")
    return stem_analyser(language)


@cache
def stem_analyser(language: str) -> Analyser:
    """Return the analyser whose terms are the stems of a text's normalised words."""
    code, words = primary(language), word_analyser(language)
    name = f"{words.name}, stems of snowballstemmer {version('snowballstemmer')}"
    return Analyser(STEMS, code, name, partial(_stems, language=language, algorithm=_ALGORITHMS[code]))


def stem_analysers(language: str) -> tuple[Analyser, ...]:
    """Return the analyser of a language's stems; none where the language has no stemmer."""
    return (stem_analyser(language),) if primary(language) in _ALGORITHMS else ()


def _stems(text: str, language: str, algorithm: str) -> list[str]:
    return [_stem(word, algorithm) for word in tokenise(text, language)]


@lru_cache(maxsize=200_000)
def _stem(word: str, algorithm: str) -> str:
    """Stem by the Python code, whatever faster package is installed: its version is not the one in the identity.

    A stemmer holds the word that it is at, so each call makes its own.
    """
    module = import_module(f"snowballstemmer.{algorithm}_stemmer")
    stem: str = getattr(module, f"{algorithm.capitalize()}Stemmer")().stemWord(word)
    return stem or word
