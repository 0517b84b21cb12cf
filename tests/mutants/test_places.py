"""Every edit has its one place in the package, and its test stands where it says: a list that fell behind tests nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.of_figures import OF_FIGURES
from tests.mutants.of_reports import OF_REPORTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", [*OF_FIGURES, *OF_REPORTS], ids=str)
def test_an_edit_has_one_place_and_a_test(mutant: Mutant) -> None:
    file, _, test = mutant.test.partition("::")
    assert (ROOT / "harness" / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert f"def {test.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
