"""What a repair is, how one is named, and the names of those that are known.

A repair never sees the reference, the question or what is relevant: it is given transcripts, and what lies in the index. Handed
the reference text as a transcript, it shows what harm it does where nothing was misrecognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.options import Options, checked_options, parse_plugin
from harness.records import OptionValue, Ranking, Transcript
from harness.registry import Registry

Setting = Mapping[str, float]  # the thresholds and weights that a repair is tried with, by name
UNSET: Final[tuple[Setting, ...]] = ({},)  # the grid of a repair that has none
Repaired = WeightedQuery | Ranking


@dataclass(frozen=True, slots=True)
class MitigationSpec:
    """One configured repair; `label` names it in every table."""

    name: str
    label: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)


class Repair(Protocol):
    """One configured repair of transcripts.

    Built as `Class(spec, corpus)`, once for a suite; it raises `UsageError` for an option that it does not have. A class may
    have `option_type`, a `msgspec.Struct` whose fields are its options, each with its meaning.

    `grid` are the settings among which is chosen, on other questions than it is judged on: `UNSET` where there is nothing to
    choose. The first one is taken where there is nothing to choose by, so it should be the most careful one.
    """

    grid: Sequence[Setting]

    def __init__(self, spec: MitigationSpec, corpus: Corpus) -> None: ...

    def identity(self) -> Mapping[str, str | float]:
        """Everything that determines what it does, but the setting: options, versions, digests of files."""
        ...

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return for each transcript a query, which `base` then searches, or a ranking of at least the best `k` snippets.

        `None` leaves a transcript as it is. `base` searches as the run does, or with the repair that this one stands on: a
        repair that ranks by itself asks `base` for what it would rank without it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """What a repair may learn from: a question's text, and what a backend made of one recording of it."""

    question_id: str
    reference: str
    transcript: Transcript


@runtime_checkable
class Learning(Protocol):
    """A repair that learns from transcripts whose reference is known. It is judged on other questions."""

    def learnt(self, examples: Sequence[Example]) -> Repair:
        """Return the repair that these examples teach."""
        ...


REPAIRS: Registry[type[Repair]] = Registry(
    "mitigation",
    "harness.mitigations",
    {
        "blend": "harness.mitigation.blend:Blend",
        "characters": "harness.mitigation.characters:Characters",
        "confidence": "harness.mitigation.confidence:Confidence",
        "hybrid": "harness.mitigation.hybrid:Hybrid",
        "nbest": "harness.mitigation.nbest:NBest",
        "phonetic-names": "harness.mitigation.phonetic_names:PhoneticNames",
        "replacements": "harness.mitigation.replacements:Replacements",
        "rewrite": "harness.mitigation.rewrite:Rewrite",
        "spelling": "harness.mitigation.spelling:Spelling",
    },
)


def parse_mitigation(text: str) -> MitigationSpec:
    """Return the repair meant by `NAME` or `NAME,option=value,...`. `label=` sets the label; otherwise it is the name.

    Raises `UsageError` for an empty name, an option without `=`, an empty value and a repeated option.
    """
    parsed = parse_plugin("mitigation", text, "phonetic-names,distance=0.25", main_name=None)
    options = parsed.values(texts=frozenset({"label"}))
    label = options.pop("label", None)
    return MitigationSpec(parsed.name, str(label or parsed.name), options)


def read_options(spec: MitigationSpec, kind: type[Options]) -> Options:
    """Return the repair's options as a `kind`. Raises `UsageError`, which names the known ones and repeats no value."""
    return checked_options(f"mitigation {spec.label!r}", spec.options, kind)


def check_mitigation(spec: MitigationSpec) -> None:
    """Raise `UnknownName` and `UsageError` for a name or an option that is not known."""
    kind = getattr(REPAIRS.get(spec.name), "option_type", None)
    if kind is not None:
        read_options(spec, kind)


def build_repair(spec: MitigationSpec, corpus: Corpus) -> Repair:
    """Return the repair. Raises `UnknownName` and `UsageError`."""
    return REPAIRS.get(spec.name)(spec, corpus)


def setting_text(setting: Setting) -> str:
    """Return a setting as tables show it: `distance 0.25, weight 1.5`; empty where there is nothing to set."""
    return ", ".join(f"{name} {value:g}" for name, value in setting.items())
