"""What a run judges by: the outcome that counterfactuals change, of a ranking or of what is read in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Self

from harness.analysis.metrics import OF_ANSWERS
from harness.analysis.ranking_metrics import hit_at, reciprocal_rank
from harness.answering.scoring import exact_match, f1
from harness.errors import UsageError

DEFAULT_OUTCOME: Final = "hit@1"
MAX_DEPTH: Final = 10  # how far down rankings are kept and judged
_HIT: Final = re.compile(r"hit@([1-9]|10)")


@dataclass(frozen=True, slots=True)
class Judge:
    """An outcome by name: `hit@1` to `hit@10` or `rr@10` of a ranking, `answer` (exact match) or `f1` of what is read.

    It looks at the first `depth` snippets; anything above 0 reaches the outcome.
    """

    outcome: str
    depth: int

    @classmethod
    def named(cls, outcome: str) -> Self:
        """The judge of that name. Raises `UsageError` for any other name."""
        if match := _HIT.fullmatch(outcome):
            return cls(outcome, int(match[1]))
        if outcome == f"rr@{MAX_DEPTH}" or outcome in OF_ANSWERS:
            return cls(outcome, MAX_DEPTH)
        raise UsageError(
            f"unknown outcome {outcome!r}. Known: hit@1 to hit@{MAX_DEPTH}, rr@{MAX_DEPTH}, {', '.join(OF_ANSWERS)}."
        )

    @property
    def reads(self) -> bool:
        """Whether an answerer has to read the snippets first."""
        return self.outcome in OF_ANSWERS

    @property
    def metric(self) -> str:
        """The metric that it judges by: the outcome itself, but `exact_match` for `answer`."""
        return OF_ANSWERS.get(self.outcome, self.outcome)

    def of_ranking(self, ranking: Sequence[str], relevant: Collection[str]) -> float:
        """The outcome in [0, 1] of ids, best first."""
        if self.outcome.startswith("hit"):
            return float(hit_at(ranking, relevant, self.depth))
        return reciprocal_rank(ranking, relevant, self.depth)

    def of_answer(self, answer: str, accepted: Sequence[str], language: str) -> float:
        """The outcome in [0, 1] of an answer that was read."""
        return float((exact_match if self.outcome == "answer" else f1)(answer, accepted, language))
