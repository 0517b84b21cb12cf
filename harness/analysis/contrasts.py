"""Rare entity words against all other words, within the same questions: does an error on the one cost more outcomes?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.comparisons import Outcomes
from harness.analysis.measures import Measure
from harness.analysis.significance import sign_flip
from harness.analysis.statistics import percentile_intervals, resampled_ratios, rounded, six_digits


@dataclass(frozen=True, slots=True)
class Contrast:
    """`b` minus `a` in one arm, paired by question: the mean over questions of the difference of their two rates.

    `n` counts the questions that have both; `p_value` is of the sign-flip test, `None` where there is no such question.
    """

    backend: str
    condition: str
    retriever: str
    a: str
    b: str
    delta: float | None
    ci_low: float | None
    ci_high: float | None
    test: str
    p_value: float | None
    n: int


def inject_contrasts(
    outcomes: Mapping[str, Outcomes],
    question_of: Mapping[str, str],
    cell: tuple[str, str],
    weights: NDArray[np.float64],
    seed: int,
) -> tuple[Contrast, ...]:
    """For each retriever, the share of single injected errors that lose the outcome: on rare entity words less on others.

    `outcomes` is by utterance, `question_of` maps utterance ids to question ids in the order of the plan, `cell` is
    backend and condition, `weights` float64[n_resamples, n_questions].
    """
    order = {question: index for index, question in enumerate(dict.fromkeys(question_of.values()))}
    retrievers = sorted(
        {m.retriever for measures in outcomes.values() for m in measures if m.metric == "inject_break_rate_rare"}
    )
    contrasts = []
    for retriever in retrievers:
        measures = [Measure(f"inject_break_rate_{name}", retriever) for name in ("other", "rare")]
        sums = np.zeros((2, 2, len(order)))  # other and rare, broken and injected, question
        for identity, own in outcomes.items():
            sums[:, :, order[question_of[identity]]] += [own.get(measure, (0.0, 0.0)) for measure in measures]
        contrasts.append(_contrast(sums, measures, (*cell, retriever), weights, seed))
    return tuple(contrasts)


def _contrast(
    sums: NDArray[np.float64],
    measures: Iterable[Measure],
    cell: tuple[str, str, str],
    weights: NDArray[np.float64],
    seed: int,
) -> Contrast:
    both: NDArray[np.bool_] = np.logical_and(*(sums[:, 1] > 0))  # questions with an error on either kind of word
    a, b = (measure.metric for measure in measures)
    if not both.any():
        return Contrast(*cell, a, b, None, None, None, "sign-flip", None, 0)
    rates = np.divide(sums[:, 0], sums[:, 1], out=np.zeros_like(sums[:, 0]), where=both)
    differences = rates[1] - rates[0]
    intervals = percentile_intervals(resampled_ratios(differences[:, None], both[:, None].astype(np.float64), weights))
    return Contrast(
        *cell, a, b,
        rounded(float(differences[both].mean())), rounded(intervals.low[0]), rounded(intervals.high[0]),
        "sign-flip", six_digits(sign_flip(differences[both], seed)), int(both.sum()),
    )  # fmt: skip
