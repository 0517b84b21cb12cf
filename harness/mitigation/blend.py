"""The repair `blend`: what a snippet scores by words, by sound and by letters, added up.

    score = words + sound * phones + absent * phones of absent words + letters * characters

Each part is a BM25 as it is, not normalised over its own list: a query whose words are all in the index scores high by words,
and what sounds alike adds little to that; a query whose name was misrecognised scores low by words, and sound decides. The
third part counts only those runs of phones that lie in words absent from the index, since those are the misrecognised ones.

Of all fusions and gates tried on `standard` as Whisper tiny.en transcribed it, this is the one that both keeps what bm25
retrieves from the reference text and reaches more than phonetic search does from speech.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from harness.errors import UsageError
from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import MitigationSpec, Repaired, Setting, read_options
from harness.records import Ranking, Transcript
from harness.retrieval.fusion import RAW, WEIGHTED, Fusion
from harness.retrieval.impact_index import SCALE
from harness.retrieval.phonetic import N_GRAM, PhoneticRetriever, grams_within

_SOUND: Final = "phonetic"
_LETTERS: Final = "characters"
_GRID: Final[tuple[Setting, ...]] = tuple(
    {"sound": sound, "absent": absent, "letters": letters}
    for sound, absent, letters in (
        (0.1, 0.0, 0.0), (0.2, 0.0, 0.0), (0.3, 0.0, 0.0), (0.5, 0.0, 0.0), (0.1, 0.0, 0.2), (0.2, 0.0, 0.2),
        (0.1, 0.1, 0.0), (0.2, 0.2, 0.0), (0.1, 0.1, 0.2), (0.2, 0.2, 0.2), (0.1, 0.3, 0.2), (0.3, 0.3, 0.4),
    )
)  # fmt: skip


_Weight = Annotated[float, msgspec.Meta(ge=0, le=10)]


class BlendOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `blend`. The three weights are given together, or chosen together on other questions."""

    sound: Annotated[_Weight | None, msgspec.Meta(description="what a score by phones counts beside one by words")] = (
        None
    )
    absent: Annotated[
        _Weight | None, msgspec.Meta(description="the same within words that the index lacks, in addition")
    ] = None
    letters: Annotated[_Weight | None, msgspec.Meta(description="what a score by runs of characters counts")] = None
    depth: Annotated[int, msgspec.Meta(description="how many snippets of each part are added up", ge=10, le=10_000)] = (
        100
    )


class _Parts(NamedTuple):
    """Rankings of one query, as `Fusion` takes them."""

    words: Ranking
    sound: Ranking
    absent: Ranking
    letters: Ranking


class Blend:
    """Adds up scores by words, sound and letters."""

    option_type: ClassVar = BlendOptions

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None:
        self._options, self._corpus = read_options(spec, BlendOptions), corpus
        given = [getattr(self._options, name) for name in ("sound", "absent", "letters")]
        if any(value is not None for value in given) and None in given:
            raise UsageError(
                f"mitigation {spec.label!r}: sound, absent and letters are given together, such as sound=0.2,absent=0.2,"
                "letters=0.2, or left out together to be chosen"
            )
        fixed: Setting = {} if None in given else dict(zip(("sound", "absent", "letters"), given, strict=True))
        self.grid: Sequence[Setting] = (fixed,) if fixed else _GRID
        phonetic = corpus.retriever(_SOUND)
        if not isinstance(phonetic, PhoneticRetriever):
            raise UsageError(
                f"mitigation {spec.label!r} searches by sound, but the run's retriever labelled {_SOUND!r} is of another kind: "
                "give that another label"
            )
        self._phones = phonetic.index
        self._best_scores: dict[str, float] = {}
        self._by_absent: dict[str, tuple[int, Ranking]] = {}
        self._summed: dict[tuple[str, tuple[float, ...], int], tuple[Ranking, Ranking]] = {}
        corpus.retriever(_LETTERS)  # built here, so that no search is charged for that

    def identity(self) -> Mapping[str, str | float]:
        """Return the options, and what determines the rankings of the parts."""
        options = {name: value for name, value in msgspec.to_builtins(self._options).items() if value is not None}
        parts = {
            f"{name}.{key}": value for name in (_SOUND, _LETTERS) for key, value in self._corpus.identity(name).items()
        }
        return {**options, **parts}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return the ranking of each transcript by the sum of scores."""
        depth = max(k, self._options.depth)
        queries = [self._corpus.query(transcript.text) for transcript in transcripts]
        texts = [query.text for query in queries]
        parts = zip(
            self._by_words(queries, base, depth),
            self._corpus.search_by(_SOUND, texts, depth),
            self._absent(queries, depth),
            self._corpus.search_by(_LETTERS, texts, depth),
            strict=True,
        )
        weights = (1.0, setting["sound"], setting["absent"], setting["letters"])
        return [self._sum(text, _Parts(*rankings), weights, k) for text, rankings in zip(texts, parts, strict=True)]

    def _sum(self, text: str, parts: _Parts, weights: tuple[float, ...], k: int) -> Ranking:
        """Return the fused ranking. Folds choose among the same settings over and over: a sum is remembered with its words."""
        words, known = self._summed.get((text, weights, k), (None, Ranking((), ())))
        if words != parts.words:
            fusion = Fusion(WEIGHTED, weights, depth=max(k, self._options.depth), normalise=RAW)
            known = fusion.ranking(parts, self._corpus.ordinals, k)
            self._summed[text, weights, k] = parts.words, known
        return known

    def _by_words(self, queries: Sequence[WeightedQuery], base: Searches, depth: int) -> list[Ranking]:
        """Return what is ranked without this repair. Its scores are stretched so that the best is the best of bm25.

        Those of bm25 itself stay as they are. Others have units of their own: cosines, sums of ranks.
        """
        return [
            self._stretched(query, ranking) for query, ranking in zip(queries, base.search(queries, depth), strict=True)
        ]

    def _stretched(self, query: WeightedQuery, ranking: Ranking) -> Ranking:
        best = self._best(query)
        if not ranking.scores or ranking.scores[0] == best or ranking.scores[0] <= 0 or not best:
            return ranking
        factor = best / ranking.scores[0]
        return Ranking(ranking.snippet_ids, tuple(score * factor for score in ranking.scores))

    def _best(self, query: WeightedQuery) -> float:
        """Return the best score by bm25, 0 where no word is in the index."""
        if query.text not in self._best_scores:
            _, scores = self._corpus.words.search(query.words, 1)
            self._best_scores[query.text] = float(scores[0]) / SCALE if len(scores) else 0.0
        return self._best_scores[query.text]

    def _absent(self, queries: Sequence[WeightedQuery], depth: int) -> list[Ranking]:
        """Return for each query the snippets by the phones of its words that are absent from the index."""
        self._corpus.meter.queries += len(queries)
        return [self._absent_words(query, depth) for query in queries]

    def _absent_words(self, query: WeightedQuery, depth: int) -> Ranking:
        known_depth, known = self._by_absent.get(query.text, (0, Ranking((), ())))
        if known_depth >= depth:
            return Ranking(known.snippet_ids[:depth], known.scores[:depth])
        absent = [not self._corpus.document_frequency(word) for word in query.words]
        grams = grams_within(query.words, absent, self._corpus.language)
        ordinals, scores = self._phones.search(grams, depth)
        ids = tuple(self._phones.snippet_ids[ordinal] for ordinal in ordinals.tolist())
        ranking = Ranking(ids, tuple((scores / (SCALE * N_GRAM)).tolist()))
        self._by_absent[query.text] = depth, ranking
        return ranking
