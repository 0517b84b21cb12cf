"""What one sample says about every measure: a numerator and a denominator, so that a rate over many is a sum over a sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import inf
from typing import NamedTuple

from harness.analysis.error_rates import ErrorCounts, count_errors
from harness.records import AlignedWord, BiasCount, Counterfactual, RetrievalOutcome, Sample, Seconds, WordClass
from harness.words.rarity import is_rare

COUNTS = ("false_rare_insertions",)  # everything else is a rate
YES_OR_NO_OF_RECORDINGS = (  # beginnings of names: each recording counts once, with 0 or 1
    "hit@", "has_answer@", "exact_match", "answer", "refusal_rate", "lost", "gained", "kept", "never", "runaway_rate",
)  # fmt: skip
_YES_OR_NO_OF_PARTS = (  # of some recordings, of each mention, of each error region
    "one_repair_share", "repair_", "class_repair_", "entity_recall", "region_share_", "inject_break_rate_",
    "bias_own_sent",
)  # fmt: skip
REGION_CLASSES: Mapping[str, WordClass] = {  # as they are called in metric names
    "rare": "rare_entity",
    "rare_other": "rare_other",
    "content": "content",
    "function": "function",
}


class Measure(NamedTuple):
    """A metric, of one retriever (empty: of none) and one source (`reference`, `transcript`, or empty)."""

    metric: str
    retriever: str = ""
    source: str = ""


def is_yes_or_no(measure: Measure) -> bool:
    """Whether the measure is a share of yes/no outcomes: its numerator counts those of the denominator that are yes."""
    return measure.metric.startswith((*YES_OR_NO_OF_RECORDINGS, *_YES_OR_NO_OF_PARTS))


Contribution = tuple[str, Measure, float, float]  # group, measure, numerator, denominator


def contributions(sample: Sample, groups: Sequence[str], threshold: float) -> Iterator[Contribution]:
    """What one sample adds. `wer` in a `band:` group is that of the words in that band; everything else in it is of the
    questions whose rarest entity word lies in that band.
    """
    errors = sample_errors(sample, threshold)
    everywhere = list(_of_any_group(sample, errors))
    whole = Measure("wer", "", "transcript"), errors.words.errors, errors.words.reference
    for group in groups:
        if not group.startswith("band:"):
            yield group, *whole
        yield from ((group, *found) for found in everywhere)
    for name, counts in errors.bands.items():
        if counts.errors or counts.reference:
            yield f"band:{name}", Measure("wer", "", "transcript"), counts.errors, counts.reference


def _of_any_group(sample: Sample, errors: ErrorCounts) -> Iterator[tuple[Measure, float, float]]:
    for metric, counts in (("common_wer", errors.common), ("rare_wer", errors.rare), ("cer", errors.characters)):
        yield Measure(metric, "", "transcript"), counts.errors, counts.reference
    yield Measure("false_rare_insertions", "", "transcript"), errors.false_rare_insertions, 0
    if sample.entities:
        recalled = sum(entity.recalled for entity in sample.entities)
        yield Measure("entity_recall", "", "transcript"), recalled, len(sample.entities)
    if sample.bias is not None:
        yield from _bias_list(sample.bias, sample.timings.get("bias", 0.0))
    yield from _retrieval(sample)
    for name, own in REGION_CLASSES.items() if sample.error_regions else ():
        measure = Measure(f"region_share_{name}", "", "transcript")
        yield measure, sample.region_classes.count(own), len(sample.error_regions)
    yield Measure("runaway_rate", "", "transcript"), float(sample.runaway is not None), 1
    runaway_insertions = errors.words.insertions if sample.runaway is not None else 0
    yield Measure("runaway_insertions", "", "transcript"), runaway_insertions, errors.words.reference
    for metric, timing in (("real_time_factor", "recognise"), ("processor_rtf", "processor")):
        if timing in sample.timings:
            yield Measure(metric, "", "transcript"), sample.timings[timing], sample.timings["audio"]


def _bias_list(count: BiasCount, preparation: Seconds) -> Iterator[tuple[Measure, float, float]]:
    """Phrases and seconds a recording, and of the question's own names in the list the share that reached the engine."""
    of_each = (
        ("bias_listed", count.listed),
        ("bias_distractors", count.listed - count.own_listed),
        ("bias_sent", count.sent),
        ("bias_preparation", preparation),
    )
    for metric, amount in of_each:
        yield Measure(metric, "", "transcript"), amount, 1
    yield Measure("bias_own_sent", "", "transcript"), count.own_sent, count.own_listed


def sample_errors(sample: Sample, threshold: float) -> ErrorCounts:
    """The error counts of one sample; of a failed one, every reference word is wrong."""
    spans = [(entity.start, entity.end) for entity in sample.entities]
    rare = partial(is_rare, threshold=threshold)
    return count_errors(sample.reference.split(), charged_alignment(sample), rare, spans)


def charged_alignment(sample: Sample) -> tuple[AlignedWord, ...]:
    """The alignment that the errors are counted in; a failed sample heard none of the words."""
    if sample.status == "ok":
        return sample.alignment
    return tuple(AlignedWord("deletion", word, None) for word in sample.reference.split())


def _retrieval(sample: Sample) -> Iterator[tuple[Measure, float, float]]:
    for label, outcome in sample.retrieval.items():
        for metric, value in outcome.reference_metrics.items():
            yield Measure(metric, label, "reference"), value, 1
            yield Measure(metric, label, "transcript"), outcome.hypothesis_metrics.get(metric, 0.0), 1
        if "exact_match" in outcome.reference_metrics:
            yield from _answers(outcome, label)
        if outcome.fate is not None:
            for fate in ("lost", "gained", "kept", "never"):
                yield Measure(fate, label), float(outcome.fate == fate), 1
            if outcome.fate == "lost":
                yield Measure("one_repair_share", label), float(bool(outcome.restored_by)), 1
                yield from _loss(sample.region_classes, outcome.counterfactual, label)
        if outcome.counterfactual is not None and outcome.counterfactual.typed > 0:
            yield from _injections(sample.region_classes, outcome.counterfactual.inject_one, label)


def _answers(outcome: RetrievalOutcome, label: str) -> Iterator[tuple[Measure, float, float]]:
    """What became of the answer, by exact match. It is lost to reading where the transcript still found a snippet that
    bears it, and to retrieval where it did not; without a transcript nothing was found.
    """
    typed, spoken = (
        metrics.get("exact_match", 0.0) > 0 for metrics in (outcome.reference_metrics, outcome.hypothesis_metrics)
    )
    lost, in_reach = typed and not spoken, outcome.hypothesis_metrics.get("answer_in_reach", 0.0) > 0
    yield Measure("answers_lost", label), float(lost), 1
    yield Measure("answers_gained", label), float(spoken and not typed), 1
    yield Measure("answers_lost_to_retrieval", label), float(lost and not in_reach), 1
    yield Measure("answers_lost_to_reading", label), float(lost and in_reach), 1


def _loss(
    classes: Sequence[WordClass], found: Counterfactual | None, label: str
) -> Iterator[tuple[Measure, float, float]]:
    """Of one lost answer: what is to blame, and which repairs bring it back. Without a transcript, nothing is repaired."""
    smallest = len(found.smallest_repairs[0]) if found and found.smallest_repairs else inf
    for size in (1, 2, 3):
        yield Measure(f"repair_{size}_share", label), float(smallest <= size), 1
    for name, repaired in (("rare", "rare_entity"), ("other", "not_rare_entity")):
        back = found is not None and found.class_repair[repaired] >= found.typed
        yield Measure(f"class_repair_{name}", label), float(back), 1
    if found is not None:
        for name, own in REGION_CLASSES.items():
            shares = [value for value, of in zip(found.shapley, classes, strict=True) if of == own]
            yield Measure(f"loss_share_{name}", label), sum(shares), sum(found.shapley)


def _injections(
    classes: Sequence[WordClass], inject_one: Sequence[float], label: str
) -> Iterator[tuple[Measure, float, float]]:
    """Of each error on its own, put into a question that is answered from the reference text: does it lose the answer?

    `inject_break_rate_other` is of every class but rare words in entities.
    """
    broken = [(own, value == 0) for own, value in zip(classes, inject_one, strict=True)]
    for name, own in REGION_CLASSES.items():
        chosen = [lost for of, lost in broken if of == own]
        yield Measure(f"inject_break_rate_{name}", label), sum(chosen), len(chosen)
    others = [lost for of, lost in broken if of != "rare_entity"]
    yield Measure("inject_break_rate_other", label), sum(others), len(others)
