"""The study `[interpretation]`: what was asked, by cascades over the run's hypotheses and by systems that go from sound alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

import msgspec

from harness.analysis.interpretation.figures import Statistics, of_outcomes, paired_tests, splits
from harness.analysis.interpretation.outcomes import Experiment, Outcome, TrainedOn
from harness.analysis.interpretation.result import LEARNT, SOUND, Interpretation
from harness.errors import UsageError
from harness.interpretation.folds import FoldsBy, folds_of
from harness.interpretation.protocol import Interpreter, build_interpreter
from harness.interpretation.slots.protocol import SlotFiller, build_slot_filler
from harness.interpretation.speech.protocol import SpeechFeatures, build_speech_part
from harness.runs.studies.interpretation_hits import hits
from harness.runs.studies.interpretation_inputs import Inputs
from harness.runs.studies.interpretation_sound import has_recordings, speech_arms
from harness.runs.studies.protocol import Finished, Study

_Names = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class InterpretationOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set in `[interpretation]`.

    Of `interpreters`, `slots` and `distractors` the first is the main one: figures by band, splits and tests are of it.
    """

    interpreters: Annotated[
        _Names, msgspec.Meta(description="Models of text: ngrams, embeddings, openai-api:MODEL.")
    ] = ("ngrams",)
    slots: Annotated[_Names, msgspec.Meta(description="How names are looked up: fuzzy, phonetic, exact.")] = (
        "fuzzy", "phonetic", "exact",
    )  # fmt: skip
    distractors: Annotated[
        tuple[_Count, ...],
        msgspec.Meta(min_length=1, description="Other names in the lexicon, one size after the other."),
    ] = (100, 0, 10, 1_000, 10_000)
    intent: Annotated[str, msgspec.Meta(min_length=1, description="The tag of questions that is their intent.")] = (
        "relation"
    )
    speech: Annotated[tuple[str, ...], msgspec.Meta(description="Speech parts: phones, whisper-encoder.")] = ()
    folds: Annotated[
        tuple[FoldsBy, ...],
        msgspec.Meta(min_length=1, description="What no model has seen: question, entity, speaker."),
    ] = ("question", "speaker")
    n_folds: Annotated[int, msgspec.Meta(ge=2, le=100, description="Folds of questions, or of entities.")] = 5
    trained_on: Annotated[
        TrainedOn,
        msgspec.Meta(description="What interpreters learn from: reference texts, or each backend's hypotheses."),
    ] = "reference"

    def __post_init__(self) -> None:
        """Refuse what stands twice, since tables could not tell it apart, and names and options that mean nothing."""
        for name in ("interpreters", "slots", "distractors", "speech", "folds"):
            twice = [one for one, n in Counter(getattr(self, name)).items() if n > 1]
            if twice:
                raise ValueError(f"{name}: {twice[0]} stands twice")
        for build, names in (
            (build_interpreter, self.interpreters), (build_slot_filler, self.slots), (build_speech_part, self.speech),
        ):  # fmt: skip
            for name in names:
                build(name, "en")  # loads nothing; what the suite's language forbids is told when it is known


def compute(finished: Finished, options: InterpretationOptions) -> Interpretation:
    """Return what every system makes of the run's questions. Raises `HarnessError`s for what means nothing or is missing."""
    language, seed = finished.suite.language, finished.spec.seed
    interpreters = {name: build_interpreter(name, language) for name in options.interpreters}
    fillers = {name: build_slot_filler(name, language) for name in options.slots}
    parts = {name: build_speech_part(name, language) for name in options.speech}
    inputs = Inputs(finished, options.intent, max(options.distractors))
    if parts and not has_recordings(inputs):
        raise UsageError(f"speech names {', '.join(parts)}, and not all questions have recordings: leave speech out")
    folds, wanted = _folds(inputs, options), inputs.lexicon.sizes(options.distractors)
    sizes, arms = list(dict.fromkeys(wanted)), inputs.text_arms()
    experiment = Experiment(inputs.items, folds, interpreters, fillers, inputs.lexicon, sizes, options.trained_on)
    steps = _Steps(finished.progress, experiment.n_steps(len(arms), len(parts) * len(inputs.conditions)))
    experiment = replace(experiment, tick=steps.tick)
    outcomes = [*experiment.of_texts(arms), *experiment.of_speech(speech_arms(inputs, list(parts.values()), sizes))]
    main = [outcome for outcome in outcomes if _is_main(outcome, options.slots[0], sizes[0])]
    statistics = Statistics([item.question_id for item in inputs.items], seed)
    hit_figures, hit_tests = hits(inputs, list(parts.values()), statistics)
    return Interpretation(
        intent=options.intent,
        n_intents=len({item.intent for item in inputs.items}),
        n_questions=len({item.question_id for item in inputs.items}),
        n_utterances=len(inputs.items),
        n_without_intent=inputs.n_without_intent,
        most_frequent=inputs.most_frequent,
        trained_on=options.trained_on,
        main_interpreter=options.interpreters[0],
        main_slots=options.slots[0] if experiment.has_slots else "",
        main_distractors=sizes[0] if experiment.has_slots else None,
        n_names=inputs.lexicon.n_own,
        distractors=tuple(zip(options.distractors, wanted, strict=True)),
        folds=tuple((by, len(set(of_items))) for by, of_items in folds.items()),
        systems=tuple(dict.fromkeys(outcome.system for outcome in outcomes)),
        figures=of_outcomes(outcomes, {by: inputs.groups(of) for by, of in folds.items()}, main, statistics),
        splits=splits(main, statistics),
        tests=paired_tests(main, options.interpreters[0], statistics),
        hits=hit_figures,
        hit_tests=hit_tests,
        identities=_identities({**interpreters, **fillers, **parts}),
        notes=tuple(_notes(options, folds, experiment)),
    )


STUDY: Final = Study(InterpretationOptions, Interpretation, compute)


def _folds(inputs: Inputs, options: InterpretationOptions) -> dict[str, list[int]]:
    """Return the folds that are asked for and can be had: of two at least. Raises `UsageError` where none can."""
    seed = inputs.finished.spec.seed
    folds: dict[str, list[int]] = {by: folds_of(inputs.items, by, seed, options.n_folds) for by in options.folds}
    several = {by: of_items for by, of_items in folds.items() if len(set(of_items)) > 1}
    if not several:
        raise UsageError(
            f"folds by {' and '.join(options.folds)}: all recordings are in one, with nothing to learn from"
        )
    return several


def _notes(options: InterpretationOptions, folds: Mapping[str, Sequence[int]], experiment: Experiment) -> Iterator[str]:
    """Yield what was left out, and what interpreters failed on."""
    for by in (by for by in options.folds if by not in folds):
        yield f"Folds by {by} were left out: there is one only, which leaves nothing to learn from."
    for (label, kind), n in sorted(experiment.failed.items()):
        yield f"{label} failed on {n} text{'' if n == 1 else 's'} ({kind}), which count as wrong."


def _identities(
    parts: Mapping[str, Interpreter | SlotFiller | SpeechFeatures],
) -> tuple[tuple[str, str], ...]:
    return tuple((name, _in_words(part.identity())) for name, part in parts.items())


def _is_main(outcome: Outcome, filler: str, size: int) -> bool:
    setting = outcome.setting
    return setting.slots in (filler, SOUND, LEARNT, "") and setting.distractors in (size, None)


def _in_words(identity: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in identity.items())


@dataclass
class _Steps:
    """Tells a person how far the work is."""

    progress: Callable[[int, int], None]
    total: int
    done: int = 0

    def tick(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)
