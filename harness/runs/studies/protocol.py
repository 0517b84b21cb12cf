"""Studies: what a spec's table `[early]` or `[complexity]` asks of a run when its samples are finished.

A study reads the samples and may recognise more audio. Its result lies in `studies/NAME.json` and is never part of a sample's
identity: the same run with another study recognises nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from harness.analysis.evaluation import Evaluator
from harness.asr.conditions import Condition
from harness.asr.protocol import Backend
from harness.options import checked_options
from harness.records import PlannedSample, Sample, Suite
from harness.registry import Registry
from harness.runs.execution.recogniser import Recognised, Task
from harness.runs.spec import RunSpec

Options = TypeVar("Options", bound=msgspec.Struct)
Result = TypeVar("Result")


class Recognise(Protocol):
    """How a study has recordings recognised, by the run's workers and through its cache."""

    def __call__(
        self, tasks: Sequence[Task], conditions: Mapping[str, Condition], others: Mapping[str, Backend] | None = None
    ) -> Generator[tuple[int, Recognised], None, None]:
        """Yield each task's position and transcript, in any order; closing it stops the workers.

        Tasks name conditions by the labels of `conditions`, and backends by their own; `others` stand in for the backends of
        these labels.
        """
        ...


@dataclass(frozen=True)
class Finished:
    """A run whose samples are finished, and what it takes to do more with it.

    `samples` are by key, in the order of `plan`, failed ones among them; backends without a single transcript under a
    condition are in neither. `evaluator` holds retrievers, judge, rarity, reader
    and rules. `progress(done, total)` tells a person how far it is.
    """

    suite: Suite
    spec: RunSpec
    plan: Sequence[PlannedSample]
    samples: Mapping[str, Sample]
    evaluator: Evaluator
    backends: Mapping[str, Backend]
    recognise: Recognise
    progress: Callable[[int, int], None]


@dataclass(frozen=True)
class Study(Generic[Options, Result]):
    """One kind of study. `options` is how its table is read (unknown fields are refused), `result` what its file holds.

    `compute` may raise a `HarnessError`: that costs the study, not the run. `version` changes whenever equal samples give
    another result. `rests_on` returns what else decides it, such as the digests of files that the options name.
    """

    options: type[Options]
    result: type[Result]
    compute: Callable[[Finished, Options], Result]
    version: str = "1"
    rests_on: Callable[[Options], Any] | None = None


STUDIES: Registry[Study[Any, Any]] = Registry(
    "study",
    "harness.studies",
    {
        "complexity": "harness.runs.studies.complexity:STUDY",
        "early": "harness.runs.studies.early:STUDY",
        "interpretation": "harness.runs.studies.interpretation:STUDY",
        "mitigation": "harness.runs.studies.mitigation:STUDY",
    },
)


def read_options(name: str, table: Mapping[str, Any]) -> Any:
    """Return a study's options as its own type. Raises `UsageError` for a field or value that means nothing to it."""
    return checked_options(f"[{name}]", table, STUDIES.get(name).options)
