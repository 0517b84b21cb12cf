"""Which recognisers are there, what each can give, and how a missing one is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from harness.asr.engines import install_line
from harness.asr.protocol import BACKENDS, Capabilities
from harness.errors import UsageError


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """One line of `harness backends`. `install` is empty for what is installed.

    `problem` says why another package's backend does not load; what it gives is then unknown.
    """

    name: str
    installed: bool
    gives: Capabilities | None
    install: str
    problem: str = ""

    def line(self) -> str:
        """The entry as a line of text."""
        if self.gives is None:
            return f"{self.name:14} broken     {self.problem}"
        abilities = {
            "N-best": self.gives.nbest,
            "word times": self.gives.word_times,
            "confidence": self.gives.confidence,
            "bias list": self.gives.bias,
            "batches": self.gives.batch,
            "device": self.gives.device,
        }
        able = ", ".join(name for name, has in abilities.items() if has) or "text only"
        state = "installed" if self.installed else f"missing; install it with: {self.install}"
        note = f" ({self.gives.note})" if self.gives.note else ""
        return f"{self.name:14} {state:10} {able}{note}"


def backend_overview() -> tuple[BackendEntry, ...]:
    """Every registered backend, sorted by name; loads no engine. One that is broken hides no other."""
    return tuple(_entry(name) for name in BACKENDS.names())


def _entry(name: str) -> BackendEntry:
    try:
        backend = BACKENDS.get(name)
    except UsageError as error:
        return BackendEntry(name, False, None, "", str(error))
    package = backend.package
    installed = package is None or find_spec(package) is not None
    extra = getattr(backend, "extra", None)  # the project's own; another package's backend comes with what it needs
    install = install_line(extra) if extra else f"pip install {package}"
    return BackendEntry(name, installed, backend.capabilities, "" if installed else install)
