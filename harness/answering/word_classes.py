"""Classes of the words of a snippet, by which the reader tells where a phrase begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

# Function words that stand for themselves; others are one class.
_ALONE: Final = [
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "but", "as", "is",
    "are", "was", "were", "be", "been", "has", "have", "had", "that", "this", "these", "those", "it", "its",
    "he", "she", "they", "his", "her", "their", "not", "than", "into", "over", "about", "after", "before",
    "between", "during", "through", "also", "only", "such", "when", "where", "which", "who", "all", "both",
    "more", "most", "other", "some", "'s", "called", "many", "under", "against", "may", "can", "would",
]  # fmt: skip
_VERBS: Final = frozenset({
    "became", "become", "becomes", "began", "made", "make", "makes", "took", "take", "takes", "gave", "give",
    "gives", "led", "won", "win", "wrote", "built", "held", "hold", "found", "lost", "left", "came", "come",
    "comes", "went", "go", "goes", "saw", "got", "grew", "fell", "met", "sold", "bought", "brought", "thought",
    "taught", "says", "say", "known", "seen", "given", "taken", "written", "include", "includes",
    "including", "contain", "contains", "using", "use", "uses", "begin", "remain", "remains",
    "represent", "represents", "form", "forms", "produce", "produces", "provide", "provides", "cause", "causes",
    "allow", "allows", "lead", "leads", "require", "requires", "mean", "means", "exist", "exists", "occur",
    "occurs", "live", "lives", "play", "plays", "work", "works", "run", "runs",
})  # fmt: skip
_MONTHS: Final = frozenset({
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
_SUFFIXES: Final = (
    "ly", "ed", "ing", "ion", "ment", "ness", "ity", "ism", "ers", "er", "al", "ic", "ous", "ive", "able", "ian", "s",
)  # fmt: skip

CLASSES: Final = (
    "text", "comma", "opening", "closing", "sign", "number", "month", "Name", "verb", "function", "plain",
    *(f"-{suffix}" for suffix in _SUFFIXES), *_ALONE,
)  # fmt: skip
_SHORT: Final = 4  # letters; a shorter word has no suffix
CODE: Final = {name: code for code, name in enumerate(CLASSES)}


def word_class(word: str, capital: bool, number: bool, stop_words: frozenset[str], english: bool) -> int:
    """Return the place in `CLASSES` of a word's class. Languages other than English have numbers, names and stop words."""
    return CODE[_class_name(word, capital, number, word in stop_words, english)]


def _class_name(word: str, capital: bool, number: bool, stops: bool, english: bool) -> str:
    if number:
        return "number"
    if stops:
        return word if english and word in CODE else "function"
    if capital:
        return "month" if english and word in _MONTHS else "Name"
    if english and word in _VERBS:
        return "verb"
    suffixes = _SUFFIXES if english and len(word) > _SHORT else ()
    return next((f"-{suffix}" for suffix in suffixes if word.endswith(suffix)), "plain")


@cache
def irregular_forms() -> Mapping[str, str]:
    """Return the base of each irregular English form that begins otherwise. A line of irregular.txt is a base with its forms;
    left out are forms of two bases, such as lives and leaves.
    """
    lines = (files("harness.answering") / "irregular.txt").read_text(encoding="utf-8").splitlines()
    return {form: base for base, *forms in map(str.split, lines) for form in forms}
