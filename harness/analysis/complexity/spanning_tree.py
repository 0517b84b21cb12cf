"""The minimum spanning tree over sentence embeddings: how far apart the meanings of a set of texts lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TEXTS: Final = 5_000  # their distances are 200 MB
_SETS = 64  # of 1,000 texts, 0.5 MB: what a step works on stays in the processor's cache


def distances(embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Euclidean distance between any two rows, which are unit vectors: float64[n_texts, n_texts].

    The encoder's numbers make the products exact, so that two equal texts are 0 apart.
    """
    from harness.analysis.statistics import one_thread

    with one_thread():
        products = embeddings @ embeddings.T
    squares = np.diagonal(products)
    apart: NDArray[np.float64] = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0))
    return apart


def tree_weights(apart: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the total length of the minimum spanning tree of every set: float64[n_sets]; 0 for one text or none.

    `apart` is `distances` of all texts, `kept` bool[n_sets, n_texts]. Prim's algorithm (1957), a step of all sets at once:
    SciPy's sorts all edges of each set, which for hundreds of dense sets takes minutes in place of seconds.
    """
    return np.concatenate(
        [np.zeros(0), *(_of_block(apart, kept[at : at + _SETS]) for at in range(0, len(kept), _SETS))]
    )


def _of_block(apart: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    members = np.flatnonzero(kept.any(axis=0))
    kept, apart = kept[:, members], apart[np.ix_(members, members)]
    sets, weights = np.arange(len(kept)), np.zeros(len(kept))
    if not len(members):
        return weights
    outside = np.where(kept, 0.0, np.inf)  # infinite for texts that are no part of the set, and for those in its tree
    newest = kept.argmax(axis=1)  # (n_sets,)
    nearest = np.full(kept.shape, np.inf)  # from each text to the tree
    for _ in range(int(kept.sum(axis=1).max()) - 1):
        outside[sets, newest] = np.inf
        np.minimum(nearest, apart[newest], out=nearest)
        candidates = nearest + outside
        newest = candidates.argmin(axis=1)
        edge = candidates[sets, newest]
        weights += np.where(np.isfinite(edge), edge, 0.0)  # smaller sets are complete already
    return weights
