"""Not a reader but a judge: whether an accepted answer stands in the retrieved snippets, word for word.

It is shown the accepted answers, so its exact match is has_answer@k: the most that any reader which copies from the first
k snippets can reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import msgspec

from harness.answering.protocol import DEFAULT_DEPTH, AnswererSpec, Reading, read_options, refuse_model
from harness.answering.scoring import answers_in
from harness.records import Answer


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    top_k: Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_DEPTH)] = DEFAULT_DEPTH


class HasAnswer:
    """Gives the first accepted answer in the first `top_k` (10) snippets, by DPR's rule; otherwise it refuses."""

    is_judge: ClassVar[bool] = True
    package: ClassVar[str | None] = None

    def __init__(self, spec: AnswererSpec, language: str) -> None:
        refuse_model(spec)
        self.depth = read_options(spec, _Options).top_k

    def identity(self) -> Mapping[str, str]:
        """Return the depth, and that it sees the accepted answers."""
        return {
            "answerer": "has_answer",
            "version": "1",
            "sees_accepted_answers": "yes",
            "option.top_k": str(self.depth),
        }

    def warm_up(self) -> None:
        """Nothing to load."""

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading: an accepted one, and the snippets that hold any, best first."""
        return [self._answer(reading) for reading in readings]

    def _answer(self, reading: Reading) -> Answer:
        read = reading.snippets[: self.depth]
        held = [(snippet.id, answers_in(snippet.text, reading.accepted)) for snippet in read]
        holding = [(identity, answers) for identity, answers in held if answers]
        if not holding:
            return Answer("")
        return Answer(holding[0][1][0], tuple(identity for identity, _ in holding))
