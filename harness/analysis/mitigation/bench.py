"""Repairs tried on texts: what each retrieves, what that is worth and what it cost. Nothing is tried twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Final, Protocol

from harness.errors import HarnessError
from harness.mitigation.corpus import Corpus, Meter, Searches, WeightedQuery
from harness.mitigation.protocol import Repair, Setting
from harness.records import Ranking, Seconds, Transcript

DEPTH: Final = 10  # how far down rankings are judged and read


class Worth(Protocol):
    """What a ranking is worth to a question, in [0, 1]."""

    def outcome(self, question_id: str, text: str, ranking: Ranking) -> float:
        """The run's outcome."""
        ...

    def answer(self, question_id: str, text: str, ranking: Ranking) -> float | None:
        """Whether the answer that is read from it is right, asked as `text`; `None` where nothing is answered."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """A text: the reference of a question, or what a backend made of a recording of it (`None` where it failed).

    `answer` is whether what is read from the text as it is matches exactly; `None` where nothing is answered.
    """

    question_id: str
    transcript: Transcript | None
    answer: float | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one text. `queries` and `seconds` (of processor time) are its share of what its batch took."""

    text: str
    ranking: Ranking
    outcome: float
    queries: float
    seconds: Seconds


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A repair at one setting. Layers are equal where they are of the same repair object and of equal settings."""

    repair: Repair
    setting: Setting

    def key(self) -> tuple[int, tuple[tuple[str, float], ...]]:
        """What tells layers apart."""
        return id(self.repair), tuple(sorted(self.setting.items()))


class Cost:
    """Searches and seconds of processor time since it was made."""

    def __init__(self, meter: Meter) -> None:
        self._meter, self._begun = meter, process_time()
        self._queries, self._seconds = meter.queries, meter.seconds

    def each(self, n: int) -> tuple[float, Seconds]:
        """Return the share of each of `n` texts."""
        seconds = process_time() - self._begun + self._meter.seconds - self._seconds
        return (self._meter.queries - self._queries) / max(n, 1), seconds / max(n, 1)


Layers = tuple[Layer, ...]  # the outermost first; none: unrepaired


_Known = dict[tuple[object, ...], tuple[Ranking, float, Seconds]]  # with its share of searches and seconds


@dataclass(frozen=True)
class Layered:
    """Searches through repairs, each on top of the next. A repair below another one sees the text of its query alone.

    What was searched once is remembered in `known`, and counted every time as if it were not.
    """

    corpus: Corpus
    layers: Layers
    known: _Known

    def search(self, queries: Sequence[WeightedQuery], k: int) -> list[Ranking]:
        """Return at most `k` snippets for each query."""
        if not self.layers:
            return self.corpus.search(queries, k)
        keys = [(*(layer.key() for layer in self.layers), query, k) for query in queries]
        new = {key: query for key, query in zip(keys, queries, strict=True) if key not in self.known}
        meter = self.corpus.meter
        meter.queries += sum(self.known[key][1] for key in keys if key not in new)
        meter.seconds += sum(self.known[key][2] for key in keys if key not in new)
        if new:
            cost = Cost(meter)
            transcripts = [Transcript(query.text) for query in new.values()]
            repaired = self.repaired(transcripts, list(new.values()), k)
            each = cost.each(len(new))
            self.known.update({key: (ranking, *each) for key, (_, ranking) in zip(new, repaired, strict=True)})
        return [self.known[key][0] for key in keys]

    def repaired(
        self, transcripts: Sequence[Transcript], queries: Sequence[WeightedQuery], k: int
    ) -> list[tuple[WeightedQuery, Ranking]]:
        """Return what is asked in the end, and what is retrieved. `queries` are the transcripts as they are."""
        (layer, *below) = self.layers
        base: Searches = Layered(self.corpus, tuple(below), self.known)
        repaired = layer.repair.repair(transcripts, layer.setting, base, k)
        if len(repaired) != len(transcripts):
            raise HarnessError(
                f"a repair returned {len(repaired)} results for {len(transcripts)} transcripts: expected one for each, "
                f"in order"
            )
        asked = [done if isinstance(done, WeightedQuery) else own for done, own in zip(repaired, queries, strict=True)]
        searched = [index for index, done in enumerate(repaired) if not isinstance(done, Ranking)]
        rankings = dict(zip(searched, base.search([asked[index] for index in searched], k), strict=True))
        return [
            (query, _first(done, k) if isinstance(done, Ranking) else rankings[index])
            for index, (query, done) in enumerate(zip(asked, repaired, strict=True))
        ]


@dataclass
class Bench:
    """All texts of a run, by their place in `items`, and what was tried on them."""

    corpus: Corpus
    items: Sequence[Item]
    worth: Worth
    _known: dict[tuple[object, ...], dict[int, Tried]] = field(default_factory=dict)
    _searched: _Known = field(default_factory=dict)
    _kept: list[Layer] = field(default_factory=list)  # so that no other object gets the id of one that is known

    def tried(self, layers: Layers, indices: Sequence[int]) -> list[Tried]:
        """Return what the layers make of these texts. A text that failed retrieves nothing."""
        self._kept += layers
        known = self._known.setdefault(tuple(layer.key() for layer in layers), {})
        missing = [index for index in dict.fromkeys(indices) if index not in known]
        known |= dict(zip(missing, self._try(layers, missing), strict=True))
        return [known[index] for index in indices]

    def _try(self, layers: Layers, indices: Sequence[int]) -> list[Tried]:
        items = [self.items[index] for index in indices]
        transcripts = [item.transcript for item in items if item.transcript is not None]
        queries = [self.corpus.query(transcript.text) for transcript in transcripts]
        cost, stack = Cost(self.corpus.meter), Layered(self.corpus, layers, self._searched)
        if layers:
            done = stack.repaired(transcripts, queries, DEPTH)
        else:
            done = list(zip(queries, stack.search(queries, DEPTH), strict=True))
        each = cost.each(len(transcripts))
        of_transcripts = iter(done)
        nothing = (WeightedQuery(()), Ranking((), ()))
        tried = []
        for item in items:
            query, ranking = nothing if item.transcript is None else next(of_transcripts)
            worth = 0.0 if item.transcript is None else self.worth.outcome(item.question_id, query.text, ranking)
            tried.append(Tried(query.text, ranking, worth, *each))
        return tried

    def answers(self, indices: Sequence[int], plain: Sequence[Tried], tried: Sequence[Tried]) -> list[float | None]:
        """Return whether the answer from each text is right; `None` where nothing is answered.

        What a repair left as it was in `plain` has the answer that is known already.
        """
        return [
            self._answer(self.items[index], before, after)
            for index, before, after in zip(indices, plain, tried, strict=True)
        ]

    def _answer(self, item: Item, before: Tried, after: Tried) -> float | None:
        if item.answer is None or is_same(before, after):
            return item.answer
        return self.worth.answer(item.question_id, after.text, after.ranking)


def is_same(before: Tried, after: Tried) -> bool:
    """Whether a repair left a text as it was, and what it retrieves in its order."""
    return (after.text, after.ranking.snippet_ids) == (before.text, before.ranking.snippet_ids)


def _first(ranking: Ranking, k: int) -> Ranking:
    return ranking if len(ranking.snippet_ids) <= k else Ranking(ranking.snippet_ids[:k], ranking.scores[:k])
