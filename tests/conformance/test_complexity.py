"""The continuum on the committed samples of `standard`: what a trial with other code saw, the rise and its knee, comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.analysis.complexity.continuum import REMOVED, Continuum, Draws, Outcomes, Series, continuum
from harness.analysis.complexity.levels import Levels
from harness.analysis.complexity.questions import QuestionSets
from harness.report.sections.complexity_course import course_of, has_knee
from harness.runs.storage.stored_run import StoredRun

STANDARD = Path(__file__).resolve().parents[2] / "results" / "reference" / "standard"
TINY, BIASED, SPHINX = "faster-whisper:tiny.en", "faster-whisper:tiny.en+own100", "pocketsphinx"


@pytest.fixture(scope="module")
def standard() -> Continuum:
    run = StoredRun.read(STANDARD)
    texts = {sample.question_id: sample.reference.split() for sample in run.samples.values()}
    places = {question: place for place, question in enumerate(texts)}
    sums = {backend: np.zeros((3, len(texts))) for backend in (TINY, BIASED, SPHINX)}
    for sample in run.samples.values():
        if sample.backend in sums:
            outcome = sample.retrieval["bm25"]
            reached = outcome.hypothesis_metrics.get("hit@1", 0.0), outcome.reference_metrics["hit@1"], 1.0
            sums[sample.backend][:, places[sample.question_id]] += reached
    outcomes = [Outcomes(backend, "clean", "bm25", *of) for backend, of in sums.items()]
    sets = QuestionSets.of(list(texts.values()), run.rarity.is_rare)
    return continuum(Levels.of(list(texts.values()), "en", 30), sets, outcomes, Draws(300, 50, 7))


def of(continuum: Continuum, backend: str | None, quantity: str) -> Series:
    return next(one for one in continuum.series if (one.backend, one.quantity) == (backend, quantity))


def test_accuracy_rises_and_stays_while_the_reference_does_not_move(standard: Continuum) -> None:
    for backend in (TINY, BIASED, SPHINX):
        accuracy, loss = (course_of(of(standard, backend, quantity).course) for quantity in ("accuracy", "loss"))
        assert (accuracy.kind, accuracy.direction, loss.kind, loss.direction) == ("stays", 1, "stays", -1)
    assert course_of(of(standard, None, "reference").course).kind == "within"


def test_the_knee_stands_where_names_become_known(standard: Continuum) -> None:
    line = of(standard, TINY, "accuracy").fits[REMOVED].line
    assert line is not None
    assert line.broken is not None
    assert has_knee(of(standard, TINY, "accuracy"))
    assert 0.5 < line.broken.knee < 0.75
    assert line.broken.slope_before > 0.4
    assert line.broken.slope_after < 0.1


def test_random_orders_alone_give_an_r2_of_about_point_four(standard: Continuum) -> None:
    fit = of(standard, TINY, "accuracy").fits[REMOVED]
    assert fit.line is not None
    assert fit.random_r2 is not None
    assert fit.random_share is not None
    assert 0.3 < fit.random_r2 < 0.55
    assert fit.line.r2 > 0.85
    assert fit.random_share < 0.05


def test_at_equal_size_only_rare_words_tell_the_versions_from_random_ones(standard: Continuum) -> None:
    assert standard.measures is not None
    assert {name for name, beside in standard.measures.items() if any(beside.outside)} == {"rare_share"}
