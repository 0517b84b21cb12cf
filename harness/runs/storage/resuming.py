"""A run that goes on where an earlier call stopped, also where damage took its record."""

from __future__ import annotations

from pathlib import Path

from harness.errors import RunError
from harness.runs.storage.compressed import SUFFIX
from harness.runs.storage.record import RunRecord, resumed
from harness.runs.storage.store import RECORD, RunStore
from harness.runs.storage.work_ledger import WorkLedger, read_ledger


def take_up(store: RunStore, record: RunRecord) -> tuple[RunRecord, WorkLedger, tuple[str, ...]]:
    """Return the record of the run that goes on in this folder, the work that it took so far, and notes for a person.

    Where run.json is missing or damaged, the samples tell by their digests whether they are of the run that `record` begins.
    Raises `RunError` where the run is another one, or that cannot be told.
    """
    if not store.record_is_lost():
        earlier = store.read_run()
        finished = earlier.status in ("complete", "partial")
        work = earlier.work if finished else read_ledger(store.folder) or earlier.work
        return resumed(earlier, record, store.folder), WorkLedger(store.folder, work), ()
    samples = _all_of_this_run(store, record)
    state = "did not read" if (store.folder / RECORD).exists() else "was missing"
    kept = (
        f"{samples} samples in the folder carry the digest of this very run, and were kept"
        if samples
        else "there were no samples"
    )
    ledger = WorkLedger(store.folder, read_ledger(store.folder))
    return record, ledger, (f"run.json {state} and was written anew: {kept}",)


def _all_of_this_run(store: RunStore, record: RunRecord) -> int:
    """Return how many samples lie here. Raises `RunError` unless all are of the run of `record`."""
    own = {store.samples_path(backend).name for backend in record.backends}
    for path in sorted(store.folder.glob("samples/*.jsonl*")):
        if path.name.removesuffix(SUFFIX) not in own:
            raise _refusal(path, "is of a backend that this run does not have")
    try:
        return len(store.read_samples(record.backends, record.owner))
    except RunError as error:
        raise _refusal(Path(str(error.file)), error.problem.partition(". ")[0], error.line) from error


def _refusal(path: Path, problem: str, line: int | None = None) -> RunError:
    return RunError(
        f"{problem}. As run.json is missing or damaged too, only samples with the digest of this very run are taken up: put "
        f"the record back, or choose another folder with `--out`.",
        file=path,
        line=line,
    )
