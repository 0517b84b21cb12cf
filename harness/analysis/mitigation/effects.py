"""What a change does to outcomes, paired: difference, interval, test, and Holm's correction over the changes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.analysis.mitigation.records import BandEffect, Ceiling, Effect
from harness.analysis.significance import holm, mcnemar_exact, sign_flip_rates
from harness.analysis.statistics import ratio_intervals, rounded, share_intervals, six_digits
from harness.words.rarity import BANDS


@dataclass(frozen=True)
class Pairs:
    """Outcomes of the same texts without and with a change: float64[n_texts] each; `rows` are the places of their questions."""

    rows: NDArray[np.int64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[int], before: Sequence[float], after: Sequence[float]) -> Pairs:
        """Return them as arrays."""
        return cls(
            np.array(rows, dtype=np.int64),
            np.array(before, dtype=np.float64),
            np.array(after, dtype=np.float64),
        )

    def sums(self, values: NDArray[np.float64], n_questions: int) -> NDArray[np.float64]:
        """Return values summed within questions, float64[n_questions]."""
        return np.bincount(self.rows, weights=values, minlength=n_questions)[:n_questions].astype(np.float64)


def effects(pairs: Sequence[Pairs], weights: NDArray[np.float64], seed: int) -> list[Effect]:
    """Return the effect of each change, adjusted for their number. `weights` is float64[n_resamples, n_questions]."""
    if not pairs:
        return []
    n_questions = weights.shape[1]
    numbers = np.stack([one.sums(np.ones(len(one.rows)), n_questions) for one in pairs], axis=1)
    sums = np.stack(
        [
            np.stack([one.sums(one.before, n_questions) for one in pairs], axis=1),
            np.stack([one.sums(one.after, n_questions) for one in pairs], axis=1),
        ]
    )  # (2, n_questions, n_changes)
    intervals = ratio_intervals(sums[1] - sums[0], numbers, weights)
    flipped = sign_flip_rates(sums, np.stack([numbers, numbers]), seed)
    untested = [
        _effect(one, numbers[:, column], (intervals.low[column], intervals.high[column]), float(flipped[column]))
        for column, one in enumerate(pairs)
    ]
    return adjusted(untested)


def adjusted(of: Sequence[Effect]) -> list[Effect]:
    """Return the effects with Holm's p-values over all that were tested."""
    tested = [index for index, effect in enumerate(of) if effect.p_value is not None]
    p_holm = dict(zip(tested, holm([p for effect in of if (p := effect.p_value) is not None]), strict=True))
    return [
        replace(effect, p_holm=six_digits(p_holm[index])) if index in p_holm else effect
        for index, effect in enumerate(of)
    ]


def _effect(pairs: Pairs, recordings: NDArray[np.float64], interval: tuple[float, float], flipped: float) -> Effect:
    n = len(pairs.rows)
    changes = pairs.after - pairs.before
    fixed, broken = int((changes > 0).sum()), int((changes < 0).sum())
    test, p_value = (None, None) if np.isnan(flipped) else ("sign-flip", flipped)
    is_yes_or_no = bool(np.isin(np.concatenate([pairs.before, pairs.after]), (0.0, 1.0)).all())
    if n and recordings.max() == 1 and is_yes_or_no:
        test, p_value = "mcnemar", mcnemar_exact(broken, fixed)
    before, after = (float(values.mean()) if n else 0.0 for values in (pairs.before, pairs.after))
    return Effect(
        n, int((recordings > 0).sum()), round(before, 9), round(after, 9), round(after - before, 9) + 0.0,
        rounded(interval[0]), rounded(interval[1]), fixed, broken, test, None if p_value is None else six_digits(p_value),
    )  # fmt: skip


def by_band(pairs: Pairs, bands: Sequence[str]) -> tuple[BandEffect, ...]:
    """Return fixed and broken by the band of each text's question, in the order in which bands come."""
    changes = pairs.after - pairs.before
    of = np.array(bands)
    return tuple(
        BandEffect(
            band, int((of == band).sum()), int((changes[of == band] > 0).sum()), int((changes[of == band] < 0).sum())
        )
        for band in sorted(set(bands), key=lambda band: (BANDS.index(band) if band in BANDS else len(BANDS), band))
    )


def ceiling(name: str, rows: Sequence[int], values: Sequence[float], n_questions: int) -> Ceiling:
    """Return what an oracle reaches, with the interval of a share."""
    pairs = Pairs.of(rows, values, values)
    top = pairs.sums(pairs.after, n_questions)[:, None]
    bottom = pairs.sums(np.ones(len(rows)), n_questions)[:, None]
    intervals = share_intervals(top, bottom)
    value = float(pairs.after.mean()) if len(rows) else 0.0
    return Ceiling(name, round(value, 9), rounded(intervals.low[0]), rounded(intervals.high[0]), len(rows))
