"""How good a ranking is, given what is relevant: pure functions of one ranking, in rank order and without repetitions.

Averages over questions, and what becomes of questions that failed, are the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log2
from typing import Final
from unicodedata import normalize

# DPR's SimpleTokenizer: a run of letters, digits and marks, or one sign that is neither space nor control.
_DPR_WORD: Final = r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]"


def hit_at(ranking: Sequence[str], relevant: Collection[str], k: int) -> bool:
    """Whether any of the first `k` ids is relevant."""
    return any(snippet_id in relevant for snippet_id in ranking[:k])


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """1 / rank of the first relevant id (ranks from 1), or 0 if none of the first `k` is relevant."""
    return next((1.0 / rank for rank, found in enumerate(ranking[:k], 1) if found in relevant), 0.0)


def ndcg(ranking: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain at `k`, in [0, 1]; 0 if nothing is relevant.

    Binary gains and the discount 1 / log2(rank + 1) (Jarvelin & Kekalainen, TOIS 2002, as trec_eval computes it). The
    ideal ranking has min(k, number of relevant ids) of them in front.
    """
    if not relevant:
        return 0.0
    gain = sum(_discount(rank) for rank, found in enumerate(ranking[:k], 1) if found in relevant)
    ideal = sum(_discount(rank) for rank in range(1, min(k, len(set(relevant))) + 1))
    return gain / ideal


def has_answer(texts: Sequence[str], answers: Sequence[str], k: int) -> bool:
    """Whether any of the first `k` texts holds any of `answers`, by the rule of DPR (Karpukhin et al., EMNLP 2020).

    Text and answer are NFD-normalised, split into words and single signs, and lower-cased; the answer's tokens must
    stand side by side. An answer without any token, which DPR finds in every text, is found in none here.
    """
    wanted = [tokens for answer in answers if (tokens := _dpr_tokens(answer))]
    return any(_contains(_dpr_tokens(text), tokens) for text in texts[:k] for tokens in wanted)


def _discount(rank: int) -> float:
    return 1.0 / log2(rank + 1)


def _contains(text: Sequence[str], answer: Sequence[str]) -> bool:
    return any(text[start : start + len(answer)] == answer for start in range(len(text) - len(answer) + 1))


def _dpr_tokens(text: str) -> list[str]:
    import regex  # type: ignore[import-untyped, unused-ignore]

    return [token.lower() for token in regex.findall(_DPR_WORD, normalize("NFD", text))]
