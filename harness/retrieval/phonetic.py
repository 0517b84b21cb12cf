"""Search by sound: runs of phones in place of words, so that "mad dog or" still finds Medawar.

    medawar       M EH D AO AA R
    mad dog or    M AE D D AO G AO R

A text is said aloud as one stream of phones, words run together, since a recogniser that mishears a name also puts its
word boundaries elsewhere. The terms are runs of `N_GRAM` phones of that stream, weighed by the same BM25 of integer
impacts as words are. Phones that recognisers take for one another count as the same: vowels in five groups by height
and backness, and consonants that differ in voicing alone.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import ClassVar, Final

from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.source import Analyser
from harness.words.normalise import NORMALISER_VERSION, tokenise
from harness.words.phones import phones
from harness.words.pronunciation import pronunciation_identity

N_GRAM: Final = 4
_CLASSES: Final = {
    phone: group.split()[0]
    for group in (
        "IY IH Y EY", "EH AE AY", "AH ER UH", "AA AO AW OW OY", "UW W",
        "P B", "T D", "K G", "F V", "TH DH", "S Z", "SH ZH", "CH JH", "M", "N NG", "L", "R", "HH",
    )
    for phone in group.split()
}  # fmt: skip


@cache
def _sounds(word: str) -> tuple[str, ...]:
    """The classes of a word's phones; a character that is no phone stands for itself."""
    return tuple(_CLASSES.get(phone, phone) for phone in phones(word))


def phone_grams(text: str) -> list[str]:
    """The runs of phones of a text across its words; a text shorter than a run is one term.

    "ann or" -> ["EH-N-AA-R"]
    """
    stream = tuple(chain.from_iterable(map(_sounds, tokenise(text))))
    if not stream:
        return []
    return ["-".join(stream[at : at + N_GRAM]) for at in range(max(len(stream) - N_GRAM + 1, 1))]


def _name() -> str:
    return f"{N_GRAM}-grams of phone classes 1, {pronunciation_identity()}, normaliser {NORMALISER_VERSION}"


PHONES: Final = Analyser(_name(), phone_grams)


class PhoneticRetriever(ImpactRetriever):
    """Options as those of `bm25`. Terms are runs of phones."""

    name: ClassVar[str] = "phonetic"
    analyser: ClassVar[Analyser] = PHONES
    index_version: ClassVar[str] = PHONES.name
