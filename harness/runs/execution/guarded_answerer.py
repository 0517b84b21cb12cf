"""An answerer that is left alone when it is down, and for good when it refuses everything: by the same rules as a backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import sleep

from harness.answering.protocol import Asked, Reading
from harness.records import Answer, Seconds
from harness.runs.execution.circuit import Circuit, Patience


class GuardedAnswerer:
    """Asks `answerer` as long as there is hope; what is not asked fails with the reason, and keeps its place."""

    def __init__(self, answerer: Asked, patience: Patience, wait: Callable[[Seconds], None] = sleep) -> None:
        self._answerer, self._circuit, self._sleep = answerer, Circuit(patience), wait
        self.is_judge, self.depth = answerer.is_judge, answerer.depth

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """Return one answer per reading; few are asked at a time until one is answered."""
        answers: list[Answer] = []
        while len(answers) < len(readings):
            left = readings[len(answers) :]
            if self._circuit.hopeless:
                refused = Answer("", error=self._circuit.refusal("answer", "the answerer"))
                answers += [refused] * len(left)
            else:
                answers += self._asked(left)
        return answers

    def _asked(self, readings: Sequence[Reading]) -> list[Answer]:
        """Return the answers to the first of the readings, as many as may be asked now."""
        circuit = self._circuit
        self._sleep(circuit.wait())
        asked = readings if circuit.works and not circuit.is_open else readings[: circuit.most_at_once]
        circuit.sent()
        answers = self._answerer.answer(asked)
        for answer in answers:
            if answer.error is None:
                circuit.succeeded()
            else:
                circuit.failed(answer.error)
        return answers
