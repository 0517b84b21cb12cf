"""What `harness run` prints: tables, sentences, and progress while it works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from harness.analysis.summary import Row
from harness.records import Sample
from harness.report.agreement import agreement_lines
from harness.report.attribution import terminal_lines
from harness.report.bias_lists import list_sentences
from harness.report.figures import (
    COST,
    PROCESSOR_TIME,
    REAL_TIME,
    Column,
    Figures,
    answer_sentences,
    answered,
    answerer_title,
    differences,
    headlines,
    interval,
    legend,
    name,
    speech_notice,
    value,
)
from harness.report.runaways import TITLE, runaway_rows, runaway_sentences
from harness.report.unseen import visible
from harness.report.work import loaded_note
from harness.runs.result import Progress
from harness.runs.storage.stored_run import StoredRun

if TYPE_CHECKING:
    from rich.console import Console

    from harness.analysis.scoring import Score

T = TypeVar("T")
_LABEL_WIDTH = 22  # "faster-whisper:tiny.en"
_TABLE_EDGES = 4  # what rich draws beside the first column and at both ends
_RUNAWAYS_SHOWN = 3
_LINE_EVERY = 10.0  # seconds between progress lines where there is no terminal


def print_run(console: Console, run: StoredRun) -> None:
    """The two tables, what the columns mean, the sentences, and where the report lies."""
    from rich.markup import escape

    record, summary = run.record, run.summary
    figures = Figures.of(summary)
    console.print()
    console.print(f"[bold]{escape(record.suite['name'])}[/bold]  {escape(speech_notice(record))}")
    console.print("Below each figure its 95 % interval, from resampling whole questions.", style="dim")
    heard = tuple(column for column in figures.heard if column is not PROCESSOR_TIME)  # which stands under RTF
    _print_table(console, "What was heard", figures, heard, None)
    # Five columns are what 80 characters hold; F1 of the typed questions stands in the report.
    answers = tuple(column for column in answered(record) if (column.metric, column.source) != ("f1", "reference"))
    for retriever in figures.retrievers:
        _print_table(console, f"What it cost, searching with {retriever}", figures, COST, retriever)
        if answers:
            _print_table(console, answerer_title(record, retriever), figures, answers, retriever)
    for heading, meaning in legend((*heard, *COST, *answers)):
        console.print(f"  [bold]{heading}[/bold]: {meaning}", style="dim", highlight=False)
    if any(figures.row(cell, PROCESSOR_TIME) for cell in figures.cells):
        console.print(
            f"  In brackets below {REAL_TIME.heading}: the same in processor time.", style="dim", highlight=False
        )
    console.print()
    sentences = (
        headlines(figures),
        answer_sentences(record, figures),
        agreement_lines(summary, figures),
        terminal_lines(summary, figures),
    )
    for sentence in (*chain(*sentences), *differences(summary)):
        console.print(f"- {escape(sentence)}", highlight=False)
    if summary.comparisons:
        console.print(
            "  Within chance: a paired test, adjusted for the number of tests (Holm), gives p of 0.05 or more, whatever the "
            "interval of the single difference.",
            style="dim",
            highlight=False,
        )
    for sentence in list_sentences(figures, run.backends):
        console.print(f"- {escape(visible(sentence))}", highlight=False)
    if figures.ran_away:
        _print_runaways(console, list(run.samples.values()), figures)
    if note := loaded_note(record):
        console.print(escape(note), highlight=False)
    if record.status == "partial":
        failed = max((row.n_error for row in summary.rows if row.group == "all"), default=0)
        console.print(
            f"[bold]Some samples failed[/bold] (up to {failed} of one backend's), or answers of them: they count as not "
            f"answered. `harness report` lists them; the same command tries them again.",
            highlight=False,
        )
    console.print(f"\nReport: {run.folder / 'report.html'} (and report.md)", highlight=False, soft_wrap=True)


def _print_runaways(console: Console, samples: Sequence[Sample], figures: Figures) -> None:
    """How many transcripts ran away, and the first few of them."""
    from rich.markup import escape

    for sentence in runaway_sentences(samples, figures):
        console.print(f"- {escape(visible(sentence))}", highlight=False)
    rows = runaway_rows(samples)
    console.print(f"{TITLE}:", highlight=False)
    for utterance, condition, backend, why, text in rows[:_RUNAWAYS_SHOWN]:
        line = f"  {utterance}, {condition}, {backend}: {why}: {text}"
        console.print(escape(visible(line)), highlight=False)
    if len(rows) > _RUNAWAYS_SHOWN:
        console.print(f"  and {len(rows) - _RUNAWAYS_SHOWN} more, in the report.", highlight=False)


def _print_table(
    console: Console, title: str, figures: Figures, columns: Sequence[Column], retriever: str | None
) -> None:
    """One table, or several under one another where the screen is too narrow for all columns: none is cut off."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    conditions = len({condition for _, condition in figures.cells})
    labels = [name(cell, conditions) for cell in figures.cells]
    label_width = min(_LABEL_WIDTH, max(map(len, labels)))
    for number, part in enumerate(_fitting(figures, columns, retriever, console.width - label_width - _TABLE_EDGES)):
        heading = f"{title}, continued" if number else title
        table = Table(
            title=Text(heading), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
            padding=(0, 1, 0, 0),
        )  # fmt: skip
        table.add_column("backend", overflow="fold", min_width=label_width)
        for column, _ in part:
            table.add_column(column.heading.replace(" ", "\n"), justify="right")  # one narrow column each
        for row, label in enumerate(labels):
            table.add_row(Text(label), *(Text(shown[row]) for _, shown in part))
        console.print(table)


def _fitting(
    figures: Figures, columns: Sequence[Column], retriever: str | None, width: int
) -> Iterator[list[tuple[Column, list[str]]]]:
    """The columns with what stands in them, backend by backend, in as many parts as have room in `width` characters."""
    part: list[tuple[Column, list[str]]] = []
    used = 0
    for column in columns:
        rows = [(cell, figures.row(cell, column, retriever)) for cell in figures.cells]
        shown = [f"{value(row, column)}\n{_below(figures, cell, row, column)}" for cell, row in rows]
        needed = 2 + max(len(line) for text in [column.heading.replace(" ", "\n"), *shown] for line in text.split("\n"))
        if part and used + needed > width:
            yield part
            part, used = [], 0
        part.append((column, shown))
        used += needed
    yield part


def _below(figures: Figures, cell: tuple[str, str], row: Row | None, column: Column) -> str:
    """What stands under a figure: its interval, or the processor's RTF under that of the clock."""
    if column is not REAL_TIME:
        return interval(row, column, "{}–{}")
    processor = figures.row(cell, PROCESSOR_TIME)
    return f"({value(processor, PROCESSOR_TIME)})" if processor is not None else ""


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """A bar on a terminal; elsewhere a plain line now and then."""
    if console.is_terminal:
        with _bar(console) as update:
            yield update
    else:
        yield _lines(console)


@contextmanager
def _bar(console: Console) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("samples", total=None)

        def update(done: int, planned: int, sample: Sample) -> None:
            bar.update(task, completed=done, total=planned, description=sample.backend)

        yield update


def _lines(console: Console) -> Progress:
    begun = last = monotonic()

    def update(done: int, planned: int, sample: Sample) -> None:
        nonlocal last
        if done == planned or monotonic() - last >= _LINE_EVERY:
            last = monotonic()
            console.print(
                f"{done}/{planned} samples, {sample.backend}, {last - begun:.0f} s", highlight=False, markup=False
            )

    return update


@contextmanager
def counting(console: Console, items: Iterable[T], what: str) -> Iterator[Iterator[T]]:
    """The same items, counted aloud as they are taken: on a terminal as they come, elsewhere a plain line now and then."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn(f"{{task.completed:,}} {what}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def counted() -> Iterator[T]:
            begun = last = monotonic()
            for done, item in enumerate(items, start=1):
                yield item
                bar.update(task, completed=done)
                if not console.is_terminal and monotonic() - last >= _LINE_EVERY:
                    last = monotonic()
                    console.print(f"{done:,} {what}, {last - begun:.0f} s", highlight=False, markup=False)

        yield counted()


def print_score(console: Console, score: Score) -> None:
    """Word errors of a pair of files, by class of word."""
    from rich import box
    from rich.table import Table

    counts = score.to_dict()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("words", "reference", "hits", "substitutions", "deletions", "insertions", "error rate"):
        table.add_column(heading, justify="left" if heading == "words" else "right")
    for kind in ("words", "common", "rare"):
        part = counts[kind]
        rate = "-" if part["rate"] is None else f"{100 * part['rate']:.2f} %"
        numbers = (part[key] for key in ("reference", "hits", "substitutions", "deletions", "insertions"))
        table.add_row("all" if kind == "words" else kind, *(str(number) for number in numbers), rate)
    console.print(table)
    utterances = counts["utterances"]
    console.print(
        f"{utterances['scored']} utterances scored, {utterances['missing']} missing from the hypothesis (all of their words "
        f"count as deleted), {utterances['empty_reference']} with an empty reference. "
        f"{counts['false_rare_insertions']} rare words heard that were not said.",
        highlight=False,
    )
