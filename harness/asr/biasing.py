"""Bias lists for an n-gram recogniser: names that its language model has never seen, given pronunciations and made likelier.

Each phrase becomes one compound word of the decoder, with the sounds of its parts run together, and each rare part of
it another. They enter the language model as unigrams of their own, beside the vocabulary that is there: a listed word
that the model knows already, but finds rare, is boosted as one that is new. Long compounds are rarely recognised by
mistake, so whole names are recognised with few false alarms (the idea of phrase units; on-the-fly class models would need a model
trained with classes). In transcripts the compounds are taken apart again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from harness.words.sounds.pronunciation import pronounce, read_ahead
from harness.words.sounds.pronunciation_tags import Hint

MAX_VARIANTS = 4
_LANGUAGE = "en"  # of the acoustic model and its phones
_NO_HINTS: Mapping[str, Hint] = {}

Lookup = Callable[[str], str | None]  # a word in lower case -> its phones in the decoder's dictionary, or None


@dataclass(frozen=True, slots=True)
class BiasEntry:
    """One unit to be added. `name` is unique in the decoder; `words` is what a transcript shows for it."""

    name: str
    words: tuple[str, ...]
    pronunciations: tuple[str, ...]  # ARPAbet phones with spaces between, no stress marks


def bias_entries(
    phrases: Iterable[str], lookup: Lookup, is_rare: Callable[[str], bool], hints: Mapping[str, Hint] = _NO_HINTS
) -> tuple[BiasEntry, ...]:
    """Return the units for a bias list, in a total order.

    Words of another language by `hints` are pronounced as there, where that can be told, and as in English.

    `is_rare` says whether a single word (lower case) deserves a boost on its own; whole phrases of several words always
    do. Words without a letter that can be pronounced (digits, other scripts) give no unit.
    """
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    distinct = _distinct(phrases)
    read_ahead((word for words in distinct for word in words if lookup(word) is None), _LANGUAGE)
    for words in distinct:
        variants = [_pronunciations(word, lookup, hints.get(word)) for word in words]
        for word, pronunciations in zip(words, variants, strict=True):
            if pronunciations and is_rare(word):
                known.setdefault((word,), pronunciations)
        if len(words) > 1 and all(variants):
            known.setdefault(words, _joined(variants))
    # No word of a dictionary holds an underscore, so the names cannot clash.
    return tuple(
        BiasEntry(f"bias_{number}", words, known[words]) for number, words in enumerate(sorted(known), start=1)
    )


def _pronunciations(word: str, lookup: Lookup, hint: Hint | None) -> tuple[str, ...]:
    there = pronounce(hint.spelling, hint.language) if hint else ()
    return tuple(dict.fromkeys((*there, *pronounce(word, _LANGUAGE, lookup))))[:MAX_VARIANTS]


def _distinct(phrases: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the phrases as words in lower case without outer punctuation, sorted, none twice and none empty."""
    split = {
        tuple(filter(None, (word.strip(".,;:!?\"()[]'’") for word in phrase.lower().split()))) for phrase in phrases
    }
    return sorted(words for words in split if words)


def _joined(variants: list[tuple[str, ...]]) -> tuple[str, ...]:
    """One pronunciation per rank: all first choices joined, then all second ones; a word that runs out keeps its last.

    [("P",), ("A", "O")] -> ("P A", "P O"). The full product would cost thousands of words for long names.
    """
    ranks = zip_longest(*variants)
    return tuple(
        dict.fromkeys(
            " ".join(choice or options[-1] for choice, options in zip(rank, variants, strict=True)) for rank in ranks
        )
    )
