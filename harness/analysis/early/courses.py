"""A question as it comes in, and what would be decided after each part of it.

What decides is a plain function from texts to decisions, so that a retriever, an interpreter of intents or anything else may
stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from harness.records import Ranking, Seconds


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided on a text: whether it is right, and by how much the first choice stands before the second.

    `margin` is relative to the first: (s1 - s2) / |s1|; `None` where there is nothing to choose.
    """

    right: bool
    margin: float | None


NOTHING = Decision(right=False, margin=None)
Decide = Callable[[str, Sequence[str]], Sequence[Decision]]
"""From a question's id and texts to one decision for each of them."""


@dataclass(frozen=True, slots=True)
class Course:
    """One question, or one recording of it, in growing parts: after `costs[i]` words or seconds, `decisions[i]`.

    Costs ascend to `total`. Without a step, as of a failed sample, nothing is ever decided. `words` are those of cut text, one
    a step, and `ends` their ends in a recording of `length`, where the recogniser times them.
    """

    question_id: str
    total: float
    costs: tuple[float, ...]
    decisions: tuple[Decision, ...]
    words: tuple[str, ...] = ()
    ends: tuple[Seconds, ...] = ()
    length: Seconds = 0.0

    @property
    def first(self) -> int | None:
        """The first step that is right; `None` where none is."""
        return next((step for step, decision in enumerate(self.decisions) if decision.right), None)

    @property
    def settled(self) -> int | None:
        """The first step from which on every decision is right; `None` where the last one is not."""
        n_right = len(list(takewhile(lambda decision: decision.right, reversed(self.decisions))))
        return len(self.decisions) - n_right if n_right else None

    @property
    def right(self) -> bool:
        """Whether the last decision, on the whole of it, is right."""
        return self.settled is not None

    def share(self, step: int | None) -> float:
        """Return how much of the whole has come in by a step: 1 for `None`, which stands for waiting to the end."""
        return 1.0 if step is None else self.costs[step] / self.total

    def stop(self, threshold: float) -> int | None:
        """Return the step at which a rule stops that waits for a margin of `threshold`, or else for the end."""
        stops = (i for i, d in enumerate(self.decisions) if d.margin is not None and d.margin >= threshold)
        return next(stops, len(self.decisions) - 1 if self.decisions else None)

    def right_at(self, step: int | None) -> bool:
        """Return whether the decision of a step is right; of no step, it is not."""
        return step is not None and self.decisions[step].right

    def right_by(self, share: float) -> bool:
        """Return whether the decision on the first `share` of it is right."""
        known = [d for cost, d in zip(self.costs, self.decisions, strict=True) if cost <= share * self.total + 1e-9]
        return bool(known) and known[-1].right


def of_words(
    question_id: str, words: Sequence[str], decide: Decide, ends: Sequence[Seconds] = (), length: Seconds = 0.0
) -> Course:
    """Return the course of a text that grows word by word."""
    texts = [" ".join(words[: n + 1]) for n in range(len(words))]
    costs = tuple(float(n + 1) for n in range(len(words)))
    decisions = _decisions(question_id, texts, decide)
    return Course(question_id, float(len(words)), costs, decisions, tuple(words), tuple(ends), length)


def of_texts(question_id: str, texts: Sequence[tuple[float, str | None]], decide: Decide) -> Course:
    """Return the course of what was recognised after so many seconds of a recording; the last is the whole of it.

    A text is `None` where nothing could be recognised.
    """
    costs = tuple(seconds for seconds, _ in texts)
    decisions = _decisions(question_id, [text or "" for _, text in texts], decide)
    return Course(question_id, costs[-1] if costs else 0.0, costs, decisions)


def margin(ranking: Ranking) -> float | None:
    """Return the relative margin of the first score over the second, which is 0 where only one is ranked.

    Scores 8 and 6 -> 0.25. `None` where nothing is ranked, or the first score is 0.
    """
    first, second = (*ranking.scores, 0.0, 0.0)[:2]
    return (first - second) / abs(first) if first else None


def _decisions(question_id: str, texts: Sequence[str], decide: Decide) -> tuple[Decision, ...]:
    """Ask once for each different text that is not empty."""
    asked = [text for text in dict.fromkeys(texts) if text.strip()]
    known = dict(zip(asked, decide(question_id, asked), strict=True)) if asked else {}
    return tuple(known.get(text, NOTHING) for text in texts)
