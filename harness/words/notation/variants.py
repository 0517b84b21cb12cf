"""Which errors differ in notation only: the right word in another spelling, recognised and not misrecognised.

The words of a region and of its surroundings are compared piece by piece. Two pieces are the same where they have

- the same letters, however spaced: `war saw` and Warsaw, `mcdonald 's` and `mcdonalds`, accents or none;
- an abbreviation and what it stands for: St. and Saint (`harness.words.notation.abbreviations`);
- the same number: `seven forty seven` and `seven hundred forty seven`, II and two (`harness.words.notation.number_words`);
- the same sound, word for word, where neither word is an everyday word of its own (`harness.words.sounds.homophones`);
- or where one is an alias of the entity, which the suite gives: JFK.

A region without a word on one side is a deletion or an insertion, whatever it sounds like, unless its surroundings complete it
("nineteen five" for "nineteen oh five").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from harness.records import ErrorRegion
from harness.words.notation.abbreviations import expansions
from harness.words.notation.number_words import digits, is_article, is_number_word, ordinal_digits, roman_digits
from harness.words.sounds.homophones import are_spellings_of_one_word, frequency, is_everyday

Words = tuple[str, ...]
Span = tuple[int, int]  # half-open

_LONGEST_REGION = 16  # words of one side; a longer one is no spelling
_LONGEST_PIECE = 8  # words that are compared as one: one thousand nine hundred forty five is six
_WIDENED = 6  # matching words on either side, where they are numbers
_WITHOUT_APOSTROPHE = frozenset(
    ("were", "well", "shell", "hell", "ill", "id", "wed", "shed", "wont", "cant")
)  # no contractions
_BEFORE_A_NUMERAL = 5.6  # Zipf: `World War I`, `Henry V`, but not `when I`, `that I`


def mark_notation(
    reference: Sequence[str],
    hypothesis: Sequence[str],
    regions: Sequence[ErrorRegion],
    language: str,
    aliases: Mapping[Span, Sequence[Words]] | None = None,
) -> tuple[ErrorRegion, ...]:
    """Return the error regions, each with whether it is a notation variant.

    `reference` and `hypothesis` are normalised tokens; `aliases` maps entity mentions, token ranges of the reference, to the
    tokens of other names of theirs.
    """
    as_alias = {
        region for span, names in (aliases or {}).items() for region in _alias_regions(
            reference, hypothesis, regions, language, span, names
        )
    }  # fmt: skip
    return tuple(
        replace(region, notation=region in as_alias or _is_variant(reference, hypothesis, regions, index, language))
        for index, region in enumerate(regions)
    )


@lru_cache(maxsize=65536)
def is_same_but_for_notation(reference: Words, hypothesis: Words, language: str) -> bool:
    """Return whether two runs of words can be cut into pieces of which each pair differs in notation only, or not at all."""
    n, m = len(reference), len(hypothesis)
    reached = {(0, 0)}
    for row in range(n):
        for column in range(m):
            if (row, column) not in reached:
                continue
            before = reference[row - 1] if row else ""
            for end in range(row + 1, min(n, row + _LONGEST_PIECE) + 1):
                for other_end in range(column + 1, min(m, column + _LONGEST_PIECE) + 1):
                    if (end, other_end) not in reached and _is_same_piece(
                        reference[row:end], hypothesis[column:other_end], before, language
                    ):
                        reached.add((end, other_end))
    return (n, m) in reached


def _is_variant(
    reference: Sequence[str], hypothesis: Sequence[str], regions: Sequence[ErrorRegion], index: int, language: str
) -> bool:
    region = regions[index]
    first = tuple(reference[region.reference_start : region.reference_end])
    second = tuple(hypothesis[region.hypothesis_start : region.hypothesis_end])
    if max(len(first), len(second)) > _LONGEST_REGION:
        return False
    start = regions[index - 1].reference_end if index else 0
    end = regions[index + 1].reference_start if index + 1 < len(regions) else len(reference)
    before, after = reference[start : region.reference_start], reference[region.reference_end : end]
    left, right = (_numbers_beside(words, language) for words in (before[::-1], after))
    if any(len(word) == 1 or word == "'s" for word in (*first, *second)):  # a numeral, a letter, a possessive
        left = max(left, min(len(before), 1))
    around = tuple(before[len(before) - left :]), tuple(after[:right])
    return is_same_but_for_notation((*around[0], *first, *around[1]), (*around[0], *second, *around[1]), language)


def _numbers_beside(words: Sequence[str], language: str) -> int:
    """Return how many matching words beside a region are the rest of a number, the nearest word first."""
    return next((n for n, word in enumerate(words) if n == _WIDENED or not is_number_word(word, language)), len(words))


def _alias_regions(
    reference: Sequence[str],
    hypothesis: Sequence[str],
    regions: Sequence[ErrorRegion],
    language: str,
    span: Span,
    names: Sequence[Words],
) -> Iterator[ErrorRegion]:
    """Yield the regions that touch a mention, where the mention was recognised as one of its other names."""
    start, end = span
    own = [r for r in regions if r.reference_start < end and r.reference_end > start]
    if not own:
        return
    first, last = min(start, own[0].reference_start), max(end, own[-1].reference_end)
    # Outside of the regions, words match one to one.
    other_first = own[0].hypothesis_start - (own[0].reference_start - first)
    other_last = own[-1].hypothesis_end + (last - own[-1].reference_end)
    recognised = tuple(hypothesis[other_first:other_last])
    for name in names:
        expected = (*reference[first:start], *name, *reference[end:last])
        if max(len(expected), len(recognised)) <= _LONGEST_REGION and is_same_but_for_notation(
            expected, recognised, language
        ):
            yield from own
            return


def _is_same_piece(reference: Words, hypothesis: Words, before: str, language: str) -> bool:
    """Return whether two pieces are the same; `before` is the word before the reference's, empty at the beginning."""
    if reference == hypothesis:
        return True
    one_word = len(reference) == len(hypothesis) == 1
    if one_word and _WITHOUT_APOSTROPHE & {*reference, *hypothesis}:
        return False
    return (
        _same_letters(reference, hypothesis, language)
        or _same_expanded(reference, hypothesis, language)
        or _same_number(reference, hypothesis, before, language)
        or (one_word and are_spellings_of_one_word(reference[0], hypothesis[0], language))
    )


def _same_letters(reference: Words, hypothesis: Words, language: str) -> bool:
    """Return whether both have the same letters; one word for one word, neither being another word (were, we're; año, ano)."""
    if _plain("".join(reference)) != _plain("".join(hypothesis)):
        return _is_possessive_of(reference, hypothesis) or _is_possessive_of(hypothesis, reference)
    if len(reference) == len(hypothesis) == 1 and not {"'"} & {*reference[0], *hypothesis[0]}:
        return not (is_everyday(reference[0], language) and is_everyday(hypothesis[0], language))
    # What can be cut into smaller pieces is judged by those.
    return len(reference) == len(hypothesis) == 1 or all(
        _plain(reference[end]) != _plain(hypothesis[end]) for end in (0, -1)
    )


def _is_possessive_of(words: Words, others: Words) -> bool:
    """Return whether the one has an `'s` more than the other, which ends in s: James's, James'."""
    return words == (*others, "'s") and others[-1].endswith(("s", "x", "z"))


def _plain(text: str) -> str:
    """Return the letters without accents and apostrophes."""
    letters = text.replace("'", "")
    if letters.isascii():
        return letters
    decomposed = unicodedata.normalize("NFD", letters)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _same_expanded(reference: Words, hypothesis: Words, language: str) -> bool:
    first, second = (expansions(tuple(map(_plain, words)), language) for words in (reference, hypothesis))
    return first[0] != second[0] and not set(first).isdisjoint(second)


def _same_number(reference: Words, hypothesis: Words, before: str, language: str) -> bool:
    of_reference = _numbers(reference, before, language)
    return bool(of_reference) and not of_reference.isdisjoint(_numbers(hypothesis, before, language))


def _numbers(words: Words, before: str, language: str) -> frozenset[str]:
    """Return the numbers that the words may stand for: 8 for "eight", 8th for "eighth", the 8th for "the eighth".

    A Roman numeral may stand for all of them.
    """
    if len(words) == 1 and (roman := roman_digits(words[0])) is not None and _is_numeral(words[0], before, language):
        return frozenset((roman, f"{roman}th", f"the {roman}th"))
    number, ordinal = digits(words, language), ordinal_digits(words, language)
    article = "the " if is_article(words[0], language) else ""
    return frozenset([*([number] if number else []), *([f"{article}{ordinal}th"] if ordinal else [])])


def _is_numeral(word: str, before: str, language: str) -> bool:
    """Return whether letters are a numeral: one letter alone is only after a word that is none of the most frequent."""
    return len(word) > 1 or (bool(before) and frequency(before, language) < _BEFORE_A_NUMERAL)
