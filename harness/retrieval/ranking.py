"""The best of many scores in total order: score descending, then ordinal ascending."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.records import Ranking


def best(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Return the places of the best `k` of `scores`, best first; equal scores in the order of their places."""
    places = np.arange(len(scores))
    if len(scores) > k:
        places = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    order = np.argsort(-scores[places], kind="stable")[:k]  # places ascend
    best_places: NDArray[np.int64] = places[order]
    return best_places


def ranked(snippet_ids: Sequence[str], ordinals: NDArray[np.integer], scores: NDArray[np.floating], k: int) -> Ranking:
    """Return the best `k` of some snippets, given by ascending ordinal with a score each."""
    places = best(scores, k)
    return Ranking(
        snippet_ids=tuple(snippet_ids[ordinal] for ordinal in ordinals[places].tolist()),
        scores=tuple(map(float, scores[places].tolist())),
    )
