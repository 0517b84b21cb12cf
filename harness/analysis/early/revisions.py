"""How often partial hypotheses are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.attribution import Estimate
from harness.analysis.early.clusters import Clusters


@dataclass(frozen=True, slots=True)
class Revisions:
    """How partial hypotheses change: words withdrawn by the next one, as a rate of the words of the final transcripts, and the
    share of recordings with one or more.

    Our reading of the unstable partial word and segment ratios of Shangguan et al. (Interspeech 2020).
    """

    n: int
    withdrawn: Estimate
    recordings: Estimate


def revisions(partials: Sequence[Sequence[Sequence[str]]], clusters: Clusters) -> Revisions:
    """Return how often partial hypotheses are revised, the transcript taken as the last of them.

    "a b", "a c d", "a c d e": b is withdrawn, one word in four.
    """
    withdrawn = np.array([float(sum(map(_withdrawn, each, each[1:]))) for each in partials])
    final = np.array([float(len(each[-1])) if each else 0.0 for each in partials])
    read = np.array([bool(each) for each in partials])
    return Revisions(int(read.sum()), clusters.ratio(withdrawn, final), clusters.share(withdrawn > 0, read))


def _withdrawn(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many words of a partial hypothesis the next one does not keep: all from the first that differs."""
    kept = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    return len(before) - kept
