"""What travels between the steps: frozen records and the units they are counted in.

Nothing here computes. Records are read and written as JSON by `msgspec`, field by field, so a field's name is also its
name in the files (see docs/formats.md). A string under a field says what its name and type do not.
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
    """A named entity in a question: `text == question.text[start:end]`."""

    text: str
    start: int
    """Offset of its first character."""
    end: int
    """Offset after its last character."""
    label: str = ""
    """The suite's own name for its kind, such as `person`; may be empty."""
    aliases: tuple[str, ...] = ()
    """Other names of it, such as `JFK`: a recogniser that writes one of them has recognised it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked. `None` means that the suite does not say; an empty tuple means that there is none."""

    id: str
    text: str
    """The reference: the question's text as asked."""
    answers: tuple[str, ...] | None = None
    """All accepted answers."""
    entities: tuple[Entity, ...] | None = None
    """The named entities that the suite marks; where it is `None` they are guessed."""
    snippet_ids: tuple[str, ...] | None = None
    """The relevant snippets."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What else groups questions, such as `relation`: name to value."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a web page, as a search engine shows it."""

    id: str
    text: str
    title: str = ""
    url: str = ""
    """Where the page was; may be empty."""
    collected_at: str = ""
    """When, in ISO 8601; may be empty."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording of a question."""

    id: str
    question_id: str
    audio: str | None = None
    """Path inside the suite's folder; `None` where there is a transcript only, to be replayed."""
    speaker: str = ""
    """The person or voice; may be empty."""
    accent: str = ""
    """As the suite names it; may be empty."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What else groups recordings: name to value."""


@dataclass(frozen=True)
class Suite:
    """Questions, snippets and recordings, in file order."""

    root: Path
    """The suite's folder."""
    name: str
    version: str
    language: str
    licence: str
    description: str
    speech: str
    """`synthetic`, `human` or `unknown`: shown wherever figures stand."""
    questions: tuple[Question, ...]
    snippets: tuple[Snippet, ...]
    utterances: tuple[Utterance, ...]
    digest: str
    """SHA-256 over every file of the folder."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """What a run takes where its spec does not say: the table `[defaults]` of suite.toml."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each of these files, by path."""


# ---- what was recognised -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clip:
    """Audio handed to a backend."""

    utterance_id: str
    samples: NDArray[np.float32]
    """Mono, float32[n_samples] in [-1, 1]."""
    sample_rate: Hertz

    @property
    def duration(self) -> Seconds:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word. `None` where the engine does not say."""

    text: str
    start: Seconds | None = None
    """From the beginning of the recording."""
    end: Seconds | None = None
    """From the beginning of the recording."""
    confidence: float | None = None
    """Posterior probability, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One entry of an N-best list."""

    text: str
    score: float | None = None
    """The engine's own; comparable within one list only."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one backend recognised in one clip."""

    text: str
    """As the engine wrote it; empty, which is a valid result, where it recognised no word."""
    nbest: tuple[Alternative, ...] = ()
    """The best text first; empty where the engine gives no list."""
    words: tuple[Word, ...] = ()
    """Empty where the engine does not time its words."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What a recogniser had recognised at one moment of a recording that it reads as it goes."""

    seconds: Seconds
    """From the beginning of the recording: how much of it had been read."""
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one sample has no result."""

    stage: str
    """Where it failed: `load`, `condition`, `recognise`, `score` or `answer`."""
    type: str
    """The name of the error."""
    message: str
    """What a person reads; without keys and passwords."""


# ---- how it differs from the reference -----------------------------------------------------------------------------

Operation = Literal["hit", "substitution", "deletion", "insertion"]
RegionKind = Literal["substitution", "deletion", "insertion", "split", "merge"]


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """One step of an alignment."""

    operation: Operation
    reference: str | None
    """`None` for an insertion."""
    hypothesis: str | None
    """`None` for a deletion."""


@dataclass(frozen=True, slots=True)
class ErrorRegion:
    """A maximal run of aligned words that do not match, as half-open token ranges of both texts."""

    reference_start: int
    reference_end: int
    hypothesis_start: int
    hypothesis_end: int
    kind: RegionKind
    """`split`: more words in the hypothesis than in the reference; `merge`: fewer; `substitution`: as many."""
    notation: bool = False
    """Whether it is a notation variant: the right words in another spelling."""


# ---- what was retrieved --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranking:
    """Snippets in rank order: score descending, then ordinal in the suite ascending. Equal lengths."""

    snippet_ids: tuple[str, ...]
    scores: tuple[float, ...]
    """The retriever's own; comparable within one retriever only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answerer returns from ranked snippets."""

    text: str
    """Empty for a refusal: no snippet answers the question."""
    snippet_ids: tuple[str, ...] = ()
    """The snippets that the answer rests on, best first."""
    score: float | None = None
    """The answerer's own; `None` where it has none."""
    error: Failure | None = None
    """Why there is no answer at all, which counts as a wrong one; `None` where there is one."""
    reasons: tuple[tuple[str, float], ...] = ()
    """What raised it above the other candidates, and by how much, largest first; empty where the answerer does not say."""


Fate = Literal["lost", "gained", "kept", "never"]


@dataclass(frozen=True, slots=True)
class RareWord:
    """A rare word of the reference and what became of it."""

    text: str
    """Normalised."""
    position: int
    """Index among the reference's tokens."""
    zipf: Zipf | None
    """`None` in a language without a frequency list."""
    band: str
    """The frequency band that `zipf` lies in, such as `[2,3)`; `no list` where it is `None`."""
    entity: bool
    """Whether it stands in an entity mention."""
    fate: Operation
    hypothesis: str | None = None
    """The text of its error region, empty where it was deleted; `None` where the word matches."""
    in_nbest: bool | None = None
    """Whether some entry of the N-best list has the word; `None` without such a list."""


@dataclass(frozen=True, slots=True)
class EntityFate:
    """A mention as a half-open token range of the reference, and what became of it."""

    text: str
    start: int
    end: int
    recalled: bool
    """Whether every token of it was recognised, with nothing inserted between them; notation variants are recognised."""


WordClass = Literal["rare_entity", "rare_other", "content", "function"]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would be retrieved from the hypothesis with a set S of its error regions corrected: f(S), the outcome of it.

    Tuples are in region order; e is one region.
    """

    outcome: str
    """The outcome that f is the value of, such as `hit@1`."""
    from_hypothesis: float
    """f of no region."""
    from_reference: float
    """f of all regions."""
    repair_one: tuple[float, ...]
    """f({e}): this region alone corrected."""
    inject_one: tuple[float, ...]
    """f of all but e: the reference with this one real error."""
    shapley: tuple[float, ...]
    """Each region's share of the loss; they sum to `from_reference - from_hypothesis`."""
    shapley_error: tuple[float, ...]
    """Standard errors where the shares were sampled; empty where they are exact."""
    smallest_repairs: tuple[tuple[int, ...], ...]
    """The sets of fewest regions that reach `from_reference`; none where nothing was lost."""
    class_repair: Mapping[str, float]
    """Class of word to f(its regions), and `not_<class>` to f(all others); `notation` is of notation variants."""
    n_failed: int = 0
    """Texts that the answerer failed on; they count as not answered."""


@dataclass(frozen=True, slots=True)
class RetrievalOutcome:
    """What one retriever found from the reference text and from the hypothesis."""

    reference: Ranking
    hypothesis: Ranking
    reference_metrics: Mapping[str, float]
    """Metric name (`hit@1`, `rr@10` ...) to value in [0, 1]; exact match and F1 among them where there is an answerer."""
    hypothesis_metrics: Mapping[str, float]
    """The same from the hypothesis; empty where the sample failed."""
    fate: Fate | None = None
    """What became of the run's outcome; `None` where it cannot be judged."""
    restored_by: tuple[int, ...] = ()
    """Error regions whose correction, each alone, returns a lost outcome."""
    counterfactual: Counterfactual | None = None
    """`None` where there is no error region, or nothing can be judged."""
    reference_answer: Answer | None = None
    """`None` where the run has no answerer."""
    hypothesis_answer: Answer | None = None
    """`None` where the run has no answerer, or the sample failed."""


@dataclass(frozen=True, slots=True)
class BiasCount:
    """Phrases of a sample's bias list."""

    listed: int
    """In the list."""
    sent: int
    """Of these, how many reached the engine."""
    own_listed: int
    """In the list and named by the question itself."""
    own_sent: int
    """Of these, how many reached the engine."""


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """One utterance under one condition, for one backend: what is planned, and then run, stored and counted."""

    key: str
    """Utterance, condition and backend, with `|` between."""
    utterance_id: str
    question_id: str
    condition: str
    """Its label."""
    backend: str
    """Its label."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of `samples/<backend>.jsonl`: utterance x condition x backend, finished."""

    key: str
    """Utterance, condition and backend, with `|` between."""
    status: Literal["ok", "error"]
    """With `error`, only the names, all that is of the reference, and `error` are filled."""
    utterance_id: str
    question_id: str
    condition: str
    backend: str
    reference: str
    """Normalised tokens, with spaces between."""
    transcript: Transcript | None = None
    """`None` where the sample failed."""
    alignment: tuple[AlignedWord, ...] = ()
    """In normalised tokens."""
    error_regions: tuple[ErrorRegion, ...] = ()
    region_classes: tuple[WordClass, ...] = ()
    """The class of each error region, by its reference words."""
    rare_words: tuple[RareWord, ...] = ()
    entities: tuple[EntityFate, ...] = ()
    """The mentions of the reference."""
    retrieval: Mapping[str, RetrievalOutcome] = field(default_factory=dict)
    """By the retriever's label."""
    timings: Mapping[str, Seconds] = field(default_factory=dict)
    """As far as known: `audio`, `recognise` (by the clock), `processor` (of all its threads), `bias` (to load a list)."""
    error: Failure | None = None
    """Why the sample failed; `None` where it did not."""
    bias: BiasCount | None = None
    """`None` where the backend has no bias list."""
    runaway: str | None = None
    """Why the transcript counts as runaway; `None` where it does not."""
    not_speech: Mapping[str, int] = field(default_factory=dict)
    """What was removed from the transcript's text before it was judged: kind (`time_stamps` ...) to how many."""


# ---- what is to be run ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BackendSpec:
    """One configured recogniser."""

    name: str
    """The name in the registry, such as `faster-whisper`."""
    label: str
    """Names it in every table."""
    model: str | None = None
    """`None` for the engine's own choice."""
    bias: str | None = None
    """`entities`, `own`, a file, or `None` for no list."""
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    distractors: int | None = None
    """How many other names a list of `own` ones holds besides; `None` for other lists."""
