"""How good a ranking is, given what is relevant: pure functions of one ranking, in rank order and without repetitions.

Averages over questions, and what becomes of questions that failed, are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import log2


def cut_off(name: str) -> int:
    """Return the rank down to which a metric looks: 5 of `ndcg@5`."""
    return int(name.partition("@")[2])


def ranking_metric(name: str, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return the metric of that name: `hit@K`, `rr@K` or `ndcg@K`."""
    return float(_BY_NAME[name.partition("@")[0]](ranking, relevant, cut_off(name)))


def hit_at(ranking: Sequence[str], relevant: Collection[str], k: int) -> bool:
    """Whether any of the first `k` ids is relevant."""
    return any(snippet_id in relevant for snippet_id in ranking[:k])


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """1 / rank of the first relevant id (ranks from 1), or 0 if none of the first `k` is relevant."""
    return next((1.0 / rank for rank, identity in enumerate(ranking[:k], 1) if identity in relevant), 0.0)


def ndcg(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain at `k`, in [0, 1]; 0 if nothing is relevant.

    Binary gains and the discount 1 / log2(rank + 1) (Jarvelin & Kekalainen, TOIS 2002, as trec_eval computes it). The
    ideal ranking has min(k, number of relevant ids) of them in front.
    """
    if not relevant:
        return 0.0
    gain = sum(_discount(rank) for rank, identity in enumerate(ranking[:k], 1) if identity in relevant)
    ideal = sum(_discount(rank) for rank in range(1, min(k, len(set(relevant))) + 1))
    return gain / ideal


def _discount(rank: int) -> float:
    return 1.0 / log2(rank + 1)


_BY_NAME: Mapping[str, Callable[[Sequence[str], Collection[str], int], float]] = {
    "hit": hit_at,
    "rr": reciprocal_rank,
    "ndcg": ndcg,
}
