"""Where words end inside a run of letters: after an elided vowel ("l'avenir"), and in languages without spaces.

Texts in Chinese and Japanese are cut by what wordfreq cuts them with, jieba and MeCab, so that its lists know the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from unicodedata import category

from harness.words.languages import elides, primary, require_words, spaces_words

_ELISION = re.compile("(?<=')(?=.)")
_OF_THEIR_SCRIPTS = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_UNDIVIDED = frozenset({"aujourd'hui"})


@cache
def divides_words(language: str) -> bool:
    """Return whether `parts` divides any word of a language."""
    return elides(language) or not spaces_words(language)


@lru_cache(maxsize=65_536)
def parts(word: str, language: str) -> Sequence[str]:
    """Return the words in a run of letters, in order: "l'avenir" -> l, avenir. None of them is divided again.

    Raises `UsageError` and `MissingDependency` for a language without spaces that cannot be cut into words here.
    """
    if elides(language):
        return [word] if word in _UNDIVIDED else [part.rstrip("'") for part in _ELISION.split(word)]
    require_words(language)
    if _OF_THEIR_SCRIPTS.search(word) is None:
        return [word]
    divided = _segments(word, primary(language))
    if len(divided) < 2 or "".join(divided) != word or any(category(piece[0])[0] == "M" for piece in divided):
        return [word]
    # A part that stands alone may be cut further; normalising twice has to change nothing.
    return [part for piece in divided for part in parts(piece, language)]


def _segments(text: str, language: str) -> list[str]:
    if language == "zh":
        import jieba
        from wordfreq.chinese import jieba_tokenize

        jieba.setLogLevel("WARNING")  # it tells of its dictionary
        return list(jieba_tokenize(text))
    from wordfreq.mecab import mecab_tokenize

    return list(mecab_tokenize(text, language))
