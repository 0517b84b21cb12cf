"""The command line that makes one sample again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TypeVar

from harness.asr.conditions import ConditionSpec, parse_condition
from harness.asr.protocol import parse_backend
from harness.errors import HarnessError
from harness.records import BackendSpec, OptionValue
from harness.runs.storage.stored_run import StoredRun

PLACE = "{utterance}"  # where the id of the recording goes; it comes quoted for a shell
_Spec = TypeVar("_Spec", BackendSpec, ConditionSpec)


def rerun_commands(run: StoredRun) -> dict[tuple[str, str], str]:
    """By label of backend and condition, the command with `PLACE` in it.

    A backend or condition that cannot be written on a command line stays with the spec that the run was made from.
    """
    target = run.spec.suite
    words = shlex.split(run.record.command)
    given = words[2] if words[:2] == ["harness", "run"] and len(words) > 2 else target
    commands = {}
    for backend in run.spec.backends:
        for condition in run.spec.conditions:
            parts = [("--backend", _backend_text(backend)), ("--condition", _condition_text(condition))]
            written = all(text is not None for _, text in parts)
            line = ["harness", "run", target if written else given]
            line += [word for flag, text in parts if text is not None for word in (flag, text)]
            if written and not any(retriever.options for retriever in run.spec.retrievers):
                line += [word for r in run.spec.retrievers for word in ("--retriever", r.name)]
            seed = ["--seed", str(run.spec.seed)] if any(word == "--seed" for word in words) else []
            commands[backend.label, condition.label] = f"{shlex.join([*line, *seed])} --utterance {PLACE}"
    return commands


def _backend_text(spec: BackendSpec) -> str | None:
    head = spec.name + (f":{spec.model}" if spec.model else "")
    lists = {"bias": spec.bias, "distractors": spec.distractors}
    given = {name: value for name, value in lists.items() if value is not None}
    text = ",".join([head, *_options(given), *_options(spec.options), f"label={spec.label}"])
    return _shortest(text, spec, parse_backend)


def _condition_text(spec: ConditionSpec) -> str | None:
    text = ",".join([spec.name, *_options(spec.options), f"label={spec.label}"])
    return _shortest(text, spec, parse_condition)


def _shortest(text: str, spec: _Spec, parse: Callable[[str], _Spec]) -> str | None:
    """The text, without its label where that is the usual one; `None` where it is not read as `spec`."""
    try:
        if parse(text) != spec:
            return None
        short = text.removesuffix(f",label={spec.label}")
        return short if parse(short) == spec else text
    except HarnessError:
        return None


def _options(options: Mapping[str, OptionValue]) -> list[str]:
    return [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()]
