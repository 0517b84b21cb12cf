"""What one sample says about every measure: a numerator and a denominator, so that a rate over many is a sum over a sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

from harness.analysis.error_rates import ErrorCounts, count_errors
from harness.analysis.metrics import Metric, metric
from harness.records import AlignedWord, BiasCount, Counterfactual, RetrievalOutcome, Sample, Seconds, WordClass
from harness.words.rarity import Rarity

REGION_CLASSES: Mapping[str, WordClass] = {  # as they are called in metric names
    "rare": "rare_entity",
    "rare_other": "rare_other",
    "content": "content",
    "function": "function",
}


class Measure(NamedTuple):
    """A metric, of one retriever (empty: of none) and one source (`reference`, `hypothesis`, or empty)."""

    metric: str
    retriever: str = ""
    source: str = ""

    @property
    def kind(self) -> Metric:
        """The metric's row in the table of metrics."""
        return metric(self.metric.partition(":")[0])  # where retrievers are compared, the source is part of the name

    @property
    def is_count(self) -> bool:
        """Whether it is a number of things, with no denominator."""
        return self.kind.unit == "count"

    @property
    def is_yes_or_no(self) -> bool:
        """Whether it is a share of yes/no outcomes: its numerator counts those of the denominator that are yes."""
        return self.kind.unit == "share"


Contribution = tuple[str, Measure, float, float]  # group, measure, numerator, denominator


def contributions(sample: Sample, groups: Sequence[str], rarity: Rarity) -> Iterator[Contribution]:
    """What one sample adds. `wer` in a `band:` group is that of the words in that band; everything else in it is of the
    questions whose rarest entity word lies in that band.
    """
    errors = sample_errors(sample, rarity)
    everywhere = list(_of_any_group(sample, errors))
    whole = Measure("wer", "", "hypothesis"), errors.words.errors, errors.words.reference
    for group in groups:
        if not group.startswith("band:"):
            yield group, *whole
        yield from ((group, *counted) for counted in everywhere)
    for name, counts in errors.bands.items():
        if counts.errors or counts.reference:
            yield f"band:{name}", Measure("wer", "", "hypothesis"), counts.errors, counts.reference


def _of_any_group(sample: Sample, errors: ErrorCounts) -> Iterator[tuple[Measure, float, float]]:
    for name, counts in (("common_wer", errors.common), ("rare_wer", errors.rare), ("cer", errors.characters)):
        yield Measure(name, "", "hypothesis"), counts.errors, counts.reference
    yield Measure("false_rare_insertions", "", "hypothesis"), errors.false_rare_insertions, 0
    if sample.entities:
        recalled = sum(entity.recalled for entity in sample.entities)
        yield Measure("entity_recall", "", "hypothesis"), recalled, len(sample.entities)
    if sample.bias is not None:
        yield from _bias_list(sample.bias, sample.timings.get("bias", 0.0))
    yield from _retrieval(sample)
    for name, own in REGION_CLASSES.items() if sample.error_regions else ():
        measure = Measure(f"region_share_{name}", "", "hypothesis")
        yield measure, sample.region_classes.count(own), len(sample.error_regions)
    if sample.error_regions:
        n_variants = sum(region.notation for region in sample.error_regions)
        yield Measure("notation_share", "", "hypothesis"), n_variants, len(sample.error_regions)
    yield Measure("runaway_rate", "", "hypothesis"), float(sample.runaway is not None), 1
    runaway_insertions = errors.words.insertions if sample.runaway is not None else 0
    yield Measure("runaway_insertions", "", "hypothesis"), runaway_insertions, errors.words.reference
    for name, timing in (("real_time_factor", "recognise"), ("processor_rtf", "processor")):
        if timing in sample.timings:
            yield Measure(name, "", "hypothesis"), sample.timings[timing], sample.timings["audio"]


def _bias_list(count: BiasCount, preparation: Seconds) -> Iterator[tuple[Measure, float, float]]:
    """Phrases and seconds a recording, and of the question's own names in the list the share that reached the engine."""
    of_each = (
        ("bias_listed", count.listed),
        ("bias_distractors", count.listed - count.own_listed),
        ("bias_sent", count.sent),
        ("bias_preparation", preparation),
    )
    for name, amount in of_each:
        yield Measure(name, "", "hypothesis"), amount, 1
    yield Measure("bias_own_sent", "", "hypothesis"), count.own_sent, count.own_listed


def sample_errors(sample: Sample, rarity: Rarity) -> ErrorCounts:
    """The error counts of one sample; of a failed one, every reference word is wrong."""
    return count_errors(sample.reference.split(), charged_alignment(sample), rarity)


def charged_alignment(sample: Sample) -> tuple[AlignedWord, ...]:
    """The alignment that the errors are counted in; of a failed sample, every word is deleted."""
    if sample.status == "ok":
        return sample.alignment
    return tuple(AlignedWord("deletion", word, None) for word in sample.reference.split())


def _retrieval(sample: Sample) -> Iterator[tuple[Measure, float, float]]:
    for label, outcome in sample.retrieval.items():
        for name, value in outcome.reference_metrics.items():
            yield Measure(name, label, "reference"), value, 1
            yield Measure(name, label, "hypothesis"), outcome.hypothesis_metrics.get(name, 0.0), 1
        yield from _answers_in_snippets(outcome, label)
        if "exact_match" in outcome.reference_metrics:
            yield from _answers(outcome, label)
        if outcome.fate is not None:
            for fate in ("lost", "gained", "kept", "never"):
                yield Measure(fate, label), float(outcome.fate == fate), 1
            if outcome.fate in ("kept", "lost"):
                yield Measure("retained", label), float(outcome.fate == "kept"), 1
            if outcome.fate == "lost":
                yield Measure("one_repair_share", label), float(bool(outcome.restored_by)), 1
                yield from _loss(sample, outcome.counterfactual, label)
        if outcome.counterfactual is not None and outcome.counterfactual.from_reference > 0:
            yield from _injections(sample.region_classes, outcome.counterfactual.inject_one, label)


def _answers_in_snippets(outcome: RetrievalOutcome, label: str) -> Iterator[tuple[Measure, float, float]]:
    """What became of an accepted answer in the first k snippets, for each k that was judged."""
    for name, value in outcome.reference_metrics.items():
        of, _, rank = name.partition("@")
        if of != "has_answer":
            continue
        retained = outcome.hypothesis_metrics.get(name, 0.0) > 0
        yield Measure(f"has_answer_lost@{rank}", label), float(value > 0 and not retained), 1
        if value > 0:
            yield Measure(f"has_answer_retained@{rank}", label), float(retained), 1


def _answers(outcome: RetrievalOutcome, label: str) -> Iterator[tuple[Measure, float, float]]:
    """What became of the answer, by exact match. Its loss is a reader error where the hypothesis still found a snippet that
    bears it, and a retrieval error where it did not; without a transcript nothing was found.
    """
    from_reference, from_hypothesis = (
        metrics.get("exact_match", 0.0) > 0 for metrics in (outcome.reference_metrics, outcome.hypothesis_metrics)
    )
    reference = outcome.reference_metrics
    for reach, read, right in (
        ("reach", "answer_read", "exact_match"),
        ("reach_any_notation", "answer_read_any_notation", "match_any_notation"),
    ):
        if reference.get(read, 0.0) > 0:  # what the reader makes of an answer that it is shown
            yield Measure(reach, label, "reference"), float(reference[right] > 0), 1
    lost = from_reference and not from_hypothesis
    in_reach = outcome.hypothesis_metrics.get("answer_in_reach", 0.0) > 0
    yield Measure("answers_lost", label), float(lost), 1
    yield Measure("answers_gained", label), float(from_hypothesis and not from_reference), 1
    yield Measure("retrieval_error_rate", label), float(lost and not in_reach), 1
    yield Measure("reader_error_rate", label), float(lost and in_reach), 1


def _loss(sample: Sample, counterfactual: Counterfactual | None, label: str) -> Iterator[tuple[Measure, float, float]]:
    """Of one lost outcome: what is to blame, and which repairs return it. Without a transcript, nothing is repaired."""
    smallest = len(counterfactual.smallest_repairs[0]) if counterfactual and counterfactual.smallest_repairs else inf
    for size in (2, 3):
        yield Measure(f"repair_{size}_share", label), float(smallest <= size), 1
    for name, repaired in (("rare", "rare_entity"), ("other", "not_rare_entity"), ("notation", "notation")):
        of_class = counterfactual.class_repair.get(repaired, 0.0) if counterfactual is not None else 0.0
        returns = counterfactual is not None and of_class >= counterfactual.from_reference
        yield Measure(f"class_repair_{name}", label), float(returns), 1
    if counterfactual is not None:
        groups: dict[str, list[bool]] = {
            name: [of == own for of in sample.region_classes] for name, own in REGION_CLASSES.items()
        }
        groups["notation"] = [region.notation for region in sample.error_regions]
        for name, members in groups.items():
            shares = [value for value, member in zip(counterfactual.shapley, members, strict=True) if member]
            yield Measure(f"loss_share_{name}", label), sum(shares), sum(counterfactual.shapley)


def _injections(
    classes: Sequence[WordClass], inject_one: Sequence[float], label: str
) -> Iterator[tuple[Measure, float, float]]:
    """Of each error on its own, put into a question whose reference text reaches the outcome: is the outcome lost?

    `inject_break_rate_other` is of every class but rare words in entities.
    """
    broken = [(own, value == 0) for own, value in zip(classes, inject_one, strict=True)]
    for name, own in REGION_CLASSES.items():
        chosen = [lost for of, lost in broken if of == own]
        yield Measure(f"inject_break_rate_{name}", label), sum(chosen), len(chosen)
    others = [lost for of, lost in broken if of != "rare_entity"]
    yield Measure("inject_break_rate_other", label), sum(others), len(others)
