"""Real speech for runs, and runs of recorded transcripts to compare."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.suites.shipped import find_suite
from tests.conftest import WriteSuite, write_lines

NAMES = ("Medawar", "Ljubljana", "Okapi", "Szeged", "Ouagadougou", "Nukualofa", "Gdynia", "Popocatepetl", "Reykjavik",
         "Tegucigalpa", "Zugspitze", "Quetzalcoatl")  # fmt: skip

Run = Callable[..., Path]


@pytest.fixture
def voiced_demo(tmp_path: Path) -> Path:
    """Five recordings of the shipped demo, as a suite of its own."""
    demo, root = find_suite("demo"), tmp_path / "voiced"
    (root / "audio").mkdir(parents=True)
    utterances = [json.loads(line) for line in (demo / "utterances.jsonl").read_text().splitlines()[:5]]
    asked = {utterance["question_id"] for utterance in utterances}
    questions = [
        line for line in (demo / "questions.jsonl").read_text().splitlines() if json.loads(line)["id"] in asked
    ]
    (root / "questions.jsonl").write_text("".join(line + "\n" for line in questions))
    (root / "utterances.jsonl").write_text("".join(json.dumps(utterance) + "\n" for utterance in utterances))
    shutil.copy(demo / "snippets.jsonl", root)
    shutil.copy(demo / "suite.toml", root)
    for utterance in utterances:
        shutil.copy(demo / utterance["audio"], root / "audio")
    return root


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """Twelve questions by two voices. `vendor` has the name wrong in the first eight, `half` in the first four."""
    questions = [
        {"id": f"q{n}", "text": f"what is known about {name}", "snippet_ids": [f"s{n}"],
         "entities": [{"text": name, "start": 20, "end": 20 + len(name), "label": "X"}]}
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    snippets = [{"id": f"s{n}", "text": f"This page tells of {name}."} for n, name in enumerate(NAMES)]
    hypotheses = {f"q{n}": f"what is known about {'the piano' if n < 8 else name}" for n, name in enumerate(NAMES)}
    root = write_suite("twelve", questions, snippets, hypotheses)
    half = [
        {"utterance_id": f"q{n}.{voice}", "text": f"what is known about {'a harp' if n < 4 else name}"}
        for n, name in enumerate(NAMES)
        for voice in "ab"
    ]
    write_lines(root / "transcripts" / "half.jsonl", half)
    return root


@pytest.fixture
def one_voice(suite: Path) -> Path:
    lines = [json.loads(line) for line in (suite / "utterances.jsonl").read_text().splitlines()]
    write_lines(suite / "utterances.jsonl", [line for line in lines if line["speaker"] == "a"])
    return suite


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(suite: Path, name: str, *transcripts: str, **options: Any) -> Path:
        backends = [f"replay:{transcript}" for transcript in transcripts]
        return harness.run(suite, backends=backends, out=tmp_path / name, jobs=1, **options).folder

    return run


def call(*arguments: str | Path) -> tuple[int, str, str]:
    """`harness compare` with these arguments: exit status, standard output and standard error."""
    result = CliRunner().invoke(main, ["compare", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr
