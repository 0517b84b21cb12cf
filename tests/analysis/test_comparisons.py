"""Families of comparisons, and Holm's correction within each."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from harness.analysis.comparisons import family_of
from tests.conftest import GoldenRun

BY_HITS, BY_ANSWERS, BY_TEXT = ("hit@1", "bm25"), ("exact_match", "bm25"), ("has_answer@5", "bm25")


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
        ("has_answer@5", "bm25", BY_HITS, "has_answer:bm25"),
        ("has_answer@5", "bm25", BY_TEXT, "primary"),
        ("lost", "bm25", BY_TEXT, "has_answer:bm25"),
        ("hit@1", "bm25", BY_TEXT, "retrieval:bm25"),
    ],
)
def test_families(name: str, retriever: str | None, primary: tuple[str, str] | None, family: str) -> None:
    assert family_of(name, retriever, primary) == family


def test_a_difference_is_the_second_minus_the_first_in_figure_interval_and_test(golden_run: GoldenRun) -> None:
    """`base` alone has the hits of 17 questions, `tiny` alone of none, and 22 are hits of both."""
    rows = json.loads((golden_run("two_by_two") / "summary.json").read_text())["comparisons"]
    wanted = {"a": "tiny", "b": "base", "condition": "clean", "retriever": "bm25", "metric": "hit@1"}
    (hits,) = [row for row in rows if wanted.items() <= row.items()]
    assert hits["delta"] == pytest.approx(17 / 48, abs=1e-8)
    assert 0 < hits["ci_low"] < hits["delta"] < hits["ci_high"]
    assert hits["p_value"] == pytest.approx(binomtest(0, 17).pvalue, rel=1e-5)
    (wer,) = [row for row in rows if {**wanted, "retriever": None, "metric": "wer"}.items() <= row.items()]
    assert wer["delta"] == pytest.approx((19 - 72) / 384, abs=1e-8)
    assert wer["ci_low"] < wer["delta"] < wer["ci_high"] < 0


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
