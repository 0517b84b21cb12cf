"""Expressions that fail a comparison: `rare_wer > +0.02` looks at differences, `hit@1 < 0.7` at figures."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import is_known, metric
from harness.analysis.significance import SIGNIFICANCE
from harness.errors import UsageError

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_EXPRESSION = re.compile(r"\s*([a-z_][a-z0-9_]*(?:@\d+)?)\s*(>=|<=|>|<)\s*([+-]?)(\d+(?:\.\d+)?|\.\d+)\s*")
_PER_CENT = re.compile(r"(.*[<>=]\s*[+-]?)(\d+(?:\.\d+)?)\s*%\s*")
TEST_NAMES = {"mcnemar": "McNemar", "mapsswe": "MAPSSWE", "sign-flip": "sign-flip"}


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
class GateResult:
    """What a gate says of one figure or difference. `beyond`: it lies where the gate forbids; `failed`: and that counts.

    The two differ where a gate asks for significance. `sentence` names the place, the figures and the evidence.
    """

    expression: str
    beyond: bool
    failed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound. `relative`: the number had a sign, so it bounds the difference from the baseline.

    `significant`: the gate fails on a difference only where that is significant, and on a figure only where its whole
    interval lies beyond the bound.
    """

    expression: str
    metric: str
    comparator: str
    bound: float
    relative: bool
    significant: bool = False

    @classmethod
    def parse(cls, expression: str, *, significant: bool = False) -> Gate:
        """Read `METRIC OPERATOR NUMBER`. Raises `UsageError` with an example."""
        match = _EXPRESSION.fullmatch(expression)
        if match is None:
            per_cent = _PER_CENT.fullmatch(expression)
            meant = f" Write {per_cent[1]}{float(per_cent[2]) / 100:g}." if per_cent else ""
            raise UsageError(
                f"--fail-if {expression!r} cannot be read.{meant} Expected METRIC, one of > >= < <=, and a fraction: "
                f"'rare_wer > +0.02' (with a sign: more than 2 points above the baseline) or 'hit@1 < 0.7' (without: "
                f"the figure itself)."
            )
        name, comparator, sign, digits = match.groups()
        bound = float(sign + digits)
        if is_known(name) and abs(bound) > 1 and is_share(name):
            raise UsageError(
                f"--fail-if {expression!r}: {name} is a share, from 0 to 1, and {bound:g} is beyond. Write "
                f"{sign}{float(digits) / 100:g} for {sign}{digits} %."
            )
        return cls(expression.strip(), name, comparator, bound, bool(sign), significant)

    def check(self, figures: Sequence[Figure], comparisons: Sequence[Comparison]) -> Iterator[GateResult]:
        """Yield what the gate says of each figure, or difference, of its metric that has a value."""
        if self.relative:
            yield from (
                self._of_difference(c, c.delta) for c in comparisons if c.metric == self.metric and c.delta is not None
            )
        else:
            yield from (self._of_figure(f, f.value) for f in figures if f.metric == self.metric and f.value is not None)

    def nothing_to_check(self) -> UsageError:
        """Return the error for runs without any figure or difference that the gate bounds."""
        what = "difference" if self.relative else "figure"
        return UsageError(f"--fail-if {self.expression!r}: these runs have no {what} of {self.metric} to judge.")

    def _of_difference(self, c: Comparison, delta: float) -> GateResult:
        beyond = _OPERATORS[self.comparator](delta, self.bound)
        supported = c.p_holm is not None and c.p_holm < SIGNIFICANCE
        place = ", ".join(part for part in (f"{c.b} against {c.a}", c.condition, c.retriever) if part)
        return self._result(place, _bounded(c, delta), _tested(c), beyond, supported)

    def _of_figure(self, f: Figure, value: float) -> GateResult:
        beyond = _OPERATORS[self.comparator](value, self.bound)
        near = f.ci_low if self.comparator.startswith(">") else f.ci_high
        supported = near is not None and _OPERATORS[self.comparator](near, self.bound)
        place = ", ".join(part for part in (f.label, f.condition, f.retriever) if part)
        interval = f"{'the whole' if supported else 'not the whole'} interval is beyond the bound"
        return self._result(place, _bounded(f, value), "no interval" if near is None else interval, beyond, supported)

    def _result(self, place: str, value: str, evidence: str, beyond: bool, supported: bool) -> GateResult:
        failed = beyond and (supported or not self.significant)
        basis = evidence if self.significant else f"point estimate; {evidence}" if self.relative else "point estimate"
        outcome = "fails" if failed else "holds"
        sentence = f"{place}: {self.metric} {value} ({basis}); the gate {self.expression!r} {outcome}."
        return GateResult(self.expression, beyond, failed, sentence)


def is_share(name: str) -> bool:
    """Return whether no figure of the metric lies outside 0 and 1."""
    return metric(name).unit in ("share", "score") or name == "f1"


def _tested(c: Comparison) -> str:
    """Return the adjusted p-value, the test that gave it, and what follows."""
    if c.p_holm is None or c.test is None:
        return "not tested"
    p = "p < 0.001" if c.p_holm < 0.001 else f"p = {c.p_holm:.3g}"
    word = "significant" if c.p_holm < SIGNIFICANCE else "not significant"
    return f"{p}, {TEST_NAMES[c.test]}, Holm-adjusted: {word}"


def _bounded(one: Figure | Comparison, value: float) -> str:
    """Return the figure and its 95 % interval, as the gate writes numbers: fractions, signed where they are differences."""
    sign = "+" if isinstance(one, Comparison) else ""
    form = f"{{:{sign}.0f}}" if metric(one.metric).unit == "count" else f"{{:{sign}.4f}}"
    if one.ci_low is None or one.ci_high is None:
        return form.format(value)
    return f"{form.format(value)} [{form.format(one.ci_low)}, {form.format(one.ci_high)}]"
