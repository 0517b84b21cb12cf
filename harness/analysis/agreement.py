"""Retrievers beside one another on the same transcripts: who loses which answers, and who would have saved them.

A lexical retriever matches words and a dense one meanings, so an error that costs one of them the answer need not cost the
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
from harness.analysis.statistics import rounded, share_intervals
from harness.records import Fate, Sample

# What retrievers are compared in: of both texts what they find, of errors what they do.
_BOTH_TEXTS = ("hit@1", "rr@10", "exact_match", "f1")
_OF_ERRORS = ("lost", "loss_share_rare", "inject_break_rate_rare", "inject_break_rate_other")
_TYPED: tuple[Fate, ...] = ("kept", "lost")
_HEARD: tuple[Fate, ...] = ("kept", "gained")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What retriever `b` makes of the answers of retriever `a`, on one backend's transcripts under one condition.

    `n` counts recordings. Of those that both answer from the typed question, `lost_only_a`, `lost_only_b` and `lost_both`
    were lost with the transcript and `kept_both` were not. Of all answers that `a` lost (`lost_a`), `rescued` is the share
    that `b` gives from the transcript; of all that `a` gives from the transcript, `harmed` is the share that `b` does not
    give; `harmed_typed` is the same of the typed questions.
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
    harmed_typed: Estimate


@dataclass(frozen=True, slots=True)
class RetrieverComparison:
    """Retriever `b` minus retriever `a`, paired by question; `a` is the first of the run.

    `source` is `reference` for typed questions, `transcript` for what was heard, `None` for what errors do. `p_holm` is
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
) -> tuple[RetrieverComparison, ...]:
    """Every retriever against the first, in all that both have. Parameters as those of `contrasts.inject_contrasts`."""
    metrics = [f"{metric}:{source}" for metric in _BOTH_TEXTS for source in ("reference", "transcript")]
    metrics += [f"{metric}:" for metric in _OF_ERRORS]
    retrievers = dict.fromkeys(m.retriever for found in outcomes.values() for m in found if m.retriever)
    arms = [Arm(label, cell[1], dict(_of_retriever(outcomes, label)), {}) for label in retrievers]
    found = compare_arms(((arms[0], arm) for arm in arms[1:]), question_of, weights, seed, metrics)
    comparisons = []
    for c in found:
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
    for identity, found in outcomes.items():
        own = {Measure(f"{m.metric}:{m.source}"): value for m, value in found.items() if m.retriever == label}
        yield identity, own


def _retrievers(samples: Iterable[Sample]) -> tuple[str, ...]:
    """Those that judged answers, in the order of the run."""
    labels = (label for s in samples for label, outcome in s.retrieval.items() if outcome.fate is not None)
    return tuple(dict.fromkeys(labels))


def _agreement(
    samples: Iterable[Sample],
    cell: tuple[str, str, str, str],
    order: Mapping[str, int],
) -> Agreement:
    n = 0
    shared = dict.fromkeys([(a, b) for a in _TYPED for b in _TYPED], 0)
    sums = np.zeros((2, max(len(order), 1), 3))  # of rescued, harmed, harmed_typed
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
            ((a == "lost", b in _HEARD), (a in _HEARD, b not in _HEARD), (a in _TYPED, b not in _TYPED))
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
