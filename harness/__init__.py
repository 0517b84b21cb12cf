"""Measures how speech-recognition errors on rare entity words break web question answering.

    import harness
    result = harness.run("demo", backends=["pocketsphinx"])
    print(result.summary.rows[0])

Every command has its function here, under the same name. Names are imported on first use, so that `import harness` stays
quick; only `report` is imported at once. Were it not, the import of a module of the package `harness.report` would put that
package in the place of the function: Python sets a package's name in its parent when it is first loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from harness.report import report

if TYPE_CHECKING:
    from harness.analysis.complexity.suite import suite_complexity
    from harness.analysis.scoring import score, score_files
    from harness.asr.overview import backend_overview as backends
    from harness.errors import HarnessError
    from harness.machine import examine as doctor
    from harness.records import Suite
    from harness.report.notebook import show
    from harness.retrieval.impact_index import ImpactIndex
    from harness.runs.collect import collect_snippets
    from harness.runs.compare import compare
    from harness.runs.learning import learn_replacements
    from harness.runs.result import RunResult, load_run
    from harness.runs.runner import run
    from harness.suites.describe import describe_suite
    from harness.suites.importers import import_suite
    from harness.suites.load import load_suite
    from harness.suites.shipped import list_suites
    from harness.suites.speak import speak_suite
    from harness.suites.validate import validate_suite

__version__ = "0.1.0"

_PLACES = {
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
    "learn_replacements": "harness.runs.learning:learn_replacements",
    "list_suites": "harness.suites.shipped:list_suites",
    "load_run": "harness.runs.result:load_run",
    "load_suite": "harness.suites.load:load_suite",
    "run": "harness.runs.runner:run",
    "score": "harness.analysis.scoring:score",
    "score_files": "harness.analysis.scoring:score_files",
    "show": "harness.report.notebook:show",
    "speak_suite": "harness.suites.speak:speak_suite",
    "suite_complexity": "harness.analysis.complexity.suite:suite_complexity",
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
    "learn_replacements",
    "list_suites",
    "load_run",
    "load_suite",
    "report",
    "run",
    "score",
    "score_files",
    "show",
    "speak_suite",
    "suite_complexity",
    "validate_suite",
]


def __getattr__(name: str) -> object:
    if name in _PLACES:
        module, _, attribute = _PLACES[name].partition(":")
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
