"""Against scikit-learn's own regression, fed directly."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from harness.interpretation import classifier
from harness.interpretation.classifier import Classifier
from harness.interpretation.held_out import classify

RNG = np.random.default_rng(7)
LABELS = [f"intent {number % 3}" for number in range(30)]
# Each label has features of its own, among many that mean nothing.
COUNTS = np.hstack([np.eye(3)[np.arange(30) % 3] * RNG.integers(1, 4, (30, 1)), RNG.integers(0, 3, (30, 400))])


def direct(train: np.ndarray, test: np.ndarray, *, sparse: bool) -> np.ndarray:
    weights = TfidfTransformer(sublinear_tf=True) if sparse else StandardScaler()
    model = LogisticRegression(C=10.0, max_iter=10_000, tol=1e-8)
    model.fit(weights.fit_transform(csr_matrix(train) if sparse else train), LABELS)
    return np.sort(model.predict_proba(weights.transform(csr_matrix(test) if sparse else test)), axis=1)


@pytest.mark.parametrize(("sparse", "spanned"), [(True, 3_000), (True, 10), (False, 0)])
def test_probabilities_are_those_of_scikit_learn(sparse: bool, spanned: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "MOST_SPANNED", spanned)
    test = RNG.integers(0, 3, (9, COUNTS.shape[1])).astype(float)
    rows, others = (csr_matrix(COUNTS), csr_matrix(test)) if sparse else (COUNTS, test)
    predictions = Classifier(rows, LABELS).predict(others)
    expected = direct(COUNTS, test, sparse=sparse)
    assert [p.score for p in predictions] == pytest.approx(expected[:, -1].tolist(), abs=1e-3)
    assert [p.runner_up for p in predictions] == pytest.approx(expected[:, -2].tolist(), abs=1e-3)


def test_a_feature_that_no_training_row_has_decides_nothing() -> None:
    train = np.hstack([COUNTS, np.zeros((30, 1))])
    one, other = np.zeros((1, train.shape[1])), np.zeros((1, train.shape[1]))
    one[0, 1] = other[0, 1] = 2
    other[0, -1] = 0
    model = Classifier(csr_matrix(train), LABELS)
    (plain,) = model.predict(csr_matrix(one))
    other[0, -1] = 5
    (with_new,) = model.predict(csr_matrix(other))
    assert plain.intent == with_new.intent == "intent 1"


def test_one_label_is_always_predicted_and_no_row_is_no_prediction() -> None:
    model = Classifier(COUNTS, ["only"] * 30)
    assert [(p.intent, p.score, p.runner_up) for p in model.predict(COUNTS[:2])] == [("only", 1.0, 0.0)] * 2
    assert model.predict(COUNTS[:0]) == []
    assert Classifier(COUNTS, LABELS).predict(COUNTS[:0]) == []


def test_rows_are_classified_by_the_other_folds_only() -> None:
    """Two folds with opposite labels: each is judged by what the other says, so that every label is wrong."""
    rows = np.array([[0.0], [1.0], [0.0], [1.0]])
    predicted = classify(rows, ["a", "b", "b", "a"], [0, 0, 1, 1])
    assert [p.intent for p in predicted] == ["b", "a", "a", "b"]


def test_a_single_fold_has_nothing_to_learn_from() -> None:
    assert [p.intent for p in classify(COUNTS[:2], ["a", "b"], [0, 0])] == ["", ""]
