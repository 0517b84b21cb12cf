"""Recordings recognised in parts for the study `[early]`: partial hypotheses of backends that have them, else cut recordings."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from harness.analysis.early.courses import Decide, of_texts
from harness.analysis.early.draw import draw
from harness.analysis.early.figures import GRID, Decides, Grown, Mode
from harness.asr.conditions import build as build_condition
from harness.asr.conditions import parse_condition
from harness.asr.protocol import Backend
from harness.errors import UnknownName
from harness.records import Sample, Seconds, Transcript
from harness.runs.execution.recogniser import Recognised, Task
from harness.runs.studies.protocol import Finished
from harness.words.text.normalisers import normaliser

Tokenise = Callable[[str], list[str]]
SHARES: Final = (0.25, 0.5, 0.75)  # of a recording; the whole of it is a sample of the run
_CUT: Final = {share: parse_condition(f"cut,share={share}") for share in SHARES}


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

    def grown(self, decides: Decides, decide: Decide, questions: Container[str]) -> Grown:
        """Return the courses of decisions on the texts of these questions."""
        asked = [place for place, (question, _) in enumerate(self.of) if question in questions]
        courses = [
            of_texts(question, [(at, None if tokens is None else " ".join(tokens)) for at, tokens in texts], decide)
            for question, texts in (self.of[place] for place in asked)
        ]
        if self.mode == "audio":
            return Grown("audio", courses, self.backend, self.condition, grid=(*SHARES, 1.0), decides=decides)
        partials = [[tokens or () for _, tokens in texts] for _, texts in (self.of[place] for place in asked)]
        at_once = [of_texts(self.of[place][0], [(1.0, " ".join(self.at_once[place]))], decide).right for place in asked]
        return Grown("partials", courses, self.backend, self.condition, partials, at_once, GRID, decides)


def hypothesis_words(sample: Sample) -> list[str]:
    """Return the normalised words of what was recognised."""
    return [step.hypothesis for step in sample.alignment if step.hypothesis is not None]


def word_ends(sample: Sample, tokenise: Tokenise) -> tuple[Seconds, ...]:
    """Return when each of these words ends; none where the recogniser does not time its words, or they are others."""
    words = sample.transcript.words if sample.transcript else ()
    timed = [(token, word.end) for word in words for token in tokenise(word.text)]
    ends = tuple(end for _, end in timed if end is not None)
    return ends if len(ends) == len(timed) and [token for token, _ in timed] == hypothesis_words(sample) else ()


@dataclass
class Parts:
    """`n` recordings of these samples in parts, by the backends `asked` for, or by all; with a partial hypothesis `every` so many
    seconds. `notes` say which backends are left out.
    """

    finished: Finished
    samples: Sequence[Sample]
    n: int
    every: Seconds
    asked: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        recordings = dict.fromkeys((s.utterance_id, s.question_id) for s in self.samples)
        self._drawn = frozenset(draw(list(recordings), self.n, self.finished.spec.seed))
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

        for label, of in ((label, of) for label, of in wholes.items() if of):
            recognise = self._partials if _streaming(self.finished.backends[label]) else self._cut
            yield recognise(label, clean, of, one_more)

    def _listening(self) -> list[str]:
        """Return the backends that recognise audio, of those that are asked for."""
        backends = self.finished.backends
        for label in self.asked:
            if label not in backends:
                raise UnknownName("backend in [early]", label, backends)
        asked = self.asked or tuple(backends)
        backends = {label: backend for label, backend in backends.items() if label in asked}
        deaf = [label for label, backend in backends.items() if not backend.capabilities.needs_audio]
        if deaf:
            self.notes.append(f"replayed transcripts have no parts of recordings: {', '.join(deaf)}")
        return [label for label in backends if label not in deaf]

    def _partials(self, label: str, clean: str, wholes: Sequence[Sample], one_more: Callable[[], None]) -> Growing:
        streaming: Any = self.finished.backends[label]
        others = {label: streaming.streaming(self.every)}
        tasks = [self._task(whole, clean) for whole in wholes]
        conditions = {clean: build_condition(parse_condition("clean"))}
        recognised: dict[int, Recognised] = {}
        with closing(self.finished.recognise(tasks, conditions, others)) as results:
            for place, result in results:
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
        return Growing("partials", label, clean, of, [hypothesis_words(whole) for whole in wholes])

    def _cut(self, label: str, clean: str, wholes: Sequence[Sample], one_more: Callable[[], None]) -> Growing:
        tasks = [self._task(whole, cut.label) for cut in _CUT.values() for whole in wholes]
        conditions = {cut.label: build_condition(cut) for cut in _CUT.values()}
        recognised: dict[tuple[str, str], Recognised] = {}
        with closing(self.finished.recognise(tasks, conditions)) as results:
            for place, result in results:
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
