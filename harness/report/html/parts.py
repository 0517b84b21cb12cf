"""Which sections of the report stand in which part of the page, and what is shown with which retriever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.model import Report
from harness.report.sections.agreement import agreement
from harness.report.sections.answers import answers
from harness.report.sections.bias_lists import bias_lists
from harness.report.sections.causes import causes
from harness.report.sections.corrections import corrections
from harness.report.sections.differences import differences
from harness.report.sections.failures import failures
from harness.report.sections.listing import study_sections
from harness.report.sections.method import method
from harness.report.sections.recognition import recognition, runaways
from harness.report.sections.retrieval import retrieval
from harness.report.sections.times import times
from harness.report.tables import Section

_LONGEST_OPEN = 16  # rows


@dataclass(frozen=True, slots=True)
class Placed:
    """A section on the page. It is hidden while another retriever is chosen than its own (`None`: always shown).

    Its first `n_open` tables are shown, the others fold out.
    """

    section: Section
    retriever: str | None = None
    n_open: int = 1


def compared_parts(report: Report) -> tuple[Placed, ...]:
    """Return what compares backends: what they recognise, what is found and answered, their lists, and every difference."""
    sections = [Placed(recognition(report))]
    for retriever in report.figures.retrievers:
        sections += [Placed(retrieval(report, retriever), retriever), Placed(answers(report, retriever), retriever)]
    sections += [Placed(bias_lists(report)), Placed(runaways(report)), Placed(differences(report), n_open=0)]
    return _with_content(sections)


def losses(report: Report) -> tuple[Placed, ...]:
    """Return where the loss comes from and what recovers it: causes, corrections, other retrievers."""
    figures = report.figures
    corrected = (Placed(corrections(report, retriever), retriever) for retriever in figures.retrievers)
    return _with_content((_causes(report), *corrected, Placed(agreement(report), n_open=len(figures.arms))))


def _causes(report: Report) -> Placed:
    """Return the causes; their first table stands open where it is short."""
    section = causes(report)
    return Placed(section, n_open=int(bool(section.tables) and len(section.tables[0].rows) <= _LONGEST_OPEN))


def studies(report: Report) -> tuple[Placed, ...]:
    """Return what studies made of the run."""
    return tuple(map(Placed, study_sections(report)))


def account(report: Report) -> tuple[Placed, ...]:
    """Return how all of it was measured, what failed, and how long it took."""
    return _with_content((Placed(method(report), n_open=2), Placed(failures(report)), Placed(times(report), n_open=2)))


def _with_content(sections: Iterable[Placed]) -> tuple[Placed, ...]:
    return tuple(placed for placed in sections if not placed.section.is_empty)
