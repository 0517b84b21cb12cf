"""A run's folder: run.json, plan.jsonl, samples/<backend>.jsonl, evidence.json, summary.json, studies/<name>.json.

Samples are appended one by one; a torn last line, left by a kill, is ignored on reading and cut off before the next. Every
file but run.json may lie compressed (`compressed`). What is read is checked: run.json and every sample carry a digest
(`seal`), and run.json names those of the other files of a finished run. Runs of earlier versions have none, and are read
unchecked.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from harness.analysis.summary import SCHEMA_VERSION, Summary
from harness.errors import RunError, one_line
from harness.files import distinct_stem, remove_leftovers, safe_stem, writing
from harness.records import PlannedSample, Sample
from harness.runs.storage import compressed, replacement, schema_one
from harness.runs.storage.appending import SampleAppender
from harness.runs.storage.evidence import Evidence
from harness.runs.storage.record import RunRecord
from harness.runs.storage.sample_lines import (
    Owner,
    StoredSample,
    decoded,
    encoded,
    in_plan_order,
    require_planned,
    whole_lines,
)
from harness.seal import UNREADABLE, BrokenSeal, opened, sealed

Result = TypeVar("Result")
RECORD: Final = "run.json"
AGAIN: Final = "Run the same command again to finish it."
_DELETE: Final = "Delete it and run the same command again."
_REWRITTEN: Final = "Run the same command again: where the samples are of that very run, the record is written anew."


class RunStore:
    """Reads and writes one run folder. Nothing here decides anything."""

    def __init__(self, folder: Path, record: RunRecord | None = None) -> None:
        self.folder = folder
        self._record = record  # as it was last read or written
        self._owner: tuple[RunRecord, Owner] | None = None  # of which record
        self.digests: dict[str, str] = {}  # of the files that were written, for run.json

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes from writing the run meanwhile. Raises `RunError` where one is at it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / ".lock", blocking=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise RunError(
                "another process is writing this run. Wait for it, or choose another folder with `--out`.",
                file=self.folder,
            ) from error
        try:
            with writing(self.folder):
                replacement.settle(self.folder)
                for folder in (self.folder, self.folder / "samples", self.folder / "studies"):
                    remove_leftovers(folder)
            yield
        finally:
            lock.release()

    @contextmanager
    def replacing(self) -> Iterator[RunStore]:
        """A store for a new run, which takes the place of this one at the end of the block, or never after an exception.

        Only while this run is `locked`.
        """
        with writing(self.folder):
            store = RunStore(replacement.begin(self.folder))
        try:
            yield store
            with writing(self.folder):
                replacement.commit(self.folder)
        finally:
            shutil.rmtree(store.folder, ignore_errors=True)

    # ---- run.json

    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.folder / RECORD).exists() or any(self.folder.glob("samples/*.jsonl*"))

    def read_run(self) -> RunRecord:
        """Raises `RunError` when there is no run here, one of another schema, or a record that is not what was written."""
        path = self.folder / RECORD
        try:
            record = _record_of(replacement.read(self.folder, RECORD))
        except FileNotFoundError as error:
            raise RunError(
                "no run.json here. Give the folder that `harness run` named as its results.", file=self.folder
            ) from error
        except BrokenSeal as error:
            raise RunError(f"{error}. {_REWRITTEN}", file=path) from error
        except UNREADABLE as error:
            raise RunError(
                f"does not read as a run of this version: {one_line(str(error))}. {_REWRITTEN}", file=path
            ) from error
        if record.schema_version not in (schema_one.VERSION, SCHEMA_VERSION):
            raise RunError(
                f"is {record.schema_version}, this version reads {schema_one.VERSION} and {SCHEMA_VERSION}. Run it again "
                f"with `--out` elsewhere.",
                file=path,
                field="schema_version",
            )
        self._record = record
        return record

    def record_is_lost(self) -> bool:
        """Whether run.json is missing or not what was written, as damage leaves it, and not that of another version."""
        try:
            content = replacement.read(self.folder, RECORD)
            _record_of(content)
        except FileNotFoundError:
            return True
        except UNREADABLE:
            return not _of_another_version(content)
        return False

    def write_run(self, record: RunRecord) -> None:
        """Writes run.json, with its digest."""
        self._write(RECORD, sealed(_pretty(record), RECORD))
        self._record = record

    @property
    def record(self) -> RunRecord:
        """The record as it was last read or written here, or is read now."""
        return self._record or self.read_run()

    @property
    def owner(self) -> Owner:
        """Whose samples these are, by that record."""
        if self._owner is None or self._owner[0] is not self.record:
            self._owner = self.record, self.record.owner
        return self._owner[1]

    # ---- plan.jsonl

    def write_plan(self, plan: Sequence[PlannedSample]) -> None:
        """Writes plan.jsonl."""
        self._write("plan.jsonl", msgspec.json.Encoder().encode_lines(plan))

    def read_plan(self) -> list[PlannedSample]:
        """Every sample that was planned."""
        path = self.folder / "plan.jsonl"
        try:
            content = self._checked(path.name)
        except FileNotFoundError as error:
            raise RunError("is missing. The folder is not a whole run: run it again.", file=path) from error
        decoder, plan = msgspec.json.Decoder(PlannedSample), []
        for number, line in whole_lines(content):
            try:
                plan.append(decoder.decode(line))
            except UNREADABLE as error:
                problem = f"does not read: {one_line(str(error))}. Run the same command again: it is written anew."
                raise RunError(problem, file=path, line=number) from error
        return plan

    # ---- samples

    def samples_path(self, backend: str) -> Path:
        """Labels are data, and two that differ by case are two files everywhere. A run of before has its label as the name."""
        folder = self.folder / "samples"
        if backend == safe_stem(backend) and folder.is_dir():
            names = {
                path.name for path in folder.iterdir()
            }  # not `exists`, which some systems answer whatever the case
            if f"{backend}.jsonl" in names or f"{backend}.jsonl{compressed.SUFFIX}" in names:
                return folder / f"{backend}.jsonl"
        return folder / f"{distinct_stem(backend)}.jsonl"

    def read_samples(self, backends: Iterable[str], owner: Owner | None = None) -> dict[str, Sample]:
        """Finished samples by key, of the run that run.json tells of or `owner`. Where a key stands twice, the later line
        holds: it is a repeated try. Raises `RunError` (file, line) for a line that is not what was written.
        """
        return {key: one.sample for key, one in self.read_stored(backends, owner).items()}

    def read_stored(self, backends: Iterable[str], owner: Owner | None = None) -> dict[str, StoredSample]:
        """The same with their lines."""
        owner = owner or self.owner
        stored: dict[str, StoredSample] = {}
        for backend in backends:
            path = self.samples_path(backend)
            try:
                content = replacement.read(self.folder, f"samples/{path.name}")
            except FileNotFoundError:
                continue
            stored.update({one.sample.key: one for one in decoded(content, path, owner)})
        return stored

    def read_whole(self, plan: Sequence[PlannedSample]) -> dict[str, Sample]:
        """The same of a run whose samples are shown: they are those of the plan, and of a finished run all that it counted."""
        record = self.record
        stored = self.read_stored(record.backends)
        require_planned(stored.values(), plan)
        for backend in record.backends:
            path = self.samples_path(backend)
            expected = (record.files or {}).get(f"samples/{path.name}")
            if expected is not None and _digest(in_plan_order(stored, plan, backend)) != expected:
                raise RunError(
                    "lacks samples that the run's figures were made of. Run the same command again: what is missing is done "
                    "anew.",
                    file=path,
                )
        return {key: one.sample for key, one in stored.items()}

    @contextmanager
    def appending(self) -> Iterator[SampleAppender]:
        """Opens the sample files for appending, torn last lines cut off first."""
        with writing(self.folder):
            (self.folder / "samples").mkdir(parents=True, exist_ok=True)
        appender = SampleAppender(self.samples_path, self.owner)
        try:
            yield appender
        finally:
            appender.close()

    def rewrite_samples(self, plan: Sequence[PlannedSample], samples: Mapping[str, Sample]) -> None:
        """Puts every sample file into plan order, one line a sample, if it is not so already."""
        by_backend: dict[str, list[Sample]] = {}
        for planned in plan:
            if planned.key in samples:
                by_backend.setdefault(planned.backend, []).append(samples[planned.key])
        for backend, ordered in by_backend.items():
            path = self.samples_path(backend)
            content = b"".join(encoded(sample, self.owner) for sample in ordered)
            self.digests[f"samples/{path.name}"] = _digest(content)
            if not compressed.stored(path) or compressed.read(path) != content:
                with writing(path):
                    compressed.write(path, content)

    # ---- evidence.json

    def write_evidence(self, evidence: Evidence) -> None:
        """Writes evidence.json."""
        self._write("evidence.json", msgspec.json.encode(evidence) + b"\n")

    def read_evidence(self) -> Evidence | None:
        """`None` where the run has none, as those of earlier versions. Raises `RunError` when it does not read."""
        path = self.folder / "evidence.json"
        try:
            return msgspec.json.decode(self._checked(path.name), type=Evidence)
        except FileNotFoundError:
            return None
        except UNREADABLE as error:
            raise RunError(f"does not read: {one_line(str(error))}. {_DELETE}", file=path) from error

    # ---- derived

    def write_summary(self, summary: Summary) -> None:
        """Writes summary.json."""
        self._write("summary.json", _pretty(summary))

    def read_summary(self) -> Summary:
        """Raises `RunError` when the run never got so far."""
        path = self.folder / "summary.json"
        try:
            return msgspec.json.decode(schema_one.summary(self._checked(path.name)), type=Summary)
        except FileNotFoundError as error:
            raise RunError(f"is missing: the run was cut short. {AGAIN}", file=path) from error
        except UNREADABLE as error:
            raise RunError(f"does not read: {one_line(str(error))}. {_DELETE}", file=path) from error

    # ---- studies

    def write_study(self, name: str, inputs: StudyInputs, result: object) -> None:
        """Writes studies/NAME.json, with what the result rests on."""
        self._write(_study(name), _pretty({"run": inputs.run, "options": inputs.options, "result": result}))

    def keeps_study(self, name: str, inputs: StudyInputs) -> bool:
        """Whether the study lies here, undamaged, and rests on just that. It is then part of the run as it is."""
        try:
            content = replacement.read(self.folder, _study(name))
            known = (self.record.files or {}).get(_study(name)) == _digest(content)
            kept = known and msgspec.json.decode(content, type=_KeptStudy).rests_on(inputs)
        except (FileNotFoundError, RunError, *UNREADABLE):
            return False
        if kept:
            self.digests[_study(name)] = _digest(content)
        return kept

    def study_names(self) -> list[str]:
        """Of the studies that lie here."""
        return sorted({path.name.partition(".")[0] for path in self.folder.glob("studies/*.json*")})

    def read_study(self, name: str, kind: type[Result]) -> Result | None:
        """`None` where the run has no such study. Raises `RunError` when it does not read."""
        if _study(name) not in (self.record.files or {}):
            return None
        path = self.folder / _study(name)
        try:
            kept = msgspec.json.decode(self._checked(_study(name)), type=_KeptStudy)
            return msgspec.convert(kept.result, kind)
        except FileNotFoundError as error:
            raise RunError(f"is missing. {AGAIN}", file=path) from error
        except UNREADABLE as error:
            raise RunError(f"does not read: {one_line(str(error))}. {_DELETE}", file=path) from error

    def remove_study(self, name: str) -> None:
        """Removes a study, in either form."""
        self.digests.pop(_study(name), None)
        for path in (self.folder / _study(name), compressed.packed(self.folder / _study(name))):
            path.unlink(missing_ok=True)

    def remove_studies_but(self, names: Iterable[str]) -> None:
        """Removes the studies that are not of these names."""
        for name in set(self.study_names()) - set(names):
            self.remove_study(name)

    def _write(self, name: str, content: bytes) -> None:
        with writing(self.folder / name):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            compressed.write(self.folder / name, content)
        if name != RECORD:
            self.digests[name] = _digest(content)

    def _checked(self, name: str) -> bytes:
        """Return the content of a file. Raises `RunError` unless it is what run.json says, if that says anything."""
        content = replacement.read(self.folder, name)
        record = self.record
        expected = (record.files or {}).get(name)
        if expected is not None and _digest(content) != expected:
            cut = f"the run was cut short. {AGAIN}" if record.status == "started" else f"it was damaged. {_DELETE}"
            raise RunError(
                f"is not what run.json tells of (sha256 {_digest(content)[:12]}, {expected[:12]} there): {cut}",
                file=self.folder / name,
            )
        return content

    # ---- all of it

    def compress(self) -> None:
        """Compresses what a finished run holds but run.json, to a tenth of its size; everything reads it as before.

        Raises `RunError` where the run is not finished, or is being written.
        """
        status = self.read_run().status
        if status not in ("complete", "partial"):
            raise RunError(
                f"is {status}, and only a finished run is compressed. Run the same command again to finish it.",
                file=self.folder / "run.json",
                field="status",
            )
        with writing(self.folder), self.locked():
            for path in (*self.folder.glob("*.jsonl"), *self.folder.glob("samples/*.jsonl")):
                compressed.pack(path)
            for path in self.folder.glob("studies/*.json"):
                compressed.pack(path)
            for name in ("evidence.json", "summary.json"):
                compressed.pack(self.folder / name)


def _record_of(content: bytes) -> RunRecord:
    body = opened(content, RECORD)
    record = msgspec.json.decode(content if body is None else body, type=RunRecord)
    opened(content, RECORD, required=record.files is not None)
    return record


def _of_another_version(content: bytes) -> bool:
    try:
        version = msgspec.json.decode(content, type=_Versioned).schema_version
    except UNREADABLE:
        return False
    return version not in (schema_one.VERSION, SCHEMA_VERSION)


@dataclass(frozen=True, slots=True)
class StudyInputs:
    """The digests of what a study rests on: the run, and the study's options; `None` for whatever options."""

    run: str
    options: str | None = None


@dataclass(frozen=True)
class _KeptStudy:
    run: str
    options: str
    result: Any

    def rests_on(self, inputs: StudyInputs) -> bool:
        return self.run == inputs.run and inputs.options in (None, self.options)


def _study(name: str) -> str:
    return f"studies/{name}.json"


@dataclass(frozen=True)
class _Versioned:
    schema_version: int


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _pretty(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
