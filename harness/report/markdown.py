"""The report as a Markdown page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.files import write_report
from harness.report.lost_samples import lost_samples
from harness.report.markup import code, line, prose, text
from harness.report.model import Report
from harness.report.sections.listing import main_sections, more_sections
from harness.report.sections.measured import measured, speech_notice, title
from harness.report.tables import Cell, Heading, Section, Table, few_note
from harness.report.verdict import Verdict, verdicts


def write_markdown(run: Path, out: Path | None = None) -> Path:
    """Write the report of the run in folder `run` and return where it is (`run/report.md` unless `out` is given).

    Raises `RunError` when the folder holds no finished run.
    """
    page = "\n".join(page_lines(Report.read(run)))
    path = out or run / "report.md"
    write_report(path, page.encode())
    return path


def page_lines(report: Report) -> Iterator[str]:
    """Yield the lines of the page: the verdict, then every section."""
    yield f"# {text(title(report))}\n"
    if description := report.record.suite.get("description"):
        yield f"{text(description)}\n"
    yield f"**{text(speech_notice(report))}**\n"
    for verdict in verdicts(report):
        yield from _verdict(verdict, report)
    yield from (f"{prose(paragraph)}\n" for paragraph in measured(report))
    for section in main_sections(report):
        yield from section_lines(section)
    *more, method = more_sections(report)
    for section in more:
        yield from section_lines(section)
    yield from lost_samples(report)
    yield from section_lines(method)
    yield from (f"Run again: `{code(run.record.command)}`\n" for run in report.runs)


def section_lines(section: Section) -> Iterator[str]:
    """Yield a section as Markdown: its sentences, its tables, what the columns mean, and how to read it."""
    yield f"## {text(section.title)}\n"
    yield from _bullets(section.sentences)
    for table in section.tables:
        yield from table_lines(table)
    legend = dict.fromkeys(pair for table in section.tables for pair in table.legend)
    if legend:
        yield from (f"- **{text(heading)}**: {text(meaning)}" for heading, meaning in legend)
        yield ""
    yield from (f"{prose(paragraph)}\n" for paragraph in section.after)


def table_lines(table: Table) -> Iterator[str]:
    """Yield a table as Markdown. What all figures of a column are counted over stands in its heading."""
    if table.title:
        yield f"### {text(table.title)}\n"
    yield line(_heading(heading) for heading in table.headings)
    yield line("---:" if heading.is_number else "---" for heading in table.headings)
    for row in table.rows:
        yield line(_cell(cell, heading) for cell, heading in zip(row, table.headings, strict=True))
    yield f"\n{text(table.below)}\n" if table.below else ""


def _heading(heading: Heading) -> str:
    return text(f"{heading.text} ({heading.n})" if heading.n else heading.text)


def _cell(cell: Cell, heading: Heading) -> str:
    return text(" ".join(filter(None, (cell.text, cell.interval, few_note(cell, heading)))))


def _verdict(verdict: Verdict, report: Report) -> Iterator[str]:
    where = report.figures.where(("", verdict.condition), verdict.retriever).strip()
    yield f"## Verdict{f' {where}' if where else ''}\n"
    yield f"**{prose(verdict.headline)}**{f' {prose(verdict.detail)}' if verdict.detail else ''}\n"
    yield from (f"- **{text(finding.heading)}** {prose(finding.text)}" for finding in verdict.findings)
    yield ""


def _bullets(sentences: Iterable[str]) -> Iterator[str]:
    bullets = [f"- {prose(sentence)}" for sentence in sentences]
    if bullets:
        yield from (*bullets, "")
