"""How long recognition took, and what it took to get there: loading, tries, the cache, what a service bills."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.figures import REAL_TIME, Column
from harness.runs.store import BackendWork, RunRecord

TIMES = (
    REAL_TIME,
    Column("latency_p50", "transcript", "p50", "Half of the recordings were recognised within this time."),
    Column("latency_p90", "transcript", "p90", "Nine of ten were."),
    Column("latency_p99", "transcript", "p99", "All but one in a hundred were: what people remember."),
)
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
    return (
        f"{note} {cached} transcripts came from the cache: their times were taken when they were made, wherever that was."
        if cached
        else note
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
