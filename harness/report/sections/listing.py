"""All sections of a report, in their order. A new section is a module and its line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from harness.report.model import Report
from harness.report.sections.agreement import agreement
from harness.report.sections.answers import answers
from harness.report.sections.bands import bands
from harness.report.sections.bias_lists import bias_lists
from harness.report.sections.causes import causes
from harness.report.sections.complexity import complexity
from harness.report.sections.corrections import corrections
from harness.report.sections.differences import differences
from harness.report.sections.early import early
from harness.report.sections.failures import failures
from harness.report.sections.interpretation import interpretation
from harness.report.sections.method import method
from harness.report.sections.mitigations import mitigations
from harness.report.sections.recognition import recognition, runaways
from harness.report.sections.retrieval import retrieval
from harness.report.sections.times import times
from harness.report.sections.words import words
from harness.report.tables import Section

# What studies made of a finished run.
_STUDIES: Final[tuple[Callable[[Report], Section], ...]] = (
    complexity,
    early,
    interpretation,
    mitigations,
)


def main_sections(report: Report) -> Iterator[Section]:
    """Yield the sections with the main tables: one for each family of metrics, by retriever where one searches."""
    yield recognition(report)
    for retriever in report.figures.retrievers:
        yield from _if_any(retrieval(report, retriever))
        yield from _if_any(answers(report, retriever))


def more_sections(report: Report) -> Iterator[Section]:
    """Yield the sections that say why, and how it was measured; those that have content."""
    for make in (differences, runaways, bias_lists, agreement, bands, causes):
        yield from _if_any(make(report))
    for retriever in report.figures.retrievers:
        yield from _if_any(corrections(report, retriever))
    yield from study_sections(report)
    for make in (words, failures, times, method):
        yield from _if_any(make(report))


def study_sections(report: Report) -> Iterator[Section]:
    """Yield a section for each study that the run has."""
    for make in _STUDIES:
        yield from _if_any(make(report))


def _if_any(section: Section) -> Iterator[Section]:
    if not section.is_empty:
        yield section
