"""Which samples the figures of a run are made of, by backend and condition."""

from __future__ import annotations

from pathlib import Path

from harness.records import Sample
from harness.runs.storage.store import RunStore

Cell = tuple[str, str]  # backend, condition


def counted_samples(run: Path) -> dict[Cell, list[Sample]]:
    """The samples that count, in the order of the plan: the failed among them, unless the run's spec left those out.

    Raises `RunError` when the folder holds no finished run.
    """
    store = RunStore(run)
    record = store.read_run()
    store.read_summary()  # a run that was cut short has none, and no figures that an export could be held against
    samples = store.read_samples(record.backends)
    left_out = "error" if record.spec.get("missing") == "exclude" else ""
    found: dict[Cell, list[Sample]] = {}
    for planned in store.read_plan():
        counted = found.setdefault((planned.backend, planned.condition), [])
        if planned.key in samples and samples[planned.key].status != left_out:
            counted.append(samples[planned.key])
    return found
