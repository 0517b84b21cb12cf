"""The plan: every sample of a run, written down before any work, so that what is missing can be counted."""

from __future__ import annotations

from harness.errors import UsageError
from harness.records import PlannedSample, Suite, Utterance
from harness.runs.spec import RunSpec


def plan_samples(suite: Suite, spec: RunSpec) -> tuple[PlannedSample, ...]:
    """Return all samples in the order of work: backend, then condition, then the suite's own order.

    `spec.limit` keeps the recordings of the first questions of the suite, `spec.utterances` those recordings only.
    Raises `UsageError` for an utterance that the suite does not have.
    """
    known = {utterance.id for utterance in suite.utterances}
    for wanted in spec.utterances:
        if wanted not in known:
            raise UsageError(
                f"utterance {wanted!r}: no recording of the suite has that id. Take one of utterances.jsonl."
            )
    kept = {question.id for question in suite.questions[: spec.limit]}
    utterances: list[Utterance] = [utterance for utterance in suite.utterances if utterance.question_id in kept]
    if spec.utterances:
        utterances = [utterance for utterance in utterances if utterance.id in spec.utterances]
    return tuple(
        PlannedSample(
            key=f"{utterance.id}|{condition.label}|{backend.label}",
            utterance_id=utterance.id,
            question_id=utterance.question_id,
            condition=condition.label,
            backend=backend.label,
        )
        for backend in spec.backends
        for condition in spec.conditions
        for utterance in utterances
    )
