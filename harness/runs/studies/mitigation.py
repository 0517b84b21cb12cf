"""The study `mitigation`: repairs of a finished run's transcripts, judged by its outcome with its first retriever.

Nothing is recognised: the transcripts are those of the samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import msgspec

from harness.analysis.evaluation import Evaluator
from harness.analysis.mitigation.judging import Listed, Recorded
from harness.analysis.mitigation.records import MitigationResult
from harness.analysis.mitigation.scoreboard import Asked, Transcribed, judge_repairs
from harness.analysis.summary import entity_band
from harness.asr.bias_list import is_deployable, plain_counterparts
from harness.errors import HarnessError, SpecError
from harness.files import default_cache
from harness.mitigation.corpus import Corpus
from harness.mitigation.protocol import MitigationSpec, Repair, build_repair, check_mitigation
from harness.records import OptionValue, Ranking, Sample
from harness.retrieval.building import build_retrievers
from harness.retrieval.protocol import Retriever, parse_retriever
from harness.runs.studies.protocol import Finished, Study


class MitigationOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tables `[[mitigation]]`: a name, perhaps a label, and the repair's own options."""

    repairs: list[dict[str, OptionValue]] = []

    def __post_init__(self) -> None:
        """Raise a `HarnessError` for a repair or an option that is not known, and for a label that stands twice."""
        labels = [spec.label for spec in self.specs]
        for spec in self.specs:
            check_mitigation(spec)
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise SpecError(
                f"{twice[0]!r} stands twice; tables could not tell them apart. Give one another `label`.",
                field="mitigation",
            )

    @property
    def specs(self) -> tuple[MitigationSpec, ...]:
        """The repairs, in the order of the spec."""
        return tuple(_spec(table, index) for index, table in enumerate(self.repairs))

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of every file that an option names: the study rests on what stands in it."""
        paths = {str(value) for spec in self.specs for value in spec.options.values() if isinstance(value, str)}
        return {path: sha256(Path(path).read_bytes()).hexdigest() for path in sorted(paths) if Path(path).is_file()}


def _spec(table: Mapping[str, OptionValue], index: int) -> MitigationSpec:
    name, label = table.get("name"), table.get("label")
    if not isinstance(name, str) or not name:
        raise SpecError("is missing; every [[mitigation]] needs one", field=f"mitigation[{index}].name")
    options = {key: value for key, value in table.items() if key not in ("name", "label")}
    return MitigationSpec(name, str(label or name), options)


def compute(finished: Finished, options: MitigationOptions) -> MitigationResult:
    """Return the scoreboards of every backend under every condition."""
    evaluator = finished.evaluator
    if not evaluator.retrievers:
        raise HarnessError("the suite has no snippets, so there is nothing that a repair could retrieve")
    label = next(iter(evaluator.retrievers))
    transcribed = _transcribed(finished, label)
    if not any(one.recordings for one in transcribed):
        raise HarnessError(f"no question can be judged by {evaluator.judge.outcome}")
    corpus = _corpus(evaluator, label)
    repairs: dict[str, Repair] = {}
    failed: dict[str, str] = {}
    for spec in options.specs:
        try:
            repairs[spec.label] = build_repair(spec, corpus)
        except HarnessError as error:
            failed[spec.label] = str(error)
    result = judge_repairs(
        corpus,
        _Worth(evaluator),
        _asked(finished, transcribed, label),
        transcribed,
        repairs,
        finished.spec.seed,
        finished.progress,
    )
    return replace(result, failed={**failed, **result.failed})


def _corpus(evaluator: Evaluator, label: str) -> Corpus:
    suite = evaluator.suite

    def build(name: str) -> Retriever:
        if name in evaluator.retrievers:
            return evaluator.retrievers[name]
        spec = parse_retriever(name)
        built = build_retrievers([spec], suite.snippets, default_cache() / "indexes", language=suite.language)
        return built[spec.label]

    return Corpus(suite.snippets, suite.language, evaluator.retrievers[label], build)


@dataclass(frozen=True)
class _Worth:
    """What rankings are worth, by the rules of the run."""

    evaluator: Evaluator

    def outcome(self, question_id: str, text: str, ranking: Ranking) -> float:
        """The run's outcome."""
        return self.evaluator.outcomes(question_id, [text], [ranking])[0]

    def answer(self, question_id: str, text: str, ranking: Ranking) -> float | None:
        """Whether the answer that is read matches exactly."""
        return self.evaluator.answer(question_id, text, ranking)


def _asked(finished: Finished, transcribed: Sequence[Transcribed], retriever: str) -> Asked:
    judged = {recorded.question_id for one in transcribed for recorded in one.recordings}
    sides = {
        question.id: finished.evaluator.reference(question.id)
        for question in finished.suite.questions
        if question.id in judged
    }
    bands = {
        identity: entity_band(
            (word for start, end in side.mentions.spans for word in side.tokens[start:end]), finished.suite.language
        )
        for identity, side in sides.items()
    }
    texts = {identity: " ".join(side.tokens) for identity, side in sides.items()}
    answers: dict[str, float | None] = dict.fromkeys(texts)
    for sample in finished.samples.values():
        of = sample.retrieval.get(retriever)
        if of is not None and of.reference_answer is not None and sample.question_id in answers:
            answers[sample.question_id] = of.reference_metrics["exact_match"]
    return Asked(texts, bands, answers, finished.evaluator.judge.outcome, retriever)


def _transcribed(finished: Finished, retriever: str) -> list[Transcribed]:
    """Return what each backend made of the recordings that can be judged, in the order of the plan."""
    cells: dict[tuple[str, str], list[Recorded]] = {}
    for planned in finished.plan:
        recordings = cells.setdefault((planned.backend, planned.condition), [])
        sample = finished.samples.get(planned.key)
        if sample is None or (sample.status == "error" and finished.spec.missing == "exclude"):
            continue
        if sample.retrieval[retriever].fate is not None:
            recordings.append(_recorded(finished.evaluator, sample, retriever))
    specs = {backend.label: backend for backend in finished.spec.backends}
    plain = plain_counterparts(specs)
    return [
        Transcribed(
            backend,
            condition,
            recordings,
            [
                Listed(label, is_deployable(specs[label]), cells[label, condition])
                for label, without in plain.items()
                if without == backend and (label, condition) in cells
            ],
        )
        for (backend, condition), recordings in cells.items()
    ]


def _recorded(evaluator: Evaluator, sample: Sample, retriever: str) -> Recorded:
    of = sample.retrieval[retriever]
    outcome = of.hypothesis_metrics.get(evaluator.judge.metric, 0.0)
    perfect_names = outcome if of.counterfactual is None else of.counterfactual.class_repair["rare_entity"]
    answered = of.reference_answer is not None
    return Recorded(
        sample.utterance_id,
        sample.question_id,
        None if sample.transcript is None else evaluator.searched(sample.question_id, sample.transcript),
        outcome,
        of.hypothesis_metrics.get("exact_match", 0.0) if answered else None,
        perfect_names,
    )


STUDY = Study(MitigationOptions, MitigationResult, compute, version="2", rests_on=MitigationOptions.files)
