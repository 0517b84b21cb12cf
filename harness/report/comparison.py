"""What `harness compare` prints: a table for each comparison, and what the suite was too small to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import metric as metric_of
from harness.report.figures import ANSWERED, COST, HEARD, RUNAWAYS
from harness.runs.compare import ComparedRuns
from harness.runs.gates import Figure

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHOWN = (*HEARD, *RUNAWAYS, *COST, *ANSWERED)
_HEADINGS = {column.metric: column.heading for column in _SHOWN if column.source != "reference"}
_SIGNIFICANCE = 0.05
_HOW_TO_READ = (
    "Differences from the baseline, question by question, in points of per cent or as counts, and their 95 % intervals. "
    "p: how often chance alone would give a difference so large; p (Holm) allows for the number of tests in "
    "its family (the run's outcome; recognition; retrieval and answers with each retriever) under one condition, and is "
    "the one to go by: under 0.05, chance is a poor explanation."
)

Key = tuple[str, str, str | None, str]


def print_comparison(console: Console, found: ComparedRuns) -> None:
    """A heading for each condition, a table for each pair under it, and the sentences on what remains open."""
    figures = {(f.label, f.condition, f.retriever, f.metric): f for f in found.figures}
    console.print(f"\n{found.suite['name']}: {', '.join(found.runs)}", style="bold", markup=False, soft_wrap=True)
    if found.left_out:
        console.print(f"{found.left_out} recordings are not in every run and are left out.", highlight=False)
    if found.comparisons:
        console.print(_HOW_TO_READ, style="dim", highlight=False)
    else:
        console.print(_figure_table(found.figures))
    for condition, under in groupby(_by_condition(found.comparisons), key=lambda c: c.condition):
        console.print(f"\n{condition}", style="bold", markup=False)
        for _, same in groupby(under, key=lambda c: (c.a, c.b)):
            pair = list(same)
            console.print(_pair_table(pair, figures))
            for sentence in open_questions(pair):
                console.print(sentence, highlight=False, markup=False)
    for sentence in found.refused:
        console.print(f"Not compared: {sentence}", style="yellow", highlight=False, markup=False)
    if found.gates_failed:
        console.print(f"\n{len(found.gates_failed)} figures are where a gate forbids them to be:", style="bold red")


def open_questions(pair: Sequence[Comparison]) -> list[str]:
    """For the differences that chance could explain: how large they had to be for this suite to show them."""
    texts: dict[int, list[str]] = {}
    for c in pair:
        open_ = c.p_holm is None or c.p_holm > _SIGNIFICANCE
        if open_ and c.detectable is not None:
            texts.setdefault(c.n, []).append(f"{_size(c.metric, c.detectable)} ({_name(c.metric, c.retriever)})")
    return [
        f"With {n} questions only differences above {', '.join(found)} would be found 4 times in 5."
        for n, found in texts.items()
    ]


def _by_condition(comparisons: Sequence[Comparison]) -> list[Comparison]:
    conditions = list(dict.fromkeys(c.condition for c in comparisons))
    return sorted(comparisons, key=lambda c: conditions.index(c.condition))


def _pair_table(pair: Sequence[Comparison], figures: dict[Key, Figure]) -> Table:
    first, second, condition = pair[0].a, pair[0].b, pair[0].condition
    table = _table(
        f"{second} against {first}", ("metric", "baseline", "compared", "difference", "test", "p", "p\n(Holm)")
    )
    for c in pair:
        both = (figures.get((label, condition, c.retriever, c.metric)) for label in (first, second))
        values = (_value(c.metric, figure.value if figure else None) for figure in both)
        _add(table, (_name(c.metric, c.retriever), *values, _difference(c), c.test or "-", _p(c.p_value), _p(c.p_holm)))
    return table


def _figure_table(figures: Iterable[Figure]) -> Table:
    table = _table("Figures", ("backend", "condition", "metric", "value", "95 % interval"))
    for f in figures:
        interval = f"[{_value(f.metric, f.ci_low)}, {_value(f.metric, f.ci_high)}]" if f.ci_low is not None else ""
        _add(table, (f.label, f.condition, _name(f.metric, f.retriever), _value(f.metric, f.value), interval))
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left", overflow="fold", no_wrap=index > 0)
    return table


def _add(table: Table, cells: Sequence[str]) -> None:
    from rich.text import Text

    table.add_row(*(Text(cell) for cell in cells))


def _name(metric: str, retriever: str | None) -> str:
    heading = _HEADINGS.get(metric, metric)
    return f"{heading}, {retriever}" if retriever else heading


def _value(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if metric_of(metric).unit == "count" else f"{100 * value:.1f} %"


def _difference(c: Comparison) -> str:
    """Counts whole, rates in points of per cent; the interval below."""
    if c.delta is None:
        return "-"
    form, factor = ("{:+.0f}", 1) if metric_of(c.metric).unit == "count" else ("{:+.1f}", 100)
    delta = form.format(factor * c.delta)
    if c.ci_low is None or c.ci_high is None:
        return delta
    return f"{delta}\n[{form.format(factor * c.ci_low)}, {form.format(factor * c.ci_high)}]"


def _size(metric: str, difference: float) -> str:
    return f"{difference:.0f}" if metric_of(metric).unit == "count" else f"{100 * difference:.1f} points"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
