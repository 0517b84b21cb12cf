"""Labels against clusters: whether texts that a suite labels alike lie together in meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STARTS = 10  # of k-means; the one with the smallest sum of squares counts


@dataclass(frozen=True)
class Clustering:
    """Labels and clusters of the same texts: each a sparse one-hot float64[n_texts, n], and so for their pairs. A text without a
    label has only zeros.
    """

    labels: Any
    clusters: Any
    pairs: Any

    @classmethod
    def of(cls, labels: Sequence[str | None], embeddings: NDArray[np.float64], seed: int) -> Clustering:
        """Cluster the texts that have a label by k-means (scikit-learn), k being the number of labels."""
        names = {
            name: number for number, name in enumerate(dict.fromkeys(label for label in labels if label is not None))
        }
        labelled = np.array([label is not None for label in labels], dtype=np.bool_)
        numbers = np.array([names[label] if label is not None else -1 for label in labels], dtype=np.int64)
        clusters = np.full(len(labels), -1, dtype=np.int64)
        clusters[labelled] = _k_means(embeddings[labelled], len(names), seed)
        pairs = np.where(labelled, numbers * len(names) + clusters, -1)
        return cls(_one_hot(numbers), _one_hot(clusters), _one_hot(pairs))

    def adjusted_rand(self, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the adjusted Rand index (Hubert & Arabie 1985) of every set: float64[n_sets]. `kept` is bool[n_sets, n_texts].

        1 where labels and clusters divide the texts of the set alike, about 0 where no better than by chance. The clusters
        are those of all texts. NaN for a set without two labelled texts.
        """
        labels, clusters, both = (_pairs_in(kept, each) for each in (self.labels, self.clusters, self.pairs))
        n = _choose_two(np.asarray(kept @ self.labels.sum(axis=1)))
        with np.errstate(invalid="ignore", divide="ignore"):
            by_chance = labels * clusters / n
            highest = (labels + clusters) / 2
            index = np.where(highest == by_chance, 1.0, (both - by_chance) / (highest - by_chance))
        return np.where(n > 0, index, np.nan)


def _pairs_in(kept: NDArray[np.bool_], one_hot: Any) -> NDArray[np.float64]:
    """How many pairs of texts of each set are in one group: float64[n_sets]."""
    sizes = (one_hot.T @ kept.T.astype(np.float64)).T
    pairs: NDArray[np.float64] = _choose_two(sizes).sum(axis=1)
    return pairs


def _choose_two(n: NDArray[np.float64]) -> NDArray[np.float64]:
    return n * (n - 1) / 2


def _k_means(embeddings: NDArray[np.float64], k: int, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    if not len(embeddings):
        return np.zeros(0, dtype=np.int64)
    with threadpool_limits(limits=1):  # sums in another order would be other sums
        fitted = KMeans(n_clusters=k, n_init=_STARTS, random_state=seed).fit(embeddings)
    return np.asarray(fitted.labels_, dtype=np.int64)


def _one_hot(numbers: NDArray[np.int64]) -> Any:
    from scipy.sparse import csr_array

    rows = np.flatnonzero(numbers >= 0)
    shape = (len(numbers), int(numbers.max(initial=0)) + 1)
    return csr_array((np.ones(len(rows)), (rows, numbers[rows])), shape=shape)
