"""Shares and means over recordings, with intervals that keep all recordings of a question together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.analysis.attribution import Estimate
from harness.analysis.statistics import RESAMPLES, bootstrap_weights, ratio_intervals, rounded, share_intervals


class Clusters:
    """Intervals for one set of courses, whose questions are resampled."""

    def __init__(self, questions: Sequence[str], seed: int, resamples: int = RESAMPLES) -> None:
        numbers = {question: number for number, question in enumerate(dict.fromkeys(questions))}
        self.n_questions = len(numbers)
        self._of = np.array([numbers[question] for question in questions], dtype=np.int64)
        self._weights = bootstrap_weights(self.n_questions, seed, resamples) if numbers else np.zeros((0, 0))

    def share(self, yes: NDArray[np.bool_], of: NDArray[np.bool_] | None = None) -> Estimate:
        """Return the share of yes, among the courses marked in `of`."""
        counted = np.ones(len(yes), dtype=np.bool_) if of is None else of
        return self._estimate((yes & counted).astype(np.float64), counted.astype(np.float64), yes_or_no=True)

    def mean(self, values: NDArray[np.float64], of: NDArray[np.bool_] | None = None) -> Estimate:
        """Return the mean, among the courses marked in `of`."""
        counted = np.ones(len(values), dtype=np.bool_) if of is None else of
        return self._estimate(np.where(counted, values, 0.0), counted.astype(np.float64))

    def ratio(self, above: NDArray[np.float64], below: NDArray[np.float64]) -> Estimate:
        """Return a sum over a sum."""
        return self._estimate(above, below)

    def _estimate(self, above: NDArray[np.float64], below: NDArray[np.float64], *, yes_or_no: bool = False) -> Estimate:
        total = float(below.sum())
        if not total:
            return Estimate(None, None, None)
        tops, bottoms = self._summed(above), self._summed(below)
        intervals = share_intervals(tops, bottoms) if yes_or_no else ratio_intervals(tops, bottoms, self._weights)
        return Estimate(rounded(float(above.sum()) / total), rounded(intervals.low[0]), rounded(intervals.high[0]))

    def _summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.zeros((self.n_questions, 1))
        np.add.at(sums[:, 0], self._of, values)
        return sums
