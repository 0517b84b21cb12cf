"""What counts as an answer found: the outcome that counterfactuals change, of one ranking against what is relevant."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Self

from harness.analysis.ranking_metrics import hit_at, reciprocal_rank
from harness.errors import UsageError

DEFAULT_OUTCOME: Final = "hit@1"
MAX_DEPTH: Final = 10  # how far down rankings are kept and judged
_HIT: Final = re.compile(r"hit@([1-9]|10)")


@dataclass(frozen=True, slots=True)
class RetrievalJudge:
    """An outcome by name, `hit@1` to `hit@10` or `rr@10`, which looks at the first `depth` snippets."""

    outcome: str
    depth: int

    @classmethod
    def named(cls, outcome: str) -> Self:
        """The judge of that name. Raises `UsageError` for any other name."""
        if found := _HIT.fullmatch(outcome):
            return cls(outcome, int(found[1]))
        if outcome == f"rr@{MAX_DEPTH}":
            return cls(outcome, MAX_DEPTH)
        raise UsageError(f"unknown outcome {outcome!r}. Known: hit@1 to hit@{MAX_DEPTH}, rr@{MAX_DEPTH}.")

    def value(self, ranking: Sequence[str], relevant: Collection[str]) -> float:
        """The outcome in [0, 1]; anything above 0 is an answer found. `ranking` is ids, best first."""
        if self.outcome.startswith("hit"):
            return float(hit_at(ranking, relevant, self.depth))
        return reciprocal_rank(ranking, relevant, self.depth)
