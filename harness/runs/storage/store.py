"""A run's folder: run.json, plan.jsonl, samples/<backend>.jsonl, evidence.json, summary.json.

Samples are appended one by one; a torn last line, left by a kill, is ignored on reading and cut off before the next. Every
file but run.json may lie compressed (`compressed`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TypeVar

import msgspec

from harness.analysis.summary import SCHEMA_VERSION, Summary
from harness.errors import RunError
from harness.files import append_line, distinct_stem, remove_leftovers, safe_stem, writing
from harness.records import PlannedSample, Sample
from harness.runs.storage import compressed, replacement, schema_one
from harness.runs.storage.evidence import Evidence
from harness.runs.storage.record import RunRecord

T = TypeVar("T")


class RunStore:
    """Reads and writes one run folder. Nothing here decides anything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
                for folder in (self.folder, self.folder / "samples"):
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
        return (self.folder / "run.json").exists()

    def read_run(self) -> RunRecord:
        """Raises `RunError` when there is no run here, or one of another schema."""
        path = self.folder / "run.json"
        try:
            record = msgspec.json.decode(replacement.read(self.folder, "run.json"), type=RunRecord)
        except FileNotFoundError as error:
            raise RunError(
                "no run.json here. Give the folder that `harness run` named as its results.", file=self.folder
            ) from error
        except msgspec.MsgspecError as error:
            raise RunError(
                f"does not read as a run of this version: {error}. Run it again elsewhere.", file=path
            ) from error
        if record.schema_version not in (schema_one.VERSION, SCHEMA_VERSION):
            raise RunError(
                f"is {record.schema_version}, this version reads {schema_one.VERSION} and {SCHEMA_VERSION}. Run it again "
                f"with `--out` elsewhere.",
                file=path,
                field="schema_version",
            )
        return record

    def write_run(self, record: RunRecord) -> None:
        """Writes run.json."""
        self._write("run.json", _pretty(record))

    # ---- plan.jsonl

    def write_plan(self, plan: Sequence[PlannedSample]) -> None:
        """Writes plan.jsonl."""
        self._write("plan.jsonl", msgspec.json.Encoder().encode_lines(plan))

    def read_plan(self) -> list[PlannedSample]:
        """Every sample that was planned."""
        path = self.folder / "plan.jsonl"
        try:
            content = replacement.read(self.folder, path.name)
        except FileNotFoundError as error:
            raise RunError("is missing. The folder is not a whole run: run it again.", file=path) from error
        return list(_decoded(content, path, PlannedSample))

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

    def read_samples(self, backends: Iterable[str]) -> dict[str, Sample]:
        """Finished samples by key. Where a key stands twice, the later line holds: it is a repeated try."""
        samples: dict[str, Sample] = {}
        for backend in backends:
            path = self.samples_path(backend)
            try:
                content = replacement.read(self.folder, f"samples/{path.name}")
            except FileNotFoundError:
                continue
            samples.update({sample.key: sample for sample in _decoded(content, path, Sample, schema_one.sample_line)})
        return samples

    @contextmanager
    def appending(self) -> Iterator[SampleAppender]:
        """Opens the sample files for appending, torn last lines cut off first."""
        with writing(self.folder):
            (self.folder / "samples").mkdir(parents=True, exist_ok=True)
        appender = SampleAppender(self)
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
            content = msgspec.json.Encoder().encode_lines(ordered)
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
            return msgspec.json.decode(replacement.read(self.folder, path.name), type=Evidence)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise RunError(f"does not read: {error}. Delete it and run the same command again.", file=path) from error

    # ---- derived

    def write_summary(self, summary: Summary) -> None:
        """Writes summary.json."""
        self._write("summary.json", _pretty(summary))

    def read_summary(self) -> Summary:
        """Raises `RunError` when the run never got so far."""
        path = self.folder / "summary.json"
        try:
            return msgspec.json.decode(schema_one.summary(replacement.read(self.folder, path.name)), type=Summary)
        except FileNotFoundError as error:
            raise RunError(
                "is missing: the run was cut short. Run the same command again to finish it.", file=path
            ) from error
        except msgspec.MsgspecError as error:
            raise RunError(f"does not read: {error}. Delete it and run the same command again.", file=path) from error

    def _write(self, name: str, content: bytes) -> None:
        with writing(self.folder / name):
            self.folder.mkdir(parents=True, exist_ok=True)
            compressed.write(self.folder / name, content)

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
            for name in ("evidence.json", "summary.json"):
                compressed.pack(self.folder / name)


class SampleAppender:
    """Appends samples, each as one whole line or not at all."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._files: dict[str, FileIO] = {}

    def append(self, sample: Sample) -> None:
        """Adds one line. Raises `RunError` where it does not fit, and leaves none of it."""
        path = self._store.samples_path(sample.backend)
        with writing(path):
            if sample.backend not in self._files:
                compressed.unpack(path)
                self._files[sample.backend] = FileIO(path, "ab")  # no buffer: what is refused once is not tried again
                _cut_torn_line(path)
            append_line(self._files[sample.backend], msgspec.json.encode(sample) + b"\n")

    def close(self) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()


def _cut_torn_line(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("rb+") as file:
            file.truncate(whole)


def _decoded(content: bytes, path: Path, kind: type[T], upgraded: Callable[[bytes], bytes] = bytes) -> Iterator[T]:
    """Decodes whole lines, each through `upgraded`; bytes after the last newline are a torn line and are left out."""
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            yield decoder.decode(upgraded(line))
        except msgspec.MsgspecError as error:
            raise RunError(
                f"does not read: {error}. Delete that line and run the same command again.", file=path, line=number
            ) from error


def _pretty(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
