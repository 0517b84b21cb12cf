"""The rules of the house: which room may import which, what is imported when, and what the public face is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import harness
from tests.conftest import WriteSuite

PACKAGE = Path(harness.__file__).parent
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "files", "options", "records", "registry"}),
    frozenset({"http", "words"}),
    frozenset({"suites", "asr", "retrieval", "answering"}),
    frozenset({"analysis"}),
    frozenset({"runs"}),
    frozenset({"report"}),
    frozenset({"cli", "__main__"}),
)
HEAVY = (
    "torch", "spacy", "numba", "altair", "ray", "numpy", "scipy", "pocketsphinx", "jiwer", "wordfreq", "rich", "soundfile",
    "pandas", "statsmodels", "jinja2", "vl_convert", "soxr", "requests",
)  # fmt: skip


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [node.module] if isinstance(node, ast.ImportFrom) and node.module
            else [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else []
        )  # fmt: skip
        found |= {room_of(name) for name in names if name.startswith("harness.")}
    return found - {""}


def height(room: str) -> int:
    return next(index for index, layer in enumerate(LAYERS) if room in layer)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_from_below(path: Path) -> None:
    parts = path.relative_to(PACKAGE).parts
    here = parts[0].removesuffix(".py")
    if here in ("__init__", "__main__"):
        pytest.skip("the public face hands out names from every room, on first use")
    others = imported_rooms(path) - {here}
    allowed_beside = LAYERS[0] if here in LAYERS[0] else frozenset()
    wrong = {room for room in others if height(room) >= height(here) and room not in allowed_beside}
    assert not wrong, f"{path.name} stands in {here} and imports {sorted(wrong)}"


def test_every_room_has_a_layer() -> None:
    rooms = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.name[0] not in "_."} - {"py.typed"}
    assert rooms <= frozenset().union(*LAYERS)


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


def loaded(code: str, modules: Sequence[str]) -> list[str]:
    """Those of the modules that a new interpreter has imported after the code."""
    ask = f"{code}\nimport sys, json\nprint('LOADED', json.dumps([m for m in {modules!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1].removeprefix("LOADED "))
    return found


def test_the_public_face_is_small_sorted_and_whole() -> None:
    assert harness.__all__ == sorted(harness.__all__)
    assert len(harness.__all__) <= 20
    for name in harness.__all__:
        assert callable(getattr(harness, name)), name
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = harness.runn
