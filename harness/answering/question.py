"""What kind of answer a question asks for, from its words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile, takewhile
from typing import Final

from harness.words.languages import frequency_list, primary
from harness.words.rarity import zipf
from harness.words.stop_words import stop_words


class Kind(StrEnum):
    """Kinds of answer. `THING` is any other noun of a question; `ANY` where there is none."""

    PERSON = "person"
    PLACE = "place"
    DATE = "date"
    NUMBER = "number"
    THING = "thing"
    ANY = "any"


# Words that name a kind. The lists are of English at large; what is on none of them is a THING.
_PERSONS: Final = frozenset({
    "person", "man", "woman", "boy", "girl", "actor", "actress", "artist", "author", "composer", "conductor",
    "director", "doctor", "emperor", "empress", "engineer", "explorer", "founder", "general", "god", "goddess",
    "inventor", "king", "leader", "lawyer", "lord", "mathematician", "minister", "musician", "novelist", "painter",
    "philosopher", "physicist", "player", "pioneer", "poet", "politician", "pope", "president", "prince", "princess",
    "queen", "ruler", "scholar", "scientist", "sculptor", "singer", "writer", "architect", "astronomer", "athlete",
    "biologist", "chemist", "coach", "captain", "dramatist", "economist", "historian", "journalist", "judge", "owner",
    "playwright", "priest", "producer", "professor", "saint", "senator", "soldier", "teacher", "teenager",
})  # fmt: skip
_PLACES: Final = frozenset({
    "place", "country", "nation", "state", "city", "town", "village", "continent", "island", "county", "province",
    "region", "district", "capital", "territory", "kingdom", "planet", "homeland", "birthplace", "area", "location",
    "suburb", "neighborhood", "neighbourhood", "empire", "republic",
})  # fmt: skip
_DATES: Final = frozenset({
    "year", "date", "day", "month", "century", "decade", "era", "time", "season",
})  # fmt: skip
_NUMBERS: Final = frozenset({
    "number", "percentage", "percent", "amount", "population", "length", "height", "weight", "depth", "distance",
    "speed", "temperature", "age", "size", "cost", "price", "ratio", "area", "score", "quantity",
})  # fmt: skip
_NOUNS: Final = {Kind.PERSON: _PERSONS, Kind.PLACE: _PLACES, Kind.DATE: _DATES, Kind.NUMBER: _NUMBERS}
_BY_WORD: Final = {"who": Kind.PERSON, "whom": Kind.PERSON, "whose": Kind.PERSON, "where": Kind.PLACE}
_MEASURED: Final = frozenset({
    "many", "much", "old", "long", "tall", "high", "deep", "far", "fast", "big", "large", "heavy", "wide", "often",
})  # fmt: skip
_WH: Final = frozenset({
    "who", "whom", "whose", "where", "when", "which", "what", "how", "why",
})  # fmt: skip
# Words that do not tell one snippet from another.
FUNCTION_WORDS: Final = frozenset({
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "but", "nor", "so",
    "as", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "done", "has", "have", "had",
    "having", "can", "could", "will", "would", "shall", "should", "may", "might", "must", "that", "this", "these",
    "those", "it", "its", "he", "she", "they", "them", "his", "her", "their", "him", "i", "you", "we", "us", "our",
    "my", "your", "me", "not", "no", "than", "then", "there", "here", "into", "onto", "over", "under", "about",
    "after", "before", "between", "during", "through", "against", "also", "only", "very", "such", "up", "down", "out",
    "off", "if", "when", "where", "which", "who", "whom", "whose", "what", "how", "why", "all", "any", "both", "each",
    "more", "most", "other", "some", "own", "same", "too", "just", "'s", "tell", "please", "know", "name", "called",
    "many", "much",
})  # fmt: skip
_WINDOW: Final = 4  # words after "which" or "what" in which the noun stands: "which South American country"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. `stems` maps the stems of its content words to the words, and each of them to its
    weight, largest for rare words.
    """

    kind: Kind
    stems: Mapping[str, Mapping[str, float]]


def take_apart(words: Sequence[str], language: str) -> Asked:
    """Return what normalised words ask for. A hypothesis may hold anything: what fits no rule is of kind `ANY`."""
    stems: dict[str, dict[str, float]] = {}
    idle = function_words(language)
    for word in words:
        if word not in idle:
            stems.setdefault(stem(word), {})[word] = weight(word, language)
    return Asked(_kind(words) if knows_kinds(language) else Kind.ANY, stems)


def knows_kinds(language: str) -> bool:
    """Return whether the question words of a language are known; where they are not, every question is of kind `ANY`."""
    return primary(language) == "en"


def function_words(language: str) -> frozenset[str]:
    """Return the words that do not tell one snippet from another; in languages other than English, spaCy's stop words."""
    return FUNCTION_WORDS if primary(language) == "en" else stop_words(language)


def stem(word: str) -> str:
    """Return the first five letters: paints, painted and painter are one."""
    return word[:5]


def weight(word: str, language: str) -> float:
    """Return the weight of a word: 1 for one that is not in the frequency list, falling to 0 for the most common ones.

    In a language without a list, all weigh the same.
    """
    if frequency_list(language) is None:
        return 1.0
    return max(0.0, 7.5 - zipf(word, language)) / 7.5


def _kind(words: Sequence[str]) -> Kind:
    """By the first question word; without one, by what is to be named ("can you name the metal that ...")."""
    for index, word in enumerate(words):
        after = words[index + 1 :]
        if word in _BY_WORD:
            return _BY_WORD[word]
        if word == "how":
            return Kind.NUMBER if after and after[0] in _MEASURED else Kind.ANY
        if word == "when" and not any(other in _WH for other in after):  # "when someone suffers from it, which ..."
            return Kind.DATE
        if word in ("which", "what"):
            return _of_noun(after)
    return _of_noun(words[words.index("name") + 1 :]) if "name" in words else Kind.ANY


def _of_noun(after: Sequence[str]) -> Kind:
    """Return the kind by the noun after "which", "what" or "name": the first listed word in reach."""
    if "name" in after[:4] and after[0] in FUNCTION_WORDS:  # what is the name of the island
        after = after[after.index("name") + 1 :]
    after = list(dropwhile(FUNCTION_WORDS.__contains__, after))
    phrase = list(takewhile(lambda word: word not in FUNCTION_WORDS, after[:_WINDOW]))
    for kind, listed in _NOUNS.items():
        if any(word in listed or word.removesuffix("s") in listed for word in phrase):
            return kind
    return Kind.THING if phrase else Kind.ANY
