"""What a verdict is made of: sentences under headings, and phrases for a bias list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Sentences of the verdict, headed by the question that they answer. A terminal shows those `in_short` only."""

    heading: str
    text: str
    in_short: bool = True


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase for a bias list as the questions write it, the rare word for which it stands here, and what that word cost."""

    text: str
    word: str
    cost: int


@dataclass(frozen=True, slots=True)
class BiasPhrases:
    """Phrases that `backend` should be given, the costliest first.

    phrases: those that are shown. counted: what `Phrase.cost` counts (`hits lost`, `times misrecognised`). all: every one, for a
    file. despite: phrases that `listed_for` was given and misrecognised all the same.
    """

    backend: str
    counted: str
    phrases: tuple[Phrase, ...]
    all: tuple[str, ...]
    despite: tuple[str, ...]
    listed_for: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says with one retriever (`None` where nothing is searched) under one condition.

    `headline` is what to do, in under 100 characters; `detail` the figures behind it.
    """

    retriever: str | None
    condition: str
    headline: str
    detail: str
    findings: tuple[Finding, ...]
    bias: BiasPhrases | None
