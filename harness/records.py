"""What travels between the steps: frozen records, one line per field, and the units they are counted in.

Nothing here computes. Records are read and written as JSON by `msgspec`, field by field, so a field's name is also its
name in the files (see the suite and run formats in README.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Seconds = float
Hertz = int
Zipf = float  # log10 of occurrences per billion words; 0.0 = not in the list
OptionValue = str | int | float | bool

# ---- what is asked -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity in a question: `text == question.text[start:end]`, offsets in characters."""

    text: str
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked. `None` means that the suite does not say; an empty tuple means that there is none."""

    id: str
    text: str
    answers: tuple[str, ...] | None = None
    entities: tuple[Entity, ...] | None = None
    snippet_ids: tuple[str, ...] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a web page, as a search engine shows it."""

    id: str
    text: str
    title: str = ""
    url: str = ""
    collected_at: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording of a question. `audio` is a path inside the suite's folder, or `None` for replay only."""

    id: str
    question_id: str
    audio: str | None = None
    speaker: str = ""
    accent: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """Questions, snippets and recordings, in file order. `digest` covers every file of the folder."""

    root: Path
    name: str
    version: str
    language: str
    licence: str
    description: str
    speech: str  # "synthetic", "human" or "unknown": shown wherever figures stand
    questions: tuple[Question, ...]
    snippets: tuple[Snippet, ...]
    utterances: tuple[Utterance, ...]
    digest: str
    defaults: Mapping[str, object] = field(default_factory=dict)


# ---- what was recognised -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clip:
    """Audio handed to a backend: mono float32[n_samples] in [-1, 1] at `sample_rate`."""

    utterance_id: str
    samples: NDArray[np.float32]
    sample_rate: Hertz

    @property
    def duration(self) -> Seconds:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word. `None` where the engine does not say; `confidence` is a posterior in [0, 1]."""

    text: str
    start: Seconds | None = None
    end: Seconds | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One entry of an N-best list; `score` is the engine's own (comparable within one list only)."""

    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one backend recognised in one clip. An empty `text` is a valid result: no word was recognised."""

    text: str
    nbest: tuple[Alternative, ...] = ()
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one sample has no result. `stage` is `load`, `condition`, `recognise` or `score`; `type` names the error."""

    stage: str
    type: str
    message: str


# ---- how it differs from the reference -----------------------------------------------------------------------------

Operation = Literal["hit", "substitution", "deletion", "insertion"]
RegionKind = Literal["substitution", "deletion", "insertion", "split", "merge"]


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """One step of an alignment. `reference` is `None` for an insertion, `hypothesis` for a deletion."""

    operation: Operation
    reference: str | None
    hypothesis: str | None


@dataclass(frozen=True, slots=True)
class ErrorRegion:
    """A maximal run of aligned words that do not match, as half-open token ranges of both texts.

    `kind`: `split` when the region's hypothesis has more words than its reference, `merge` when it has fewer (and
    neither is empty); `substitution` when as many.
    """

    reference_start: int
    reference_end: int
    hypothesis_start: int
    hypothesis_end: int
    kind: RegionKind


# ---- what was retrieved --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranking:
    """Snippets in rank order: score descending, then ordinal in the suite ascending. Equal lengths."""

    snippet_ids: tuple[str, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader answers from ranked snippets. An empty `text` is a refusal: nothing there answers the question.

    `snippet_ids` are those that the answer rests on, best first; `score` is the reader's own, within one reader. With an
    `error` (stage `answer`) there is no answer at all, which counts as a wrong one.
    """

    text: str
    snippet_ids: tuple[str, ...] = ()
    score: float | None = None
    error: Failure | None = None


Fate = Literal["lost", "gained", "kept", "never"]


@dataclass(frozen=True, slots=True)
class RareWord:
    """A rare word of the reference and what became of it. `position` counts tokens from 0.

    `hypothesis` is the hypothesis text of the error region that the word stands in: empty when it was deleted, and `None`
    when the word matches. `in_nbest`: some entry of the N-best list has the word; `None` without such a list.
    """

    text: str
    position: int
    zipf: Zipf
    band: str
    entity: bool
    fate: Operation
    hypothesis: str | None = None
    in_nbest: bool | None = None


@dataclass(frozen=True, slots=True)
class EntityFate:
    """A mention as a half-open token range of the reference, and whether every token of it was recognised."""

    text: str
    start: int
    end: int
    recalled: bool


WordClass = Literal["rare_entity", "rare_other", "content", "function"]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would have been found from the hypothesis with a set S of its error regions repaired: f(S), `outcome` of it.

    Tuples stand in region order. `from_hypothesis` is f(none), `from_reference` is f(all); `repair_one[e]` is f({e});
    `inject_one[e]` is f(all but e): the reference text with that one real error. `shapley` sums to
    `from_reference - from_hypothesis`; `shapley_error` holds standard errors where it was sampled and is empty where it is
    exact. `smallest_repairs` are the sets of fewest regions that reach `from_reference` (none where nothing was lost).
    `class_repair` maps a class of word to f(its regions), and `not_<class>` to f(all others). `n_failed` counts texts that
    the answerer failed on; they count as not answered.
    """

    outcome: str
    from_hypothesis: float
    from_reference: float
    repair_one: tuple[float, ...]
    inject_one: tuple[float, ...]
    shapley: tuple[float, ...]
    shapley_error: tuple[float, ...]
    smallest_repairs: tuple[tuple[int, ...], ...]
    class_repair: Mapping[str, float]
    n_failed: int = 0


@dataclass(frozen=True, slots=True)
class RetrievalOutcome:
    """What one retriever found from the reference text and from the hypothesis.

    `*_metrics` map metric names (`hit@1`, `rr@10` ...) to values in [0, 1]; `fate` judges the run's outcome, `hit@1`
    unless set. `restored_by` lists the error regions whose repair, each alone, returns a lost outcome.
    `counterfactual` is `None` where there is no error region, or nothing can be judged. The answers are those of the run's
    answerer, `None` where it has none; their exact match and F1 stand in the metrics.
    """

    reference: Ranking
    hypothesis: Ranking
    reference_metrics: Mapping[str, float]
    hypothesis_metrics: Mapping[str, float]
    fate: Fate | None = None
    restored_by: tuple[int, ...] = ()
    counterfactual: Counterfactual | None = None
    reference_answer: Answer | None = None
    hypothesis_answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class BiasCount:
    """Phrases of a sample's bias list: how many were listed and how many reached the engine, and of the question's own names
    the same.
    """

    listed: int
    sent: int
    own_listed: int
    own_sent: int


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """One utterance under one condition, for one backend: what is planned, and then run, stored and counted."""

    key: str
    utterance_id: str
    question_id: str
    condition: str
    backend: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of `samples/<backend>.jsonl`: utterance x condition x backend, finished.

    `reference` and the alignment are in normalised tokens. `timings` are in seconds, as far as known: `audio`, `recognise` (by
    the clock), `processor` (of all threads and programs at that work), and `bias` where the engine was made ready for another
    bias list. `bias` is `None` where the backend has no list. `runaway` says why the transcript counts as runaway; `None`
    where it does not. With `status == "error"` only the names, `reference`, `rare_words` and `entities` (none of them
    recognised), the retrieval from the reference text and `error` are filled.
    """

    key: str
    status: Literal["ok", "error"]
    utterance_id: str
    question_id: str
    condition: str
    backend: str
    reference: str
    transcript: Transcript | None = None
    alignment: tuple[AlignedWord, ...] = ()
    error_regions: tuple[ErrorRegion, ...] = ()
    region_classes: tuple[WordClass, ...] = ()
    rare_words: tuple[RareWord, ...] = ()
    entities: tuple[EntityFate, ...] = ()
    retrieval: Mapping[str, RetrievalOutcome] = field(default_factory=dict)
    timings: Mapping[str, Seconds] = field(default_factory=dict)
    error: Failure | None = None
    bias: BiasCount | None = None
    runaway: str | None = None


# ---- what is to be run ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BackendSpec:
    """One configured recogniser. `label` names it in every table.

    `bias` is `entities`, `own`, a file, or `None`; `distractors` counts the other names in a list of `own` ones.
    """

    name: str
    label: str
    model: str | None = None
    bias: str | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    distractors: int | None = None
