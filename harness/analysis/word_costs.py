"""Which rare words cost outcomes: counted over the samples of one backend under one condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

from harness.analysis.attribution import lost_shares, region_words
from harness.records import ErrorRegion, Question, RareWord, Sample, Zipf
from harness.words.languages import primary
from harness.words.rarity import is_rare
from harness.words.sounds.phones import phone_distance
from harness.words.text.normalise import Token, tokenise_spans
from harness.words.typos import MEASURED, possible_typos, spelling

_KEPT_FORMS = 5


@dataclass(frozen=True, slots=True)
class WordCost:
    """One rare word. `n_reference` counts how often the references have it, `n_correct` how often it was recognised
    correctly, in whatever notation. `recoverable` counts samples whose outcome was lost and returns when the one error
    region that holds this word is repaired. `recognised_as` pairs what stood in its place (empty: nothing) with how
    often. `in_nbest` counts, of the times it was misrecognised, those in which some N-best entry has it (`None` without
    such lists). `shapley` is this word's part of the outcomes lost: the sum of its error regions' Shapley values over
    samples whose outcome was lost, each split evenly over the rare words of its region. `phone_distance` is the mean over
    the times it was misrecognised, between reference and hypothesis of the region. `in_bias_list` says whether the
    backend was given this word whenever it misrecognised it (`None` in runs of versions that did not record it).
    `phrases` are the mentions that hold the word as the questions write them, the most frequent first; the word itself
    where it stands in no mention. `retriever` is `None` where nothing can be judged.
    """

    backend: str
    condition: str
    retriever: str | None
    word: str
    zipf: Zipf | None
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
    phrases: tuple[str, ...] = ()


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
    phrases: Counter[str] = field(default_factory=Counter)

    @property
    def n_wrong(self) -> int:
        return self.n_reference - self.n_correct


def word_costs(
    samples: Iterable[Sample],
    cell: tuple[str, str, str | None],
    questions: Mapping[str, Question],
    bias_words: Mapping[str, Set[str]],
    language: str,
) -> tuple[WordCost, ...]:
    """All rare words that were misrecognised at least once, the costliest first. Failed samples say nothing about a word.

    `cell` is backend, condition and retriever; `questions` are by id; `bias_words` are by question the words in the backend's
    bias list.
    """
    tallies: dict[str, _Tally] = {}
    for sample in samples:
        if sample.status != "ok":
            continue
        outcome = sample.retrieval.get(cell[2]) if cell[2] is not None else None
        restored_by = outcome.restored_by if outcome is not None and outcome.fate == "lost" else ()
        shares = lost_shares(outcome) if outcome is not None else ()
        for word in sample.rare_words:
            tally = tallies.setdefault(word.text, _Tally(word))
            tally.n_reference += 1
            tally.phrases[spelling_in_question(word, sample, questions[sample.question_id], language)] += 1
            index, region = (None, None) if word.fate == "hit" else _region_of(word, sample.error_regions)
            if index is None or region is None or region.notation:
                tally.n_correct += 1
                continue
            if word.in_nbest is not None:
                tally.in_nbest = (tally.in_nbest or 0) + word.in_nbest
            tally.listed = tally.listed and word.text in bias_words.get(sample.question_id, ())
            tally.recognised_as[word.hypothesis or ""] += 1
            tally.phone_distance += phone_distance(*region_words(sample, region), language)
            if shares:
                tally.shapley += shares[index] / sum(_holds(region, other) for other in sample.rare_words)
            if index in restored_by:
                tally.recoverable += 1
                tally.questions[sample.question_id] = None
    misrecognised = [tally for tally in tallies.values() if tally.n_wrong]
    misrecognised.sort(
        key=lambda t: (-round(t.shapley, 9), -t.recoverable, -t.n_wrong, t.word.zipf or 0.0, t.word.text)
    )
    return tuple(
        WordCost(
            *cell, t.word.text, t.word.zipf, t.word.band, t.word.entity, t.n_reference,
            t.n_correct, t.in_nbest, t.recoverable, _most_common(t.recognised_as), tuple(t.questions), round(t.shapley, 9),
            round(t.phone_distance / t.n_wrong, 9), t.listed,
            tuple(phrase for phrase, _ in _most_common(t.phrases)),
        )
        for t in misrecognised
    )  # fmt: skip


def spelling_in_question(word: RareWord, sample: Sample, question: Question, language: str) -> str:
    """Return the mention that holds the word as the question writes it, or the word itself where none does."""
    holding = ((e.start, e.end) for e in sample.entities if e.start <= word.position < e.end)
    start, end = next(holding, (word.position, word.position + 1))
    tokens = _token_places(question.text, language)
    words, own = sample.reference.split(), [token.text for token in tokens]
    if words != own:  # by another normaliser, which does not tell where its words stood
        sought = words[start:end]
        start = next((at for at in range(len(own)) if own[at : at + len(sought)] == sought), -1)
        if start < 0:
            return " ".join(sought)
        end = start + len(sought)
    return question.text[tokens[start].start : tokens[end - 1].end]


@lru_cache(maxsize=4096)
def _token_places(text: str, language: str) -> Sequence[Token]:
    return tokenise_spans(text, language)


def suspected_typos(words: Iterable[WordCost], texts: Iterable[str], language: str) -> dict[str, str]:
    """Return the rare words that may be typing errors of the questions in `texts`, each with the word that was meant.

    Two signs: the letters of a far commoner word (`words.typos`), and that every backend, two at the least, always
    recognised the same common word instead. Either is worth nothing for a word that a text writes as a name: Wain is
    recognised as `wine` by all. Both were measured for English only: in other languages no word is suspected.
    """
    if primary(language) not in MEASURED:
        return {}
    texts = tuple(texts)
    alike = {
        word: other
        for word, other in _recognised_alike(words, language).items()
        if not any(spelling(word, text, language) == "name" for text in texts)
    }
    return alike | possible_typos(texts, language)


def _recognised_alike(words: Iterable[WordCost], language: str) -> dict[str, str]:
    """Return the words that no backend ever recognised correctly and all took for one and the same common word."""
    rows: dict[str, list[WordCost]] = {}
    for row in words:
        rows.setdefault(row.word, []).append(row)
    backends = {row.backend for of_word in rows.values() for row in of_word}
    alike: dict[str, str] = {}
    for word, of_word in rows.items():
        hypotheses = {hypothesis for row in of_word for hypothesis, _ in row.recognised_as}
        missed_by_all = len(backends) > 1 and {row.backend for row in of_word} == backends
        if missed_by_all and len(hypotheses) == 1 and not any(row.n_correct for row in of_word):
            (hypothesis,) = hypotheses
            if hypothesis and " " not in hypothesis and not is_rare(hypothesis, language):
                alike[word] = hypothesis
    return alike


def _region_of(word: RareWord, regions: Sequence[ErrorRegion]) -> tuple[int, ErrorRegion]:
    """The error region of a misrecognised word, and its index."""
    return next((index, region) for index, region in enumerate(regions) if _holds(region, word))


def _holds(region: ErrorRegion, word: RareWord) -> bool:
    return region.reference_start <= word.position < region.reference_end


def _most_common(forms: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(forms.items(), key=lambda item: (-item[1], item[0]))[:_KEPT_FORMS])
