"""The rules that turn texts into words, by name: the harness's own, and OpenAI's for figures that stand beside other people's.

`default` is `words.text.normalise`. `whisper` is the package whisper-normalizer, whose output is taken as it is, so that a rate
equals that of others who use it: numbers become digits, contractions are written out, fillers and text in brackets go.
English has rules of its own; other languages lose signs and case only, and those written without spaces are split into
letters, as in appendix C of Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision".

The rules that leaderboards follow today began as these and have grown: the Open ASR leaderboard's also join the letters of
abbreviations (U.S. -> us), and for other languages drop accents, read numbers as words and join split compounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from harness.errors import MissingDependency, UnknownName
from harness.words.languages import primary
from harness.words.text.normalise import NORMALISER_VERSION, tokenise

DEFAULT: Final = "default"
WHISPER: Final = "whisper"
NORMALISERS: Final = (DEFAULT, WHISPER)

Span = tuple[int, int]  # half-open

_EXTRA: Final = "whisper-normalizer"
_WITHOUT_SPACES: Final = frozenset({"zh", "yue", "ja", "th", "lo", "my"})
_BRACKETS: Final = (("<[", ">]"), ("(", ")"))


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Rules for texts of one language. `version` changes whenever the words of some text do."""

    name: str
    version: str
    tokenise: Callable[[str], list[str]]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    def locate(self, text: str, characters: Span) -> Span | None:
        """Return the range of words that stand for `text[start:end]`, or `None` where they cannot be told.

        The text is normalised in three parts. Where these are not the words of the whole, because a rule reaches across an
        edge, the words of the middle part are searched, and the place nearest to where they should be is taken.
        """
        start, end = characters
        whole = self.tokenise(text)
        before, inside, after = map(self.tokenise, (text[:start], text[start:end], text[end:]))
        if not inside:
            return None
        if [*before, *inside, *after] == whole:
            return len(before), len(before) + len(inside)
        places = [at for at in range(len(whole) - len(inside) + 1) if whole[at : at + len(inside)] == inside]
        nearest = min(places, key=lambda at: abs(at - len(before)), default=None)
        return None if nearest is None else (nearest, nearest + len(inside))


@cache
def normaliser(name: str, language: str) -> Normaliser:
    """Return the rules of that name for a language, given as a BCP-47 tag.

    Raises `UnknownName`, and `MissingDependency` where their package is not installed.
    """
    if name == DEFAULT:
        return Normaliser(name, NORMALISER_VERSION, partial(tokenise, language=language))
    if name == WHISPER:
        return _whisper(primary(language))
    raise UnknownName("normaliser", name, NORMALISERS)


def _whisper(language: str) -> Normaliser:
    try:
        from whisper_normalizer import __version__ as version
        from whisper_normalizer.basic import BasicTextNormalizer
        from whisper_normalizer.english import EnglishTextNormalizer
    except ImportError as error:
        install = f"pip install 'spoken-qa-harness[{_EXTRA}]'"
        raise MissingDependency("the normaliser 'whisper'", "whisper-normalizer", install) from error
    without_accents: Callable[[str], str] = BasicTextNormalizer(remove_diacritics=True)
    if language != "en":
        other: Callable[[str], str] = BasicTextNormalizer(split_letters=language in _WITHOUT_SPACES)
        return Normaliser(WHISPER, version, lambda text: str.split(other(_closed(text))))
    english: Callable[[str], str] = EnglishTextNormalizer()

    def words(text: str) -> list[str]:
        text = _closed(text)
        try:
            return str.split(english(text))
        except (ValueError, AssertionError):  # a number of thousands of digits, which Python does not write
            return str.split(without_accents(text))

    return Normaliser(WHISPER, version, words)


def _closed(text: str) -> str:
    """Return the text with another sign for brackets that are never closed: the package removes either, but looks for the
    end of each of them to the end of the text, which takes minutes for a text full of them.
    """
    for opening, closing in _BRACKETS:
        last = max(map(text.rfind, closing))
        rest = text[last + 1 :]
        if any(sign in rest for sign in opening):
            text = text[: last + 1] + rest.translate({ord(sign): "~" for sign in opening})
    return text
