"""The classifier of every interpreter that learns, of texts and of speech alike: multinomial logistic regression.

Rows of counts (sparse) are weighted by tf-idf, 1 + ln(tf) times the smoothed idf, and set to length 1; rows of numbers (dense)
are standardised. Weights, means and the regression itself come from the training rows only. A feature that no training row
has decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.interpretation.protocol import Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Rows: TypeAlias = "csr_matrix | NDArray[np.float64]"

MOST_STEPS = 1_000  # of the optimiser; it converges in some fifty
DEFAULT_STRENGTH = 10.0  # C of scikit-learn: the inverse of the L2 penalty; see docs/research.md


class Classifier:
    """A regression fitted to rows and their labels. With one label there is nothing to learn: it is always predicted."""

    def __init__(self, rows: Rows, labels: Sequence[str], strength: float = DEFAULT_STRENGTH) -> None:
        """Fit. `labels` are as many as the rows, one at least."""
        self._single = labels[0] if len(set(labels)) == 1 else None
        self._model: Any = None
        if self._single is None:
            self._model = _pipeline(rows, strength)
            self._model.fit(rows, list(labels))

    def predict(self, rows: Rows) -> list[Prediction]:
        """Return the most probable label of each row, with its probability and that of the next; ties go to the first by name."""
        if self._single is not None:
            return [Prediction(self._single, 1.0, 0.0)] * rows.shape[0]
        if rows.shape[0] == 0:
            return []
        names = [str(name) for name in self._model.classes_]
        predictions = []
        for probabilities in self._model.predict_proba(rows):
            first, second = (-probabilities).argsort(kind="stable")[:2]
            predictions.append(Prediction(names[first], float(probabilities[first]), float(probabilities[second])))
        return predictions


def _pipeline(rows: Rows, strength: float) -> Any:
    from scipy.sparse import issparse
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    weights = TfidfTransformer(sublinear_tf=True) if issparse(rows) else StandardScaler()
    return make_pipeline(weights, LogisticRegression(C=strength, max_iter=MOST_STEPS))
