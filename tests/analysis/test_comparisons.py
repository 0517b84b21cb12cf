"""Families of comparisons, and Holm's correction within each."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from statsmodels.stats.multitest import multipletests

from harness.analysis.comparisons import family_of
from tests.conftest import GoldenRun

BY_HITS, BY_ANSWERS = ("hit@1", "bm25"), ("exact_match", "bm25")


@pytest.mark.parametrize(
    ("name", "retriever", "primary", "family"),
    [
        ("hit@1", "bm25", BY_HITS, "primary"),
        ("hit@1", "phonetic", BY_HITS, "retrieval:phonetic"),
        ("hit@5", "bm25", BY_HITS, "retrieval:bm25"),
        ("lost", "bm25", BY_HITS, "retrieval:bm25"),
        ("exact_match", "bm25", BY_HITS, "answer:bm25"),
        ("f1", "phonetic", BY_HITS, "answer:phonetic"),
        ("wer", None, BY_HITS, "recognition"),
        ("entity_recall", None, BY_HITS, "recognition"),
        ("exact_match", "bm25", BY_ANSWERS, "primary"),
        ("lost", "bm25", BY_ANSWERS, "answer:bm25"),
        ("hit@1", "bm25", BY_ANSWERS, "retrieval:bm25"),
        ("wer", None, None, "recognition"),
    ],
)
def test_families(name: str, retriever: str | None, primary: tuple[str, str] | None, family: str) -> None:
    assert family_of(name, retriever, primary) == family


def test_p_values_are_adjusted_within_a_family_of_one_condition_as_statsmodels_does(golden_run: GoldenRun) -> None:
    families = defaultdict(list)
    for row in json.loads((golden_run("two_by_two") / "summary.json").read_text())["comparisons"]:
        families[row["condition"], row["family"]].append(row)
    assert set(families) == {
        (condition, family)
        for condition in ("clean", "quiet")
        for family in ("primary", "recognition", "retrieval:bm25", "retrieval:phonetic")
    }
    for rows in families.values():
        assert {(row["a"], row["b"]) for row in rows} == {("tiny", b) for b in ("tiny+own10", "tiny+oracle", "base")}
        adjusted = multipletests([row["p_value"] for row in rows], method="holm")[1]
        assert [row["p_holm"] for row in rows] == pytest.approx(adjusted.tolist(), rel=1e-5)
