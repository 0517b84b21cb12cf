"""What a run judges by: the outcome that counterfactuals change, of a ranking or of what is read in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Self

from harness.analysis.ranking_metrics import hit_at, reciprocal_rank
from harness.analysis.rules import OF_ANSWERS
from harness.answering.scoring import exact_match, f1
from harness.errors import UsageError

DEFAULT_OUTCOME: Final = "hit@1"
MAX_DEPTH: Final = 10  # how far down rankings are kept and judged
_AT_RANK: Final = re.compile(r"(?:hit|has_answer)@([1-9]|10)")


@dataclass(frozen=True, slots=True)
class Judge:
    """An outcome by name: `hit@1` to `hit@10`, `has_answer@1` to `has_answer@10` or `rr@10` of a ranking, `answer` (exact match)
    or `f1` of what is read.

    It looks at the first `depth` snippets; anything above 0 reaches the outcome.
    """

    outcome: str
    depth: int

    @classmethod
    def named(cls, outcome: str) -> Self:
        """The judge of that name. Raises `UsageError` for any other name."""
        if match := _AT_RANK.fullmatch(outcome):
            return cls(outcome, int(match[1]))
        if outcome == f"rr@{MAX_DEPTH}" or outcome in OF_ANSWERS:
            return cls(outcome, MAX_DEPTH)
        raise UsageError(
            f"unknown outcome {outcome!r}. Known: hit@1 to hit@{MAX_DEPTH}, has_answer@1 to has_answer@{MAX_DEPTH}, "
            f"rr@{MAX_DEPTH}, {', '.join(OF_ANSWERS)}."
        )

    @property
    def reads(self) -> bool:
        """Whether an answerer has to read the snippets first."""
        return self.outcome in OF_ANSWERS

    @property
    def by_text(self) -> bool:
        """Whether the snippets that count are those with an accepted answer in them, not those that the suite calls relevant."""
        return self.outcome.startswith("has_answer@")

    @property
    def metric(self) -> str:
        """The metric that it judges by: the outcome itself, but `exact_match` for `answer`."""
        return OF_ANSWERS.get(self.outcome, self.outcome)

    def of_ranking(self, ranking: Sequence[str], relevant: Collection[str]) -> float:
        """The outcome in [0, 1] of ids, best first; `relevant` are those that count."""
        if self.outcome.startswith("rr@"):
            return reciprocal_rank(ranking, relevant, self.depth)
        return float(hit_at(ranking, relevant, self.depth))

    def of_answer(self, answer: str, accepted: Sequence[str], language: str) -> float:
        """The outcome in [0, 1] of an answer that was read."""
        return float((exact_match if self.outcome == "answer" else f1)(answer, accepted, language))
