"""How a notebook shows the result of a run: the verdict, the main tables, and two pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from harness.report.model import Report
from harness.report.sections.listing import main_sections
from harness.report.sections.measured import speech_notice
from harness.report.tables import Table, few_note
from harness.report.verdict import primary
from harness.runs.result import RunResult, load_run

if TYPE_CHECKING:
    from markupsafe import Markup

_TERMINAL_WIDTH = 100
_STYLE = {"--ink": "currentColor", "--faint": "currentColor", "--grid": "#8886", "--tint": "#0072b1"}


@dataclass(frozen=True, repr=False)
class RunDisplay:
    """What `show` returns: a notebook shows its HTML, a terminal the text that `harness run` prints."""

    result: RunResult

    def _repr_html_(self) -> str:
        return notebook_page(self.result)

    def __repr__(self) -> str:
        from harness.report.screen import Screen
        from harness.report.terminal import print_run

        screen = Screen(file=StringIO(), width=_TERMINAL_WIDTH)
        with screen.capture() as capture:
            print_run(screen, Report.of_run(self.result.stored))
        return capture.get()


def show(run: RunResult | Path | str) -> RunDisplay:
    """Return a run so that a notebook, or the interpreter's prompt, shows what it says in short, with its tables.

    `run` is what `harness.run` returned, or the folder of a finished run. Raises `RunError` where the folder holds none.
    """
    return RunDisplay(load_run(run) if isinstance(run, (str, Path)) else run)


def notebook_page(result: RunResult) -> str:
    """Return HTML without script or style sheet. Text from outside is escaped; the figures are those of summary.json."""
    from markupsafe import Markup

    report = Report.of_run(result.stored)
    parts = [
        Markup("<p><b>{}</b>: {} samples, {} of them failed. {}</p>").format(
            _clean(result.record.suite["name"]), result.planned, result.errors, speech_notice(report)
        )
    ]
    if verdict := primary(report):
        parts.append(
            Markup("<p><b>{}</b> {}</p>").format(_clean(verdict.headline), _clean(verdict.detail))
            + _list([finding.text for finding in verdict.findings])
        )
    for section in main_sections(report):
        parts.append(Markup("<p><b>{}</b></p>").format(_clean(section.title)))
        parts += [_table(table) for table in section.tables[:1]]
    parts += _charts(report)
    parts.append(Markup("<p>All of it stands in <code>{}</code>.</p>").format(_clean(str(result.folder))))
    return str(Markup("<div style='{}'>{}</div>").format(_colours(), Markup("").join(parts)))


def _clean(text: str) -> str:
    from harness.report.unseen import visible

    return visible(text)


def _list(sentences: Sequence[str]) -> Markup:
    from markupsafe import Markup

    items = Markup("").join(Markup("<li>{}</li>").format(_clean(sentence)) for sentence in sentences)
    return Markup("<ul>{}</ul>").format(items)


def _table(table: Table) -> Markup:
    from markupsafe import Markup

    heads = (
        Markup('<th title="{}">{}</th>').format(
            heading.meaning, f"{heading.text} ({heading.n})" if heading.n else heading.text
        )
        for heading in table.headings
    )
    rows = [Markup("<tr>{}</tr>").format(Markup("").join(heads))]
    for first, *cells in table.rows:
        figures = (
            Markup("<td>{}</td>").format(" ".join(filter(None, (cell.text, cell.interval, few_note(cell, heading)))))
            for cell, heading in zip(cells, table.headings[1:], strict=True)
        )
        rows.append(Markup("<tr><th>{}</th>{}</tr>").format(_clean(first.text), Markup("").join(figures)))
    return Markup("<table>{}</table>").format(Markup("").join(rows))


def _charts(report: Report) -> Iterator[Markup]:
    """What the word errors cost, and how that rises with rarity, for the first retriever and condition."""
    from markupsafe import Markup

    from harness.report.html.svg import themed
    from harness.report.pictures import loss, rarity
    from harness.report.pictures.drawing import svg
    from harness.report.pictures.view import View

    for retriever in report.figures.retrievers[:1]:
        whole = View(report.figures, report.backends, retriever)
        drawn = loss.wer_against_loss(whole), rarity.by_rarity(replace(whole, condition=report.figures.conditions[0]))
        for picture in filter(None, drawn):
            image = themed(svg(picture), f"{picture.title}. {picture.takeaway}")
            yield Markup("<figure style='max-width:32em;margin:1em 0'>{}<figcaption>{}</figcaption></figure>").format(
                image, _clean(picture.takeaway)
            )


def _colours() -> str:
    from harness.report.pictures.drawing import SERIES

    series = {f"--series-{number}": colour for number, colour in enumerate(SERIES, start=1)}
    return ";".join(f"{name}:{colour}" for name, colour in (_STYLE | series).items())
