"""The studies of a run, one after the other: read where nothing that they rest on has changed, computed otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import msgspec

from harness.errors import HarnessError, one_line
from harness.runs.storage.record import RunRecord
from harness.runs.storage.store import RunStore, StudyInputs
from harness.runs.studies.protocol import STUDIES, Finished


def compute_studies(
    options: Mapping[str, Any], store: RunStore, record: RunRecord, finished: Callable[[str], Finished]
) -> list[str]:
    """Write `studies/NAME.json` for every study that is asked for.

    One that an earlier call asked for stays as long as the run is the same, so that one spec after the other may add to it.
    `finished` returns what the study of that name works with. A backend without a single transcript under a condition takes
    no part: nothing can be told of it. Returns a note on each, and for each study that could not be computed: it costs itself,
    never the run.
    """
    notes: list[str] = []
    base = _base(store, record)
    store.remove_studies_but([*options, *(name for name in store.study_names() if _is_of(base, name, store))])
    for name, own in options.items():
        study, asked = STUDIES.get(name), _asked(name, own)
        if store.keeps_study(name, StudyInputs(_of(base, name), asked)):
            continue
        try:
            told, silent = _with_transcripts(finished(name))
            notes += [note for note in silent if note not in notes]
            result = study.compute(told, own)
        except HarnessError as error:
            notes.append(f"the study [{name}] was not made: {one_line(str(error))}")
            store.remove_study(name)
            continue
        store.write_study(name, StudyInputs(_of(base, name), asked), result)
    return notes


def _with_transcripts(finished: Finished) -> tuple[Finished, list[str]]:
    """Return the run without backends that have no transcript under a condition, and a note on each of those.

    Raises `HarnessError` where none has one.
    """
    arms = dict.fromkeys((planned.backend, planned.condition) for planned in finished.plan)
    transcribed = {(s.backend, s.condition) for s in finished.samples.values() if s.transcript is not None}
    if not transcribed:
        raise HarnessError("no sample has a transcript")
    silent = [
        f"studies leave out {backend} under {condition}: none of its samples has a transcript"
        for backend, condition in arms
        if (backend, condition) not in transcribed
    ]
    plan = [planned for planned in finished.plan if (planned.backend, planned.condition) in transcribed]
    samples = {key: s for key, s in finished.samples.items() if (s.backend, s.condition) in transcribed}
    return replace(finished, plan=plan, samples=samples), silent


def _is_of(base: str, name: str, store: RunStore) -> bool:
    return name in STUDIES and store.keeps_study(name, StudyInputs(_of(base, name)))


def _of(base: str, name: str) -> str:
    return _digest([base, name, STUDIES.get(name).version])


def _base(store: RunStore, record: RunRecord) -> str:
    """Return the digest of the run: its samples, what searches and judges, and the seed."""
    samples = {file: digest for file, digest in sorted(store.digests.items()) if file.startswith("samples/")}
    return _digest(
        [samples, record.digests, record.retrievers, record.answerer, record.rules, record.packages, record.seed]
    )


def _asked(name: str, options: Any) -> str:
    """Return the digest of what a study's table asks for, files that it names included."""
    rests_on = STUDIES.get(name).rests_on
    return _digest([options, rests_on(options) if rests_on else None])


def _digest(decisive: list[Any]) -> str:
    return sha256(msgspec.json.encode(decisive, order="deterministic")).hexdigest()
