"""Whether a difference between two backends is more than chance: paired tests, Holm's correction, and what could be seen.

Every test is two-sided and paired. Arrays go in, one number or one record comes out; nothing here knows of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.statistics import exact, one_thread
from harness.records import AlignedWord

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 10_000
SIGNIFICANCE, POWER = 0.05, 0.8
_ENUMERATED = 14  # questions that differ; 2**14 patterns are as many as are drawn otherwise
_CHUNK = 1_000  # sign patterns held at once
_TIE = 1e-12  # relative: two patterns of equal statistic must count as equal however they were rounded
_BOUNDARY = 2  # words right in both systems that end a segment: sc_stats' own setting


# ---- yes/no outcomes -----------------------------------------------------------------------------------------------


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value of McNemar's test (Psychometrika 12, 1947): a binomial test of the discordant pairs.

    `only_first` counts the questions that the first arm alone has right, `only_second` those of the second alone.
    """
    from scipy.special import betainc

    if only_first == only_second:
        return 1.0
    n, fewer = only_first + only_second, min(only_first, only_second)
    # P(X <= fewer) of the binomial distribution of n pairs, as an incomplete beta function: as fast for millions of pairs.
    return min(1.0, 2 * float(betainc(n - fewer, fewer + 1, 0.5)))


# ---- any rate ------------------------------------------------------------------------------------------------------


def sign_flip(differences: NDArray[np.float64], seed: int, resamples: int = RESAMPLES) -> float:
    """The p-value of the randomisation test of paired differences, float64[n_questions], about a mean of zero.

    If the two arms were alike, each difference could as well have the other sign. All 2**k patterns of signs are tried
    where k <= 14 questions differ; otherwise `resamples` of them are drawn and p is (r + 1) / (resamples + 1), with r
    patterns at least as extreme as what was seen (Edgington & Onghena 2007; Phipson & Smyth 2010).
    """
    pairs = np.stack([differences, np.zeros(len(differences))])[:, :, None]
    return float(sign_flip_rates(pairs, np.ones(pairs.shape), seed, resamples)[0])


def sign_flip_rates(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64], seed: int, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """The same test for rates: the statistic is the difference of two ratios of sums, and a flip swaps a question's arms.

    Both are float64[2, n_questions, n_columns], summed within questions; the p-values are float64[n_columns], NaN where
    an arm has no denominator.
    """
    tops, bottoms = exact(numerators), exact(denominators)
    p_values = np.full(tops.shape[2], np.nan)
    drawn: list[int] = []
    for column in np.flatnonzero((bottoms.sum(axis=1) > 0).all(axis=0)):
        swap = _Swap.of(tops[:, :, column], bottoms[:, :, column])
        if len(swap.top) > _ENUMERATED:
            drawn.append(int(column))
        else:
            p_values[column] = np.mean(swap.at_least_as_extreme(_all_patterns(len(swap.top))))
    if drawn:
        swaps = [_Swap.of(tops[:, :, column], bottoms[:, :, column], keep_all=True) for column in drawn]
        extreme = np.zeros(len(drawn), dtype=np.int64)
        with one_thread():
            for patterns in _drawn_patterns(tops.shape[1], seed, resamples):
                extreme += [swap.at_least_as_extreme(patterns).sum() for swap in swaps]
        p_values[drawn] = (extreme + 1) / (resamples + 1)
    return p_values


@dataclass(frozen=True)
class _Swap:
    """What swapping does to one column. With signs s, the arms' sums are (total ± s @ difference) / 2."""

    top: NDArray[np.float64]  # first arm minus second, float64[n_questions]
    bottom: NDArray[np.float64]
    top_total: float
    bottom_total: float

    @classmethod
    def of(cls, tops: NDArray[np.float64], bottoms: NDArray[np.float64], *, keep_all: bool = False) -> _Swap:
        """Questions whose arms are alike change nothing and are left out, unless the patterns cover all."""
        top, bottom = tops[0] - tops[1], bottoms[0] - bottoms[1]
        kept = np.full(len(top), True) if keep_all else (top != 0) | (bottom != 0)
        return cls(top[kept], bottom[kept], float(tops.sum()), float(bottoms.sum()))

    def at_least_as_extreme(self, patterns: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each row of signs, whether the difference of the rates is no smaller than the one seen."""
        seen = self._difference(self.top.sum(keepdims=True), self.bottom.sum(keepdims=True))[0]
        extreme: NDArray[np.bool_] = self._difference(patterns @ self.top, patterns @ self.bottom) >= seen * (1 - _TIE)
        return extreme

    def _difference(self, top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
        """|rate - other rate| from the differences of the sums; 0 where an arm is left without a denominator."""
        below = self.bottom_total**2 - bottom**2
        with np.errstate(invalid="ignore", divide="ignore"):
            difference = 2 * np.abs(top * self.bottom_total - bottom * self.top_total) / below
        return np.where(below > 0, difference, 0.0)


def _all_patterns(n: int) -> NDArray[np.float64]:
    """Every row of n signs: float64[2**n, n]."""
    return np.where((np.arange(2**n)[:, None] >> np.arange(n)) & 1, -1.0, 1.0)


def _drawn_patterns(n: int, seed: int, resamples: int) -> Iterator[NDArray[np.float64]]:
    """Rows of n random signs, float64[up to _CHUNK, n], `resamples` in all."""
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        yield np.where(generator.integers(0, 2, size=(min(_CHUNK, resamples - start), n)), -1.0, 1.0)


# ---- word errors ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mapsswe:
    """The matched-pairs test of word errors. `mean` and `standard_deviation` are of the differences per segment.

    `z` and `p_value` are `None` where the differences do not vary, so that their spread is no yardstick.
    """

    segments: int
    mean: float
    standard_deviation: float
    z: float | None
    p_value: float | None


def mapsswe(first: Sequence[Sequence[AlignedWord]], second: Sequence[Sequence[AlignedWord]]) -> Mapsswe:
    """Matched Pairs Sentence-Segment Word Error test (Gillick & Cox, ICASSP 1989; Pallett et al., ICASSP 1990).

    Both are the alignments of the same utterances, in the same order. Each pair is cut wherever two or more words in a
    row are right in both systems; the pieces with errors are the segments. Z is the mean difference of errors per
    segment over its standard error (n - 1 in the variance), and p its two tails under the normal distribution, which
    wants some fifty segments. Segments count as independent: one recording a question, or p comes out too small.

    Raises `ValueError` when the two are not of the same references.
    """
    differences = np.array(
        [a - b for one, other in zip(first, second, strict=True) for a, b in segment_errors(one, other)]
    )
    n = len(differences)
    mean = float(differences.mean()) if n else 0.0
    deviation = float(differences.std(ddof=1)) if n > 1 else 0.0
    if deviation == 0:
        return Mapsswe(n, mean, deviation, None, None)
    z = mean / (deviation / sqrt(n))
    return Mapsswe(n, mean, deviation, z, erfc(abs(z) / sqrt(2)))


def segment_errors(first: Sequence[AlignedWord], second: Sequence[AlignedWord]) -> Iterator[tuple[int, int]]:
    """The errors of both systems in each segment of one utterance.

    ref      did peter medawar study rejection in london
    first    did peter MAD     study PROJECT   in london    -> one segment with errors (2, 1): `study` alone does not
    second   did peter medawar study INJECTION in london       end it, `in london` does
    """
    inside, right, errors = False, 0, [0, 0]
    for here in _paired_slots(first, second):
        if any(here):
            errors = [total + new for total, new in zip(errors, here, strict=True)]
            inside, right = True, 0
            continue
        right += 1
        if inside and right == _BOUNDARY:
            yield errors[0], errors[1]
            inside, errors = False, [0, 0]
    if inside:
        yield errors[0], errors[1]


def _paired_slots(first: Sequence[AlignedWord], second: Sequence[AlignedWord]) -> Iterator[tuple[int, int]]:
    """The errors of both systems, slot by slot: words inserted before a reference word, if any, then the word itself."""
    for one, other in zip_longest(_slots(first), _slots(second)):
        if one is None or other is None or one[0] != other[0]:
            raise ValueError("the two alignments are not of the same reference")
        if one[1] or other[1]:
            yield one[1], other[1]
        if one[0] is not None:
            yield one[2], other[2]


def _slots(alignment: Sequence[AlignedWord]) -> Iterator[tuple[str | None, int, int]]:
    """Each reference word, the number of words inserted before it, and whether it is wrong; `None` stands for the end."""
    inserted = 0
    for step in alignment:
        if step.reference is None:
            inserted += 1
        else:
            yield step.reference, inserted, int(step.operation != "hit")
            inserted = 0
    yield None, inserted, 0


# ---- many tests, and too few questions -----------------------------------------------------------------------------


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number, step down (Holm, Scandinavian Journal of Statistics 6, 1979), in their order."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def minimum_detectable_difference(differences: NDArray[np.float64]) -> float | None:
    """The smallest true difference that a paired test at 0.05 (two-sided) finds 4 times in 5 (power 0.8).

    `differences` are float64[n_questions], one per question, in the unit of the answer:
    (z(1 - 0.05 / 2) + z(0.8)) * sd / sqrt(n), the normal approximation for paired means (Chow, Shao & Wang, Sample Size
    Calculations in Clinical Research, 2008, 3.1; for evaluations of language models: Miller, arXiv:2411.00640, sec. 5).
    `None` where they do not vary, since a spread of nothing promises nothing.
    """
    if len(differences) < 2:
        return None
    deviation = float(differences.std(ddof=1))
    if deviation == 0:
        return None
    normal = NormalDist()
    return (normal.inv_cdf(1 - SIGNIFICANCE / 2) + normal.inv_cdf(POWER)) * deviation / sqrt(len(differences))


def linearised_differences(numerators: NDArray[np.float64], denominators: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each question contributes to the difference of two ratios of sums, second arm minus first (delta method).

    float64[2, n_questions] each. Their mean is 0 and their standard error that of the difference to first order
    (Cochran, Sampling Techniques, 1977, 6.3). With equal denominators these are the plain differences, centred.
    """
    ratios = numerators.sum(axis=1) / denominators.sum(axis=1)
    residuals = (numerators - ratios[:, None] * denominators) / denominators.mean(axis=1)[:, None]
    differences: NDArray[np.float64] = residuals[1] - residuals[0]
    return differences
