"""This machine: what it is, whether a run would work here, and what could be added."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness.files import default_cache

_ROOM_BYTES = 500_000_000  # a run of the standard suite, its cache and its index take about a tenth of that
_GPUS = Path("/proc/driver/nvidia/gpus")
_PACKAGES = (
    "babel",
    "jiwer",
    "num2words",
    "numpy",
    "pocketsphinx",
    "rank_bm25",
    "rapidfuzz",
    "soundfile",
    "soxr",
    "wordfreq",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `needed`: without it no run works. `advice` says what to do, and is empty where all is well."""

    what: str
    ok: bool
    needed: bool
    detail: str
    advice: str = ""

    def line(self) -> str:
        """Return the finding as a line of text."""
        mark = "ok  " if self.ok else ("FAIL" if self.needed else "note")
        return f"{mark} {self.what:18} {self.detail}" + (f". {self.advice}" if self.advice else "")


def examine() -> tuple[Check, ...]:
    """Return all findings; nothing is installed or written."""
    return (
        _python(),
        Check("processor", True, False, f"{os.cpu_count()} cores, {platform.machine()}"),
        *(_package(name) for name in _PACKAGES),
        _folder("cache folder", default_cache(), "Set HARNESS_CACHE to a folder that can be written."),
        _folder("results folder", Path("results"), "Run from a folder that can be written, or give --out."),
        _program(
            "espeak-ng", "pronounces names that no dictionary has; from your system's packages (Debian: espeak-ng)"
        ),
        _program("flite", "makes synthetic speech for new suites; from your system's packages (Debian: flite)"),
        _program("sctk", "NIST's scorer, checks ours in the tests; from your system's packages (Debian: sctk)"),
    )


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check("Python", ok, True, platform.python_version(), "" if ok else "Use Python 3.11 or newer.")


def _package(name: str) -> Check:
    ok = find_spec(name) is not None
    return Check(
        name, ok, True, "installed" if ok else "missing", "" if ok else f"pip install {name.replace('_', '-')}"
    )


def _folder(what: str, folder: Path, advice: str) -> Check:
    nearest = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not os.access(nearest, os.W_OK):
        return Check(what, False, True, f"{folder} cannot be written", advice)
    free = shutil.disk_usage(nearest).free
    if free < _ROOM_BYTES:
        return Check(
            what, False, False, f"{folder} has {free // 1_000_000} MB free", "Make room: 500 MB are comfortable."
        )
    return Check(what, True, True, f"{folder}, {free // 1_000_000_000} GB free")


def _program(name: str, purpose: str) -> Check:
    installed = shutil.which(name) is not None
    return Check(
        name, installed, False, "found" if installed else "not found", "" if installed else f"Optional: it {purpose}."
    )


def host() -> dict[str, str | int]:
    """Return the machine that times were measured on. `gpu` where there is one that can be named without loading anything."""
    facts: dict[str, str | int] = {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
    }
    if hasattr(os, "sched_getaffinity"):
        facts["cores_usable"] = len(os.sched_getaffinity(0))
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        facts["memory_bytes"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if gpu := _gpu():
        facts["gpu"] = gpu
    return facts


def _processor() -> str:
    """Return the model of the processor: Linux names it in a file, others through `platform`."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model", "Processor"):
                return value.strip()
    except OSError:
        pass  # no Linux
    return platform.processor() or platform.machine()


def _gpu() -> str:
    """Return the models of the accelerators: NVIDIA's driver lists them in files; torch is asked only where it is loaded."""
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
