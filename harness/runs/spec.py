"""The run spec: which suite, backends, conditions, retrievers and answerer, read from TOML and checked before any work."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any, Literal, TypedDict

import msgspec

from harness.analysis.outcomes import DEFAULT_OUTCOME, Judge
from harness.answering.protocol import ANSWERERS, AnswererSpec, parse_answerer
from harness.asr.bias_list import bias_problem
from harness.asr.conditions import ConditionSpec, parse_condition
from harness.asr.conditions import build as build_condition
from harness.asr.conditions import default_label as default_condition_label
from harness.asr.protocol import BACKENDS, labelled, parse_backend
from harness.errors import SpecError, UnknownName, UsageError
from harness.http.command_line import with_digest
from harness.records import BackendSpec, OptionValue, Seconds
from harness.retrieval.protocol import RETRIEVERS, RetrieverSpec, parse_retriever
from harness.retrieval.protocol import default_label as default_retriever_label
from harness.words.rarity import DEFAULT_THRESHOLD
from harness.words.text.normalisers import DEFAULT, NORMALISERS

MOST_RETRIES = 10


NO_ANSWERER = "none"
UNDECISIVE = ("retries", "timeout", "studies")  # fields that decide no sample
# Choices without which older specs keep their digests.
_LATER = {"keep_sound_tags": False, "normaliser": DEFAULT, "rare_words": None}


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Everything that decides a run's figures, and `retries` and `timeout`, which decide how patient it is.

    `missing`: `count` keeps failed samples in every denominator, `exclude` leaves them out. `entity_pipeline` names a
    spaCy pipeline for suites that annotate no entities. `rare_words` is a file with one word a line: these are rare, whatever
    their frequency. `limit` takes the first N questions, `utterances` the recordings
    with these ids only. `outcome` decides what counts as lost: `hit@1` to `hit@10`, `has_answer@1` to `has_answer@10`, `rr@10`,
    or `answer` or `f1` of what the answerer reads. The answerer `none` reads nothing. `retries`: how often a sample is tried
    again where that may help. `timeout`: seconds after which a worker at one sample is taken for hung, however long the
    recording; `None` goes by its length. `keep_sound_tags` leaves `(upbeat music)` and `*coughs*` in hypotheses as words.
    `normaliser` names the rules by which texts are compared: `default`, or `whisper` for OpenAI's. `studies` holds the tables
    of what is derived from the finished samples, by name: they decide no sample, and are no part of the digest.
    """

    suite: str
    backends: tuple[BackendSpec, ...] = ()
    conditions: tuple[ConditionSpec, ...] = ()
    retrievers: tuple[RetrieverSpec, ...] = ()
    seed: int = 7
    rare_threshold: float = DEFAULT_THRESHOLD
    rare_words: str | None = None
    entity_pipeline: str | None = None
    missing: Literal["count", "exclude"] = "count"
    limit: int | None = None
    outcome: str = DEFAULT_OUTCOME
    retries: int = 1
    timeout: Seconds | None = None
    answerer: AnswererSpec | None = None
    utterances: tuple[str, ...] = ()
    keep_sound_tags: bool = False
    normaliser: str = DEFAULT
    studies: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rare_words_name(self) -> str:
        """What tables call the list of rare words; empty without one."""
        return Path(self.rare_words).stem if self.rare_words else ""

    def digest(self) -> str:
        """SHA-256 of what decides the figures, whatever file or flags it came from."""
        content = {key: value for key, value in msgspec.to_builtins(self).items() if key not in UNDECISIVE}
        for key, usual in _LATER.items():
            if content[key] == usual:
                del content[key]
        for backend in content["backends"]:
            if isinstance(line := backend["options"].get("run"), str):
                backend["options"]["run"] = with_digest(line)
        return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    """The TOML file as it is written."""

    suite: str
    seed: int = 7
    rare_threshold: float = DEFAULT_THRESHOLD
    rare_words: str | None = None
    entity_pipeline: str | None = None
    missing: Literal["count", "exclude"] = "count"
    limit: int | None = None
    outcome: str = DEFAULT_OUTCOME
    retries: int = 1
    timeout: float | None = None
    normaliser: str = DEFAULT
    utterances: list[str] = []
    keep_sound_tags: bool = False
    backend: list[dict[str, OptionValue]] = []
    condition: list[dict[str, OptionValue]] = []
    retriever: list[dict[str, OptionValue]] = []
    answerer: dict[str, OptionValue] | None = None
    complexity: dict[str, Any] | None = None
    early: dict[str, Any] | None = None
    interpretation: dict[str, Any] | None = None
    mitigation: list[dict[str, Any]] = []

    @property
    def studies(self) -> dict[str, Any]:
        """The tables of studies that stand in the file; those of mitigations are one study."""
        tables = {"complexity": self.complexity, "early": self.early, "interpretation": self.interpretation}
        tables["mitigation"] = {"repairs": self.mitigation} if self.mitigation else None
        return {name: table for name, table in tables.items() if table is not None}


def read_spec(path: Path) -> RunSpec:
    """Reads a spec from a TOML file. A relative suite folder is looked up from here, then beside the file.

    Raises `SpecError` (file, field, what was expected) and `UnknownName`.
    """
    try:
        document = msgspec.toml.decode(path.read_bytes(), type=_Document)
    except msgspec.ValidationError as error:
        raise SpecError(_explain(error), file=path) from error
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"is not TOML: {error}. Mend that line.", file=path) from error
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror}.", file=path) from error
    spec = RunSpec(
        suite=_beside(path, document.suite),
        backends=tuple(_backend(table, _At(path, "backend", i)) for i, table in enumerate(document.backend)),
        conditions=tuple(_condition(table, _At(path, "condition", i)) for i, table in enumerate(document.condition)),
        retrievers=tuple(_retriever(table, _At(path, "retriever", i)) for i, table in enumerate(document.retriever)),
        seed=document.seed,
        rare_threshold=document.rare_threshold,
        rare_words=document.rare_words and _beside(path, document.rare_words),
        entity_pipeline=document.entity_pipeline,
        missing=document.missing,
        limit=document.limit,
        outcome=document.outcome,
        retries=document.retries,
        timeout=document.timeout,
        answerer=None if document.answerer is None else _answerer(document.answerer, _At(path, "answerer")),
        utterances=tuple(document.utterances),
        keep_sound_tags=document.keep_sound_tags,
        normaliser=document.normaliser,
        studies=document.studies,
    )
    return check_spec(with_defaults(spec), path)


def _beside(spec: Path, name: str) -> str:
    """Return the path that a spec means: as seen from here, or else beside the spec."""
    beside = spec.parent / name
    return str(beside) if beside.exists() and not Path(name).exists() else name


def with_defaults(spec: RunSpec) -> RunSpec:
    """Fills what was left empty: clean audio, the impact index, the reader that needs no model.

    Backends stay empty: which are fit depends on the suite (`defaults.default_backends`).
    """
    return replace(
        spec,
        conditions=spec.conditions or (parse_condition("clean"),),
        retrievers=spec.retrievers or (RetrieverSpec("bm25", "bm25"),),
        answerer=spec.answerer or AnswererSpec("extractive"),
    )


def check_spec(spec: RunSpec, file: Path | None = None) -> RunSpec:
    """Returns the spec if every name in it is known, labels are distinct and numbers are in range; raises otherwise."""
    for backend in spec.backends:
        if backend.name not in BACKENDS:
            raise UnknownName("backend", backend.name, BACKENDS.names())
    for condition in spec.conditions:
        build_condition(condition)  # raises for a name, an option or a value that means nothing
    for retriever in spec.retrievers:
        if retriever.name not in RETRIEVERS:
            raise UnknownName("retriever", retriever.name, RETRIEVERS.names())
    if spec.normaliser not in NORMALISERS:
        raise UnknownName("normaliser", spec.normaliser, NORMALISERS)
    for kind, labels in (
        ("backend", [b.label for b in spec.backends]),
        ("condition", [c.label for c in spec.conditions]),
        ("retriever", [r.label for r in spec.retrievers]),
    ):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise SpecError(
                f"{twice[0]!r} stands twice; tables could not tell them apart. Give one another `label`.",
                file=file,
                field=kind,
            )
    _check_answers(spec, file)
    _check_numbers(spec, file)
    return spec


def _check_answers(spec: RunSpec, file: Path | None) -> None:
    named = spec.answerer.name if spec.answerer else None
    if named is not None and named not in (NO_ANSWERER, *ANSWERERS):
        raise UnknownName("answerer", named, [NO_ANSWERER, *ANSWERERS])
    try:
        judge = Judge.named(spec.outcome)
    except UsageError as error:
        raise SpecError(str(error), file=file, field="outcome") from error
    if judge.reads and named == NO_ANSWERER:
        raise SpecError(f"is {spec.outcome!r}, but nobody answers. Name an answerer.", file=file, field="outcome")


def _check_numbers(spec: RunSpec, file: Path | None) -> None:
    if spec.limit is not None and spec.limit < 1:
        raise SpecError(f"is {spec.limit}; expected 1 or more questions.", file=file, field="limit")
    if not 0 <= spec.retries <= MOST_RETRIES:
        raise SpecError(f"is {spec.retries}; expected 0 to {MOST_RETRIES}.", file=file, field="retries")
    if spec.timeout is not None and not 0 < spec.timeout < inf:
        raise SpecError(f"is {spec.timeout}; expected seconds, more than 0.", file=file, field="timeout")


class Overrides(TypedDict, total=False):
    """What a call may set in place of the spec. Backends and conditions are written as on the command line."""

    backends: Sequence[str]
    conditions: Sequence[str]
    retrievers: Sequence[str]
    answerer: str | None
    mitigations: Sequence[str]
    utterances: Sequence[str]
    rare_words: Path | str | None
    limit: int | None
    seed: int | None
    retries: int | None
    timeout: Seconds | None
    keep_sound_tags: bool
    normaliser: str | None


def override(spec: RunSpec, given: Overrides) -> RunSpec:
    """The spec with the given values in place of its own."""
    changes: dict[str, Any] = {}
    if backends := given.get("backends"):
        changes["backends"] = tuple(parse_backend(text) for text in backends)
    if conditions := given.get("conditions"):
        changes["conditions"] = tuple(parse_condition(text) for text in conditions)
    if retrievers := given.get("retrievers"):
        changes["retrievers"] = tuple(parse_retriever(text) for text in retrievers)
    if utterances := given.get("utterances"):
        changes["utterances"] = tuple(utterances)
    if answerer := given.get("answerer"):
        changes["answerer"] = parse_answerer(answerer)
    if mitigations := given.get("mitigations"):
        changes["studies"] = {**spec.studies, "mitigation": {"repairs": _mitigations(mitigations)}}
    if rare_words := given.get("rare_words"):
        changes["rare_words"] = str(rare_words)
    for key in ("limit", "seed", "retries", "timeout", "normaliser"):
        if given.get(key) is not None:
            changes[key] = given[key]
    if given.get("keep_sound_tags"):
        changes["keep_sound_tags"] = True
    return check_spec(replace(spec, **changes))


def _mitigations(texts: Sequence[str]) -> list[dict[str, OptionValue]]:
    """Return repairs that are named as on the command line, as tables of a spec."""
    from harness.mitigation.protocol import parse_mitigation  # with the indexes: not for every spec

    specs = [parse_mitigation(text) for text in texts]
    return [{"name": spec.name, "label": spec.label, **spec.options} for spec in specs]


@dataclass(frozen=True, slots=True)
class _At:
    """Where a table stands, for messages."""

    file: Path
    key: str
    index: int | None = None  # among several tables of the same name

    def error(self, field_name: str, problem: str) -> SpecError:
        place = self.key if self.index is None else f"{self.key}[{self.index}]"
        return SpecError(problem, file=self.file, field=f"{place}.{field_name}")

    def text(self, table: Mapping[str, OptionValue], name: str) -> str | None:
        value = table.get(name)
        if value is not None and not isinstance(value, str):
            raise self.error(name, f"is {value!r}; expected a string")
        return value

    def required(self, table: Mapping[str, OptionValue], name: str) -> str:
        value = self.text(table, name)
        if not value:
            table_name = f"[{self.key}]" if self.index is None else f"[[{self.key}]]"
            raise self.error(name, f"is missing; every {table_name} needs one")
        return value


def _backend(table: Mapping[str, OptionValue], at: _At) -> BackendSpec:
    name, model, bias, label = at.required(table, "name"), *(at.text(table, key) for key in ("model", "bias", "label"))
    distractors = table.get("distractors")
    if problem := bias_problem(bias, distractors):
        raise at.error(*problem)
    taken = {"name", "label", "model", "bias", "distractors"}
    options = {key: value for key, value in table.items() if key not in taken}
    n = distractors if isinstance(distractors, int) else None
    return labelled(BackendSpec(name, label or "", model, bias, options, n))


def _condition(table: Mapping[str, OptionValue], at: _At) -> ConditionSpec:
    name = at.required(table, "name")
    options = {key: value for key, value in table.items() if key not in {"name", "label"}}
    return ConditionSpec(name, at.text(table, "label") or default_condition_label(name, options), options)


def _retriever(table: Mapping[str, OptionValue], at: _At) -> RetrieverSpec:
    name = at.required(table, "name")
    options = {key: value for key, value in table.items() if key not in {"name", "label"}}
    return RetrieverSpec(name, at.text(table, "label") or default_retriever_label(name, options), options)


def _answerer(table: Mapping[str, OptionValue], at: _At) -> AnswererSpec:
    options = {key: value for key, value in table.items() if key not in {"name", "model"}}
    return AnswererSpec(at.required(table, "name"), at.text(table, "model"), options)


def _explain(error: msgspec.ValidationError) -> str:
    """msgspec's message, with a hint where a key was mistyped."""
    message = str(error)
    mistyped = message.partition("unknown field `")[2].partition("`")[0]
    close = get_close_matches(mistyped, _Document.__struct_fields__, n=1) if mistyped else []
    hint = f" Did you mean {close[0]!r}?" if close else f" Known keys: {', '.join(_Document.__struct_fields__)}."
    return f"{message}.{hint}" if mistyped else f"{message}."
