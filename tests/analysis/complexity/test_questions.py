"""Measures of sets of texts: against counts by hand, SciPy and scikit-learn."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.stats import entropy

from harness.analysis.complexity.clusters import Clustering
from harness.analysis.complexity.questions import MEANINGS, QuestionSets, heading, labels_of, meaning
from harness.analysis.complexity.spanning_tree import distances, tree_weights
from harness.analysis.complexity.word_counts import WordCounts
from harness.errors import UnknownName, UsageError
from harness.records import Question

TEXTS = ["who is ada", "who is ada", "where is the okapi", "is ada the okapi"]


def sets_of(*texts: str, **more: object) -> QuestionSets:
    return QuestionSets.of([text.split() for text in texts], lambda word: word in ("ada", "okapi"), **more)  # type: ignore[arg-type]


def whole(sets: QuestionSets, n: int) -> dict[str, float]:
    return {name: float(values[0]) for name, values in sets.measure(np.ones((1, n), dtype=np.bool_)).items()}


def unit(rng: np.random.Generator, n: int, dimensions: int = 8) -> np.ndarray:
    rows = rng.normal(size=(n, dimensions))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_counts_by_hand() -> None:
    measured = whole(sets_of(*TEXTS), 4)
    # who 2, is 4, ada 3, where 1, the 2, okapi 2: 14 words, of which 5 are rare
    assert (measured["vocabulary"], measured["distinct_texts"]) == (6, 3)
    assert measured["rare_share"] == pytest.approx(5 / 14)
    p = np.array([2, 4, 3, 1, 2, 2]) / 14
    assert measured["entropy_1"] == pytest.approx(-(p * np.log2(p)).sum())
    # who-is 2, is-ada 3, where-is 1, is-the 1, the-okapi 2, ada-the 1: 10 pairs
    assert measured["entropy_2"] == pytest.approx(entropy([2, 3, 1, 1, 2, 1], base=2))
    # who-is-ada 2, where-is-the 1, is-the-okapi 1, is-ada-the 1, ada-the-okapi 1: 6 triples
    assert measured["entropy_3"] == pytest.approx(entropy([2, 1, 1, 1, 1], base=2))
    assert list(measured) == ["vocabulary", "distinct_texts", "entropy_1", "entropy_2", "entropy_3", "rare_share"]


def test_each_set_is_measured_by_itself() -> None:
    sets = sets_of(*TEXTS)
    kept = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 0]], dtype=np.bool_)
    measured = sets.measure(kept)
    for row, mask in enumerate(kept):
        alone = whole(sets_of(*(text for text, keep in zip(TEXTS, mask, strict=True) if keep)), int(mask.sum()))
        assert {name: values[row] for name, values in measured.items()} == pytest.approx(alone)


def test_what_has_no_measure_is_not_a_number() -> None:
    """Texts of one word have no pairs; a set of no words no entropy at all; one n-gram only has none of either kind: 0."""
    measured = sets_of("ada", "", "ada ada").measure(np.eye(3, dtype=np.bool_))
    assert [list(np.isnan(measured[f"entropy_{n}"])) for n in (1, 2, 3)] == [
        [False, True, False], [True, True, False], [True, True, True],
    ]  # fmt: skip
    assert measured["entropy_1"][[0, 2]].tolist() == [0.0, 0.0]
    assert measured["entropy_2"][2] == 0.0
    assert np.isnan(measured["rare_share"][1])


def test_without_a_list_no_word_is_called_rare() -> None:
    assert "rare_share" not in whole(QuestionSets.of([["ada"]], None), 1)


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=8), st.data())
def test_word_counts_equal_a_plain_count(texts: list[list[str]], data: st.DataObject) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    measured = WordCounts.of(texts, lambda word: word < "c").measure(np.array([mask]))
    kept = [text for text, keep in zip(texts, mask, strict=True) if keep]
    words = [word for text in kept for word in text]
    pairs = Counter(pair for text in kept for pair in pairwise(text))
    assert measured["vocabulary"][0] == len(set(words))
    assert measured["distinct_texts"][0] == len(set(map(tuple, kept)))
    if words:
        assert measured["entropy_1"][0] == pytest.approx(entropy(list(Counter(words).values()), base=2), abs=1e-9)
        assert measured["rare_share"][0] == pytest.approx(sum(word < "c" for word in words) / len(words))
    if pairs:
        assert measured["entropy_2"][0] == pytest.approx(entropy(list(pairs.values()), base=2), abs=1e-9)


def test_trees_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    apart = distances(unit(rng, 60))
    kept = rng.random((150, 60)) < rng.random((150, 1))
    expected = [minimum_spanning_tree(apart[np.ix_(mask, mask)]).sum() if mask.any() else 0.0 for mask in kept]
    assert tree_weights(apart, kept) == pytest.approx(expected)


def test_equal_texts_are_no_distance_apart_and_a_square_has_three_edges() -> None:
    square = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    every = np.ones((1, 5), dtype=np.bool_)
    assert tree_weights(distances(square), every)[0] == pytest.approx(3 * np.sqrt(2))
    assert tree_weights(distances(square[:1]), every[:, :1]).tolist() == [0.0]
    assert tree_weights(distances(square), ~every).tolist() == [0.0]
    measured = sets_of(*"abcde", embeddings=square).measure(every)
    assert measured["tree_weight_per_edge"] == pytest.approx(3 * np.sqrt(2) / 4)


def test_rand_indices_are_those_of_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.cluster")
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(2)
    embeddings = unit(rng, 80)
    labels = [rng.choice(["a", "b", "c", None], p=[0.4, 0.3, 0.2, 0.1]) for _ in range(80)]
    labelled = np.array([label is not None for label in labels])
    clusters = np.full(80, -1)
    clusters[labelled] = sklearn.KMeans(3, n_init=10, random_state=5).fit(embeddings[labelled]).labels_
    kept = rng.random((60, 80)) < rng.random((60, 1))
    kept[0] = True
    expected = [
        adjusted_rand_score([str(labels[i]) for i in at], clusters[at]) if len(at) > 1 else np.nan
        for at in (np.flatnonzero(mask & labelled) for mask in kept)
    ]
    assert Clustering.of(labels, embeddings, 5).adjusted_rand(kept) == pytest.approx(expected, nan_ok=True)


def test_labels_that_are_the_clusters_agree_wholly() -> None:
    pytest.importorskip("sklearn")
    embeddings = np.repeat(np.eye(3), 4, axis=0)
    labels = ["a"] * 4 + ["b"] * 4 + ["c"] * 4
    every = np.ones((1, 12), dtype=np.bool_)
    assert Clustering.of(labels, embeddings, 0).adjusted_rand(every)[0] == 1.0
    assert Clustering.of([*labels[::-1][1:], "a"], embeddings, 0).adjusted_rand(every)[0] < 1.0
    measured = sets_of(*"abcdefghijkl", embeddings=embeddings, labels={"relation": labels}, seed=0).measure(every)
    assert measured["adjusted_rand:relation"].tolist() == [1.0]


def question(identity: str, **tags: str) -> Question:
    return Question(identity, identity, tags=tags)


def test_tags_that_put_questions_together_are_labels() -> None:
    questions = [
        question("a", relation="x", one="1", each="a", pronunciation="p"),
        question("b", relation="y", one="1", each="b", pronunciation="q"),
        question("c", relation="x", one="1", each="c", pronunciation="p"),
        question("d", relation="y", one="1", each="d"),
        question("e", one="1", each="e"),
    ]
    assert labels_of(questions, None) == {"relation": ("x", "y", "x", "y", None)}
    assert list(labels_of(questions, ["each", "relation"])) == ["each", "relation"]
    with pytest.raises(UnknownName, match=r"unknown tag 'relatoin'\. Did you mean 'relation'"):
        labels_of(questions, ["relatoin"])
    with pytest.raises(UsageError, match="the tag 'one' has one value only"):
        labels_of(questions, ["one"])


def test_every_measure_has_a_heading_and_a_meaning() -> None:
    pytest.importorskip("sklearn")
    sets = sets_of("ada", "is", "who", embeddings=np.eye(3), labels={"relation": ["a", "b", "a"]})
    for name in whole(sets, 3):
        assert name in MEANINGS or name == "adjusted_rand:relation"
        assert heading(name)
        assert meaning(name)
    assert heading("adjusted_rand:relation") == "Rand index of relation"
