"""What is stored of a judgement of repairs. Outcomes are the run's own (`hit@1`), with its first retriever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.records import Seconds

Kind = Literal["repair", "bias list"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a repair changes in an outcome: `after` minus `before`, paired, with all recordings of a question resampled together.

    `fixed` and `broken` count the texts whose outcome rises and falls. `test` is `mcnemar` (exact) where every question has one
    text and outcomes are yes or no, else `sign-flip` of whole questions. `p_holm` is adjusted over the repairs of one backend
    under one condition, for each kind of effect apart; `None` where nothing was tested.
    """

    n: int
    n_questions: int
    before: float
    after: float
    delta: float
    ci_low: float | None
    ci_high: float | None
    fixed: int
    broken: int
    test: str | None
    p_value: float | None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class BandEffect:
    """Fixed and broken among the questions whose rarest entity word lies in one band of frequency."""

    band: str
    n: int
    fixed: int
    broken: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A repair, or a bias list of the same engine, on one backend's transcripts.

    `hypothesis`: the outcome from the hypotheses. `reference`: the same from the reference text, a text for each question; what
    falls there is harm; `None` for a bias list, which changes no text. `gap`: the outcome from the hypothesis less that from the
    reference: where it rises, the gap closes. `answers` and `reference_answers`: exact match; `None` where nothing is answered.
    `chosen` is the setting of each fold, chosen by the other folds; empty mappings where there is nothing to choose.
    `queries` is how many searches one hypothesis takes. `changed` counts the hypotheses that it asks or ranks otherwise:
    without N-best lists, say, it has nothing to work on; `None` for a bias list. `deployable`: a user could have it, and not only
    who knows what will be asked.
    """

    label: str
    kind: Kind
    hypothesis: Effect
    reference: Effect | None = None
    gap: Effect | None = None
    answers: Effect | None = None
    reference_answers: Effect | None = None
    bands: tuple[BandEffect, ...] = ()
    chosen: tuple[Mapping[str, float], ...] = ()
    queries: float | None = None
    changed: int | None = None
    deployable: bool = True


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What an oracle reaches: `best of N-best`, `perfect rare entity words`, `perfect transcript`. A share of `n` recordings."""

    name: str
    value: float
    ci_low: float | None
    ci_high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Repairs of one backend's transcripts under one condition.

    `best` is the repair with the largest gain from hypotheses, `None` where none gains; `on_top` are the others on top of it:
    `before` is with it alone. `first` is what to do first: the significant gain that is largest among repairs that no test
    shows to harm (p < 0.05 unadjusted, so that harm is seen early), and among bias lists that a user could have.
    """

    backend: str
    condition: str
    judged: tuple[Judged, ...]
    best: str | None
    on_top: tuple[Judged, ...]
    ceilings: tuple[Ceiling, ...]
    first: str | None


@dataclass(frozen=True, slots=True)
class MitigationResult:
    """All scoreboards of a run. `folds` is by question. `seconds` is of processor time for one hypothesis, by backend,
    condition and repair with `|` between: like every time, it differs from call to call.

    `identities` says what determined each repair; `failed` why one could not be judged.
    """

    outcome: str
    retriever: str
    n_folds: int
    folds: Mapping[str, int]
    scoreboards: tuple[Scoreboard, ...]
    identities: Mapping[str, Mapping[str, str | float]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, Seconds] = field(default_factory=dict)
