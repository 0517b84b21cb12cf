"""How long recognition took, and what it took to get there: loading, tries, the cache, what a service bills."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.model import Report
from harness.report.numbers import value
from harness.report.tables import Heading, Section, Table, family_table, texts
from harness.runs.storage.record import BackendWork, RunRecord

_LOADED = 1.5
_ENOUGH_SECONDS = 1.0  # a few hundredths of a second are late by chance
_WORK = ("recognised", "from the cache", "failed", "retried", "circuit opened", "model loaded in", "billed")


def times(report: Report) -> Section:
    """Return the times of recognition, and the work that was done for each backend."""
    timed = family_table(report.figures, "", ("time",), main=False)
    notes = dict.fromkeys(times_note(run.record) for run in report.runs) if timed else {}
    loaded = dict.fromkeys(note for run in report.runs if (note := loaded_note(run.record)))
    tables = tuple(table for table in (timed, _work_table(report)) if table is not None)
    return Section("times", "How long it took", tuple(loaded), tables, tuple(notes))


def rtf_sentence(report: Report) -> str:
    """Return recognition time over audio duration of every backend, in a line; empty where none is known.

    Processor time stands beside where it shows another figure for one of them.
    """
    figures = report.figures
    by_clock, by_processor = (figures.metric(name) for name in ("real_time_factor", "processor_rtf"))
    shown: list[tuple[str, str, str]] = []
    for arm in figures.arms:
        clock, processor = (figures.row(arm, metric.name, "hypothesis") for metric in (by_clock, by_processor))
        if clock is not None and clock.value is not None and figures.has_transcripts(arm):
            beside = value(processor, by_processor) if processor and processor.value is not None else ""
            shown.append((figures.name(arm), value(clock, by_clock), beside))
    differs = any(beside not in ("", clock) for _, clock, beside in shown)
    parts = [f"{name} {clock}{f' ({beside})' if beside and differs else ''}" for name, clock, beside in shown]
    return f"RTF{' (in processor time)' if differs else ''}: {'; '.join(parts)}." if parts else ""


def times_note(record: RunRecord) -> str:
    """Return what the times are of, and of which machine."""
    cached = sum(work.cached for work in record.work.values())
    machine = ", ".join(str(record.host[key]) for key in ("processor", "system") if key in record.host)
    note = (
        "Times are of recognition alone: no loading, no warming up, no waiting for a worker, no failed tries. "
        f"Of a batch, each recording has a part of the time by its length, unless the service says more. Machine: {machine}, "
        f"{record.host.get('cores_usable', '?')} cores."
    )
    if cached:
        note += (
            f" {cached} transcripts came from the cache: their times were taken when they were made, wherever that was."
        )
    return note


def loaded_note(record: RunRecord) -> str:
    """Return what there is to say where the machine was loaded while it recognised; empty where it was not, or none can say.

    The clock of one worker and its processor time agree on a free machine. With several threads processor time is the
    larger of the two and hides some of the load, so nothing is reported too often.
    """
    loaded = [
        f"{label} {work.clock_seconds / work.processor_seconds:.1f}"
        for label, work in record.work.items()
        if work.clock_seconds >= _ENOUGH_SECONDS and work.clock_seconds > _LOADED * work.processor_seconds > 0
    ]
    if not loaded:
        return ""
    return (
        f"The machine was loaded when these times were taken, by others or by more workers than it has cores; time by the clock "
        f"over processor time: {', '.join(loaded)}. Compare speed by processor RTF."
    )


def _work_table(report: Report) -> Table | None:
    rows = [texts(f"{run.prefix}{label}", *cells) for run in report.runs for label, *cells in work_rows(run.record)]
    headings = (Heading("backend", is_number=False), *(Heading(text) for text in _WORK))
    return Table("Work", headings, tuple(rows)) if rows else None


def work_rows(record: RunRecord) -> Iterator[tuple[str, ...]]:
    """Yield for each backend its label and what was done for it."""
    for label, work in record.work.items():
        load = "-" if work.load_seconds is None else f"{work.load_seconds:.2f} s"
        counts = (work.recognised, work.cached, work.failed)
        yield label, *map(str, counts), _retried(work), str(work.circuit_opened or "-"), load, _billed(work)


def _retried(work: BackendWork) -> str:
    return f"{work.retried}, of which {work.recovered} then worked" if work.retried else "-"


def _billed(work: BackendWork) -> str:
    return ", ".join(f"{what.replace('_', ' ')} {amount:g}" for what, amount in work.usage.items()) or "-"
