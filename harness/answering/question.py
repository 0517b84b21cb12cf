"""What a question asks for, from its words alone: the kind of answer, the noun that names it, how the question is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from itertools import dropwhile, pairwise, takewhile
from typing import Final

from harness.answering.kinds import Kind
from harness.answering.spanish import kind_in_spanish
from harness.answering.word_classes import irregular_forms
from harness.words.languages import frequency_list, primary
from harness.words.rarity import zipf
from harness.words.stop_words import stop_words
from harness.words.text.numbers import NUMBER_WORDS

# Words that name a kind. The lists are of English at large; what is on none of them is a THING.
_PERSONS: Final = frozenset({
    "person", "man", "woman", "boy", "girl", "actor", "actress", "artist", "author", "composer", "conductor",
    "director", "doctor", "emperor", "empress", "engineer", "explorer", "founder", "general", "god", "goddess",
    "inventor", "king", "leader", "lawyer", "lord", "mathematician", "minister", "musician", "novelist", "painter",
    "philosopher", "physicist", "player", "pioneer", "poet", "politician", "pope", "president", "prince", "princess",
    "queen", "ruler", "scholar", "scientist", "sculptor", "singer", "writer", "architect", "astronomer", "athlete",
    "biologist", "chemist", "coach", "captain", "dramatist", "economist", "historian", "journalist", "judge", "owner",
    "playwright", "priest", "producer", "professor", "saint", "senator", "soldier", "teacher", "teenager", "ceo",
    "husband", "wife", "mayor", "governor", "quarterback", "chancellor", "creator", "discoverer",
})  # fmt: skip
_GROUPS: Final = frozenset({
    "company", "organization", "organisation", "team", "group", "party", "band", "university", "college", "school",
    "agency", "tribe", "people", "family", "church", "army", "newspaper", "network", "institution", "club", "dynasty",
    "corporation", "firm", "nationality",
})  # fmt: skip
_PLACES: Final = frozenset({
    "place", "country", "nation", "state", "city", "town", "village", "continent", "island", "county", "province",
    "region", "district", "capital", "territory", "kingdom", "planet", "homeland", "birthplace", "area", "location",
    "suburb", "neighborhood", "neighbourhood", "empire", "republic", "stadium", "river", "venue", "headquarters",
})  # fmt: skip
_YEARS: Final = frozenset({"year", "century", "decade"})
_DATES: Final = frozenset({"date", "day", "month", "era", "time", "season", "birthday", "birthdate"})
_COUNTS: Final = frozenset({"number", "population", "score"})
_AMOUNTS: Final = frozenset({
    "percentage", "percent", "amount", "length", "height", "weight", "depth", "distance", "speed", "temperature",
    "age", "size", "cost", "price", "ratio", "quantity", "width", "elevation", "salary", "duration",
})  # fmt: skip
_NOUNS: Final = {
    Kind.PERSON: _PERSONS, Kind.GROUP: _GROUPS, Kind.PLACE: _PLACES, Kind.YEAR: _YEARS, Kind.DATE: _DATES,
    Kind.COUNT: _COUNTS, Kind.AMOUNT: _AMOUNTS,
}  # fmt: skip
_BY_WORD: Final = {
    "who": Kind.PERSON, "whom": Kind.PERSON, "whose": Kind.PERSON, "where": Kind.PLACE, "why": Kind.REASON,
}  # fmt: skip
_MEASURED: Final = frozenset({
    "much", "old", "long", "tall", "high", "deep", "far", "fast", "big", "large", "heavy", "wide", "often",
})  # fmt: skip
_WH: Final = frozenset({"who", "whom", "whose", "where", "when", "which", "what", "how", "why"})
AUXILIARIES: Final = frozenset({
    "is", "are", "was", "were", "am", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would",
    "shall", "should", "may", "might", "must",
})  # fmt: skip
_PREPOSITIONS: Final = frozenset({
    "in", "on", "at", "to", "for", "from", "by", "with", "of", "into", "under", "during", "through", "after", "about",
})  # fmt: skip
_ORDERS: Final = frozenset({"list", "name", "tell", "give", "know", "say", "show", "identify"})
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
_VOWELS: Final = frozenset("aeiouy")
_WINDOW: Final = 4  # words after "which" or "what" in which the noun stands: "which South American country"
_SEVERAL: Final = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "all", "some", "both", "several", "few",
})  # fmt: skip


class Knowledge(Enum):
    """What is known of a language: rules for whole questions, classes of words and inflection; kinds of answer alone; or
    neither.
    """

    RULES = 2
    KINDS = 1
    NOTHING = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. `stems` maps the stems of its content words to the words, and each of them to its
    weight, largest for rare words. `focus` holds the stems of the noun that the answer is or counts, its head last.
    `form`: `subject` (who wrote it), `object` (what did he write) or `other`. `preposition`: in, of "in what city".
    `several`: it asks for more than one thing. `ruled`: its language has rules for all of these, not for kinds alone.
    """

    kind: Kind
    stems: Mapping[str, Mapping[str, float]]
    focus: tuple[str, ...] = ()
    form: str = "other"
    preposition: str | None = None
    several: bool = False
    bigrams: frozenset[tuple[str, str]] = field(default=frozenset())
    ruled: bool = True

    def knowing(self, knowledge: Knowledge) -> Asked:
        """Return what is known of the question by less knowledge of its language."""
        if knowledge is Knowledge.RULES:
            return self
        asked = replace(self, form="other", preposition=None, several=False, ruled=False)
        return asked if knowledge is Knowledge.KINDS else replace(asked, kind=Kind.ANY, focus=())


def take_apart(words: Sequence[str], language: str) -> Asked:
    """Return what normalised words ask for. A hypothesis may hold anything: what fits no rule is of kind `ANY`."""
    stems: dict[str, dict[str, float]] = {}
    idle, units = function_words(language), joined_numbers(words, language)
    content = [unit for unit in units if unit not in idle]
    for word in content:
        stems.setdefault(stem(word, language), {})[word] = weight(word, language)
    bigrams = frozenset(
        (stem(a, language), stem(b, language)) for a, b in pairwise(units) if a not in idle and b not in idle
    )
    kinds = _KINDS_BY_LANGUAGE.get(primary(language))
    kind, focus = kinds(words) if kinds is not None else (Kind.ANY, ())
    if knowledge_of(language) is not Knowledge.RULES:
        return Asked(kind, stems, tuple(stem(word, language) for word in focus), bigrams=bigrams, ruled=False)
    return Asked(
        kind,
        stems,
        tuple(stem(word, language) for word in focus),
        _form(words),
        _preposition(words),
        _several(words),
        bigrams,
    )


def joined_numbers(words: Sequence[str], language: str) -> list[str]:
    """Return the words with those of one number as one: nineteen forty five is a word."""
    if primary(language) != "en":
        return list(words)
    joined: list[str] = []
    after_number = False
    for word in words:
        number = word in NUMBER_WORDS
        if number and after_number:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
        after_number = number
    return joined


def knowledge_of(language: str) -> Knowledge:
    """Return what is known of a language."""
    if primary(language) == "en":
        return Knowledge.RULES
    return Knowledge.KINDS if primary(language) in _KINDS_BY_LANGUAGE else Knowledge.NOTHING


def function_words(language: str) -> frozenset[str]:
    """Return the words that do not tell one snippet from another; in languages other than English, spaCy's stop words."""
    return FUNCTION_WORDS if knowledge_of(language) is Knowledge.RULES else stop_words(language)


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the beginning of a word by which its forms are told from other words; a number whole: 1945 and 1998 are two.

    Five letters: paints, painted and painter are one. In English first without its ending, so that short words are one
    with their forms too (play and plays, city and cities), and by the base of irregular ones (won and win).
    """
    if " " in word:
        return word
    if primary(language) != "en":
        return word[:5]
    return _base(irregular_forms().get(word, word))[:5]


def _base(word: str) -> str:
    """Return an English word without the endings -s, -ed, -ing, -e, with i for y."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 1 and rest[-1] != "e" and not _VOWELS.isdisjoint(rest):
            word = rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    if len(word) > 2:
        word = word.removesuffix("e")
    return f"{word[:-1]}i" if len(word) > 2 and word.endswith("y") else word


def weight(word: str, language: str) -> float:
    """Return the weight of a word: 1 for one that is not in the frequency list, falling to 0 for the most common ones.

    In a language without a list, all weigh the same.
    """
    if frequency_list(language) is None:
        return 1.0
    return max(0.0, 7.5 - max((zipf(part, language) for part in word.split()), default=0.0)) / 7.5


def _kind(words: Sequence[str]) -> tuple[Kind, Sequence[str]]:  # noqa: PLR0911  one return for each rule
    """Return the kind and the noun that names it, by the first question word; without one, by what is to be named."""
    for index, word in enumerate(words):
        after = words[index + 1 :]
        if word in _BY_WORD:
            return _BY_WORD[word], ()
        if word == "how":
            return _how(after)
        if word == "when" and not any(other in _WH for other in after):  # "when someone suffers from it, which ..."
            return Kind.DATE, ()
        if word in ("which", "what"):
            return _of_noun(after)
    if words and words[0] in AUXILIARIES and not _ORDERS.intersection(words):
        return Kind.JUDGEMENT, ()
    for order in ("name", "list"):
        if order in words[:4]:
            return _of_noun(words[words.index(order) + 1 :])
    return _of_keywords(words)


def _how(after: Sequence[str]) -> tuple[Kind, Sequence[str]]:
    if after and after[0] == "many":
        return Kind.COUNT, tuple(takewhile(lambda word: word not in FUNCTION_WORDS, after[1:3]))[:1]
    if after and after[0] in _MEASURED:
        return Kind.AMOUNT, ()
    return Kind.MANNER, ()


def _of_noun(after: Sequence[str]) -> tuple[Kind, Sequence[str]]:
    """Return the kind by the noun after "which", "what" or "name": the first listed word in reach."""
    if "name" in after[:4] and after[0] in FUNCTION_WORDS:  # what is the name of the island
        after = after[after.index("name") + 1 :]
    direct = bool(after) and after[0] not in FUNCTION_WORDS
    after = list(dropwhile(FUNCTION_WORDS.__contains__, after))
    if direct and after[0] in ("kind", "type", "sort", "form") and after[1:2] == ["of"]:
        after = after[2:]
    phrase = list(takewhile(lambda word: word not in FUNCTION_WORDS, after[:_WINDOW]))
    for kind, listed in _NOUNS.items():
        named = next((word for word in phrase if word in listed or word.removesuffix("s") in listed), None)
        if named is not None:
            return kind, (named,)
    if not phrase:
        return Kind.ANY, ()
    return Kind.THING, phrase if direct else ()


def _of_keywords(words: Sequence[str]) -> tuple[Kind, Sequence[str]]:
    """Return the kind by the noun that ends or begins keywords: "super bowl location", "capital of peru"."""
    if len(words) < 2:
        return Kind.ANY, ()
    edges = [words[-1]] + ([words[0]] if words[1] == "of" else []) + ([words[1]] if words[2:3] == ["of"] else [])
    for word in edges:
        for kind, listed in _NOUNS.items():
            if word in listed and kind is not Kind.GROUP:
                return kind, (word,)
    return Kind.ANY, ()


def _form(words: Sequence[str]) -> str:
    for index, word in enumerate(words):
        if word in ("what", "which", "who", "whom", "whose"):
            after = words[index + 1 : index + 4]
            if any(w in ("did", "does", "do") for w in after):
                return "object"
            return "be" if after and after[0] in AUXILIARIES else "subject"
        if word in _WH:
            return "adverb"
    return "other"


def _preposition(words: Sequence[str]) -> str | None:
    """Return the preposition before the question word, or the one that ends the question."""
    for index, word in enumerate(words):
        if word in _WH:
            if index and words[index - 1] in _PREPOSITIONS:
                return words[index - 1]
            break
    return words[-1] if words and words[-1] in _PREPOSITIONS else None


def _several(words: Sequence[str]) -> bool:
    """Return whether more than one thing is asked for: "list", "name three", "which two", "what are the four"."""
    if words[:1] == ["list"] or words[:2] == ["please", "list"]:
        return True
    for index, word in enumerate(words):
        if word in ("which", "what", "name"):
            after = [w for w in words[index + 1 : index + 4] if w not in ("are", "were", "the", "of", "is")]
            return bool(after) and after[0] in _SEVERAL and "how" not in words
    return False


_KINDS_BY_LANGUAGE: Final = {"en": _kind, "es": kind_in_spanish}
