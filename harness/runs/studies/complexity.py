"""The study `[complexity]`: how complex the questions of a run are, and what is reached as its rarest words are removed."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import Annotated

import msgspec
import numpy as np

from harness.analysis.complexity.continuum import Continuum, Draws, Outcomes, continuum
from harness.analysis.complexity.levels import LEVELS, Levels
from harness.analysis.complexity.questions import labels_of
from harness.analysis.complexity.study import ComplexityStudy
from harness.analysis.complexity.suite import NO_MODEL, embed, measure_questions
from harness.records import Sample
from harness.runs.studies.protocol import Finished, Study
from harness.words.encoder import DEFAULT_MODEL
from harness.words.languages import frequency_list

FEWEST_SYNTHETIC, FEWEST_REAL = 30, 100


class ComplexityOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[complexity]`. `levels` are made, down to the `fewest` questions: unless set, 30 of synthetic speech and 100
    of other. `orders` are random orders of removal, `draws` those of equal size. `tags` are compared with clusters; unless
    named, all that put questions together. `model` is that of the sentence embeddings, `none` for none.
    """

    levels: Annotated[int, msgspec.Meta(ge=8, le=30)] = LEVELS
    fewest: Annotated[int, msgspec.Meta(ge=5)] | None = None
    orders: Annotated[int, msgspec.Meta(ge=50, le=10_000)] = 300
    draws: Annotated[int, msgspec.Meta(ge=10, le=10_000)] = 100
    tags: tuple[str, ...] | None = None
    model: str = DEFAULT_MODEL


def compute(finished: Finished, options: ComplexityOptions) -> ComplexityStudy:
    """Measure the questions that were planned, and every level of the continuum. Nothing is recognised, and nothing searched."""
    evaluator, suite, seed = finished.evaluator, finished.suite, finished.spec.seed
    planned = dict.fromkeys(sample.question_id for sample in finished.plan)
    questions = [question for question in suite.questions if question.id in planned]
    texts = [evaluator.reference(question.id).tokens for question in questions]
    embedded = embed(texts, options.model, lambda done, total, doing: finished.progress(done, total))
    labels = labels_of(questions, options.tags)
    complexity, sets = measure_questions(suite, texts, evaluator.rarity, labels, embedded, seed)
    if frequency_list(suite.language) is None:
        reason = f"there is no frequency list for {suite.language!r} to order words by"
        return ComplexityStudy(complexity, Continuum(not_computed=reason))
    fewest = options.fewest or (FEWEST_SYNTHETIC if suite.speech == "synthetic" else FEWEST_REAL)
    levels = Levels.of(texts, suite.language, fewest, options.levels)
    places = {question.id: place for place, question in enumerate(questions)}
    draws = Draws(options.orders, options.draws, seed)
    return ComplexityStudy(complexity, continuum(levels, sets, _outcomes(finished, places), draws))


def _outcomes(finished: Finished, places: dict[str, int]) -> list[Outcomes]:
    """What every backend reaches under every condition with every retriever, question by question."""
    metric = finished.evaluator.judge.metric
    sums: dict[tuple[str, str, str], np.ndarray[tuple[int, int], np.dtype[np.float64]]] = {}
    for sample in finished.samples.values():
        for retriever, counts in _counts(sample, metric, finished.spec.missing == "count").items():
            key = (sample.backend, sample.condition, retriever)
            of_arm = sums.setdefault(key, np.zeros((3, len(places))))
            of_arm[:, places[sample.question_id]] += counts
    return [Outcomes(*key, *of_arm) for key, of_arm in sums.items()]


def _counts(sample: Sample, metric: str, counts_failed: bool) -> dict[str, tuple[float, float, float]]:
    """What a sample adds by retriever, where it can be judged: the outcome of hypothesis and reference, and itself."""
    if sample.status == "error" and not counts_failed:
        return {}
    return {
        label: (outcome.hypothesis_metrics.get(metric, 0.0), outcome.reference_metrics[metric], 1.0)
        for label, outcome in sample.retrieval.items()
        if metric in outcome.reference_metrics
    }


def _rests_on(options: ComplexityOptions) -> dict[str, str]:
    """What makes the embeddings and the clusters, where it is installed: without it they are left out."""
    if options.model == NO_MODEL:
        return {}
    packages = ("sentence-transformers", "scikit-learn")
    return {distribution.name: distribution.version for name in packages for distribution in distributions(name=name)}


STUDY = Study(ComplexityOptions, ComplexityStudy, compute, rests_on=_rests_on)
