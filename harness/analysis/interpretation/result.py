"""What is kept of interpretation in `studies/interpretation.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["reference", "cascade", "end-to-end"]
LEARNT = "learnt"  # slots that a classifier predicts as it does intents: only names that it was trained on
SOUND = "sound"  # slots looked up in the phones of the recording


@dataclass(frozen=True, slots=True)
class System:
    """What interprets: the reference text or a backend's hypotheses by an interpreter, or a recording without words."""

    label: str
    """Names it in every table."""
    kind: Kind
    speech: str
    """The backend or the speech part; empty for reference text."""
    interpreter: str
    """Empty for end-to-end systems: they have a classifier of their own."""
    condition: str
    """Empty for reference text."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a system is judged: which questions it has not seen, and how it finds slots."""

    folds: str
    """`question`, `entity` or `speaker`: what is left out of training."""
    slots: str = ""
    """The slot filler, `learnt` or `sound`; empty for what has no slots."""
    distractors: int | None = None
    """Other names in the lexicon; `None` where no lexicon is asked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One score of one system. `metric` is a score of `interpretation.scores`, or the run's outcome."""

    system: str
    setting: Setting
    group: str
    """`all`, `band:[2,3)`, `entity:seen`, `entity:unseen`."""
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    """The denominator: utterances, slots ..."""
    n_questions: int


@dataclass(frozen=True, slots=True)
class Split:
    """Where a score is lost: `reference` of the reference text and `hypothesis` of the hypotheses, by one interpreter.

    The transcription part is reference - hypothesis, the interpretation part 1 - reference. The p-value is of the former.
    """

    system: str
    setting: Setting
    metric: str
    reference: float | None
    hypothesis: float | None
    transcription: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_holm: float | None
    n_questions: int

    @property
    def delta(self) -> float | None:
        """What transcription costs."""
        return self.transcription

    @property
    def interpretation(self) -> float | None:
        """What the reference text loses: 1 - reference."""
        return None if self.reference is None else 1 - self.reference


@dataclass(frozen=True, slots=True)
class PairedTest:
    """`b` minus `a`, paired by question. `family`: `end-to-end` or `interpreters`; p is adjusted within it, folds and metric."""

    a: str
    b: str
    setting: Setting
    """How `b` is judged; `a` has the same folds, and finds slots in its own way where it cannot in that of `b`."""
    metric: str
    family: str
    delta: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_holm: float | None
    n_questions: int
    test: str = "sign-flip"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """All systems with their figures. The first interpreter, slot filler and number of distractors are the main ones:
    groups, splits and tests are of them.

    `most_frequent` is the share of utterances with the most frequent intent: what guessing it gets right. `distractors` maps
    what was asked for to what there was. `trained_on`: `reference` or `hypothesis`.
    """

    intent: str
    n_intents: int
    n_questions: int
    n_utterances: int
    n_without_intent: int
    most_frequent: float
    trained_on: str
    main_interpreter: str
    main_slots: str
    main_distractors: int | None
    n_names: int
    distractors: tuple[tuple[int, int], ...]
    folds: tuple[tuple[str, int], ...]
    """Which folds there are, and how many."""
    systems: tuple[System, ...]
    figures: tuple[Figure, ...]
    splits: tuple[Split, ...]
    tests: tuple[PairedTest, ...]
    hits: tuple[Figure, ...] = ()
    """The run's outcome by what is searched with, `Setting.slots` being the retriever."""
    hit_tests: tuple[PairedTest, ...] = ()
    identities: tuple[tuple[str, str], ...] = ()
    """Interpreters, slot fillers and speech parts, with what decides what they do."""
    notes: tuple[str, ...] = ()
