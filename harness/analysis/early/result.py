"""What is kept of early decision in `studies/early.json`."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.early.figures import Curve


@dataclass(frozen=True, slots=True)
class EarlyDecision:
    """All curves: the reference's first, then each backend under each condition by words, then what was recognised of parts of
    recordings.

    `outcome` is what is right, with `retriever`; after its curves come those of the intent, the questions' tag `intent`, by
    `interpreter`, where one is asked for: learnt from the reference texts of other questions. `n_recordings` were recognised in
    parts. `notes` say what was left out and why.
    """

    outcome: str
    retriever: str
    n_recordings: int
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()
    intent: str | None = None
    interpreter: str | None = None
