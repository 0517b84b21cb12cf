"""What a backend is, which there are, and how one is named on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Protocol

import msgspec

from harness.asr.bias_list import ENTITIES, NO_LIST, BiasList, bias_problem, is_oracle, list_name
from harness.errors import UsageError
from harness.options import option_value, parse_plugin
from harness.records import BackendSpec, BiasCount, Clip, Failure, Partial, Seconds, Suite, Transcript, Utterance
from harness.registry import Registry
from harness.words.text.normalisers import DEFAULT, normaliser


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a recogniser gives and takes. Without `needs_audio`, clips may come with no samples.

    `device`: it can work on an accelerator that its option `device` names. `note` says in a line what depends on the
    model or on an option. `works_in`: this very process, a `program` that it starts and waits for, or a `server`; it decides
    whether processor time is measured, and of what.
    """

    nbest: bool
    word_times: bool
    confidence: bool
    bias: bool
    batch: bool
    needs_audio: bool
    device: bool = False
    note: str = ""
    works_in: Literal["process", "program", "server"] = "process"


@dataclass(frozen=True)
class BackendContext:
    """What a backend may know of the suite. `language` is the suite's tag, such as "pt-BR"; `bias` is its bias list, which
    has phrases for each recording.

    `utterances` are those of the suite, for backends that look transcripts up instead of recognising.
    """

    suite_root: Path
    language: str
    bias: BiasList = NO_LIST
    utterances: tuple[Utterance, ...] = ()


class CommonOptions(msgspec.Struct):
    """What may be set for every backend beside its own options; the last two where it takes a bias list."""

    label: Annotated[
        str | None, msgspec.Meta(description="Its name in tables. Unless set: made of name, model and bias list.")
    ] = None
    bias: Annotated[
        str | None,
        msgspec.Meta(
            description="Bias list: entities (every name of the suite, an oracle), own (each utterance's own names among "
            "distractors), or a file with one phrase a line."
        ),
    ] = None
    distractors: Annotated[
        Annotated[int, msgspec.Meta(ge=0)] | None,
        msgspec.Meta(description="With bias=own: how many other names stand beside each utterance's own."),
    ] = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What only the backend can know of one clip of its latest call.

    `seconds` is the recognition alone, without waits and repeated tries; `None` leaves it to the caller's clock. `usage`
    is what a service says it bills, by the service's own names. `preparation` is what it took to make the engine ready for
    the clip's bias list, which is no recognition; `None` where it was ready. `partials` are the partial hypotheses of a
    backend that reads the clip as it goes, earliest first.
    """

    seconds: Seconds | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    preparation: Seconds | None = None
    partials: tuple[Partial, ...] = ()


class Backend(Protocol):
    """One configured recogniser.

    Built as `Class(spec, context)`. Building is light: it checks the options (`UsageError` names the known ones) and
    loads no model. The object can be pickled until it is warmed up; each process then loads its own model.

    An object may have four attributes more. `batch_size: int` is how many clips one call may hold (1 without it).
    `longest_call: Seconds` is the time within which a call on one clip returns, where the backend itself enforces it;
    others are taken for hung after a time that grows with the recording. `measured: Sequence[Measured]` holds
    what was measured for each clip of the latest call. `notes: Sequence[str]` holds what a reader of the run should know of its
    settings; notes reach the terminal and the report.

    A class may have three: `option_type`, a `msgspec.Struct` whose fields are its options, each with its meaning
    (`msgspec.Meta(description=...)`); `example`, how it is named on a command line; `extra`, the extra that installs it.

    A backend with a bias list asks it for the phrases of each clip. Where not all of them reach the engine, the method
    `phrases_sent(utterance_id) -> Sequence[str]` returns those that do, in the engine's order where the order matters to it.

    A recogniser that can read a recording as it comes in has a method `streaming(every: Seconds) -> Backend`: the same backend,
    not yet warmed up, which reads `every` seconds at a time and tells in `measured` what it had recognised after each. Its
    identity is another one, since reading in pieces changes the transcript.
    """

    capabilities: ClassVar[Capabilities]
    package: ClassVar[str | None]  # what has to be importable, or None

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes the output but the phrases of a bias list: versions, digests of weights, options."""
        ...

    def warm_up(self) -> None:
        """Load the model, and do whatever a first call would otherwise pay for: none of this is recognition time.

        Raises a `HarnessError` if that cannot be done; a second call does nothing.
        """
        ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip, in order. A clip that fails is a `Failure` in its place; it never raises."""
        ...


def sent(backend: Backend, bias: BiasList, utterance_id: str) -> Sequence[str]:
    """Return the phrases of a recording's bias list that reach the engine."""
    phrases_sent = getattr(backend, "phrases_sent", bias.phrases_for)
    return tuple(phrases_sent(utterance_id)) if bias else ()


def words_sent(backend: Backend, bias: BiasList, suite: Suite, rules: str = DEFAULT) -> dict[str, frozenset[str]]:
    """By question, the words of its bias list that reach the engine, as the normaliser of the name `rules` has them.

    All recordings of a question have one list.
    """
    tokenise = normaliser(rules, suite.language).tokenise
    first = {utterance.question_id: utterance.id for utterance in reversed(suite.utterances)}
    return {
        question: frozenset(tokenise(" ".join(sent(backend, bias, identity)))) for question, identity in first.items()
    }


def bias_count(backend: Backend, bias: BiasList, utterance_id: str) -> BiasCount | None:
    """Return how many phrases were listed for a recording and reached the engine; `None` without a list."""
    if not bias:
        return None
    reached, own = set(sent(backend, bias, utterance_id)), bias.own.get(utterance_id, ())
    return BiasCount(len(bias.phrases_for(utterance_id)), len(reached), len(own), sum(name in reached for name in own))


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
    """Return the backend meant by `NAME`, `NAME:MODEL` or `NAME[:MODEL],option=value,...`.

    `bias=`, `distractors=` and `label=` set those fields; other options keep numbers and true/false as such. The label,
    unless given, is the name with `:MODEL`, `-PRESET` and the name of the bias list added where they apply:
    `pocketsphinx,preset=fast,bias=own,distractors=100` is labelled `pocketsphinx-fast+own100`, and with `bias=entities`
    `pocketsphinx-fast+oracle`. A model that is a path stands with its own name: `whisper:models/my-model.pt` is labelled
    `whisper (my model)`.

    Raises `UsageError` for an empty name, an option without `=`, an empty value, a repeated option and a bias list that
    cannot be. Whether the name and the other options exist is checked when the backend is built.
    """
    parsed = parse_plugin("backend", text, "pocketsphinx,bias=entities")
    options = dict(parsed.options)
    bias, label, number = (options.pop(name, None) for name in ("bias", "label", "distractors"))
    distractors = None if number is None else option_value(number)
    if problem := bias_problem(bias, distractors):
        raise UsageError(f"backend {text!r}: {problem[0]} {problem[1]}")
    values = {key: option_value(value) for key, value in options.items()}
    n = distractors if isinstance(distractors, int) else None
    return labelled(BackendSpec(parsed.name, label or "", parsed.main, bias, values, n))


def labelled(spec: BackendSpec) -> BackendSpec:
    """Return the backend with a label: its own or, where that is empty, one made of its name, model, preset and bias list.

    The label of an oracle always says so.
    """
    label = spec.label or _default_label(spec)
    if is_oracle(spec.bias, spec.distractors) and "oracle" not in label.lower():
        label += " (oracle)"
    return replace(spec, label=label)


def _default_label(spec: BackendSpec) -> str:
    preset, name = spec.options.get("preset"), list_name(spec.bias, spec.distractors)
    listed = "oracle" if spec.bias == ENTITIES else name
    return spec.name + _shown_model(spec.model) + (f"-{preset}" if preset else "") + (f"+{listed}" if listed else "")


def _shown_model(model: str | None) -> str:
    if not model:
        return ""
    return f" ({Path(model).name.removesuffix('.pt').replace('-', ' ')})" if is_path(model) else f":{model}"


def is_path(model: str) -> bool:
    """Return whether a model is named by its place on the disk: `a/b/c`, `./m`, `m.pt`. One slash is a name of the hub's too."""
    written_as_one = model.startswith((".", "/", "~")) or model.count("/") > 1 or model.endswith(".pt")
    return written_as_one or ("/" in model and Path(model).exists())
