"""Which rare words cost outcomes: counted over the samples of one backend under one condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from harness.analysis.attribution import lost_shares, region_words
from harness.records import ErrorRegion, RareWord, Sample, Zipf
from harness.words.phones import phone_distance

_KEPT_FORMS = 5


@dataclass(frozen=True, slots=True)
class WordCost:
    """One rare word. `n_reference` counts how often the references have it, `n_correct` how often it was recognised
    correctly. `recoverable` counts samples whose outcome was lost and returns when the one error region that holds this word
    is repaired. `recognised_as` pairs what stood in its place (empty: nothing) with how often. `in_nbest` counts, of the
    times it was misrecognised, those in which some N-best entry has it (`None` without such lists). `shapley` is this word's
    part of the outcomes lost: the sum of its error regions' Shapley values over samples whose outcome was lost, each split
    evenly over the rare words of its region. `phone_distance` is the mean over the times it was misrecognised, between
    reference and hypothesis of the region. `in_bias_list` says whether the backend was given this word whenever it
    misrecognised it (`None` in runs of versions that did not record it).
    """

    backend: str
    condition: str
    retriever: str
    word: str
    zipf: Zipf
    band: str
    entity: bool
    n_reference: int
    n_correct: int
    in_nbest: int | None
    recoverable: int
    recognised_as: tuple[tuple[str, int], ...]
    questions: tuple[str, ...]
    shapley: float
    phone_distance: float
    in_bias_list: bool | None = None


@dataclass
class _Tally:
    word: RareWord
    n_reference: int = 0
    n_correct: int = 0
    in_nbest: int | None = None  # no sample had an N-best list so far
    recoverable: int = 0
    listed: bool = True
    shapley: float = 0.0
    phone_distance: float = 0.0  # summed
    recognised_as: Counter[str] = field(default_factory=Counter)
    questions: dict[str, None] = field(default_factory=dict)


def word_costs(
    samples: Iterable[Sample],
    backend: str,
    condition: str,
    retriever: str,
    bias_words: Mapping[str, Set[str]] | None = None,
) -> tuple[WordCost, ...]:
    """All rare words that were misrecognised at least once, the costliest first. Failed samples say nothing about a word.

    `bias_words` are by question the words in the backend's bias list.
    """
    tallies: dict[str, _Tally] = {}
    for sample in samples:
        if sample.status != "ok":
            continue
        outcome = sample.retrieval.get(retriever)
        restored_by = outcome.restored_by if outcome is not None and outcome.fate == "lost" else ()
        shares = lost_shares(outcome) if outcome is not None else ()
        for word in sample.rare_words:
            tally = tallies.setdefault(word.text, _Tally(word))
            tally.n_reference += 1
            if word.fate == "hit":
                tally.n_correct += 1
                continue
            index, region = _region_of(word, sample.error_regions)
            if word.in_nbest is not None:
                tally.in_nbest = (tally.in_nbest or 0) + word.in_nbest
            tally.listed = tally.listed and word.text in (bias_words or {}).get(sample.question_id, ())
            tally.recognised_as[word.hypothesis or ""] += 1
            tally.phone_distance += phone_distance(*region_words(sample, region))
            if shares:
                tally.shapley += shares[index] / sum(_holds(region, other) for other in sample.rare_words)
            if index in restored_by:
                tally.recoverable += 1
                tally.questions[sample.question_id] = None
    misrecognised = [tally for tally in tallies.values() if tally.n_correct < tally.n_reference]
    misrecognised.sort(key=lambda t: (-round(t.shapley, 9), -t.recoverable, t.word.zipf, t.word.text))
    return tuple(
        WordCost(
            backend, condition, retriever, t.word.text, t.word.zipf, t.word.band, t.word.entity, t.n_reference,
            t.n_correct, t.in_nbest, t.recoverable, _most_common(t.recognised_as), tuple(t.questions), round(t.shapley, 9),
            round(t.phone_distance / (t.n_reference - t.n_correct), 9), t.listed,
        )
        for t in misrecognised
    )  # fmt: skip


def _region_of(word: RareWord, regions: Sequence[ErrorRegion]) -> tuple[int, ErrorRegion]:
    """The error region of a misrecognised word, and its index."""
    return next((index, region) for index, region in enumerate(regions) if _holds(region, word))


def _holds(region: ErrorRegion, word: RareWord) -> bool:
    return region.reference_start <= word.position < region.reference_end


def _most_common(forms: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(forms.items(), key=lambda item: (-item[1], item[0]))[:_KEPT_FORMS])
