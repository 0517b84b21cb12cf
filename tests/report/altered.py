"""Stored runs with other figures, tests, labels or specs: what a verdict says when these change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from harness.analysis.summary import Row
from harness.report.model import Figures, Report
from harness.report.verdict import Verdict, primary
from tests.conftest import GoldenRun

Change = Callable[[Any], Any]


def of(golden_run: GoldenRun, name: str) -> Report:
    return Report.read(golden_run(name))


def changed(report: Report, row: Change | None = None, comparison: Change | None = None, **parts: Any) -> Report:
    """The report with other rows, comparisons and parts of the summary; what a change makes `None` is left out."""
    summary = report.figures.summary
    for name, change in (("rows", row), ("comparisons", comparison)):
        if change is not None:
            parts[name] = tuple(new for new in map(change, getattr(summary, name)) if new is not None)
    return replace(report, figures=Figures(replace(summary, **parts), report.figures.rules))


def asked_for(report: Report, **fields: Any) -> Report:
    """The report of a run whose spec has other fields."""
    (run,) = report.runs
    spec = msgspec.to_builtins(replace(run.spec, **fields))
    return replace(report, runs=(replace(run, record=replace(run.record, spec=spec)),))


def first(report: Report) -> Verdict:
    found = primary(report)
    assert found is not None
    return found


def text_under(heading: str, report: Report) -> str:
    texts = [finding.text for finding in first(report).findings if finding.heading == heading]
    assert len(texts) < 2
    return "".join(texts)


def only(report: Report, label: str) -> Report:
    """The report of a run of that backend alone."""
    specs = tuple(spec for spec in report.runs[0].spec.backends if spec.label == label)
    return asked_for(changed(report, row=lambda row: row if row.backend == label else None), backends=specs)


def with_value(value: float, metric: str, *backends: str, source: str | None = "hypothesis") -> Change:
    """Rows of a metric of all recordings get that value, for these backends or for all."""

    def change(row: Row) -> Row:
        wanted = (row.metric, row.source, row.group) == (metric, source, "all")
        return replace(row, value=value) if wanted and (not backends or row.backend in backends) else row

    return change


def with_p(p_holm: float | None, metric: str = "hit@1") -> Change:
    """Comparisons in a metric get that adjusted p-value."""
    return lambda c: replace(c, p_holm=p_holm) if c.metric == metric else c


def without(metric: str) -> Change:
    return lambda one: None if one.metric == metric else one


def renamed(report: Report, names: Mapping[str, str]) -> Report:
    """The report with other labels."""

    def new(one: Any) -> Any:
        return replace(one, backend=names.get(one.backend, one.backend))

    summary = report.figures.summary
    comparisons = tuple(replace(c, a=names.get(c.a, c.a), b=names.get(c.b, c.b)) for c in summary.comparisons)
    backends = tuple(replace(spec, label=names.get(spec.label, spec.label)) for spec in report.runs[0].spec.backends)
    relabelled = changed(report, row=new, words=tuple(map(new, summary.words)), comparisons=comparisons)
    return asked_for(relabelled, backends=backends)
