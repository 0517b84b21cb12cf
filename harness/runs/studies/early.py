"""The study `[early]`: how early each question could have been decided, from its text and from parts of its recordings.

Text is cut after each word, which costs searches only. With `recordings`, some recordings are also recognised in parts: by a
backend that tells what it has recognised as it reads, in one pass; by others, after a quarter, half and three quarters. What is
decided is the run's outcome and, with an `interpreter`, the intent.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Annotated, Final

import msgspec

from harness.analysis.early.courses import NOTHING, Decide, Decision, margin, of_words
from harness.analysis.early.deciding import Words
from harness.analysis.early.figures import Counting, Decides, Grown, curve
from harness.analysis.early.result import EarlyDecision
from harness.analysis.evaluation import Evaluator
from harness.errors import UsageError
from harness.interpretation.folds import Item, folds_of
from harness.interpretation.held_out import HeldOut
from harness.interpretation.protocol import Prediction, build_interpreter
from harness.records import Sample
from harness.runs.studies.early_parts import Parts, Tokenise, hypothesis_words, word_ends
from harness.runs.studies.protocol import Finished, Study
from harness.words.text.normalisers import normaliser


class EarlyOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set in `[early]`."""

    recordings: Annotated[
        int, msgspec.Meta(ge=0, description="How many recordings are recognised in parts; 0 for text only.")
    ] = 0
    backends: Annotated[
        tuple[str, ...], msgspec.Meta(description="Labels of the backends that recognise parts; all unless set.")
    ] = ()
    partial_seconds: Annotated[
        float, msgspec.Meta(ge=0.05, le=10, description="How much a backend reads between two partial hypotheses.")
    ] = 0.25
    folds: Annotated[int, msgspec.Meta(ge=2, le=100, description="Folds of questions that set the threshold.")] = 5
    tolerance: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            lt=1,
            description="What a second rule may lose of the outcome where its threshold is set; the first may lose nothing.",
        ),
    ] = 0.01
    interpreter: Annotated[
        str | None,
        msgspec.Meta(description="Also decide what is asked for, by this model of texts: ngrams, embeddings ..."),
    ] = None
    intent: Annotated[str, msgspec.Meta(min_length=1, description="The tag of questions that is their intent.")] = (
        "relation"
    )

    def __post_init__(self) -> None:
        """Refuse an interpreter that means nothing before any work."""
        if self.interpreter is not None:
            build_interpreter(self.interpreter, "en")  # loads nothing


def compute(finished: Finished, options: EarlyOptions) -> EarlyDecision:
    """Return the curves of a run by its outcome with its first retriever, and of the intent where an interpreter is asked for.

    Raises `UsageError` where nothing can be judged.
    """
    evaluator = finished.evaluator
    if not evaluator.retrievers:
        raise UsageError("the suite has no snippets, so there is nothing to decide on")
    retriever = next(iter(evaluator.retrievers))
    counted = [s for s in finished.samples.values() if s.status == "ok" or finished.spec.missing == "count"]
    samples = [s for s in counted if s.retrieval[retriever].fate is not None]
    if not samples:
        raise UsageError(f"no question can be judged by {finished.spec.outcome}")
    parts = Parts(finished, samples, options.recordings, options.partial_seconds, options.backends)
    growing = list(parts.growing())
    notes = list(parts.notes)
    questions = {sample.question_id for sample in samples}
    deciders: list[tuple[Decides, Decide, Container[str]]] = [
        ("outcome", by_retrieval(evaluator, retriever), questions)
    ]
    if options.interpreter is not None:
        intents = {
            q.id: intent
            for q in finished.suite.questions
            if q.id in questions and (intent := q.tags.get(options.intent))
        }
        if intents:
            deciders.append(("intent", by_intent(finished, options, options.interpreter, intents), intents))
        else:
            notes.append(f"no question has the tag {options.intent!r}, so there is no intent to decide")
    counting = Counting(options.folds, tuple(dict.fromkeys((0.0, options.tolerance))), finished.spec.seed)
    words = Words(evaluator.rarity.zipf, evaluator.rarity.is_rare)
    rules = normaliser(finished.spec.normaliser, finished.suite.language)
    curves = [
        curve(grown, counting, words)
        for decides, decide, of in deciders
        for grown in (
            *_of_text(samples, decides, decide, of, rules.tokenise),
            *(one.grown(decides, decide, of) for one in growing),
        )
        if grown.courses
    ]
    return EarlyDecision(
        finished.spec.outcome, retriever, parts.n_recordings, tuple(curves), tuple(notes),
        *((options.intent, options.interpreter) if len(deciders) > 1 else ()),
    )  # fmt: skip


def by_retrieval(evaluator: Evaluator, retriever: str) -> Decide:
    """Return the decision that is the run's outcome with a retriever."""

    def decide(question_id: str, texts: Sequence[str]) -> list[Decision]:
        reference = " ".join(evaluator.reference(question_id).tokens)
        rankings = evaluator.retrievers[retriever].search_variants(reference, texts, max(2, evaluator.judge.depth))
        outcomes = evaluator.outcomes(question_id, texts, rankings)
        return [Decision(outcome > 0, margin(ranking)) for ranking, outcome in zip(rankings, outcomes, strict=True)]

    return decide


def by_intent(finished: Finished, options: EarlyOptions, interpreter: str, intents: Mapping[str, str]) -> Decide:
    """Return the decision for an intent, by models of the other folds' reference texts. `intents` are those of the questions."""
    texts_of = {question: " ".join(finished.evaluator.reference(question).tokens) for question in intents}
    items = [Item(question, question, "", texts_of[question], intent) for question, intent in intents.items()]
    folds = folds_of(items, "question", finished.spec.seed, options.folds)
    model = build_interpreter(interpreter, finished.suite.language)
    held_out = HeldOut.fit(model, items, folds, [item.text for item in items])
    place = {item.question_id: at for at, item in enumerate(items)}

    def decide(question_id: str, texts: Sequence[str]) -> list[Decision]:
        predictions = held_out.predict_for([place[question_id]] * len(texts), texts)
        return [_decision(prediction, intents[question_id]) for prediction in predictions]

    return decide


def _decision(prediction: Prediction | None, intent: str) -> Decision:
    if prediction is None or prediction.error is not None:
        return NOTHING
    first, second = prediction.score, prediction.runner_up
    return Decision(prediction.intent == intent, (first - second) / first if first and second is not None else None)


def _of_text(
    samples: Sequence[Sample], decides: Decides, decide: Decide, of: Container[str], tokenise: Tokenise
) -> Iterator[Grown]:
    """Yield the references, each question once, and the hypotheses of each backend under each condition."""
    samples = [sample for sample in samples if sample.question_id in of]
    references = {sample.question_id: sample.reference.split() for sample in samples}
    yield Grown("words", [of_words(question, words, decide) for question, words in references.items()], decides=decides)
    for backend, condition in dict.fromkeys((s.backend, s.condition) for s in samples):
        courses = [
            of_words(s.question_id, hypothesis_words(s), decide, word_ends(s, tokenise), s.timings.get("audio", 0.0))
            for s in samples
            if (s.backend, s.condition) == (backend, condition)
        ]
        yield Grown("words", courses, backend, condition, decides=decides)


STUDY: Final = Study(EarlyOptions, EarlyDecision, compute, version="2")
