"""What is counted of the words of a set of texts, for many sets at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WORDS = 3  # in an n-gram
_SETS = 64  # counted at once: of 20,000 trigrams, 10 MB


@dataclass(frozen=True)
class WordCounts:
    """Counts of `n_texts` texts. `grams[n - 1]` is a sparse float64[n_texts, n_distinct_ngrams], `texts` a sparse
    float64[n_texts, n_distinct_texts] with a 1 a row; `words` and `rare_words` are float64[n_texts].
    """

    grams: tuple[Any, ...]
    texts: Any
    words: NDArray[np.float64]
    rare_words: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], is_rare: Callable[[str], bool]) -> WordCounts:
        """Count normalised texts, each a sequence of words. An n-gram lies within one text; nothing is put around it."""
        rare = {word: is_rare(word) for word in {word for text in texts for word in text}}
        return cls(
            tuple(_counted([_ngrams(text, n) for text in texts]) for n in range(1, MOST_WORDS + 1)),
            _counted([[tuple(text)] for text in texts]),
            np.array([len(text) for text in texts], dtype=np.float64),
            np.array([sum(map(rare.__getitem__, text)) for text in texts], dtype=np.float64),
        )

    def measure(self, kept: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
        """Return each measure of every set: float64[n_sets]. `kept` is bool[n_sets, n_texts].

        `vocabulary` and `distinct_texts` are numbers of them; `entropy_n` is Shannon's of the n-grams, in bits: -sum of
        p log2 p over the distinct ones, p being their share of all n-grams in the set. Of a set with one word and with
        the same word a thousand times it is 0. `rare_share` is the share of the words that are rare.
        """
        blocks = [self._of_block(kept[at : at + _SETS].astype(np.float64)) for at in range(0, len(kept), _SETS)]
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}

    def _of_block(self, kept: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        counts = [(gram.T @ kept.T).T for gram in self.grams]  # (n_sets, n_distinct)
        words = kept @ self.words
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "vocabulary": (counts[0] > 0).sum(axis=1).astype(np.float64),
                "distinct_texts": ((self.texts.T @ kept.T) > 0).sum(axis=0).astype(np.float64),
                **{f"entropy_{n}": _entropy(of_n) for n, of_n in enumerate(counts, start=1)},
                "rare_share": kept @ self.rare_words / words,
            }


def _ngrams(text: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(text[at : at + n]) for at in range(len(text) - n + 1)]


def _counted(texts: Sequence[Sequence[tuple[str, ...]]]) -> Any:
    """How often each distinct item stands in each text: a sparse float64[n_texts, n_distinct]."""
    from scipy.sparse import csr_array

    columns: dict[tuple[str, ...], int] = {}
    rows, places, counts = [], [], []
    for row, items in enumerate(texts):
        for item, count in Counter(items).items():
            rows.append(row)
            places.append(columns.setdefault(item, len(columns)))
            counts.append(float(count))
    shape = (len(texts), max(len(columns), 1))
    return csr_array((counts, (rows, places)), shape=shape, dtype=np.float64)


def _entropy(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shannon's entropy in bits of each row of counts; NaN for a row without any."""
    total = counts.sum(axis=1)
    weighted = (counts * np.log2(np.where(counts > 0, counts, 1.0))).sum(axis=1)
    entropy: NDArray[np.float64] = np.log2(total) - weighted / total
    return np.where(total > 0, np.maximum(entropy, 0.0), np.nan)
