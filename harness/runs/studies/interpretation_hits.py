"""The run's outcome by what is searched with: words as a recogniser or the question has them, or sounds without words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from harness.analysis.evaluation import Evaluator
from harness.analysis.interpretation.figures import Statistics
from harness.analysis.interpretation.hits import Searched, hit_figures, hit_tests
from harness.analysis.interpretation.outcomes import TextArm
from harness.analysis.interpretation.result import Figure, Kind, PairedTest
from harness.analysis.outcomes import Judge
from harness.files import default_cache
from harness.interpretation.speech.protocol import SpeechFeatures, SpeechPhones
from harness.records import Ranking
from harness.retrieval.building import build_retrievers
from harness.retrieval.phonetic import PhoneticRetriever
from harness.retrieval.protocol import parse_retriever
from harness.runs.studies.interpretation_inputs import Inputs
from harness.runs.studies.interpretation_sound import recordings

_REFERENCE = "reference text"
_HIT = "hit@1"  # judges where the run's outcome is an answer, for which words would have to be read


def hits(
    inputs: Inputs, parts: Sequence[SpeechFeatures], statistics: Statistics
) -> tuple[tuple[Figure, ...], tuple[PairedTest, ...]]:
    """Return figures and paired tests of searching; none unless some part writes sounds down and there is what to search."""
    suite, retrievers = inputs.finished.suite, inputs.finished.evaluator.retrievers
    if not (any(isinstance(part, SpeechPhones) for part in parts) and retrievers and suite.snippets):
        return (), ()
    search = _Search.of(inputs)
    if not any(search.is_judged):
        return (), ()
    searched = [*search.words_by_first(), *search.words_by_sound()]
    for part in parts:
        if isinstance(part, SpeechPhones):
            searched += search.sounds(part.name, part)
    groups = {name: mask for name, mask in inputs.groups([0] * len(inputs.items)).items() if name.startswith("band:")}
    metric = search.evaluator.judge.outcome
    return hit_figures(searched, groups, metric, statistics), hit_tests(searched, search.first, metric, statistics)


@dataclass(frozen=True)
class _Search:
    """What is searched with `first`, the label of the run's first retriever, and `by_sound`, labelled `sound`.

    `is_judged` tells of each item whether the suite says what would be right.
    """

    inputs: Inputs
    evaluator: Evaluator
    first: str
    sound: str
    by_sound: PhoneticRetriever
    is_judged: Sequence[bool]

    @classmethod
    def of(cls, inputs: Inputs) -> Self:
        """Return the search of a run; the index of sounds is kept in the cache."""
        evaluator, questions = inputs.finished.evaluator, inputs.finished.suite.questions
        if evaluator.judge.reads:
            evaluator = replace(evaluator, judge=Judge.named(_HIT), reader=None)
        judged = {
            question.id: (question.answers if evaluator.judge.by_text else question.snippet_ids) is not None
            for question in questions
        }
        is_judged = [judged[item.question_id] for item in inputs.items]
        return cls(inputs, evaluator, next(iter(evaluator.retrievers)), *_sound_retriever(inputs), is_judged)

    def words_by_first(self) -> Iterator[Searched]:
        """Yield what the run has of reference texts and of every backend."""
        metric = self.evaluator.judge.outcome
        results = [self.evaluator.reference_results(item.question_id)[self.first] for item in self.inputs.items]
        yield self._searched(_REFERENCE, "reference", "", self.first, [one.metrics.get(metric) for one in results])
        for arm in self._cascades:
            samples = self.inputs.samples(arm.speech, arm.condition or self.inputs.conditions[0])
            values = [
                sample.retrieval[self.first].hypothesis_metrics.get(metric)
                if sample is not None and self.first in sample.retrieval and sample.status == "ok"
                else None
                for sample in samples
            ]
            yield self._searched(_label(arm.speech, arm.condition), "cascade", arm.condition, self.first, values, arm)

    def words_by_sound(self) -> Iterator[Searched]:
        """Yield the same of searching the words by their sounds; nothing where that is the run's own first retriever."""
        if self.sound == self.first:
            return
        for arm in self.inputs.text_arms():
            system = _label(arm.speech or _REFERENCE, arm.condition)
            texts = list(dict.fromkeys(text for text in arm.texts if text is not None))
            ranked = dict(zip(texts, self.by_sound.search(texts, self.evaluator.judge.depth), strict=True))
            rankings = [None if text is None else ranked[text] for text in arm.texts]
            yield self._searched(system, arm.kind, arm.condition, self.sound, self._outcomes(rankings), arm)

    def sounds(self, name: str, part: SpeechPhones) -> Iterator[Searched]:
        """Yield what a speech part's own sounds retrieve."""
        for condition in self.inputs.conditions:
            shown = condition if len(self.inputs.conditions) > 1 else ""
            streams = part.phones(recordings(self.inputs, condition))
            rankings = self.by_sound.search_phones(streams, self.evaluator.judge.depth)
            yield self._searched(_label(name, shown), "end-to-end", shown, self.sound, self._outcomes(rankings))

    @property
    def _cascades(self) -> Iterator[TextArm]:
        return (arm for arm in self.inputs.text_arms() if arm.kind == "cascade")

    def _outcomes(self, rankings: Sequence[Ranking | None]) -> list[float | None]:
        return [
            None if ranking is None else self.evaluator.outcomes(item.question_id, [item.text], [ranking])[0]
            for item, ranking in zip(self.inputs.items, rankings, strict=True)
        ]

    def _searched(
        self, system: str, kind: Kind, condition: str, retriever: str, values: Sequence[float | None],
        arm: TextArm | None = None,
    ) -> Searched:  # fmt: skip
        """Return the outcomes of the items that count: one that failed has nothing to search with, and is 0."""
        counted = [True] * len(values) if arm is None else arm.counted
        kept = [
            (value or 0.0) if judged and counts else None
            for value, judged, counts in zip(values, self.is_judged, counted, strict=True)
        ]
        return Searched(system, kind, condition, retriever, kept)


def _sound_retriever(inputs: Inputs) -> tuple[str, PhoneticRetriever]:
    """Return the run's own retriever by sound and its label; where it has none, one with the usual options."""
    for label, retriever in inputs.finished.evaluator.retrievers.items():
        if isinstance(retriever, PhoneticRetriever):
            return label, retriever
    spec, suite = parse_retriever(PhoneticRetriever.name), inputs.finished.suite
    built = build_retrievers([spec], suite.snippets, default_cache() / "indexes", language=suite.language)[spec.label]
    if not isinstance(built, PhoneticRetriever):
        raise TypeError(f"{spec.label} is no retriever by sound")
    return spec.label, built


def _label(name: str, condition: str) -> str:
    return f"{name} ({condition})" if condition else name
