"""Measures how speech-recognition errors on rare entity words break web question answering.

    import harness
    result = harness.run("demo", backends=["pocketsphinx"])
    print(result.summary.rows[0])

Every verb of the command line has its twin here, under the same name. Names are imported on first use, so that
`import harness` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness import report
    from harness.analysis.scoring import Score, score
    from harness.errors import HarnessError
    from harness.records import Sample, Suite
    from harness.runs.compare import compare
    from harness.runs.runner import RunResult, run
    from harness.suites.describe import describe_suite
    from harness.suites.load import load_suite
    from harness.suites.validate import validate_suite

__version__ = "0.1.0"

_HOMES = {
    "HarnessError": "harness.errors",
    "RunResult": "harness.runs.runner",
    "Sample": "harness.records",
    "Score": "harness.analysis.scoring",
    "Suite": "harness.records",
    "compare": "harness.runs.compare",
    "describe_suite": "harness.suites.describe",
    "load_suite": "harness.suites.load",
    "run": "harness.runs.runner",
    "score": "harness.analysis.scoring",
    "validate_suite": "harness.suites.validate",
}

__all__ = [
    "HarnessError",
    "RunResult",
    "Sample",
    "Score",
    "Suite",
    "compare",
    "describe_suite",
    "load_suite",
    "report",
    "run",
    "score",
    "validate_suite",
]


def __getattr__(name: str) -> object:
    if name == "report":
        return import_module("harness.report")  # the room itself can be called
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
