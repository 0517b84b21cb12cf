"""How long recognition took, and what it took to get there: loading, tries, the cache, what a service bills."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.figures import PROCESSOR_TIME, REAL_TIME, Column
from harness.runs.storage.record import BackendWork, RunRecord

TIMES = (
    REAL_TIME,
    PROCESSOR_TIME,
    Column("latency_p50", "hypothesis", "p50", "Half of the recordings were recognised within this time."),
    Column("latency_p90", "hypothesis", "p90", "Nine of ten were."),
    Column("latency_p99", "hypothesis", "p99", "All but one in a hundred were: what people remember."),
)
_LOADED = 1.5
_ENOUGH_SECONDS = 1.0  # a few hundredths of a second are late by chance
WORK = ("backend", "recognised", "from the cache", "failed", "retried", "circuit opened", "model loaded in", "billed")


def times_note(record: RunRecord) -> str:
    """What the times are of, and of which machine."""
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
    return " ".join(filter(None, (note, loaded_note(record))))


def loaded_note(record: RunRecord) -> str:
    """What there is to say where the machine was loaded while it recognised; empty where it was not, or none can say.

    The clock of one worker and its processor time agree on a free machine. With several threads processor time is the
    larger of the two and hides some of the load, so nothing is said too often.
    """
    loaded = [
        f"{label} took {work.clock_seconds / work.processor_seconds:.1f} times its processor time "
        f"({work.clock_seconds:.0f} s for {work.processor_seconds:.0f} s)"
        for label, work in record.work.items()
        if work.clock_seconds >= _ENOUGH_SECONDS and work.clock_seconds > _LOADED * work.processor_seconds > 0
    ]
    if not loaded:
        return ""
    return (
        f"The machine was loaded when these times were taken, by others or by more workers than it has cores: by the clock, "
        f"{', '.join(loaded)}. Compare "
        f"speed by {PROCESSOR_TIME.heading}."
    )


def work_rows(record: RunRecord) -> Iterator[tuple[str, ...]]:
    """For each backend, what stands under the headings of `WORK`."""
    for label, work in record.work.items():
        load = "-" if work.load_seconds is None else f"{work.load_seconds:.2f} s"
        counts = (work.recognised, work.cached, work.failed)
        yield label, *map(str, counts), _retried(work), str(work.circuit_opened or "-"), load, _billed(work)


def _retried(work: BackendWork) -> str:
    return f"{work.retried}, of which {work.recovered} then worked" if work.retried else "-"


def _billed(work: BackendWork) -> str:
    return ", ".join(f"{what.replace('_', ' ')} {amount:g}" for what, amount in work.usage.items()) or "-"
