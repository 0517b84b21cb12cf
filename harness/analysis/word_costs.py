"""Which rare words cost answers: counted over the samples of one backend under one condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.records import RareWord, Sample, Zipf

_KEPT_FORMS = 5


@dataclass(frozen=True, slots=True)
class WordCost:
    """One rare word. `answers_lost` counts samples whose answer was lost and comes back when the one error region that
    holds this word is repaired. `heard_as` pairs what stood in its place (empty: nothing) with how often.
    `in_nbest` counts, of the times it was misheard, those in which some N-best entry has it.
    """

    backend: str
    condition: str
    retriever: str
    word: str
    zipf: Zipf
    band: str
    entity: bool
    said: int
    heard_right: int
    in_nbest: int
    answers_lost: int
    heard_as: tuple[tuple[str, int], ...]
    questions: tuple[str, ...]


@dataclass
class _Tally:
    word: RareWord
    said: int = 0
    right: int = 0
    in_nbest: int = 0
    lost: int = 0
    heard_as: Counter[str] = field(default_factory=Counter)
    questions: dict[str, None] = field(default_factory=dict)


def word_costs(samples: Iterable[Sample], backend: str, condition: str, retriever: str) -> tuple[WordCost, ...]:
    """All rare words that were misheard at least once, the costliest first. Failed samples say nothing about a word."""
    tallies: dict[str, _Tally] = {}
    for sample in samples:
        if sample.status != "ok":
            continue
        costly = _costly_positions(sample, retriever)
        for word in sample.rare_words:
            tally = tallies.setdefault(word.text, _Tally(word))
            tally.said += 1
            if word.fate == "hit":
                tally.right += 1
                continue
            tally.in_nbest += bool(word.in_nbest)
            tally.heard_as[word.heard or ""] += 1
            if word.position in costly:
                tally.lost += 1
                tally.questions[sample.question_id] = None
    misheard = [tally for tally in tallies.values() if tally.right < tally.said]
    misheard.sort(key=lambda t: (-t.lost, t.word.zipf, t.word.text))
    return tuple(
        WordCost(
            backend, condition, retriever, t.word.text, t.word.zipf, t.word.band, t.word.entity, t.said, t.right,
            t.in_nbest, t.lost, _most_common(t.heard_as), tuple(t.questions),
        )
        for t in misheard
    )  # fmt: skip


def _costly_positions(sample: Sample, retriever: str) -> set[int]:
    outcome = sample.retrieval.get(retriever)
    if outcome is None or outcome.fate != "lost":
        return set()
    regions = [sample.error_regions[index] for index in outcome.restored_by]
    return {position for region in regions for position in range(region.reference_start, region.reference_end)}


def _most_common(forms: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(forms.items(), key=lambda item: (-item[1], item[0]))[:_KEPT_FORMS])
