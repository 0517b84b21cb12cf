"""The classifier of every interpreter that learns, of texts and of speech alike: multinomial logistic regression.

Rows of counts (sparse) are weighted by tf-idf, 1 + ln(tf) times the smoothed idf, and set to length 1; rows of numbers (dense)
are standardised. Weights, means and the regression itself come from the training rows only. A feature that no training row
has decides nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.errors import MissingDependency
from harness.interpretation.protocol import Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Rows: TypeAlias = "csr_matrix[Any] | NDArray[np.float64]"

DEFAULT_STRENGTH = 10.0  # C of scikit-learn, the inverse of the L2 penalty; see docs/research.md
MOST_STEPS = 2_000  # of the optimiser; it converges in some hundred
_TOLERANCE = 1e-6  # of the gradient
MOST_SPANNED = 3_000  # training rows whose inner products are held: 72 MB
_EMPTY = 1e-10  # relative: a direction with less variance than this is rounding


class Classifier:
    """A regression fitted to rows and their labels. With one label there is nothing to learn: it is always predicted."""

    def __init__(self, rows: Rows, labels: Sequence[str], strength: float = DEFAULT_STRENGTH) -> None:
        """Fit. `labels` are as many as the rows, one at least. Raises `MissingDependency` without scikit-learn."""
        require_scikit_learn()
        self._single = labels[0] if len(set(labels)) == 1 else None
        self._model: Any = None
        if self._single is None:
            self._model = _pipeline(rows, strength)
            with _one_thread(), warnings.catch_warnings():
                # In a small suite nearly every question may have an intent of its own: that is told with the figures.
                warnings.filterwarnings(
                    "ignore", message="The number of unique classes is greater", category=UserWarning
                )
                self._model.fit(rows, list(labels))

    def predict(self, rows: Rows) -> list[Prediction]:
        """Return the most probable label of each row, with its probability and that of the next; ties go to the first by name."""
        if self._single is not None:
            return [Prediction(self._single, 1.0, 0.0)] * int(rows.shape[0])
        if not rows.shape[0]:
            return []
        names = [str(name) for name in self._model.classes_]
        predictions = []
        for probabilities in self._model.predict_proba(rows):
            first, second = (-probabilities).argsort(kind="stable")[:2]
            predictions.append(Prediction(names[first], float(probabilities[first]), float(probabilities[second])))
        return predictions


class SpanOfTraining:
    """Rows in coordinates of the space that the training rows span: as many numbers as there are training rows, at most.

    An L2-penalised linear model lies in that space, so that it is the same model, at a tenth of the time where features are
    many (kernel trick; Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2009, 18.3.5).
    """

    def fit(self, rows: csr_matrix[Any], labels: object = None) -> SpanOfTraining:
        """Find an orthonormal basis from the inner products of the rows."""
        import numpy as np

        products = np.asarray((rows @ rows.T).toarray(), dtype=np.float64)
        variances, directions = np.linalg.eigh(products)
        kept = variances > _EMPTY * max(float(variances[-1]), 1e-300)
        # rows @ basis has the same inner products as the rows.
        self._basis = rows.T @ (directions[:, kept] / np.sqrt(variances[kept]))
        return self

    def transform(self, rows: csr_matrix[Any]) -> NDArray[np.float64]:
        """Return the coordinates, float64[n_rows, n_directions]."""
        coordinates: NDArray[np.float64] = rows @ self._basis
        return coordinates

    def fit_transform(self, rows: csr_matrix[Any], labels: object = None) -> NDArray[np.float64]:
        """Return the coordinates of the training rows."""
        return self.fit(rows).transform(rows)


def _one_thread() -> AbstractContextManager[Any]:
    """Keep matrix products in this thread while it is entered: they are small, and the same for any number of threads."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limits


def require_scikit_learn() -> None:
    """Raise `MissingDependency` where scikit-learn is not installed."""
    if find_spec("sklearn") is None:
        raise MissingDependency("interpretation", "scikit-learn", "pip install 'spoken-qa-harness[interpretation]'")


def _pipeline(rows: Rows, strength: float) -> Any:
    from scipy.sparse import issparse
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=strength, max_iter=MOST_STEPS, tol=_TOLERANCE)
    if issparse(rows):
        span = [SpanOfTraining()] if rows.shape[0] < min(rows.shape[1], MOST_SPANNED) else []
        return make_pipeline(TfidfTransformer(sublinear_tf=True), *span, regression)
    return make_pipeline(StandardScaler(), regression)
