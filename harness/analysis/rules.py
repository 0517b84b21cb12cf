"""What a run is judged by, in words: its outcome, what is rare, and which error rate leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from harness.words.languages import spaces_words
from harness.words.rarity import DEFAULT_THRESHOLD, rarity_in_words

ErrorRate = Literal["wer", "cer"]

OF_ANSWERS: Final = {"answer": "exact_match", "f1": "f1"}  # outcome -> its metric, where an answerer has to read first
# What judges where nothing says which snippets are relevant, and where the reader cannot.
BY_TEXT: Final = "has_answer@5"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the meaning of a metric depends on: the run's outcome, its rare threshold, where the names come from, and which error
    rate leads (`error_rate_of` the suite's language).
    """

    outcome: str = "hit@1"
    rare_threshold: float = DEFAULT_THRESHOLD
    guessed_names: bool = False
    rare_words: str = ""  # the list that tells rare words in place of their frequency
    error_rate: ErrorRate = "wer"

    @property
    def metric(self) -> str:
        """The metric that the run judges by."""
        return OF_ANSWERS.get(self.outcome, self.outcome)

    @property
    def reads(self) -> bool:
        """Whether the outcome is of an answer that was read."""
        return self.outcome in OF_ANSWERS

    @property
    def by_text(self) -> bool:
        """Whether the outcome is that an accepted answer stands in a snippet, which needs no reader and no relevant ids."""
        return self.outcome.startswith("has_answer@")

    @property
    def noun(self) -> str:
        """What is lost and gained: hits, answers retrieved, or answers."""
        return "answers" if self.reads else "retrieved answers" if self.by_text else "hits"

    @property
    def reached(self) -> str:
        """What it is to reach the outcome: `a relevant snippet at rank 1`."""
        name, _, rank = self.outcome.partition("@")
        if name == "answer":
            return "an answer that matches an accepted one exactly"
        if name == "f1":
            return "an answer that shares a word with an accepted one"
        if self.by_text:
            return f"a snippet with an accepted answer {at_rank(rank)}"
        return f"a relevant snippet {at_rank(rank)}"

    @property
    def rarity(self) -> str:
        """What a rare word is: `Zipf under 3, less than once in a million words`."""
        return f"in the list {self.rare_words}" if self.rare_words else rarity_in_words(self.rare_threshold)

    @property
    def names(self) -> str:
        """What the entity mentions are called: guessed ones are called guessed."""
        return "guessed entity mentions" if self.guessed_names else "entity mentions"


def at_rank(rank: str) -> str:
    """Return where a snippet stands that is looked for down to a rank, which is written in digits."""
    return "at rank 1" if rank == "1" else f"among the first {rank}"


def error_rate_of(language: str) -> ErrorRate:
    """Return the error rate that leads: CER where words are not spaced, since where they end is then a tokeniser's choice."""
    return "wer" if spaces_words(language) else "cer"
