"""What sentences share: a difference with its test, and lists of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.analysis.metrics import Metric
from harness.analysis.significance import SIGNIFICANCE
from harness.report.numbers import Delta, difference, p_text

_TESTS = {"mcnemar": "exact McNemar test", "mapsswe": "MAPSSWE", "sign-flip": "sign-flip test"}


class TestedDelta(Delta, Protocol):
    """A difference that may have been tested."""

    @property
    def test(self) -> str | None:
        """The test's name; `None` where there was none."""
        ...

    @property
    def p_holm(self) -> float | None:
        """The p-value, adjusted within its family."""
        ...


def significance(p_holm: float) -> str:
    """Return whether an adjusted p-value is significant, in words."""
    return "significant" if p_holm < SIGNIFICANCE else "not significant"


def is_equal(c: Delta) -> bool:
    """Whether nothing at all differs."""
    return not c.delta and not c.ci_low and not c.ci_high


def tested(c: TestedDelta, metric: Metric) -> str:
    """Return a difference with its test: `+35.4 points [+20.8, +50.0], exact McNemar test, Holm-adjusted p < 0.001,
    significant`.
    """
    if is_equal(c):
        return "equal on every question"
    parts = [difference(c, metric)]
    if c.test is None or c.p_holm is None:
        return f"{parts[0]}, no test"
    parts += [_TESTS[c.test], f"Holm-adjusted {p_text(c.p_holm)}", significance(c.p_holm)]
    return ", ".join(parts)


def listing(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)
