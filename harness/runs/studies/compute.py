"""The studies of a run, one after the other: read where nothing that they rest on has changed, computed otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from harness.errors import HarnessError, one_line
from harness.runs.storage.record import RunRecord
from harness.runs.storage.store import RunStore
from harness.runs.studies.protocol import STUDIES, Finished


def compute_studies(
    options: Mapping[str, Any], store: RunStore, record: RunRecord, finished: Callable[[str], Finished]
) -> list[str]:
    """Write `studies/NAME.json` for every study that is asked for, and remove those of others.

    `finished` returns what the study of that name works with. Returns a note for each study that could not be computed: it
    costs itself, never the run.
    """
    notes = []
    for name, own in options.items():
        study, inputs = STUDIES.get(name), _inputs(name, own, store, record)
        if store.keeps_study(name, inputs):
            continue
        try:
            result = study.compute(finished(name), own)
        except HarnessError as error:
            notes.append(f"the study [{name}] was not made: {one_line(str(error))}")
            store.remove_study(name)
            continue
        store.write_study(name, inputs, result)
    store.remove_studies_but(options)
    return notes


def _inputs(name: str, options: Any, store: RunStore, record: RunRecord) -> str:
    """Return the digest of all that decides the result: options, samples, what searches and judges, and the seed."""
    samples = {file: digest for file, digest in sorted(store.digests.items()) if file.startswith("samples/")}
    decisive = [
        name, STUDIES.get(name).version, options, samples, record.digests, record.retrievers, record.answerer, record.rules,
        record.packages, record.seed,
    ]  # fmt: skip
    if rests_on := STUDIES.get(name).rests_on:
        decisive.append(rests_on(options))
    return sha256(msgspec.json.encode(decisive, order="deterministic")).hexdigest()
