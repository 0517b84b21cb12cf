"""Constructed samples: what a run would have kept of a sentence recognised in a given way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.records import (
    Counterfactual,
    EntityFate,
    Failure,
    Fate,
    Question,
    Ranking,
    RareWord,
    RetrievalOutcome,
    Sample,
    Transcript,
    WordClass,
)
from harness.words.align import align, error_regions
from harness.words.rarity import band, is_rare, zipf

NOTHING = Ranking((), ())


def questions_of(samples: Iterable[Sample]) -> dict[str, Question]:
    """Return the questions of the samples, written as their references are."""
    return {sample.question_id: Question(sample.question_id, sample.reference) for sample in samples}


def sample(  # noqa: PLR0917
    question: str,
    reference: str,
    hypothesis: str,
    fate: Fate,
    shapley: Sequence[float] = (),
    classes: Sequence[WordClass] = (),
    entities: Sequence[tuple[int, int]] = (),
    breaks: Sequence[int] = (),
    restored_by: Sequence[int] = (),
) -> Sample:
    """A sample searched with the retriever "bm25". Without Shapley values it has no counterfactual.

    `breaks` are the regions that lose the outcome when each is the only error.
    """
    reference_words, hypothesis_words = reference.split(), hypothesis.split()
    alignment = align(reference_words, hypothesis_words)
    regions = error_regions(alignment)
    from_reference, from_hypothesis = float(fate in ("lost", "kept")), float(fate in ("gained", "kept"))
    counterfactual = Counterfactual(
        "hit@1", from_hypothesis, from_reference,
        repair_one=tuple(float(index in restored_by) for index in range(len(regions))),
        inject_one=tuple(float(from_reference and index not in breaks) for index in range(len(regions))),
        shapley=tuple(shapley),
        shapley_error=(),
        smallest_repairs=(),
        class_repair={},
    )  # fmt: skip
    outcome = RetrievalOutcome(
        NOTHING,
        NOTHING,
        {"hit@1": from_reference},
        {"hit@1": from_hypothesis},
        fate,
        tuple(restored_by),
        counterfactual if shapley else None,
    )
    assert len(shapley) in (0, len(regions)), (regions, shapley)
    operations = [step for step in alignment if step.reference is not None]
    rare_words = []
    for position, step in enumerate(operations):
        word = reference_words[position]
        if is_rare(word, "en"):
            region = next((r for r in regions if r.reference_start <= position < r.reference_end), None)
            stood_there = (
                " ".join(hypothesis_words[region.hypothesis_start : region.hypothesis_end]) if region else None
            )
            entity = any(start <= position < end for start, end in entities)
            rare_words.append(
                RareWord(word, position, zipf(word, "en"), band(zipf(word, "en")), entity, step.operation, stood_there)
            )
    return Sample(
        f"{question}.a/clean/b", "ok", f"{question}.a", question, "clean", "b", reference,
        transcript=Transcript(hypothesis),
        alignment=alignment,
        error_regions=regions,
        region_classes=tuple(classes) or ("content",) * len(regions),
        rare_words=tuple(rare_words),
        entities=tuple(EntityFate(" ".join(reference_words[s:e]), s, e, recalled=False) for s, e in entities),
        retrieval={"bm25": outcome},
    )  # fmt: skip


def failed(question: str, reference: str, entities: Sequence[tuple[int, int]] = ()) -> Sample:
    """A sample that has no transcript, of a question that reaches the outcome from its text."""
    reference_words = reference.split()
    return Sample(
        f"{question}.a/clean/b", "error", f"{question}.a", question, "clean", "b", reference,
        entities=tuple(EntityFate(" ".join(reference_words[s:e]), s, e, recalled=False) for s, e in entities),
        retrieval={"bm25": RetrievalOutcome(NOTHING, NOTHING, {"hit@1": 1.0}, {}, "lost")},
        error=Failure("recognise", "RecognitionError", "no sound"),
    )  # fmt: skip
