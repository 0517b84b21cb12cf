"""What repairs search: the snippets of a suite through the run's retriever and through others, with what it costs.

What was searched once is remembered, since many repairs ask the same. Its cost is counted every time, as if it were not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import process_time
from typing import Final, Protocol

from harness.errors import UsageError
from harness.records import Ranking, Seconds, Snippet
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.protocol import Retriever
from harness.retrieval.source import WORDS, word_analyser
from harness.words.text.normalise import tokenise

_STEPS: Final = (
    16  # a weight is counted in sixteenths: a word of weight 0.5 stands 8 times in the query, one of 1 16 times
)
_MOST: Final = 64.0  # the largest weight: scores have to stay below 2**31


@dataclass(frozen=True, slots=True)
class WeightedQuery:
    """Normalised words and what each counts, 1 unless `weights` says otherwise. A word of weight 0 is not searched.

    Retrievers that search by words follow weights, in sixteenths; others search the text. A reader is asked the text.
    Raises `UsageError` for weights that are not one for each word, or not in [0, 64].
    """

    words: tuple[str, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.weights and len(self.weights) != len(self.words):
            raise UsageError(
                f"a query of {len(self.words)} words has {len(self.weights)} weights: expected one for each"
            )
        if not all(0 <= weight <= _MOST for weight in self.weights):
            raise UsageError(f"a query has weights {self.weights}: expected numbers from 0 to {_MOST:g}")

    @property
    def text(self) -> str:
        """The words, with spaces between."""
        return " ".join(self.words)

    @property
    def is_plain(self) -> bool:
        """Whether all words count alike."""
        return not self.weights or set(self.weights) == {1.0}

    def repeated(self) -> str:
        """Return the text in which every word stands as often as it counts, in sixteenths."""
        return " ".join(
            " ".join([word] * round(_STEPS * weight))
            for word, weight in zip(self.words, self.weights, strict=True)
            if round(_STEPS * weight)
        )


class Searches(Protocol):
    """What ranks snippets for queries: the run's retriever, or that with a repair."""

    def search(self, queries: Sequence[WeightedQuery], k: int) -> list[Ranking]:
        """Return at most `k` snippets for each query."""
        ...


@dataclass
class Meter:
    """What searches cost: how many there were, and the seconds of processor time of those that were remembered."""

    queries: float = 0.0
    seconds: Seconds = 0.0


@dataclass
class _Memory:
    """The rankings of one retriever by text, each with the depth that was asked for and the seconds that it took."""

    retriever: Retriever
    meter: Meter
    known: dict[str, tuple[int, Ranking, Seconds]] = field(default_factory=dict)

    def search(self, texts: Sequence[str], k: int) -> list[Ranking]:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known or self.known[text][0] < k]
        new = frozenset(missing)
        if missing:
            begun = process_time()
            rankings = self.retriever.search(missing, k)
            each = (process_time() - begun) / len(missing)
            self.known |= {text: (k, ranking, each) for text, ranking in zip(missing, rankings, strict=True)}
        self.meter.queries += len(texts)
        self.meter.seconds += sum(self.known[text][2] for text in texts if text not in new)
        return [_cut(self.known[text][1], k) for text in texts]


@dataclass
class Corpus:
    """The snippets of a suite in `language`, the run's retriever `base`, and others by name.

    `build` makes a retriever over the same snippets from what names it on a command line (`phonetic`, `dense:MODEL`).
    """

    snippets: Sequence[Snippet]
    language: str
    base: Retriever
    build: Callable[[str], Retriever]
    meter: Meter = field(default_factory=Meter)
    _memories: dict[str | None, _Memory] = field(default_factory=dict)

    @cached_property
    def snippet_ids(self) -> tuple[str, ...]:
        """By ordinal."""
        return tuple(snippet.id for snippet in self.snippets)

    @cached_property
    def ordinals(self) -> Mapping[str, int]:
        """The place of each snippet in the suite, by id."""
        return {identity: ordinal for ordinal, identity in enumerate(self.snippet_ids)}

    @cached_property
    def words(self) -> ImpactIndex:
        """The index of the snippets' words, with their document frequencies: that of the run's retriever where it has one."""
        if (
            isinstance(self.base, ImpactRetriever)
            and self.base.index.analyser.name == word_analyser(self.language).name
        ):
            return self.base.index
        return ImpactIndex.build(self.snippets, word_analyser(self.language))

    def document_frequency(self, word: str) -> int:
        """Return in how many snippets a normalised word stands."""
        number = self.words.numbers.get(word)
        return 0 if number is None else int(self.words.document_frequencies[number])

    def query(self, text: str) -> WeightedQuery:
        """Return a text as a query in which all words count alike."""
        return WeightedQuery(tuple(tokenise(text, self.language)))

    def search(self, queries: Sequence[WeightedQuery], k: int) -> list[Ranking]:
        """Return at most `k` snippets for each query, by the run's retriever."""
        by_words = isinstance(self.base, ImpactRetriever) and self.base.index.analyser.kind == WORDS
        weighted = [by_words and not query.is_plain for query in queries]
        texts = [query.repeated() if repeats else query.text for query, repeats in zip(queries, weighted, strict=True)]
        rankings = self._memory(None).search(texts, k)
        return [_scaled(one) if repeats else one for one, repeats in zip(rankings, weighted, strict=True)]

    def search_by(self, retriever: str, texts: Sequence[str], k: int) -> list[Ranking]:
        """Return at most `k` snippets for each text, by another retriever."""
        return self._memory(retriever).search(texts, k)

    def prepare(self, retriever: str) -> None:
        """Build another retriever, so that no search is charged for that."""
        self._memory(retriever)

    def retriever(self, name: str) -> Retriever:
        """Return another retriever, for what `search_by` does not do. Its user counts what it costs in `meter`."""
        return self._memory(name).retriever

    def identity(self, retriever: str) -> Mapping[str, str | float]:
        """Return what determines another retriever's rankings."""
        return self._memory(retriever).retriever.identity()

    def _memory(self, name: str | None) -> _Memory:
        if name not in self._memories:
            self._memories[name] = _Memory(self.base if name is None else self.build(name), self.meter)
        return self._memories[name]


def _cut(ranking: Ranking, k: int) -> Ranking:
    return ranking if len(ranking.snippet_ids) <= k else Ranking(ranking.snippet_ids[:k], ranking.scores[:k])


def _scaled(ranking: Ranking) -> Ranking:
    return Ranking(ranking.snippet_ids, tuple(score / _STEPS for score in ranking.scores))
