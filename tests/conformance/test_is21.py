"""The published results of the LibriSpeech biasing systems (Le et al., Interspeech 2021), to the last error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.analysis.error_rates import Counts
from harness.analysis.scoring import score

IS21 = Path(__file__).parents[2] / ".." / "shared" / "data" / "is21"
_PUBLISHED = re.compile(
    r"^([UB]?-?WER): error_rate=([\d.]+), ref_words=(\d+), subs=(\d+), ins=(\d+), dels=(\d+)$", re.M
)


@pytest.mark.parametrize("system", ["test-clean.b1.rnnt_baseline.tsv", "test-clean.s5.s3+db-nnlm.biasing_100.tsv"])
def test_published_counts(system: str) -> None:
    if not IS21.is_dir():
        pytest.skip(f"the systems' outputs are not at {IS21}")
    published = {row[0]: row[1:] for row in _PUBLISHED.findall((IS21 / f"{system}.result").read_text("utf-8"))}
    result = score(IS21 / "test-clean.biasing_100.tsv", IS21 / system, format="is21")
    for name, counts in (("WER", result.words), ("U-WER", result.common), ("B-WER", result.rare)):
        rate, *expected = published[name]
        assert as_published(counts) == [int(number) for number in expected]
        assert counts.rate == pytest.approx(float(rate) / 100, rel=1e-12)
    assert result.to_dict()["utterances"] == {"scored": 2620, "missing": 0, "empty_reference": 0}


def as_published(counts: Counts) -> list[int]:
    return [counts.reference, counts.substitutions, counts.insertions, counts.deletions]
