"""Measures how speech-recognition errors on rare entity words break web question answering.

    import harness
    result = harness.run("demo", backends=["pocketsphinx"])
    print(result.summary.rows[0])

Every command has its function here, under the same name. Names are imported on first use, so that `import harness`
stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness import report
    from harness.analysis.scoring import score
    from harness.asr.overview import backend_overview as backends
    from harness.errors import HarnessError
    from harness.machine import examine as doctor
    from harness.records import Suite
    from harness.retrieval.impact_index import ImpactIndex
    from harness.runs.collect import collect_snippets
    from harness.runs.compare import compare
    from harness.runs.result import RunResult, load_run
    from harness.runs.runner import run
    from harness.suites.describe import describe_suite
    from harness.suites.importers import import_suite
    from harness.suites.load import load_suite
    from harness.suites.shipped import list_suites
    from harness.suites.speak import speak_suite
    from harness.suites.validate import validate_suite

__version__ = "0.1.0"

_HOMES = {
    "HarnessError": "harness.errors:HarnessError",
    "ImpactIndex": "harness.retrieval.impact_index:ImpactIndex",
    "RunResult": "harness.runs.result:RunResult",
    "Suite": "harness.records:Suite",
    "backends": "harness.asr.overview:backend_overview",
    "collect_snippets": "harness.runs.collect:collect_snippets",
    "compare": "harness.runs.compare:compare",
    "describe_suite": "harness.suites.describe:describe_suite",
    "doctor": "harness.machine:examine",
    "import_suite": "harness.suites.importers:import_suite",
    "list_suites": "harness.suites.shipped:list_suites",
    "load_run": "harness.runs.result:load_run",
    "load_suite": "harness.suites.load:load_suite",
    "run": "harness.runs.runner:run",
    "score": "harness.analysis.scoring:score",
    "speak_suite": "harness.suites.speak:speak_suite",
    "validate_suite": "harness.suites.validate:validate_suite",
}

__all__ = [
    "HarnessError",
    "ImpactIndex",
    "RunResult",
    "Suite",
    "backends",
    "collect_snippets",
    "compare",
    "describe_suite",
    "doctor",
    "import_suite",
    "list_suites",
    "load_run",
    "load_suite",
    "report",
    "run",
    "score",
    "speak_suite",
    "validate_suite",
]


def __getattr__(name: str) -> object:
    if name == "report":
        return import_module("harness.report")  # the package itself can be called
    if name in _HOMES:
        module, _, attribute = _HOMES[name].partition(":")
        value = getattr(import_module(module), attribute)
        if name in ("RunResult", "load_run", "run"):
            _show_results_in_notebooks()
        return value
    raise AttributeError(f"module 'harness' has no attribute {name!r}")


def _show_results_in_notebooks() -> None:
    """Give results their page: `report` stands above `runs`, so the two are joined here, above both."""
    from harness.report.notebook import notebook_page
    from harness.runs.result import RunResult

    RunResult.notebook_page = notebook_page


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
