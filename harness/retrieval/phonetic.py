"""Search by sound: runs of phones in place of words, so that "mad dog or" still retrieves Medawar.

    medawar       M EH D AO AA R          in classes M EH T AA R
    mad dog or    M AE D D AO G AO R      in classes M EH T AA K AA R

A text becomes one stream of phones, words run together, since a recogniser that gets a name wrong also puts its word
boundaries elsewhere. The terms are runs of `N_GRAM` phones of that stream, and as many runs of classes of phones that
recognisers take for one another: vowels in five groups by height and backness, consonants that differ in voicing alone;
the same class twice in a row counts once. Both are weighed by the BM25 of integer impacts that words are weighed by.

The runs were chosen on the 1,190 spoken questions of NoiseQA. Of 177 hits that bm25 lost there, four phones alone retrieve
83, four classes alone 71, and both together 85; three or five phones 81 and 72.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import ClassVar, Final, Self

from harness.errors import UsageError
from harness.records import OptionValue, Ranking, Snippet
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.index_files import MANIFEST
from harness.retrieval.source import Analyser, indexed_text
from harness.words.languages import primary
from harness.words.sounds.phones import phones, sound_class
from harness.words.sounds.pronunciation import pronounces, pronunciation_identity, read_ahead
from harness.words.text.normalise import NORMALISER_VERSION, tokenise

N_GRAM: Final = 4
PHONES: Final = "phones"


def grams_within(words: Sequence[str], chosen: Sequence[bool], language: str) -> list[str]:
    """Return the runs of phones and classes that lie in the chosen words, each as often as it has phones (or classes) in them.

    Divided by `N_GRAM`, that is the share of a run that is theirs.
    """
    read_ahead(words, language)
    stream = [(phone, one) for word, one in zip(words, chosen, strict=True) for phone in phones(word, language)]
    grouped = groupby(((sound_class(phone), one) for phone, one in stream), key=itemgetter(0))
    classes = [(name, any(one for _, one in group)) for name, group in grouped]
    return [*_shares_of(stream), *("~" + run for run in _shares_of(classes))]


def _shares_of(stream: Sequence[tuple[str, bool]]) -> Iterator[str]:
    inside = [one for _, one in stream]
    for start, run in enumerate(_runs([name for name, _ in stream])):
        yield from [run] * sum(inside[start : start + N_GRAM])


def phone_grams(text: str, language: str) -> list[str]:
    """Return the runs of phones of a text across its words, then those of classes, marked with `~`.

    A text shorter than a run is one term: "dog" -> ["D-AO-G", "~T-AA-K"].
    """
    words = tokenise(text, language)
    read_ahead(words, language)
    return stream_grams(list(chain.from_iterable(phones(word, language) for word in words)))


def stream_grams(stream: Sequence[str]) -> list[str]:
    """Return the terms of a stream of phones, as `phone_grams` does of a text's."""
    classes = [name for name, _ in groupby(map(sound_class, stream))]
    return [*_runs(stream), *("~" + run for run in _runs(classes))]


def _runs(stream: Sequence[str]) -> Iterator[str]:
    for start in range(max(len(stream) - N_GRAM + 1, 1) if stream else 0):
        yield "-".join(stream[start : start + N_GRAM])


@cache
def phone_analyser(language: str) -> Analyser:
    """Return the analyser whose terms are the runs of phones of a text."""
    name = f"{N_GRAM} phones and {N_GRAM} classes, {pronunciation_identity(language)}, normaliser {NORMALISER_VERSION}"
    return Analyser(PHONES, primary(language), name, partial(phone_grams, language=language))


class PhoneticRetriever(ImpactRetriever):
    """Options as those of `bm25`, without `stemmer`. Terms are runs of phones."""

    name: ClassVar[str] = "phonetic"
    _texts: ClassVar[Mapping[str, str]] = {"variant": "lucene"}

    @classmethod
    def analyser(cls, language: str, options: Mapping[str, OptionValue]) -> Analyser:
        """Return how texts in a language become terms. Raises `UsageError` for one whose words cannot be pronounced here."""
        if not pronounces(language):
            raise UsageError(
                f"the retriever {cls.name!r} cannot pronounce words in {language!r}: outside English that takes the program "
                "espeak-ng (apt-get install espeak-ng) with a voice of the language (espeak-ng --voices)"
            )
        return phone_analyser(language)

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Open the index in `index_dir`, or build it there; build it in memory without an `index_dir`."""
        if index_dir is None or not (index_dir / MANIFEST).exists():
            texts = map(indexed_text, snippets)
            read_ahead(chain.from_iterable(tokenise(text, language) for text in texts), language)
        return super().build(snippets, options, index_dir, language=language)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query. Words that a program pronounces are all asked for in one call."""
        read_ahead(chain.from_iterable(tokenise(query, self._language) for query in queries), self._language)
        return super().search(queries, k)

    def search_phones(self, streams: Sequence[Sequence[str]], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each stream of phones, as a recogniser of sounds writes it, without words."""
        return [self.search_terms(stream_grams(stream), k) for stream in streams]

    @property
    def _language(self) -> str:
        return self.index.analyser.language
