"""How numbers stand in every report: figures with their intervals, differences, p-values, and what they are counted over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from harness.analysis.attribution import Estimate
from harness.analysis.metrics import Metric, Unit
from harness.analysis.summary import Row

FEWEST = 10  # a share of fewer is grey, and never in the verdict
_FORMS: Mapping[Unit, tuple[float, str, str]] = {  # factor, form, unit
    "share": (100, "{:.1f}", " %"),
    "rate": (100, "{:.1f}", " %"),
    "score": (1, "{:.3f}", ""),
    "count": (1, "{:.0f}", ""),
    "mean": (1, "{:.1f}", ""),
    "ratio": (1, "{:.2f}", ""),
    "seconds": (1, "{:.3f}", " s"),
}


class Delta(Protocol):
    """A difference and its interval: of two backends, or of the same with and without a repair."""

    @property
    def delta(self) -> float | None:
        """The difference; `None` where it is not known."""
        ...

    @property
    def ci_low(self) -> float | None:
        """Where its 95 % interval begins."""
        ...

    @property
    def ci_high(self) -> float | None:
        """Where it ends."""
        ...


_WITHOUT_INTERVAL = (("time", "ratio"), ("bias_list", "mean"), ("bias_list", "seconds"))


def figure(value: float | None, metric: Metric, *, bare: bool = False) -> str:
    """Return a figure in the unit of its metric (`12.5 %`), without the unit's sign where `bare`; `-` where there is none."""
    if value is None:
        return "-"
    factor, form, unit = _FORMS[metric.unit]
    return form.format(factor * value + 0.0) + ("" if bare else unit)


def value(row: Row | Estimate | None, metric: Metric) -> str:
    """Return the figure of a row."""
    return figure(None if row is None else row.value, metric)


def interval(row: Row | Estimate | None, metric: Metric, form: str = "[{}, {}]") -> str:
    """Return the 95 % interval as `form` writes it; empty where there is none or it says nothing, as for RTF."""
    plain = (metric.family, metric.unit) in _WITHOUT_INTERVAL
    if plain or row is None or row.ci_low is None or row.ci_high is None:
        return ""
    return form.format(figure(row.ci_low, metric, bare=True), figure(row.ci_high, metric, bare=True))


def with_interval(row: Row | Estimate | None, metric: Metric) -> str:
    """Return a figure and its interval: `12.5 % [8.0, 17.2]`."""
    return f"{value(row, metric)} {interval(row, metric)}".strip()


def of_n(row: Row | None, metric: Metric) -> str:
    """Return what a figure is counted over: `132 rare words`; empty for counts, and for sums of seconds."""
    if row is None or row.n is None or metric.unit in ("count", "ratio", "mean", "seconds"):
        return ""
    return f"{row.n:g} {metric.of}"


def utterances(row: Row | None) -> float:
    """Return how many utterances a share of them rests on; runs of earlier versions count the samples only."""
    return 0 if row is None else row.n_scored + row.n_error if row.n is None else row.n


def count(row: Row | None) -> str:
    """Return a share of the utterances as their number: `24`; `?` where there is none."""
    return "?" if row is None or row.value is None else f"{row.value * utterances(row):.0f}"


def is_few(row: Row | None, metric: Metric) -> bool:
    """Whether a share or a rate rests on too little to be quoted."""
    return row is not None and metric.unit in ("share", "rate") and row.n is not None and row.n < FEWEST


def difference(c: Delta, metric: Metric) -> str:
    """Return a difference with its sign and interval: `+1.3 points [-0.2, +2.9]`, or a count."""
    if c.delta is None:
        return "-"
    unit = " points" if metric.unit in ("share", "rate") else ""
    text = _signed(c.delta, metric) + unit
    if c.ci_low is None or c.ci_high is None:
        return text
    return f"{text} [{_signed(c.ci_low, metric)}, {_signed(c.ci_high, metric)}]"


def size(amount: float, metric: Metric) -> str:
    """Return the size of a difference, without a sign: `4.0 points`."""
    factor, form, _ = _FORMS[metric.unit]
    return form.format(factor * amount) + (" points" if metric.unit in ("share", "rate") else "")


def p_text(p_value: float | None) -> str:
    """Return a p-value as people write it: `p = 0.012`; `no test` where there is none."""
    if p_value is None:
        return "no test"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _signed(amount: float, metric: Metric) -> str:
    """A number with its sign; what rounds to zero has none."""
    factor, form, _ = _FORMS[metric.unit]
    text = form.replace("{:", "{:+").format(factor * amount)
    return text.lstrip("+-") if not text.strip("+-0.") else text
