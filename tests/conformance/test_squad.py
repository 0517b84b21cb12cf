"""Exact match and F1 against the SQuAD v1.1 script as torchmetrics carries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.answering.scoring import exact_match, f1, squad_normal

WORDS = st.sampled_from(
    [
        "the",
        "The",
        "a",
        "An",
        "Gustave",
        "gustave",
        "Flaubert",
        "U.S.",
        "1,000",
        "o'clock",
        "-",
        "“quoted”",
        "Łódź",
        "x\ty",
    ]
)
ANSWERS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def squad() -> Callable[..., Any]:
    metric: Callable[..., Any] = pytest.importorskip(
        "torchmetrics.functional.text", reason="torchmetrics is not installed"
    ).squad
    return metric


@settings(max_examples=300)
@given(ANSWERS, st.lists(ANSWERS, min_size=1, max_size=4))
def test_agrees_with_torchmetrics(squad: Callable[..., Any], answer: str, accepted: list[str]) -> None:
    questions = squad(
        [{"prediction_text": answer, "id": "1"}],
        [{"answers": {"text": accepted, "answer_start": [0] * len(accepted)}, "id": "1"}],
    )
    if squad_normal(answer, "en"):
        assert f1(answer, accepted, "en") == pytest.approx(questions["f1"].item() / 100, abs=1e-6)
        assert exact_match(answer, accepted, "en") == bool(questions["exact_match"])
    else:  # there, nothing equals nothing; here it is a refusal
        assert f1(answer, accepted, "en") == exact_match(answer, accepted, "en") == 0
