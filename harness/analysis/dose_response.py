"""How the risk of losing the outcome rises with the rarity of the name: a logistic curve through all samples.

Loss is fitted on the Zipf frequency of a question's rarest entity word, among the questions whose reference
text reaches the outcome. Standard errors allow for the recordings of one question hanging together (the sandwich estimator of
Liang & Zeger, Biometrika 1986, with the usual correction for the number of clusters). Two parameters are a few Newton
steps: statsmodels, with which a test compares them, takes longer to import than all else that a cached run does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from harness.analysis.statistics import rounded, six_digits
from harness.records import Sample, Zipf
from harness.words.languages import frequency_list
from harness.words.rarity import zipf

GRID: tuple[Zipf, ...] = tuple(step / 2 for step in range(13))  # 0 to 6
_FEWEST = 10  # questions with, and questions without a loss: ten events a variable (Peduzzi et al., J. Clin. Epi. 1996)
_NORMAL_975 = 1.959963984540054
_STEPS, _STILL = 35, 1e-8  # of Newton's method: the most, and the smallest that counts (statsmodels' own settings)
_STEEPEST = 50.0  # in log odds per Zipf point; steeper, and two frequencies next to each other decide everything


@dataclass(frozen=True, slots=True)
class FittedRisk:
    """The fitted probability of losing the outcome at one Zipf frequency, with its 95 % band."""

    zipf: Zipf
    probability: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """The fit for one backend, condition and retriever.

    `odds_ratio` is per Zipf point, that is for a word ten times as frequent: under 1, frequent names are safer; its
    interval and `p_value` are Wald's. Where nothing could be fitted these are `None`, `curve` is empty, and
    `not_fitted` says why.
    """

    backend: str
    condition: str
    retriever: str
    n_samples: int
    n_questions: int
    odds_ratio: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    curve: tuple[FittedRisk, ...] = ()
    not_fitted: str | None = None


@dataclass(frozen=True)
class _Observed:
    """Rarest entity word's Zipf frequency, whether the outcome was lost, and the question: [n_samples] each."""

    frequencies: NDArray[np.float64]
    lost: NDArray[np.bool_]
    questions: NDArray[np.int64]

    @classmethod
    def of(cls, samples: Iterable[Sample], retriever: str, language: str) -> _Observed:
        observations: list[tuple[Zipf, bool, str]] = []
        listed = frequency_list(language) is not None
        for sample in samples:
            fate = sample.retrieval[retriever].fate if retriever in sample.retrieval else None
            words = sample.reference.split()
            named = [word for entity in sample.entities for word in words[entity.start : entity.end]]
            if named and listed and fate in ("lost", "kept"):
                observations.append((min(zipf(word, language) for word in named), fate == "lost", sample.question_id))
        numbers = {question: number for number, question in enumerate(dict.fromkeys(q for _, _, q in observations))}
        return cls(
            np.array([frequency for frequency, _, _ in observations], dtype=np.float64),
            np.array([lost for _, lost, _ in observations], dtype=np.bool_),
            np.array([numbers[question] for _, _, question in observations], dtype=np.int64),
        )

    def obstacle(self) -> str | None:
        """Why no curve can be put through these samples, if none can."""
        for what, chosen in (("lost", self.lost), ("kept", ~self.lost)):
            n_questions = len(np.unique(self.questions[chosen]))
            if n_questions < _FEWEST:
                return f"only {n_questions} questions with a name {what} the outcome; {_FEWEST} are needed"
        lost, kept = self.frequencies[self.lost], self.frequencies[~self.lost]
        if self.frequencies.min() == self.frequencies.max():
            return "all names are equally frequent"
        if lost.max() <= kept.min() or kept.max() <= lost.min():
            return "one frequency separates all lost outcomes from all kept ones, so the odds ratio has no bound"
        return None


def dose_response(
    samples: Iterable[Sample], backend: str, condition: str, retriever: str, language: str
) -> DoseResponse:
    """The logistic fit over the samples of one cell whose question names something and reaches the outcome from its text.

    A failed sample of such a question has lost its outcome; leave it out of `samples` where it should not count.
    """
    observed = _Observed.of(samples, retriever, language)
    cell = (backend, condition, retriever, len(observed.lost), len(np.unique(observed.questions)))
    if frequency_list(language) is None:
        return DoseResponse(*cell, not_fitted=f"there is no frequency list for {language!r}")
    obstacle = observed.obstacle()
    if obstacle is not None:
        return DoseResponse(*cell, not_fitted=obstacle)
    fit = _fit(observed)
    if fit is None:
        return DoseResponse(
            *cell, not_fitted="lost and kept outcomes hardly overlap in frequency, and the fit diverges"
        )
    slope, error = fit.coefficients[1], np.sqrt(fit.covariance[1, 1])
    odds_ratio, low, high = (rounded(np.exp(slope + sign * _NORMAL_975 * error)) for sign in (0, -1, 1))
    return DoseResponse(
        *cell, odds_ratio=odds_ratio, ci_low=low, ci_high=high, p_value=six_digits(fit.p_value), curve=_curve(fit)
    )


@dataclass(frozen=True)
class _Fit:
    """Intercept and slope float64[2], their covariance float64[2, 2], and the p-value of the slope."""

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    p_value: float


def _fit(observed: _Observed) -> _Fit | None:
    # Centred, so that Newton's steps stay well scaled however narrow the range; undone below.
    centre = observed.frequencies.mean()
    design = np.column_stack([np.ones_like(observed.frequencies), observed.frequencies - centre])
    coefficients = _maximum_likelihood(design, observed.lost)
    if coefficients is None:
        return None
    covariance = _sandwich(design, observed, coefficients)
    if not max(abs(coefficients[1]), np.sqrt(covariance[1, 1])) < _STEEPEST:
        return None
    p_value = erfc(abs(coefficients[1]) / sqrt(2 * covariance[1, 1])) if covariance[1, 1] > 0 else 0.0
    uncentre = np.array([[1.0, -centre], [0.0, 1.0]])
    return _Fit(uncentre @ coefficients, uncentre @ covariance @ uncentre.T, p_value)


def _maximum_likelihood(design: NDArray[np.float64], lost: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Intercept and slope by Newton's method; `None` where it does not come to rest."""
    coefficients = np.zeros(2)
    for _ in range(_STEPS):
        risks = _logistic(design @ coefficients)
        try:
            step = np.linalg.solve(_information(design, risks), design.T @ (lost - risks))
        except np.linalg.LinAlgError:
            return None
        coefficients += step
        if np.abs(step).max() <= _STILL:
            return coefficients
    return None


def _sandwich(
    design: NDArray[np.float64], observed: _Observed, coefficients: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The covariance of the coefficients, float64[2, 2], the questions being the clusters."""
    risks = _logistic(design @ coefficients)
    scores = np.zeros((observed.questions.max() + 1, 2))
    np.add.at(scores, observed.questions, design * (observed.lost - risks)[:, None])
    bread = np.linalg.inv(_information(design, risks))
    groups, samples = len(scores), len(design)
    correction = groups / (groups - 1) * (samples - 1) / (samples - 2)
    covariance: NDArray[np.float64] = correction * bread @ scores.T @ scores @ bread
    return covariance


def _information(design: NDArray[np.float64], risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fisher's information, float64[2, 2]."""
    information: NDArray[np.float64] = design.T @ (design * (risks * (1 - risks))[:, None])
    return information


def _logistic(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # e**large is infinite, and the probability 0
        risks: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return risks


def _curve(fit: _Fit) -> tuple[FittedRisk, ...]:
    """The band is that of the log odds, so it stays between 0 and 1."""
    grid = np.column_stack([np.ones(len(GRID)), GRID])
    log_odds = grid @ fit.coefficients
    half = _NORMAL_975 * np.sqrt(np.einsum("ij,jk,ik->i", grid, fit.covariance, grid))
    columns = _logistic(np.column_stack([log_odds, log_odds - half, log_odds + half]))  # (n_grid, 3)
    return tuple(
        FittedRisk(frequency, *(round(float(figure), 9) for figure in figures))
        for frequency, figures in zip(GRID, columns, strict=True)
    )
