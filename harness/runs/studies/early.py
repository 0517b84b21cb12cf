"""The study `[early]`: how early each question could have been decided, from its text and from parts of its recordings.

Text is cut after each word, which costs searches only. With `recordings`, some recordings are also recognised in parts: by a
backend that tells what it has recognised as it reads, in one pass; by others, after a quarter, half and three quarters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec

from harness.analysis.early.courses import Decide, Decision, margin, of_texts, of_words
from harness.analysis.early.deciding import Words
from harness.analysis.early.draw import draw
from harness.analysis.early.figures import GRID, Counting, Curve, Grown, Mode, curve
from harness.analysis.early.result import EarlyDecision
from harness.analysis.evaluation import Evaluator
from harness.asr.conditions import build as build_condition
from harness.asr.conditions import parse_condition
from harness.asr.protocol import Backend
from harness.errors import UnknownName, UsageError
from harness.records import Sample, Seconds, Transcript
from harness.runs.execution.recogniser import Recognised, Task
from harness.runs.studies.protocol import Finished, Study
from harness.words.text.normalisers import normaliser

SHARES: Final = (0.25, 0.5, 0.75)  # of a recording; the whole of it is a sample of the run
_CUT: Final = {share: parse_condition(f"cut,share={share}") for share in SHARES}


class EarlyOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set in `[early]`."""

    recordings: Annotated[
        int, msgspec.Meta(ge=0, description="How many recordings are recognised in parts; 0 for text only.")
    ] = 0
    backends: Annotated[
        tuple[str, ...], msgspec.Meta(description="Labels of the backends that recognise parts; all unless set.")
    ] = ()
    partial_seconds: Annotated[
        float, msgspec.Meta(ge=0.05, le=10, description="How much a backend reads between two partial hypotheses.")
    ] = 0.25
    folds: Annotated[int, msgspec.Meta(ge=2, le=100, description="Folds of questions that set the threshold.")] = 5
    tolerance: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            lt=1,
            description="What a second rule may lose of the outcome where its threshold is set; the first may lose nothing.",
        ),
    ] = 0.01


@dataclass(frozen=True)
class Growing:
    """Recordings of one backend recognised in parts: of each the question and its texts in tokens, by seconds; `None` where
    that part failed. The last text is of the whole. No texts where the whole failed. `at_once`, with partial hypotheses: what is
    recognised of each without them.
    """

    mode: Mode
    backend: str
    condition: str
    of: Sequence[tuple[str, Sequence[tuple[Seconds, Sequence[str] | None]]]]
    at_once: Sequence[Sequence[str]] = ()

    def grown(self, decide: Decide) -> Grown:
        """Return the courses of decisions on these texts."""
        courses = [
            of_texts(question, [(at, None if tokens is None else " ".join(tokens)) for at, tokens in texts], decide)
            for question, texts in self.of
        ]
        if self.mode == "audio":
            return Grown("audio", courses, self.backend, self.condition, grid=(*SHARES, 1.0))
        partials = [[tokens or () for _, tokens in texts] for _, texts in self.of]
        at_once = [
            of_texts(question, [(1.0, " ".join(tokens))], decide).right
            for (question, _), tokens in zip(self.of, self.at_once, strict=True)
        ]
        return Grown("partials", courses, self.backend, self.condition, partials, at_once, GRID)


def compute(finished: Finished, options: EarlyOptions) -> EarlyDecision:
    """Return the curves of a run by its outcome with its first retriever. Raises `UsageError` where nothing can be judged."""
    evaluator = finished.evaluator
    if not evaluator.retrievers:
        raise UsageError("the suite has no snippets, so there is nothing to decide on")
    retriever = next(iter(evaluator.retrievers))
    counted = [s for s in finished.samples.values() if s.status == "ok" or finished.spec.missing == "count"]
    samples = [s for s in counted if s.retrieval[retriever].fate is not None]
    if not samples:
        raise UsageError(f"no question can be judged by {finished.spec.outcome}")
    parts = _Parts(finished, options, samples)
    counting = Counting(options.folds, tuple(dict.fromkeys((0.0, options.tolerance))), finished.spec.seed)
    words = Words(evaluator.rarity.zipf, evaluator.rarity.is_rare)
    decide = by_retrieval(evaluator, retriever)
    grown = [*_of_text(samples, decide), *(one.grown(decide) for one in parts.growing())]
    curves: list[Curve] = [curve(one, counting, words) for one in grown]
    return EarlyDecision(finished.spec.outcome, retriever, parts.n_recordings, tuple(curves), tuple(parts.notes))


def by_retrieval(evaluator: Evaluator, retriever: str) -> Decide:
    """Return the decision that is the run's outcome with a retriever."""

    def decide(question_id: str, texts: Sequence[str]) -> list[Decision]:
        reference = " ".join(evaluator.reference(question_id).tokens)
        rankings = evaluator.retrievers[retriever].search_variants(reference, texts, max(2, evaluator.judge.depth))
        outcomes = evaluator.outcomes(question_id, texts, rankings)
        return [Decision(outcome > 0, margin(ranking)) for ranking, outcome in zip(rankings, outcomes, strict=True)]

    return decide


def _of_text(samples: Sequence[Sample], decide: Decide) -> Iterator[Grown]:
    """Yield the references, each question once, and the hypotheses of each backend under each condition."""
    references = {sample.question_id: sample.reference.split() for sample in samples}
    yield Grown("words", [of_words(question, words, decide) for question, words in references.items()])
    for backend, condition in dict.fromkeys((s.backend, s.condition) for s in samples):
        courses = [
            of_words(s.question_id, _hypothesis(s), decide)
            for s in samples
            if (s.backend, s.condition) == (backend, condition)
        ]
        yield Grown("words", courses, backend, condition)


def _hypothesis(sample: Sample) -> list[str]:
    return [step.hypothesis for step in sample.alignment if step.hypothesis is not None]


@dataclass
class _Parts:
    """The recordings that are recognised in parts, and how. `notes` say which backends are left out."""

    finished: Finished
    options: EarlyOptions
    samples: Sequence[Sample]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        recordings = dict.fromkeys((s.utterance_id, s.question_id) for s in self.samples)
        self._drawn = frozenset(draw(list(recordings), self.options.recordings, self.finished.spec.seed))
        self.n_recordings = 0

    def growing(self) -> Iterator[Growing]:
        """Yield every backend's recordings in parts, under the condition that leaves audio as it is."""
        if not self._drawn:
            return
        clean = next(
            (condition.label for condition in self.finished.spec.conditions if condition.name == "clean"), None
        )
        if clean is None:
            self.notes.append("recordings in parts are of clean audio, and the run has none")
            return
        wholes = {
            label: [
                s for s in self.samples if (s.backend, s.condition) == (label, clean) and s.utterance_id in self._drawn
            ]
            for label in self._listening()
        }
        self.n_recordings = max((len(of) for of in wholes.values()), default=0)
        total = sum(
            len(of) * (1 if _streaming(self.finished.backends[label]) else len(SHARES)) for label, of in wholes.items()
        )
        done = 0

        def one_more() -> None:
            nonlocal done
            done += 1
            self.finished.progress(done, total)

        for label, of in wholes.items():
            recognise = self._partials if _streaming(self.finished.backends[label]) else self._cut
            yield recognise(label, clean, of, one_more)

    def _listening(self) -> list[str]:
        """Return the backends that recognise audio, of those that are asked for."""
        backends = self.finished.backends
        for label in self.options.backends:
            if label not in backends:
                raise UnknownName("backend in [early]", label, backends)
        asked = self.options.backends or tuple(backends)
        backends = {label: backend for label, backend in backends.items() if label in asked}
        deaf = [label for label, backend in backends.items() if not backend.capabilities.needs_audio]
        if deaf:
            self.notes.append(f"replayed transcripts have no parts of recordings: {', '.join(deaf)}")
        return [label for label in backends if label not in deaf]

    def _partials(self, label: str, clean: str, wholes: Sequence[Sample], one_more: Callable[[], None]) -> Growing:
        streaming: Any = self.finished.backends[label]
        others = {label: streaming.streaming(self.options.partial_seconds)}
        tasks = [self._task(whole, clean) for whole in wholes]
        conditions = {clean: build_condition(parse_condition("clean"))}
        recognised: dict[int, Recognised] = {}
        for place, result in self.finished.recognise(tasks, conditions, others):
            recognised[place] = result
            one_more()
        of = []
        for place, whole in enumerate(wholes):
            done = recognised[place]
            texts: list[tuple[Seconds, Sequence[str] | None]] = []
            if isinstance(done.result, Transcript):
                texts = [(partial.seconds, self._tokens(whole, partial.text)) for partial in done.partials]
                texts.append((done.audio_seconds or 0.0, self._tokens(whole, done.result.text)))
            of.append((whole.question_id, texts))
        return Growing("partials", label, clean, of, [_hypothesis(whole) for whole in wholes])

    def _cut(self, label: str, clean: str, wholes: Sequence[Sample], one_more: Callable[[], None]) -> Growing:
        tasks = [self._task(whole, cut.label) for cut in _CUT.values() for whole in wholes]
        conditions = {cut.label: build_condition(cut) for cut in _CUT.values()}
        recognised: dict[tuple[str, str], Recognised] = {}
        for place, result in self.finished.recognise(tasks, conditions):
            recognised[tasks[place].utterance.id, tasks[place].condition] = result
            one_more()
        of = []
        for whole in wholes:
            texts: list[tuple[Seconds, Sequence[str] | None]] = []
            if whole.transcript is not None:
                length = whole.timings.get("audio", 1.0)
                for share, cut in _CUT.items():
                    part = recognised[whole.utterance_id, cut.label].result
                    tokens = self._tokens(whole, part.text) if isinstance(part, Transcript) else None
                    texts.append((share * length, tokens))
                texts.append((length, self._tokens(whole, whole.transcript.text)))
            of.append((whole.question_id, texts))
        return Growing("audio", label, clean, of)

    def _task(self, whole: Sample, condition: str) -> Task:
        return Task(self._utterances[whole.utterance_id], condition, whole.backend)

    @property
    def _utterances(self) -> Mapping[str, Any]:
        return {utterance.id: utterance for utterance in self.finished.suite.utterances}

    def _tokens(self, whole: Sample, text: str) -> list[str]:
        evaluator, suite, spec = self.finished.evaluator, self.finished.suite, self.finished.spec
        cleaned = evaluator.searched(whole.question_id, Transcript(text)).text
        return normaliser(spec.normaliser, suite.language).tokenise(cleaned)


def _streaming(backend: Backend) -> bool:
    return hasattr(backend, "streaming")


STUDY: Final = Study(EarlyOptions, EarlyDecision, compute)
