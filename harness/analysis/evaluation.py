"""From a transcript to a sample record: alignment, rare words, rankings, and what repairs would have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from harness.analysis.counterfactual import counterfactual
from harness.analysis.error_rates import recalled
from harness.analysis.metrics import HAS_ANSWER, RANKED
from harness.analysis.outcomes import MAX_DEPTH, Judge
from harness.analysis.ranking_metrics import cut_off, hit_at, ranking_metric
from harness.analysis.reader import Reader
from harness.analysis.word_classes import region_classes
from harness.answering.notation import held_in
from harness.answering.scoring import answers_in, exact_match
from harness.records import (
    AlignedWord,
    Answer,
    BiasCount,
    Counterfactual,
    EntityFate,
    ErrorRegion,
    Failure,
    Fate,
    PlannedSample,
    Question,
    Ranking,
    RareWord,
    RetrievalOutcome,
    Sample,
    Seconds,
    Snippet,
    Suite,
    Transcript,
    WordClass,
)
from harness.retrieval.protocol import Retriever
from harness.words.align import align, error_regions
from harness.words.entities import EntityMentions, Span, aliases, mentions, mentions_among
from harness.words.notation.variants import mark_notation
from harness.words.rarity import Rarity
from harness.words.runaway import runaway
from harness.words.text.nonspeech import KINDS, WITHOUT_SOUNDS, speech
from harness.words.text.normalisers import DEFAULT, Normaliser, normaliser


@dataclass(frozen=True, slots=True)
class ReferenceSide:
    """What is known of a question before anything is recognised: the same for all its samples."""

    question: Question
    tokens: tuple[str, ...]
    mentions: EntityMentions
    aliases: Mapping[Span, Sequence[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class TextResult:
    """What one text finds: a ranking, the answer read from it (`None` where nobody reads), and what they are worth."""

    ranking: Ranking
    answer: Answer | None
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What became of a question in one sample: the hypothesis as tokens, and the error regions with their classes."""

    key: str
    tokens: Sequence[str]
    regions: tuple[ErrorRegion, ...]
    classes: tuple[WordClass, ...]


@dataclass
class Evaluator:
    """Judges samples of one suite with fixed retrievers. `retrievers` maps labels to retrievers; `judge` says which
    outcome is lost or kept, and `seed` draws where there are too many errors to try all repairs. Questions with accepted
    answers are answered by `reader`, if there is one. Texts are compared by the rules that `normaliser` names. For the default
    ones, what is not speech is removed from transcripts before all else, sounds in round brackets and asterisks unless
    `keep_sound_tags`; others do so by themselves.
    """

    suite: Suite
    retrievers: Mapping[str, Retriever]
    rarity: Rarity
    judge: Judge
    seed: int
    entity_pipeline: str | None = None
    reader: Reader | None = None
    keep_sound_tags: bool = False
    normaliser: str = DEFAULT
    _rules: Normaliser = field(init=False)
    _references: dict[str, ReferenceSide] = field(default_factory=dict)
    _reference_results: dict[str, Mapping[str, TextResult]] = field(default_factory=dict)
    _snippets: dict[str, Snippet] = field(init=False)
    _questions: dict[str, Question] = field(init=False)

    def __post_init__(self) -> None:
        self._rules = normaliser(self.normaliser, self.suite.language)
        self._snippets = {snippet.id: snippet for snippet in self.suite.snippets}
        self._questions = {question.id: question for question in self.suite.questions}

    def reference(self, question_id: str) -> ReferenceSide:
        """The question's own side, computed once."""
        if question_id not in self._references:
            question = self._questions[question_id]
            own = mentions(question, self.suite.language, self.entity_pipeline)
            self._references[question_id] = ReferenceSide(
                question,
                tuple(self._rules.tokenise(question.text)),
                mentions_among(own, question.text, self.suite.language, self._rules),
                aliases(question, self.suite.language, self._rules),
            )
        return self._references[question_id]

    def reference_results(self, question_id: str) -> Mapping[str, TextResult]:
        """What the reference text finds, by retriever, computed once."""
        if question_id not in self._reference_results:
            side = self.reference(question_id)
            self._reference_results[question_id] = {
                label: self._result(label, side.question, " ".join(side.tokens)) for label in self.retrievers
            }
        return self._reference_results[question_id]

    def failed(self, planned: PlannedSample, failure: Failure) -> Sample:
        """The record of a sample that has no transcript: every word of it deleted, nothing found."""
        side = self.reference(planned.question_id)
        deletions = tuple(AlignedWord("deletion", word, None) for word in side.tokens)
        return Sample(
            planned.key, "error", planned.utterance_id, planned.question_id, planned.condition, planned.backend,
            reference=" ".join(side.tokens),
            rare_words=self._rare_words(side, deletions, (), None),
            entities=_entity_fates(side, deletions, ()),
            retrieval={
                label: RetrievalOutcome(
                    result.ranking, Ranking((), ()), result.metrics, {}, self._fate(result.metrics, {}),
                    reference_answer=result.answer,
                )
                for label, result in self.reference_results(planned.question_id).items()
            },
            error=failure,
        )  # fmt: skip

    def judged(
        self,
        planned: PlannedSample,
        transcript: Transcript,
        timings: Mapping[str, Seconds],
        bias: BiasCount | None = None,
    ) -> Sample:
        """The record of a sample with a transcript, which may be empty."""
        side = self.reference(planned.question_id)
        cleaned, not_speech = self._cleaned(transcript, side)
        tokens = self._rules.tokenise(cleaned.text)
        alignment = align(side.tokens, tokens)
        regions = mark_notation(side.tokens, tokens, error_regions(alignment), self.suite.language, side.aliases)
        recognition = Recognition(
            planned.key,
            tokens,
            regions,
            region_classes(side.tokens, tokens, regions, side.mentions.spans, self.rarity),
        )
        return Sample(
            planned.key, "ok", planned.utterance_id, planned.question_id, planned.condition, planned.backend,
            reference=" ".join(side.tokens),
            transcript=transcript,
            alignment=alignment,
            error_regions=regions,
            region_classes=recognition.classes,
            rare_words=self._rare_words(side, alignment, regions, cleaned),
            entities=_entity_fates(side, alignment, regions),
            retrieval={label: self._retrieval(label, side, recognition) for label in self.retrievers},
            timings=timings,
            bias=bias,
            runaway=runaway(side.tokens, tokens, timings.get("audio")),
            not_speech=not_speech,
        )  # fmt: skip

    def searched(self, question_id: str, transcript: Transcript) -> Transcript:
        """The transcript of a question without what is not speech: what is searched."""
        return self._cleaned(transcript, self.reference(question_id))[0]

    def answer(self, question_id: str, text: str, ranking: Ranking) -> float | None:
        """Whether the answer to a question, asked as `text`, matches exactly; `None` where nobody reads or nobody could judge."""
        question = self._questions[question_id]
        if self.reader is None or question.answers is None:
            return None
        answer = self.reader.answers(question, [text], [ranking])[0]
        return float(exact_match(answer.text, question.answers, self.suite.language))

    def _cleaned(self, transcript: Transcript, side: ReferenceSide) -> tuple[Transcript, Mapping[str, int]]:
        """Return the texts of a transcript without what is not speech, and what was removed from the first of them."""
        if self._rules.name != DEFAULT:
            return transcript, {}
        kinds = WITHOUT_SOUNDS if self.keep_sound_tags else KINDS
        reference = side.question.text
        best = speech(transcript.text, reference, kinds)
        nbest = tuple(replace(entry, text=speech(entry.text, reference, kinds).text) for entry in transcript.nbest)
        return replace(transcript, text=best.text, nbest=nbest), best.removed

    def _retrieval(self, label: str, side: ReferenceSide, recognition: Recognition) -> RetrievalOutcome:
        reference = self.reference_results(side.question.id)[label]
        hypothesis = self._result(label, side.question, " ".join(recognition.tokens))
        fate = self._fate(reference.metrics, hypothesis.metrics)
        judged = self.judge.metric in reference.metrics
        counterfactual = self._counterfactual(label, side, recognition) if judged else None
        restored = (
            tuple(
                index for index, value in enumerate(counterfactual.repair_one) if value >= counterfactual.from_reference
            )
            if counterfactual is not None and fate == "lost"
            else ()
        )
        return RetrievalOutcome(
            reference.ranking,
            hypothesis.ranking,
            reference.metrics,
            hypothesis.metrics,
            fate,
            restored,
            counterfactual,
            reference.answer,
            hypothesis.answer,
        )

    def _counterfactual(self, label: str, side: ReferenceSide, recognition: Recognition) -> Counterfactual | None:
        if not recognition.regions:
            return None
        failed: list[str] = []
        computed = counterfactual(
            side.tokens,
            recognition.tokens,
            recognition.regions,
            recognition.classes,
            lambda texts: self._outcomes(label, side, texts, failed),
            self.judge.outcome,
            (self.seed, int.from_bytes(sha256(recognition.key.encode()).digest()[:8])),
        )
        return replace(computed, n_failed=len(failed))

    def _outcomes(self, label: str, side: ReferenceSide, texts: Sequence[str], failed: list[str]) -> list[float]:
        """The run's outcome for variants of the question's text; those that the answerer fails on are added to `failed`."""
        rankings = self.retrievers[label].search_variants(" ".join(side.tokens), texts, self.judge.depth)
        return self.outcomes(side.question.id, texts, rankings, failed)

    def outcomes(
        self, question_id: str, texts: Sequence[str], rankings: Sequence[Ranking], failed: list[str] | None = None
    ) -> list[float]:
        """The run's outcome for texts that stand for a question, and what was retrieved for each of them; texts that the answerer
        fails on are added to `failed`.
        """
        question, failed = self._questions[question_id], [] if failed is None else failed
        if self.judge.reads and self.reader is not None:
            answers = self.reader.answers(question, texts, rankings)
            failed += [text for text, answer in zip(texts, answers, strict=True) if answer.error is not None]
            return [
                self.judge.of_answer(answer.text, question.answers or (), self.suite.language) for answer in answers
            ]
        if self.judge.by_text:
            retrieved = {identity for ranking in rankings for identity in ranking.snippet_ids}
            relevant = self._bearing(question, retrieved)
        else:
            relevant = set(question.snippet_ids or ())
        return [self.judge.of_ranking(ranking.snippet_ids, relevant) for ranking in rankings]

    def _bearing(self, question: Question, ids: Iterable[str]) -> set[str]:
        """Return those of the snippets that have an accepted answer in them."""
        accepted = question.answers or ()
        return {identity for identity in ids if answers_in(self._snippets[identity].text, accepted)}

    def _result(self, label: str, question: Question, text: str) -> TextResult:
        ranking = self.retrievers[label].search([text], MAX_DEPTH)[0]
        metrics = self._metrics(question, ranking)
        if self.reader is None or question.answers is None:
            return TextResult(ranking, None, metrics)
        answer = self.reader.answers(question, [text], [ranking])[0]
        return TextResult(ranking, answer, metrics | self.reader.metrics(question, ranking, answer))

    def _metrics(self, question: Question, ranking: Ranking) -> dict[str, float]:
        names = dict.fromkeys((*RANKED, *(() if self.judge.reads else (self.judge.metric,))))
        by_text = dict.fromkeys((*HAS_ANSWER, *((self.judge.metric,) if self.judge.by_text else ())))
        ids = ranking.snippet_ids
        metrics: dict[str, float] = {}
        if question.snippet_ids is not None:
            relevant = set(question.snippet_ids)
            metrics |= {name: ranking_metric(name, ids, relevant) for name in names if name not in by_text}
        if question.answers is not None:
            bearing = self._bearing(question, ids)
            metrics |= {name: float(hit_at(ids, bearing, cut_off(name))) for name in by_text}
            bearing |= {identity for identity in ids if self._holds_in_any_notation(identity, question.answers)}
            metrics |= {
                name.replace("@", "_any_notation@"): float(hit_at(ids, bearing, cut_off(name))) for name in by_text
            }
        return metrics

    def _holds_in_any_notation(self, snippet_id: str, accepted: Sequence[str]) -> bool:
        return bool(held_in(self._snippets[snippet_id].text, accepted, self.suite.language, self.normaliser))

    def _fate(self, reference: Mapping[str, float], hypothesis: Mapping[str, float]) -> Fate | None:
        """By the run's outcome, which is reached by anything above 0; a sample without a transcript found nothing."""
        metric = self.judge.metric
        if metric not in reference:
            return None
        before, after = bool(reference[metric]), bool(hypothesis.get(metric, 0.0))
        return ("kept" if after else "lost") if before else ("gained" if after else "never")

    def _rare_words(
        self,
        side: ReferenceSide,
        alignment: Sequence[AlignedWord],
        regions: Sequence[ErrorRegion],
        transcript: Transcript | None,
    ) -> tuple[RareWord, ...]:
        tokens = self._rules.tokenise(transcript.text) if transcript else []
        entity_tokens = {index for start, end in side.mentions.spans for index in range(start, end)}
        alternatives = [set(self._rules.tokenise(entry.text)) for entry in transcript.nbest] if transcript else []
        operations = [step.operation for step in alignment if step.reference is not None]
        rare_words = []
        for position, word in enumerate(side.tokens):
            if not self.rarity.is_rare(word):
                continue
            region = next((r for r in regions if r.reference_start <= position < r.reference_end), None)
            rare_words.append(
                RareWord(
                    text=word,
                    position=position,
                    zipf=self.rarity.zipf(word),
                    band=self.rarity.band(word),
                    entity=position in entity_tokens,
                    fate=operations[position],
                    hypothesis=" ".join(tokens[region.hypothesis_start : region.hypothesis_end]) if region else None,
                    in_nbest=any(word in entry for entry in alternatives) if alternatives else None,
                )
            )
        return tuple(rare_words)


def _entity_fates(
    side: ReferenceSide, alignment: Sequence[AlignedWord], regions: Sequence[ErrorRegion]
) -> tuple[EntityFate, ...]:
    return tuple(
        EntityFate(" ".join(side.tokens[start:end]), start, end, recalled(alignment, start, end, regions))
        for start, end in side.mentions.spans
    )
