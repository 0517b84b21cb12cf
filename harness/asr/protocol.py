"""What a backend is, which ones there are, and how one is named on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from harness.options import option_value, split_written
from harness.records import BackendSpec, Clip, Failure, OptionValue, Seconds, Transcript, Utterance
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a recogniser gives and takes. Without `needs_audio`, clips may come with no samples.

    `device`: it can work on an accelerator that its option `device` names. `note` says in a line what depends on the
    model or on an option.
    """

    nbest: bool
    word_times: bool
    confidence: bool
    bias: bool
    batch: bool
    needs_audio: bool
    device: bool = False
    note: str = ""


@dataclass(frozen=True)
class BackendContext:
    """What a backend may know of the suite. `bias` holds the resolved phrases; empty means no bias list.

    `utterances` are those of the suite, for backends that look transcripts up instead of listening.
    """

    suite_root: Path
    bias: tuple[str, ...] = ()
    utterances: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What only the backend can know of one clip of its latest call.

    `seconds` is the recognition alone, without waits and repeated tries; `None` leaves it to the caller's clock. `usage`
    is what a service says it bills, by the service's own names.
    """

    seconds: Seconds | None = None
    usage: Mapping[str, float] = field(default_factory=dict)


class Backend(Protocol):
    """One configured recogniser.

    Built as `Class(spec, context)`. Building is light: it checks the options (`UsageError` names the known ones) and
    loads no model. The object can be pickled until it is warmed up; each process then loads its own model.

    An object may have three attributes more. `batch_size: int` is how many clips one call may hold (1 without it).
    `longest_call: Seconds` is the time in which a call on one clip surely comes back, where the backend itself sees to
    that; others are taken for hung after a time that grows with the recording. `measured: Sequence[Measured]` says for
    each clip of the latest call what was measured.
    """

    capabilities: ClassVar[Capabilities]
    package: ClassVar[str | None]  # what has to be importable, or None

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes the output: versions, digests of weights and bias list, decoding options."""
        ...

    def warm_up(self) -> None:
        """Load the model, and do whatever a first call would otherwise pay for: none of this is recognition time.

        Raises a `HarnessError` if that cannot be done; a second call does nothing.
        """
        ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip, in order. A clip that fails is a `Failure` in its place; it never raises."""
        ...


BACKENDS: Registry[type[Backend]] = Registry(
    "backend",
    "harness.backends",
    {
        "command": "harness.asr.command:Command",
        "faster-whisper": "harness.asr.faster_whisper_backend:FasterWhisper",
        "openai-api": "harness.asr.openai_api:OpenAIApi",
        "pocketsphinx": "harness.asr.pocketsphinx_backend:PocketSphinx",
        "replay": "harness.asr.replay:Replay",
        "transformers": "harness.asr.transformers_backend:Transformers",
        "whisper": "harness.asr.whisper_backend:Whisper",
    },
)


def parse_backend(text: str) -> BackendSpec:
    """The backend meant by `NAME`, `NAME:MODEL` or `NAME[:MODEL],option=value,...`.

    `bias=` and `label=` set those fields; other options keep numbers and true/false as such. The label, unless given,
    is the name with `:MODEL`, `-PRESET` and `+bias` added where they apply:
    `pocketsphinx,preset=fast,bias=entities` is labelled `pocketsphinx-fast+bias`. A model that is a path stands with its
    own name: `whisper:models/my-model.pt` is labelled `whisper (my model)`.

    Raises `UsageError` for an empty name, an option without `=`, an empty value and a repeated option. Whether the name
    and the options exist is checked when the backend is built.
    """
    written = split_written("backend", text, "pocketsphinx,bias=entities")
    options = dict(written.options)
    bias, label = options.pop("bias", None), options.pop("label", None)
    return BackendSpec(
        name=written.name,
        label=label or default_label(written.name, written.main, bias, options),
        model=written.main,
        bias=bias,
        options={key: option_value(value) for key, value in options.items()},
    )


def default_label(name: str, model: str | None, bias: str | None, options: Mapping[str, OptionValue]) -> str:
    """What a backend is called where nobody gave it a label."""
    preset = options.get("preset")
    return name + _shown_model(model) + (f"-{preset}" if preset else "") + ("+bias" if bias else "")


def _shown_model(model: str | None) -> str:
    if not model:
        return ""
    return f" ({Path(model).stem.replace('-', ' ')})" if is_path(model) else f":{model}"


def is_path(model: str) -> bool:
    """Whether a model is named by its place on the disk: `a/b/c`, `./m`, `m.pt`. One slash is a name of the hub's too."""
    written_as_one = model.startswith((".", "/", "~")) or model.count("/") > 1 or model.endswith(".pt")
    return written_as_one or ("/" in model and Path(model).exists())
