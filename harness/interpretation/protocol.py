"""What an interpreter is, which there are, and how one is named in a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from harness.errors import UsageError
from harness.options import Options, checked_options, parse_plugin
from harness.records import Failure, OptionValue
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class PartSpec:
    """One configured interpreter or speech part. `model` is what stands behind the colon in `embeddings:MODEL`."""

    name: str
    model: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is called in tables: its name with model and options."""
        options = "".join(f",{key}={value}" for key, value in self.options.items())
        return self.name + (f":{self.model}" if self.model else "") + options


@dataclass(frozen=True, slots=True)
class Prediction:
    """The intent that is taken for a text or a recording, and the confidence of the model.

    `score` and `runner_up` are the scores of the best intent and of the next best, in [0, 1]; 0 where there is no other, and both
    are `None` from a model that gives none. With `error` there is no intent, which counts as a wrong one.
    """

    intent: str
    score: float | None = None
    runner_up: float | None = None
    error: Failure | None = None


class Fitted(Protocol):
    """An interpreter that has seen its training texts."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order. The same text has the same prediction, whatever stands beside it."""
        ...


class Interpreter(Protocol):
    """One configured model of texts.

    Built as `Class(spec, language)`. Building is light: it checks the options (`UsageError` names the known ones) and loads no
    model. `package` is what has to be importable, or `None`.
    """

    package: ClassVar[str | None]

    def __init__(self, spec: PartSpec, language: str) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes the predictions: versions, digests of weights, options."""
        ...

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> Fitted:
        """Learn the intents of training texts, of equal length. Raises a `HarnessError` where a model cannot be loaded."""
        ...


INTERPRETERS: Registry[type[Interpreter]] = Registry(
    "interpreter",
    "harness.interpreters",
    {
        "embeddings": "harness.interpretation.text.embeddings:Embeddings",
        "ngrams": "harness.interpretation.text.ngrams:NGrams",
        "openai-api": "harness.interpretation.text.openai_api:OpenAIApi",
    },
)


def parse_part(kind: str, text: str) -> PartSpec:
    """Return the interpreter or speech part meant by `NAME[:MODEL][,option=value]...`. `kind` is for messages.

    Raises `UsageError` as `parse_plugin` does. Whether the name and the options exist is checked when it is built.
    """
    parsed = parse_plugin(kind, text, "ngrams,characters=4")
    return PartSpec(parsed.name, parsed.main, parsed.values())


def build_interpreter(text: str, language: str) -> Interpreter:
    """Return the interpreter that a spec names. Raises `UnknownName`, and `UsageError` for its options."""
    spec = parse_part("interpreter", text)
    return INTERPRETERS.get(spec.name)(spec, language)


def read_options(kind: str, spec: PartSpec, options: type[Options]) -> Options:
    """Return the part's options as `options`. Raises `UsageError`, which names the known options and repeats no value."""
    return checked_options(f"{kind} {spec.name!r}", spec.options, options)


def refuse_model(kind: str, spec: PartSpec) -> None:
    """Raise `UsageError` if a model is named for a part that has none."""
    if spec.model is not None:
        raise UsageError(f"{kind} {spec.label!r}: {spec.name} has no models: expected {spec.name} alone")
