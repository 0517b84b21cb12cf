"""Several rankings of one query made into one.

    rrf        sum over parts of weight / (k + rank)          reciprocal-rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009)
    weighted   sum over parts of weight * normalised score    (Fox & Shaw, TREC-2, CombSUM; Lee, SIGIR 1997)

A snippet that a part does not list gets nothing from it: with `weighted`, scores are normalised over the part's own list, to 0 at
its last and 1 at its first (`minmax`), or to standard scores (`z`), where a snippet that is not in the list counts as its last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.records import Ranking

METHODS: Final = ("rrf", "weighted")
NORMALISERS: Final = ("minmax", "z")
_DIGITS: Final = 9  # of a fused score: equal sums of fractions shall be equal scores


@dataclass(frozen=True, slots=True)
class Fusion:
    """How rankings are fused: a method, the weight of each part, `k` of `rrf`, how deep each part is asked, how scores are
    normalised.
    """

    method: str
    weights: tuple[float, ...]
    k: float = 60.0
    depth: int = 100
    normalise: str = "minmax"

    def ranking(self, rankings: Sequence[Ranking], ordinals: Mapping[str, int], k: int) -> Ranking:
        """Return the best `k` snippets of the rankings of one query. `ordinals` are the snippets' places in the suite."""
        candidates = _candidates(rankings)
        if not candidates:
            return Ranking((), ())
        scores = np.round(self._shares(rankings, candidates).sum(axis=0), _DIGITS)
        places = np.array([ordinals[candidate] for candidate in candidates])
        order = np.lexsort((places, -scores))[:k]
        return Ranking(tuple(candidates[place] for place in order.tolist()), tuple(scores[order].tolist()))

    def _shares(self, rankings: Sequence[Ranking], candidates: Sequence[str]) -> NDArray[np.float64]:
        """Return what each part adds to each candidate: float64[n_parts, n_candidates]."""
        place = {candidate: index for index, candidate in enumerate(candidates)}
        shares = np.zeros((len(rankings), len(candidates)))
        for row, (ranking, weight) in enumerate(zip(rankings, self.weights, strict=True)):
            if not ranking.snippet_ids:
                continue
            values, otherwise = self._values(np.array(ranking.scores))
            shares[row] = weight * otherwise
            shares[row, [place[identity] for identity in ranking.snippet_ids]] = weight * values
        return shares

    def _values(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """One part's values of its ranked snippets, best first, float64[n_ranked], and of all others."""
        if self.method == "rrf":
            return 1.0 / (self.k + np.arange(1.0, len(scores) + 1.0, dtype=np.float64)), 0.0
        # Made large by a power of two, which changes no digit: squares of scores of 1e-300 would all be 0.
        scores = np.ldexp(scores, -np.frexp(np.abs(scores).max())[1])
        spread = scores.max() - scores.min()
        if self.normalise == "minmax":
            # A list of one score, or of equal ones: each of them is a first.
            return ((scores - scores.min()) / spread if spread else np.ones(len(scores))), 0.0
        standard: NDArray[np.float64] = (scores - scores.mean()) / scores.std() if spread else np.zeros(len(scores))
        return standard, float(standard.min())


def _candidates(rankings: Sequence[Ranking]) -> list[str]:
    return list(dict.fromkeys(identity for ranking in rankings for identity in ranking.snippet_ids))
