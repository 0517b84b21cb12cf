"""What an alignment costs: counts of errors that add up, and the rates of their sums.

Every word of an alignment is charged once. A match, substitution or deletion belongs to the class of the reference
word, an insertion to the class of the inserted word; classes are rare and common, and the Zipf bands. So the counts of
the classes add up to those of all words, and a rate over a corpus is a sum over a sum, never a mean of rates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein

from harness.records import AlignedWord, ErrorRegion, Operation
from harness.words.languages import spaces_words
from harness.words.rarity import BANDS, Rarity


@dataclass(frozen=True, slots=True)
class Counts:
    """How many words (or characters) match, and how many do not, by kind of error. Counts add."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    @property
    def reference(self) -> int:
        """The length of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def errors(self) -> int:
        """Substitutions, deletions and insertions."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors / reference length; over 1 when insertions abound, `None` for an empty reference."""
        return self.errors / self.reference if self.reference else None


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Everything that is counted about one utterance, or, added up, about many.

    `false_rare_insertions` are rare words in the hypothesis, inserted or in place of others, that the reference nowhere
    has. `characters` compares the texts letter by letter, spaces among them where the language has any. `bands` has every
    member of `BANDS`; in a language without a frequency list, no word lies in any.
    """

    common: Counts = Counts()
    rare: Counts = Counts()
    false_rare_insertions: int = 0
    characters: Counts = Counts()
    bands: Mapping[str, Counts] = field(default_factory=lambda: dict.fromkeys(BANDS, Counts()))

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        return ErrorCounts(
            self.common + other.common,
            self.rare + other.rare,
            self.false_rare_insertions + other.false_rare_insertions,
            self.characters + other.characters,
            {name: self.bands[name] + other.bands[name] for name in BANDS},
        )

    @property
    def words(self) -> Counts:
        """All words, common and rare."""
        return self.common + self.rare


_ONE: Mapping[Operation, Counts] = {
    "hit": Counts(hits=1),
    "substitution": Counts(substitutions=1),
    "deletion": Counts(deletions=1),
    "insertion": Counts(insertions=1),
}


def count_errors(reference: Sequence[str], alignment: Sequence[AlignedWord], rarity: Rarity) -> ErrorCounts:
    """The counts of one utterance.

    `reference` are the tokens that `alignment` was made from; `rarity` is the rule for both texts.
    """
    common = rare = Counts()
    bands = dict.fromkeys(BANDS, Counts())
    for step in alignment:
        word = step.reference if step.reference is not None else step.hypothesis or ""
        one = _ONE[step.operation]
        if (band := rarity.band(word)) in bands:
            bands[band] += one
        if rarity.is_rare(word):
            rare += one
        else:
            common += one
    return ErrorCounts(
        common,
        rare,
        false_rare_insertions(reference, alignment, rarity),
        count_characters(reference, [s.hypothesis for s in alignment if s.hypothesis is not None], rarity.language),
        bands,
    )


def false_rare_insertions(reference: Sequence[str], alignment: Sequence[AlignedWord], rarity: Rarity) -> int:
    """How many rare words of the hypothesis are false alarms: not matched, and nowhere in the reference."""
    in_reference = set(reference)
    wrong = (step.hypothesis for step in alignment if step.operation in ("substitution", "insertion"))
    return sum(word is not None and word not in in_reference and rarity.is_rare(word) for word in wrong)


def recalled(alignment: Sequence[AlignedWord], start: int, end: int, regions: Sequence[ErrorRegion]) -> bool:
    """Whether the reference tokens `start:end` all match, with nothing inserted between them, notation variants aside.

    `regions` are the alignment's error regions.
    """
    variants = [(region.reference_start, region.reference_end) for region in regions if region.notation]
    position = 0
    for step in alignment:
        inside = start < position < end if step.reference is None else start <= position < end
        if inside and step.operation != "hit" and not any(first <= position <= last for first, last in variants):
            return False
        position += step.reference is not None
    return True


def count_characters(reference: Sequence[str], hypothesis: Sequence[str], language: str) -> Counts:
    """Return the counts of `jiwer.process_characters` over two texts in words, with a space between two where a language has it.

    By rapidfuzz itself: jiwer's objects, one a run of characters, take thirty times as long.
    """
    between = " " if spaces_words(language) else ""
    reference_text, hypothesis_text = between.join(reference), between.join(hypothesis)
    tags = Counter(edit.tag for edit in Levenshtein.editops(reference_text, hypothesis_text))
    wrong = Counts(0, tags["replace"], tags["delete"], tags["insert"])
    return replace(wrong, hits=len(reference_text) - wrong.reference)
