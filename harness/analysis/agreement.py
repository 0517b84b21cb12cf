"""Retrievers beside one another on the same transcripts: who loses which outcomes, and who would have saved them.

A lexical retriever matches words and a dense one meanings, so an error that costs one of them the outcome need not cost the
other. What one of two retrievers saves of the other's losses is what fusing them could win at best; what a fusion does win
stands in the same table, since it is a retriever, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from harness.analysis.attribution import Estimate
from harness.analysis.comparisons import Arm, Outcomes, compare_arms
from harness.analysis.measures import Measure
from harness.analysis.rules import Rules
from harness.analysis.statistics import rounded, share_intervals
from harness.records import Fate, Sample

# What retrievers are compared in: of both texts what they find, of errors what they do.
_BOTH_TEXTS = ("hit@1", "rr@10", "exact_match", "f1")
_OF_ERRORS = ("lost", "loss_share_rare", "inject_break_rate_rare", "inject_break_rate_other")
_FROM_REFERENCE: tuple[Fate, ...] = ("kept", "lost")
_FROM_HYPOTHESIS: tuple[Fate, ...] = ("kept", "gained")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What retriever `b` makes of the outcomes of retriever `a`, on one backend's transcripts under one condition.

    `n` counts recordings. Of those where both reach the outcome from the reference, `lost_only_a`, `lost_only_b` and
    `lost_both` are lost from the hypothesis and `kept_both` are not. Of all outcomes that `a` lost (`lost_a`), `rescued` is
    the share that `b` reaches from the hypothesis; of all that `a` reaches from the hypothesis, `harmed` is the share that
    `b` does not reach; `harmed_reference` is the same of the reference.
    """

    backend: str
    condition: str
    a: str
    b: str
    n: int
    lost_a: int
    lost_only_a: int
    lost_only_b: int
    lost_both: int
    kept_both: int
    rescued: Estimate
    harmed: Estimate
    harmed_reference: Estimate


@dataclass(frozen=True, slots=True)
class RetrieverComparison:
    """Retriever `b` minus retriever `a`, paired by question; `a` is the first of the run.

    `source` is `reference` or `hypothesis` for what each text finds, `None` for what errors do. `p_holm` is
    adjusted over all comparisons on one backend's transcripts under one condition. Other fields as in `Comparison`.
    """

    backend: str
    condition: str
    a: str
    b: str
    metric: str
    source: str | None
    delta: float | None
    ci_low: float | None
    ci_high: float | None
    test: str | None
    p_value: float | None
    p_holm: float | None
    n: int
    detectable: float | None


def agreements(samples: Sequence[Sample], cell: tuple[str, str], order: Mapping[str, int]) -> tuple[Agreement, ...]:
    """A record for every ordered pair of retrievers that judged these samples; none where fewer than two did.

    `cell` is backend and condition; `order` maps question ids to the columns of `weights`, float64[n_resamples,
    n_questions].
    """
    return tuple(_agreement(samples, (*cell, a, b), order) for a, b in permutations(_retrievers(samples), 2))


def compare_retrievers(
    outcomes: Mapping[str, Outcomes],
    question_of: Mapping[str, str],
    cell: tuple[str, str],
    weights: NDArray[np.float64],
    seed: int,
    rules: Rules,
) -> tuple[RetrieverComparison, ...]:
    """Every retriever against the first, in all that both have. Parameters as those of `contrasts.inject_contrasts`."""
    metrics = [
        f"{metric}:{source}"
        for metric in dict.fromkeys((rules.metric, *_BOTH_TEXTS))
        for source in ("reference", "hypothesis")
    ]
    metrics += [f"{metric}:" for metric in _OF_ERRORS]
    retrievers = dict.fromkeys(m.retriever for measures in outcomes.values() for m in measures if m.retriever)
    arms = [Arm(label, cell[1], dict(_of_retriever(outcomes, label)), {}) for label in retrievers]
    compared = compare_arms(((arms[0], arm) for arm in arms[1:]), question_of, weights, seed, metrics)
    comparisons = []
    for c in compared:
        metric, _, source = c.metric.partition(":")
        comparisons.append(
            RetrieverComparison(
                *cell, c.a, c.b, metric, source or None, c.delta, c.ci_low, c.ci_high, c.test, c.p_value, c.p_holm, c.n,
                c.detectable,
            )
        )  # fmt: skip
    return tuple(comparisons)


def _of_retriever(outcomes: Mapping[str, Outcomes], label: str) -> Iterator[tuple[str, Outcomes]]:
    """One retriever's measures under names that another's have, too: `hit@1:reference`."""
    for identity, measures in outcomes.items():
        own = {Measure(f"{m.metric}:{m.source}"): value for m, value in measures.items() if m.retriever == label}
        yield identity, own


def _retrievers(samples: Iterable[Sample]) -> tuple[str, ...]:
    """Those that judged outcomes, in the order of the run."""
    labels = (label for s in samples for label, outcome in s.retrieval.items() if outcome.fate is not None)
    return tuple(dict.fromkeys(labels))


def _agreement(
    samples: Iterable[Sample],
    cell: tuple[str, str, str, str],
    order: Mapping[str, int],
) -> Agreement:
    n = 0
    shared = dict.fromkeys([(a, b) for a in _FROM_REFERENCE for b in _FROM_REFERENCE], 0)
    sums = np.zeros((2, max(len(order), 1), 3))  # of rescued, harmed, harmed_reference
    for sample in samples:
        fates = [outcome.fate if (outcome := sample.retrieval.get(label)) else None for label in cell[2:]]
        a, b = fates
        if a is None or b is None:
            continue
        n += 1
        if (a, b) in shared:
            shared[a, b] += 1
        row = order[sample.question_id]
        for column, (counts, happened) in enumerate(
            (
                (a == "lost", b in _FROM_HYPOTHESIS),
                (a in _FROM_HYPOTHESIS, b not in _FROM_HYPOTHESIS),
                (a in _FROM_REFERENCE, b not in _FROM_REFERENCE),
            )
        ):
            sums[:, row, column] += counts and happened, counts
    tops, bottoms = sums
    intervals = share_intervals(tops, bottoms)
    with np.errstate(invalid="ignore"):
        shares = tops.sum(axis=0) / bottoms.sum(axis=0)
    estimates = (
        Estimate(rounded(share), rounded(low), rounded(high))
        for share, low, high in zip(shares, intervals.low, intervals.high, strict=True)
    )
    return Agreement(
        *cell, n, int(bottoms[:, 0].sum()), shared["lost", "kept"], shared["kept", "lost"], shared["lost", "lost"],
        shared["kept", "kept"], *estimates,
    )  # fmt: skip
