"""Expressions that fail a comparison: `rare_wer > +0.02` looks at differences, `hit@1 < 0.7` at figures."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import metric
from harness.errors import UsageError

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_EXPRESSION = re.compile(r"\s*([a-z_][a-z0-9_]*(?:@\d+)?)\s*(>=|<=|>|<)\s*([+-]?)(\d+(?:\.\d+)?|\.\d+)\s*")


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one arm, over the recordings that are compared. `n` counts recordings."""

    label: str
    condition: str
    retriever: str | None
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound. `relative`: the number had a sign, so it bounds the difference from the baseline."""

    expression: str
    metric: str
    comparator: str
    bound: float
    relative: bool

    @classmethod
    def parse(cls, expression: str) -> Gate:
        """Reads `METRIC OPERATOR NUMBER`. Raises `UsageError` with an example."""
        match = _EXPRESSION.fullmatch(expression)
        if match is None:
            raise UsageError(
                f"--fail-if {expression!r} cannot be read. Expected METRIC, one of > >= < <=, and a fraction: "
                f"'rare_wer > +0.02' (with a sign: more than 2 points above the baseline) or 'hit@1 < 0.7' (without: "
                f"the figure itself)."
            )
        metric, comparator, sign, digits = match.groups()
        return cls(expression.strip(), metric, comparator, float(sign + digits), bool(sign))

    def hits(self, figures: Sequence[Figure], comparisons: Sequence[Comparison]) -> Iterator[str]:
        """A sentence for each figure or difference that lies where the gate forbids.

        Raises `UsageError` where there is nothing to judge: a gate that cannot close guards nothing.
        """
        judged: Sequence[Figure | Comparison] = [
            one for one in (comparisons if self.relative else figures) if one.metric == self.metric
        ]
        values = [(one, one.delta if isinstance(one, Comparison) else one.value) for one in judged]
        known = [(one, value) for one, value in values if value is not None]
        if not known:
            what = "difference" if self.relative else "figure"
            raise UsageError(f"--fail-if {self.expression!r}: these runs have no {what} of {self.metric} to judge.")
        for one, value in known:
            if _OPERATORS[self.comparator](value, self.bound):
                yield f"{_where(one)}: {self.metric} {_bounded(one, value)}, and the gate is {self.expression!r}."


def _where(one: Figure | Comparison) -> str:
    cell = f"{one.b} against {one.a}" if isinstance(one, Comparison) else one.label
    return ", ".join(part for part in (cell, one.condition, one.retriever) if part)


def _bounded(one: Figure | Comparison, value: float) -> str:
    """The figure and its 95 % interval, as the gate writes numbers: fractions, signed where they are differences."""
    sign = "+" if isinstance(one, Comparison) else ""
    form = f"{{:{sign}.0f}}" if metric(one.metric).unit == "count" else f"{{:{sign}.4f}}"
    if one.ci_low is None or one.ci_high is None:
        return form.format(value)
    return f"{form.format(value)} [{form.format(one.ci_low)}, {form.format(one.ci_high)}]"
