"""Ranking metrics against trec_eval."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.ranking_metrics import hit_at, ndcg, reciprocal_rank

IDS = [f"s{number:02}" for number in range(25)]
rankings = st.permutations(IDS).flatmap(lambda ids: st.integers(0, len(ids)).map(lambda n: ids[:n]))
relevant_sets = st.sets(st.sampled_from([*IDS, "never ranked"]))


@settings(max_examples=200)
@given(rankings.filter(bool), relevant_sets.filter(bool), st.sampled_from([1, 5, 10]))
def test_agrees_with_trec_eval(ranking: list[str], relevant: set[str], k: int) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec-eval-terrier is not installed")
    # trec_eval ranks by score; its reciprocal rank has no cut-off, so it sees only the first k.
    run = {"q": {found: float(len(ranking) - rank) for rank, found in enumerate(ranking)}}
    first = {"q": {found: run["q"][found] for found in ranking[:k]}}
    judged = {"q": dict.fromkeys(relevant, 1)}
    evaluate = pytrec_eval.RelevanceEvaluator(judged, {f"ndcg_cut.{k}", f"success.{k}", "recip_rank"})
    whole, cut = evaluate.evaluate(run)["q"], evaluate.evaluate(first)["q"]
    assert ndcg(ranking, relevant, k) == pytest.approx(whole[f"ndcg_cut_{k}"], abs=1e-9)
    assert hit_at(ranking, relevant, k) == bool(whole[f"success_{k}"])
    assert reciprocal_rank(ranking, relevant, k) == pytest.approx(cut["recip_rank"], abs=1e-9)


@given(rankings, relevant_sets, st.integers(1, 30))
def test_the_metrics_agree_with_one_another(ranking: list[str], relevant: set[str], k: int) -> None:
    hit = hit_at(ranking, relevant, k)
    assert hit == bool(set(ranking[:k]) & relevant)
    assert (reciprocal_rank(ranking, relevant, k) > 0) == hit == (ndcg(ranking, relevant, k) > 0)
    assert reciprocal_rank(ranking, relevant, k) in {0.0, *(1 / rank for rank in range(1, k + 1))}
    assert 0 <= ndcg(ranking, relevant, k) <= 1 + 1e-12
    relevant_first = sorted(relevant) + [found for found in ranking if found not in relevant]
    assert ndcg(relevant_first, relevant, k) == pytest.approx(float(bool(relevant)))


def test_a_worked_example() -> None:
    """Relevant at ranks 2 and 4 of two relevant ids: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3)."""
    assert ndcg(["a", "x", "b", "y"], {"x", "y"}) == pytest.approx(0.6509209)
    assert reciprocal_rank(["a", "x", "b", "y"], {"x", "y"}) == 0.5
    assert not hit_at(["a", "x"], {"x"}, 1)
