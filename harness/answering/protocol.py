"""What an answerer is, which there are, and how one is named on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from harness.errors import UsageError
from harness.options import Options, checked_options, parse_plugin
from harness.records import Answer, OptionValue, Snippet
from harness.registry import Registry

DEFAULT_DEPTH = 10  # snippets read, best first


@dataclass(frozen=True, slots=True)
class AnswererSpec:
    """One configured answerer. `model` is what stands behind the colon in `transformers:MODEL`."""

    name: str
    model: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is called in tables."""
        return self.name + (f":{self.model}" if self.model else "")


@dataclass(frozen=True, slots=True)
class Reading:
    """A question in normalised words, reference or hypothesis, and the snippets retrieved for it, best first.

    `accepted` holds the accepted answers for a judge (`Answerer.is_judge`), and is empty for every reader.
    """

    question: str
    snippets: tuple[Snippet, ...]
    accepted: tuple[str, ...] = ()


def snippet_text(snippet: Snippet) -> str:
    """A snippet as it is read: its title, if it has one, on a line of its own before the text."""
    return f"{snippet.title}\n{snippet.text}" if snippet.title else snippet.text


class Asked(Protocol):
    """What is asked while a run works: an answerer, or one behind something that watches over it."""

    @property
    def is_judge(self) -> bool:
        """Whether it is shown the accepted answers."""
        ...

    @property
    def depth(self) -> int:
        """How many snippets it reads."""
        ...

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """Return one answer per reading, in order."""
        ...


class Answerer(Protocol):
    """One configured answerer.

    Built as `Class(spec, language)`, with the language of the suite. Building is light: it checks the options
    (`UsageError` names the known ones) and loads no model. `depth` is how many snippets it reads. `is_judge`: it is shown the
    accepted answers and tells whether one of them was retrieved; its figures are upper bounds for readers, not a reader's.
    """

    is_judge: ClassVar[bool]
    package: ClassVar[str | None]  # what has to be importable, or None
    depth: int

    def __init__(self, spec: AnswererSpec, language: str) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes the answers: versions, digests of weights, options."""
        ...

    def warm_up(self) -> None:
        """Load the model. Raises a `HarnessError` if that cannot be done; a second call does nothing."""
        ...

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        """One answer per reading, in order. One that fails is an `Answer` with an `error` in its place; it never raises."""
        ...


ANSWERERS: Registry[type[Answerer]] = Registry(
    "answerer",
    "harness.answerers",
    {
        "extractive": "harness.answering.extractive:Extractive",
        "has_answer": "harness.answering.has_answer:HasAnswer",
        "openai-api": "harness.answering.openai_api:OpenAIApi",
        "transformers": "harness.answering.transformers_qa:TransformersQA",
    },
)


def parse_answerer(text: str) -> AnswererSpec:
    """Return the answerer meant by `NAME`, `NAME:MODEL` or `NAME[:MODEL],option=value,...`.

    Raises `UsageError` for an empty name, an option without `=`, an empty value and a repeated option. Whether the name
    and the options exist is checked when it is built.
    """
    parsed = parse_plugin("answerer", text, "extractive,top_k=5")
    return AnswererSpec(parsed.name, parsed.main, parsed.values())


def read_options(spec: AnswererSpec, kind: type[Options]) -> Options:
    """Return the answerer's options as a `kind`. Raises `UsageError`, which names the known options and repeats no value."""
    return checked_options(f"answerer {spec.label!r}", spec.options, kind)


def refuse_model(spec: AnswererSpec) -> None:
    """Raise `UsageError` if a model is named for an answerer that has none."""
    if spec.model is not None:
        raise UsageError(f"answerer {spec.label!r}: {spec.name} has no models: expected {spec.name} alone")
