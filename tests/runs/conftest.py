"""Real speech for runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.suites.shipped import find_suite


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """Five recordings of the shipped demo, as a suite of its own."""
    demo, root = find_suite("demo"), tmp_path / "spoken"
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
