"""The index against a direct computation of BM25, and its fast search against ranking every score."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.records import Snippet
from harness.retrieval.bm25 import Weighting, build_postings
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.source import word_analyser
from harness.words.text.normalise import tokenise

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
documents = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=25)
queries = st.lists(st.sampled_from([*WORDS, "unheard"]), max_size=6)


def index_of(texts: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75) -> ImpactIndex:
    snippets = (Snippet(id=f"s{ordinal}", text=" ".join(tokens)) for ordinal, tokens in enumerate(texts))
    return ImpactIndex.build(snippets, word_analyser("en"), Weighting(k1=k1, b=b))


def zipf_index(n_snippets: int, seed: int, exponent: float = 1.1) -> tuple[ImpactIndex, list[list[str]]]:
    """An index whose snippets vary in length and whose words follow Zipf's law, and its tokens."""
    random = np.random.default_rng(seed)
    weights = np.arange(1, 5001) ** -exponent
    words = np.array([f"w{number}" for number in range(5000)])
    lengths = random.integers(1, 60, n_snippets)
    texts = [words[random.choice(5000, length, p=weights / weights.sum())].tolist() for length in lengths]
    ids = tuple(map(str, range(n_snippets)))
    return ImpactIndex(
        **vars(build_postings(iter(texts))), snippet_ids=ids, source_digest="", analyser=word_analyser("en")
    ), texts


def bm25(texts: Sequence[Sequence[str]], query: Sequence[str], k1: float, b: float) -> list[int]:
    """Section 6 of the design, word by word and snippet by snippet."""
    average = sum(map(len, texts)) / len(texts) if texts else 0.0
    scores = []
    for text in texts:
        frequencies, score = Counter(text), 0
        for word in query:
            df = sum(word in other for other in texts)
            tf = frequencies[word]
            if tf:
                idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
                score += round(2**12 * idf * tf / (tf + k1 * (1 - b + b * len(text) / average)))
        scores.append(score)
    return scores


def ranked(scores: Sequence[int], k: int) -> tuple[list[int], list[int]]:
    best = sorted((-score, ordinal) for ordinal, score in enumerate(scores) if score > 0)[:k]
    return [ordinal for _, ordinal in best], [-score for score, _ in best]


def top_of(index: ImpactIndex, query: Sequence[str], k: int) -> tuple[list[int], list[int]]:
    ordinals, scores = index.search(query, k)
    return ordinals.tolist(), scores.tolist()


@given(documents, queries, st.integers(1, 30), st.sampled_from([0.0, 0.9, 1.2, 2.0]), st.sampled_from([0.0, 0.4, 1.0]))
def test_scores_and_rankings_are_those_of_the_formula(
    texts: list[list[str]], query: list[str], k: int, k1: float, b: float
) -> None:
    index = index_of(texts, k1, b)
    expected = bm25(texts, query, k1, b)
    assert index.scores(query).tolist() == expected
    assert top_of(index, query, k) == ranked(expected, k)


@pytest.mark.parametrize(("n_snippets", "exponent"), [(300, 0.8), (4_000, 1.1), (4_000, 1.6)])
def test_search_equals_ranking_every_score(n_snippets: int, exponent: float) -> None:
    """Large enough for common words to be left out of the first pass, with ties at the border of the best k."""
    index, texts = zipf_index(n_snippets, seed=n_snippets, exponent=exponent)
    random = np.random.default_rng(5)
    for _ in range(150):
        text = texts[random.integers(n_snippets)]
        query = [*random.choice(text, random.integers(1, 9)).tolist(), *random.choice(["w0", "w3", "w4999", "none"], 2)]
        scores = index.scores(query).tolist()
        for k in (1, 10, 100, n_snippets):
            assert top_of(index, query, k) == ranked(scores, k)


def test_equal_scores_rank_by_ordinal() -> None:
    texts = [["rare", "word"], ["other"]] * 2_000
    assert top_of(index_of(texts), ["rare"], 10)[0] == list(range(0, 20, 2))


@given(documents, st.lists(st.sampled_from(WORDS), min_size=2, max_size=8).flatmap(lambda q: st.tuples(st.just(q), st.permutations(q))))  # fmt: skip
def test_the_order_of_the_words_changes_nothing(texts: list[list[str]], orders: tuple[list[str], list[str]]) -> None:
    index = index_of(texts)
    assert top_of(index, orders[0], 10) == top_of(index, orders[1], 10)


def test_threads_change_nothing() -> None:
    index, texts = zipf_index(2_000, seed=3)
    asked = [text[:8] for text in texts[:200]]
    alone = [top_of(index, query, 10) for query in asked]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: top_of(index, query, 10), asked)) == alone


def test_processes_change_nothing(tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes and find the same snippets."""
    code = (
        "import sys, json, pathlib\n"
        "from harness.records import Snippet\n"
        "from harness.retrieval.impact_index import ImpactIndex\n"
        "from harness.retrieval.source import word_analyser\n"
        "texts = [f'word{n % 7} of snippet {n % 13} about the {n % 5} {n}' for n in range(200)]\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "ImpactIndex.build((Snippet(id=str(n), text=t) for n, t in enumerate(texts)), word_analyser('en')).save(folder)\n"
        "top = [a.tolist() for a in ImpactIndex.open(folder, word_analyser('en')).search(['of', 'the', 'five', 'snippet'], 20)]\n"
        "print(json.dumps([top, (folder / 'manifest.json').read_text()]))\n"
    )
    outputs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(tmp_path / seed)]
        outputs.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert outputs[0] == outputs[1]
    assert len(json.loads(outputs[0])[0][0]) == 20


def test_a_word_that_is_asked_twice_counts_twice() -> None:
    index = index_of([["alpha", "beta"], ["beta"], ["gamma"]])
    assert (index.scores(["beta", "beta"]) == 2 * index.scores(["beta"])).all()


def test_title_and_text_are_indexed_and_snippets_are_read_once() -> None:
    def stream() -> Iterator[Snippet]:
        yield Snippet(id="a", title="Peter Medawar", text="Grafts.")
        yield Snippet(id="b", text="Nothing of the kind.")

    index = ImpactIndex.build(stream(), word_analyser("en"))
    assert index.snippet_ids == ("a", "b")
    assert top_of(index, tokenise("medawar grafts", "en"), 5)[0] == [0]


def test_a_word_in_every_snippet_loses_its_postings_but_not_its_document_frequency() -> None:
    """Its idf, about 0.5 / N, is under half of 2**-12 from some 4,000 snippets on."""
    index = index_of([["the", f"word{'abc'[n % 3]}"] for n in range(6_000)])
    the = index.vocabulary.index("the")
    assert len(index.postings(the)[0]) == 0
    assert index.document_frequencies[the] == 6_000
    assert top_of(index, ["the"], 10) == ([], [])
    assert len(top_of(index, ["the", "worda"], 10)[0]) == 10


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_no_snippet_is_ranked_where_there_is_no_word(texts: list[list[str]]) -> None:
    assert top_of(index_of(texts), ["alpha"], 10) == ([], [])
    assert top_of(index_of(texts), [], 10) == ([], [])


def test_a_looping_transcript_is_a_query_like_any_other() -> None:
    index, _ = zipf_index(2_000, seed=9)
    word = index.vocabulary[index.max_impacts.argmax()]
    once, often = top_of(index, [word], 10), top_of(index, [word] * 2_000, 10)
    assert once[0]
    assert once[0] == often[0]
    assert [2_000 * score for score in once[1]] == often[1]
    with pytest.raises(UsageError, match="1000000 known words is too long"):
        index.search([word] * 1_000_000, 10)


@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_positive(k: int) -> None:
    with pytest.raises(UsageError, match=f"k is {k}"):
        index_of([["alpha"]]).search(["alpha"], k)


@pytest.mark.parametrize(("k1", "b"), [(-0.1, 0.5), (1.2, 1.1), (1.2, -0.1), (math.nan, 0.5), (math.inf, 0.5)])
def test_parameters_out_of_range_are_refused(k1: float, b: float) -> None:
    with pytest.raises(UsageError, match="k1 must be 0 or more, b between 0 and 1"):
        index_of([["alpha"]], k1, b)
