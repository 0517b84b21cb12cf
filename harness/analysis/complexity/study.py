"""What a study of complexity holds: the measures of the questions, and the continuum."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.complexity.continuum import Continuum
from harness.analysis.complexity.suite import Complexity


@dataclass(frozen=True, slots=True)
class ComplexityStudy:
    """studies/complexity.json: the questions of the run, and the continuum of versions without their rarest words."""

    questions: Complexity
    continuum: Continuum
