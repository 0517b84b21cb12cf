"""What `harness compare` prints: a table for each pair of backends, what the suite was too small to show, and the gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import Metric, metric
from harness.analysis.rules import Rules
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Column
from harness.report.numbers import difference, size
from harness.report.numbers import figure as number
from harness.report.tables import is_significant
from harness.runs.compare import ComparedRuns
from harness.runs.gates import TEST_NAMES, Figure, is_share

if TYPE_CHECKING:
    from rich.table import Table

    from harness.report.screen import Screen

_HOW_TO_READ = (
    "Differences are compared minus baseline, paired by question, in points of per cent (counts and ratios as they are), with "
    "95 % intervals. p (Holm) is adjusted for the number of tests of its family under one condition (the run's outcome with "
    "its first retriever; recognition; retrieval and answers with each retriever); a difference is significant where it is "
    f"under {SIGNIFICANCE:g}."
)
_TESTS = {
    "mcnemar": "McNemar is the exact test of yes/no outcomes, one recording a question",
    "mapsswe": "MAPSSWE tests word errors in matched segments",
    "sign-flip": "sign-flip swaps the two backends question by question at random",
}
_BY_RARITY = ("rare_wer", "common_wer", "false_rare_insertions")

Key = tuple[str, str, str | None, str]


def print_comparison(screen: Screen, compared: ComparedRuns) -> None:
    """Print a heading for each condition, a table for each pair under it, and the sentences on what remains open."""
    figures = {(f.label, f.condition, f.retriever, f.metric): f for f in compared.figures}
    screen.print()
    screen.say(f"{compared.suite['name']}: {', '.join(compared.runs)}", "bold", wrap=False)
    if compared.left_out:
        are = "recording is" if compared.left_out == 1 else "recordings are"
        screen.say(f"{compared.left_out} {are} not in every run and left out.")
    for sentence in how_to_read(compared):
        screen.say(sentence, "dim")
    if not compared.comparisons:
        screen.print(_figure_table(compared.figures, compared.rules))
    conditions = list(dict.fromkeys(c.condition for c in compared.comparisons))
    by_condition = sorted(compared.comparisons, key=lambda c: conditions.index(c.condition))
    for condition, under in groupby(by_condition, key=lambda c: c.condition):
        screen.print()
        screen.say(condition, "bold")
        for _, same in groupby(under, key=lambda c: (c.a, c.b)):
            pair = list(same)
            screen.print(_pair_table(pair, figures, compared.rules))
            for sentence in open_questions(pair, figures, compared.rules, name_condition=len(conditions) > 1):
                screen.say(sentence)
    for sentence in compared.not_compared:
        screen.say(f"Not compared: {sentence}", "yellow")
    for sentence in compared.notes:
        screen.say(sentence, "yellow")
    _print_gates(screen, compared)


def how_to_read(compared: ComparedRuns) -> Iterator[str]:
    """Yield what the tables' figures and words mean, as far as they occur."""
    if compared.comparisons:
        tests = [_TESTS[test] for test in _TESTS if any(c.test == test for c in compared.comparisons)]
        yield f"{_HOW_TO_READ} The test stands in each row: {'; '.join(tests)}." if tests else _HOW_TO_READ
    if any(figure.metric in _BY_RARITY for figure in compared.figures):
        yield f"Rare words: {compared.rules.rarity}."
    yield f"Normaliser: {compared.normaliser}."


def open_questions(
    pair: Sequence[Comparison], figures: Mapping[Key, Figure], rules: Rules, *, name_condition: bool = False
) -> list[str]:
    """Return how large the differences that are not significant would have to be for this suite to show them, if it can."""
    shown: dict[int, list[str]] = {}
    one_way: list[str] = []
    never: dict[int, list[str]] = {}
    for c in pair:
        of = metric(c.metric, rules)
        name = _name(of, c.retriever, "{} with {}")
        baseline = figures.get((c.a, c.condition, c.retriever, c.metric))
        if is_significant(c):
            continue
        if c.n < 2:
            never.setdefault(c.n, []).append(name)
        elif c.detectable is not None and baseline is not None and baseline.value is not None:
            least = size(c.detectable, of)
            fall, rise = _shown_directions(c.detectable, of, baseline.value)
            if fall and rise:
                shown.setdefault(c.n, []).append(f"{least} ({name})")
            elif fall or rise:
                seen, unseen = ("fall", "rise") if fall else ("rise", "fall")
                one_way.append(f"{_questions(c.n)} cannot show a {unseen} in {name}, and a {seen} only above {least}")
            else:
                never.setdefault(c.n, []).append(name)
    under = f"{pair[0].condition}: " if name_condition else ""
    sentences = [f"{_questions(n)} cannot show a difference in {', '.join(names)}" for n, names in never.items()]
    sentences += one_way
    sentences += [
        f"{_questions(n)} would show differences above {', '.join(sizes)} 4 times in 5, before Holm's adjustment"
        for n, sizes in shown.items()
    ]
    return [f"{under}{sentence}." for sentence in sentences]


def _shown_directions(detectable: float, of: Metric, baseline: float) -> tuple[bool, bool]:
    """Return whether the baseline's figure can fall, and rise, by a difference that is large enough to be detected.

    No figure falls below 0, no share rises above 1, and no error rate by more than 1 unless transcripts run away.
    """
    if is_share(of.name):
        return detectable < baseline, detectable < 1 - baseline
    return detectable < baseline, of.unit != "rate" or detectable < 1


def _questions(n: int) -> str:
    return "1 question" if n == 1 else f"{n} questions"


def _print_gates(screen: Screen, compared: ComparedRuns) -> None:
    """Print which gates failed (their sentences go with the exit status), and on what others hold although beyond the bound."""
    for expression, of_gate in groupby(compared.gates, key=lambda result: result.expression):
        results = list(of_gate)
        failed, n = sum(result.failed for result in results), len(results)
        what = f"fails for {failed} of {n}" if failed else f"holds for {n} of {n}"
        style = "bold red" if failed else "green"
        screen.say(f"Gate {expression!r}: {what}.", style)
        for result in results:
            if result.beyond and not result.failed:
                screen.say(result.sentence)


def _pair_table(pair: Sequence[Comparison], figures: Mapping[Key, Figure], rules: Rules) -> Table:
    first, second, condition = pair[0].a, pair[0].b, pair[0].condition
    table = _table(
        f"{second} against {first}", ("metric", "baseline", "compared", "difference", "test", "p", "p\n(Holm)")
    )
    for c in pair:
        of = metric(c.metric, rules)
        both = (figures.get((label, condition, c.retriever, c.metric)) for label in (first, second))
        values = (number(one.value if one else None, of) for one in both)
        delta = difference(c, of).replace(" points", "").replace(" [", "\n[")
        _add(
            table,
            (_name(of, c.retriever), *values, delta, TEST_NAMES.get(c.test or "", "-"), _p(c.p_value), _p(c.p_holm)),
        )
    return table


def _figure_table(figures: Iterable[Figure], rules: Rules) -> Table:
    table = _table("Figures", ("backend", "condition", "metric", "value", "95 % interval"))
    for f in figures:
        of = metric(f.metric, rules)
        known = f.ci_low is not None and f.ci_high is not None
        interval = f"[{number(f.ci_low, of, bare=True)}, {number(f.ci_high, of, bare=True)}]" if known else ""
        _add(table, (f.label, f.condition, _name(of, f.retriever), number(f.value, of), interval))
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table

    from harness.report.screen import plain

    table = Table(title=plain(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left", overflow="fold", no_wrap=index > 0)
    return table


def _add(table: Table, cells: Sequence[str]) -> None:
    from harness.report.screen import plain

    table.add_row(*(plain(cell) for cell in cells))


def _name(of: Metric, retriever: str | None, form: str = "{}, {}") -> str:
    heading = Column(of, "hypothesis").heading
    return form.format(heading, retriever) if retriever else heading


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
