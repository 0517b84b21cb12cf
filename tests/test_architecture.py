"""Which package may import which, what is imported when, and what the public face is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import harness
from tests.conftest import WriteSuite

PACKAGE = Path(harness.__file__).parent
BESIDE_ONE_ANOTHER = frozenset(
    {"errors", "files", "options", "records", "registry", "seal"}
)  # single modules, and so few
LAYERS: tuple[frozenset[str], ...] = (
    BESIDE_ONE_ANOTHER,
    frozenset({"audio", "http", "machine"}),
    frozenset({"words"}),
    frozenset({"suites", "asr", "retrieval", "answering", "interpretation"}),
    frozenset({"mitigation"}),
    frozenset({"analysis"}),
    frozenset({"runs"}),
    frozenset({"report"}),
    frozenset({"cli", "__main__"}),
)
IN_RUNS: tuple[frozenset[str], ...] = (
    frozenset({"defaults", "parts", "plan", "spec"}),
    frozenset({"storage"}),
    frozenset({"execution"}),
    frozenset({"studies"}),
    frozenset({"collect", "compare", "gates", "learning", "pairing", "result", "runner"}),
)
WORK = frozenset({"answering", "http", "interpretation", "mitigation", "retrieval"})
STORED = frozenset(
    f"harness.runs.{module}"
    for module in (
        "compare", "gates", "result", "storage.evidence", "storage.record", "storage.stored_run", "storage.tidy_tables",
    )
)  # fmt: skip
HEAVY = (
    "torch", "spacy", "numba", "altair", "ray", "numpy", "scipy", "pocketsphinx", "jiwer", "wordfreq", "rich", "soundfile",
    "pandas", "statsmodels", "jinja2", "vl_convert", "soxr", "requests",
)  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """The harness modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("harness"))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "harness":
            inside = PACKAGE.joinpath(*node.module.split(".")[1:])
            for alias in node.names:
                is_module = (inside / alias.name).is_dir() or (inside / f"{alias.name}.py").is_file()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def height(name: str, layers: Sequence[frozenset[str]]) -> int:
    return next(index for index, layer in enumerate(layers) if name in layer)


def modules(package: str = ".") -> list[Path]:
    return sorted((PACKAGE / package).rglob("*.py"))


def module_name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_package_imports_only_from_below(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if here in ("__init__", "__main__"):
        pytest.skip("the public face hands out names from every package, on first use")
    others = {name.split(".")[1] for name in imports(path) if "." in name} - {here}
    allowed_beside = BESIDE_ONE_ANOTHER if here in BESIDE_ONE_ANOTHER else frozenset()
    wrong = {other for other in others if height(other, LAYERS) >= height(here, LAYERS) and other not in allowed_beside}
    assert not wrong, f"{path.name} stands in {here} and imports {sorted(wrong)}"


def test_every_package_has_a_layer() -> None:
    for folder, layers in ((PACKAGE, LAYERS), (PACKAGE / "runs", IN_RUNS)):
        names = {path.name.removesuffix(".py") for path in folder.iterdir() if path.name[0] not in "_."} - {"py.typed"}
        assert names <= frozenset().union(*layers)


@pytest.mark.parametrize("path", modules("runs"), ids=module_name)
def test_work_is_planned_then_kept_then_done_then_put_together(path: Path) -> None:
    """In `runs`, what decides imports nothing that keeps, and what keeps nothing that works."""
    here = path.relative_to(PACKAGE / "runs").parts[0].removesuffix(".py")
    if here == "__init__":
        pytest.skip("imports nothing")
    others = {name.split(".")[2] for name in imports(path) if name.startswith("harness.runs.")} - {here}
    wrong = {other for other in others if height(other, IN_RUNS) > height(here, IN_RUNS)}
    assert not wrong, f"{path.name} stands in {here} and imports {sorted(wrong)}"


@pytest.mark.parametrize("path", modules("report"), ids=module_name)
def test_a_report_reads_stored_runs_only(path: Path) -> None:
    of_runs = {name for name in imports(path) if name.startswith("harness.runs")}
    assert of_runs <= STORED, "a report reads a run through `StoredRun`, and does no work on it"
    assert not WORK & {name.split(".")[1] for name in imports(path)}, "a report recomputes nothing"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_stored_run_has_one_reader(path: Path) -> None:
    """The run that is being made and the reader are all that know its files."""
    knows = "harness.runs.storage.store" in set(imports(path))
    allowed = ("runs/runner.py", "runs/storage/resuming.py", "runs/storage/stored_run.py", "runs/studies/compute.py")
    assert not knows or module_name(path) in allowed, path


@pytest.mark.parametrize("arguments", [None, ["--help"], ["run", "--help"], ["suite", "--help"], ["report", "--help"]])
def test_neither_the_package_nor_help_imports_anything_heavy(arguments: list[str] | None) -> None:
    code = "import harness" if arguments is None else (
        f"from harness.cli import main\nmain({arguments!r}, standalone_mode=False)"
    )  # fmt: skip
    assert loaded(code, HEAVY) == []


def test_a_run_imports_only_what_it_needs(write_suite: WriteSuite, tmp_path: Path) -> None:
    """What nothing in a run of replayed transcripts asks for would be seconds of processor time before every run."""
    suite = write_suite()
    code = f"import harness\nharness.run({str(suite)!r}, backends=['replay:vendor'], out={str(tmp_path / 'run')!r}, jobs=1)"
    needless = ("torch", "spacy", "numba", "altair", "ray", "pandas", "statsmodels", "scipy.stats", "pocketsphinx")
    assert loaded(code, needless) == []


@pytest.mark.parametrize(
    "code",
    [
        "import harness",
        "import harness.report.html",
        "from harness.report import FORMATS",
        "from harness.report.html import audio",
    ],
)
def test_report_is_a_function_whatever_was_imported_first(code: str) -> None:
    ask = f"{code}\nimport sys, harness\nprint(type(harness.report).__name__, type(sys.modules['harness.report']).__name__)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "module"]


def loaded(code: str, modules: Sequence[str]) -> list[str]:
    """Those of the modules that a new interpreter has imported after the code."""
    ask = f"{code}\nimport sys, json\nprint('LOADED', json.dumps([m for m in {modules!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    imported: list[str] = json.loads(done.stdout.splitlines()[-1].removeprefix("LOADED "))
    return imported


def test_the_public_face_is_small_sorted_and_whole() -> None:
    assert harness.__all__ == sorted(harness.__all__)
    assert len(harness.__all__) <= 24
    for name in harness.__all__:
        assert callable(getattr(harness, name)), name
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = harness.runn
