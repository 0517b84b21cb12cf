"""Which recognisers are there, what each can give, and how a missing one is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from harness.asr.protocol import BACKENDS, Capabilities


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """One line of `harness backends`. `install` is empty for what is installed."""

    name: str
    installed: bool
    gives: Capabilities
    install: str

    def line(self) -> str:
        """The entry as a line of text."""
        abilities = {
            "N-best": self.gives.nbest,
            "word times": self.gives.word_times,
            "confidence": self.gives.confidence,
            "bias list": self.gives.bias,
            "batches": self.gives.batch,
        }
        able = ", ".join(name for name, has in abilities.items() if has) or "text only"
        state = "installed" if self.installed else f"missing; install it with: {self.install}"
        return f"{self.name:14} {state:10} {able}"


def backend_overview() -> tuple[BackendEntry, ...]:
    """Every registered backend, sorted by name; loads no engine."""
    return tuple(_entry(name) for name in BACKENDS.names())


def _entry(name: str) -> BackendEntry:
    backend = BACKENDS.get(name)
    package = backend.package
    installed = package is None or find_spec(package) is not None
    return BackendEntry(name, installed, backend.capabilities, "" if installed else f"pip install {package}")
