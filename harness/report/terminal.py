"""What `harness run` prints: the verdict, the main tables, and progress while it works."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.report.failure_lines import failure_lines
from harness.report.model import Report
from harness.report.sections.answers import answerer_sentence
from harness.report.sections.bias_lists import oracle_sentence
from harness.report.sections.listing import main_sections
from harness.report.sections.measured import speech_notice
from harness.report.sections.mitigations import in_short as repairs_in_short
from harness.report.sections.reach import reach_note
from harness.report.sections.recognition import why_cer_leads
from harness.report.sections.times import loaded_note, rtf_sentence
from harness.report.tables import Section
from harness.report.text_table import text_table
from harness.report.verdict import verdicts
from harness.runs.result import Progress, StudyProgress
from harness.words.text.nonspeech import removed_in_words

if TYPE_CHECKING:
    from harness.analysis.scoring import Score
    from harness.report.screen import Screen

Say = Callable[..., None]  # text and style


def print_run(screen: Screen, report: Report, *, explain: bool = False) -> None:
    """Print what failed, the verdict, the main table of each family, and where the report lies; `explain`: what columns mean."""
    say = screen.say
    for line in failure_lines(report):
        say(line, "bold red")
    say(f"{report.record.suite['name']}: {speech_notice(report)}", "bold")
    _say_verdicts(report, say)
    sections = list(main_sections(report))
    for section in sections:
        if section.tables:
            screen.print()
            for line, is_heading in text_table(replace(section.tables[0], title=section.title), screen.width):
                say(line, "bold" if is_heading else "")
    screen.print()
    if repairs := repairs_in_short(report):
        say(repairs)
    for line in _notes(report):
        say(line)
    if explain:
        for section in sections:
            _explain(section, say)
    for run in report.runs:
        if not explain:
            command = f"harness report {shlex.quote(str(run.folder))} --explain"
            say(f"What the columns mean: {command}", "dim", wrap=False)
        say(f"Report: {run.folder / 'report.html'} (and report.md)", wrap=False)


def _say_verdicts(report: Report, say: Say) -> None:
    """Print the first verdict, and the headlines of the others."""
    first, *others = verdicts(report) or (None,)
    if first is None:
        return
    say(first.headline, "bold")
    say(first.detail)
    for finding in first.findings:
        if finding.in_short:
            say(f"- {finding.text}")
    for verdict in others:
        where = report.figures.where(("", verdict.condition), verdict.retriever).strip()
        says_where = where in verdict.headline
        say(verdict.headline if says_where else f"{where[0].upper()}{where[1:]}: {verdict.headline}")


def _notes(report: Report) -> Iterator[str]:
    """Yield what else is to be known: brackets, oracles, who answers, times, and how to try failed samples again."""
    about = [f"[ ]: 95 % interval. n: cases counted. Normaliser: {report.record.normaliser}."]
    retrievers = report.figures.retrievers
    if report.record.answerer and retrievers:
        about.append(answerer_sentence(report, retrievers[0] if len(retrievers) == 1 else "each retriever"))
        about.append(reach_note(report.figures))
    yield " ".join(filter(None, about))
    yield from why_cer_leads(report)
    if oracles := oracle_sentence(report.figures, report.backends):
        yield oracles
    if line := rtf_sentence(report):
        yield line
    yield from (note for run in report.runs if (note := loaded_note(run.record)))
    if report.record.status == "partial":
        yield "Some samples failed; the same command tries them again."


def _explain(section: Section, say: Say) -> None:
    """Print what the columns of the main table mean, and how to read it."""
    for heading, meaning in section.tables[0].legend if section.tables else ():
        say(f"  {heading}: {meaning}", "dim")
    for paragraph in section.after:
        say(f"  {paragraph}", "dim")


@contextmanager
def progress(screen: Screen) -> Iterator[tuple[Progress, StudyProgress]]:
    """How many samples are done, and of which backend the last one was; then how far which study is."""
    from harness.report.screen import one_bar

    with one_bar(screen, "samples", "steps") as (samples, steps):
        yield (
            lambda done, planned, sample: samples(done, planned, sample.backend),
            lambda name, done, total: steps(done, total, f"study {name}"),
        )


def _read_as(format: str) -> str:
    return {"": "", "text": " Read as text, line by line."}.get(format, f" Read as {format}.")


def print_score(screen: Screen, score: Score) -> None:
    """Word errors of a pair of files, by class of word."""
    from rich import box
    from rich.table import Table

    counts = score.to_dict()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("words", "reference", "hits", "substitutions", "deletions", "insertions", "error rate"):
        table.add_column(heading, justify="left" if heading == "words" else "right")
    for kind in ("characters", "words", "common", "rare"):
        if (part := counts.get(kind)) is None:  # characters of a language that spaces its words
            continue
        rate = "-" if part["rate"] is None else f"{100 * part['rate']:.2f} %"
        numbers = (part[key] for key in ("reference", "hits", "substitutions", "deletions", "insertions"))
        table.add_row("all" if kind == "words" else kind, *(str(number) for number in numbers), rate)
    screen.print(table)
    utterances = counts["utterances"]
    screen.say(
        f"{utterances['scored']} utterances scored, {utterances['missing']} missing from the hypothesis (all of their words "
        f"count as deleted), {utterances['empty_reference']} with an empty reference. "
        f"Rare-word false alarms: {counts['false_rare_insertions']}. Error regions: {counts['notation']['error_regions']}, of "
        f"which notation variants (the right words in another spelling): {counts['notation']['variants']}."
        f"{_read_as(score.format)} Normaliser: {score.normaliser}. Language: {score.language}."
    )
    if score.not_speech:
        screen.say(
            f"From {score.n_cleaned} of {utterances['scored']} hypotheses, what is not speech was removed before scoring: "
            f"{removed_in_words(score.not_speech)}."
        )
