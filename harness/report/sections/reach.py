"""What the reader can do where nothing is misrecognised, and whether its answers can judge recognition at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.rules import BY_TEXT
from harness.analysis.summary import Row
from harness.report.model import Arm, Figures
from harness.report.numbers import FEWEST, count, utterances, with_interval

LEAST = 0.5  # reach, under which answers say more of the reader than of recognition
_WAYS_OUT = "`--answerer transformers:MODEL` or `--answerer openai-api:MODEL`"


@dataclass(frozen=True, slots=True)
class Reach:
    """What one reader makes of answers that it is shown, searching with the reference text.

    `n_shown` counts the utterances for which it was shown one; `row` is the share of them that it answers exactly.
    """

    figures: Figures
    retriever: str
    row: Row | None
    n_shown: int

    @classmethod
    def of(cls, figures: Figures, arm: Arm, retriever: str | None) -> Reach | None:
        """Return what is stored of one backend; `None` where nobody reads, and for runs of earlier versions."""
        shown = figures.row(arm, "answer_read", "reference", retriever)
        if shown is None or shown.value is None or retriever is None:
            return None
        return cls(figures, retriever, figures.row(arm, "reach", "reference", retriever), int(count(shown)))

    @property
    def is_known(self) -> bool:
        """Whether it rests on enough to be quoted."""
        return self.row is not None and self.row.value is not None and self.n_shown >= FEWEST

    @property
    def is_too_low(self) -> bool:
        """Whether the answers cannot judge recognition."""
        return self.is_known and self.row is not None and self.row.value is not None and self.row.value < LEAST

    def sentence(self) -> str:
        """Return the figure with what it is counted over."""
        where = f"with {self.retriever} and the reference text"
        if not self.n_shown:
            return f"Reach is not known: {where}, there was no answer to read, so answers cannot judge here."
        of = f"{self.n_shown} utterance{'' if self.n_shown == 1 else 's'}"
        n_questions = self.row.n_questions if self.row is not None else None
        if n_questions and n_questions != self.n_shown:
            of += f" of {n_questions} question{'' if n_questions == 1 else 's'}"
        if not self.is_known:
            return (
                f"Reach is not known: {where}, {of} had an accepted answer to read, and fewer than {FEWEST} are too "
                f"few to tell what the reader can do."
            )
        figure = with_interval(self.row, self.figures.metric("reach"))
        return f"Reach {figure}: {where}, the reader answers {count(self.row)} exactly of {of} with an accepted answer to read."

    def in_short(self) -> str:
        """Return the figure alone: `reach 20.3 % [18.1, 22.8] (n = 1180)`."""
        if not self.is_known:
            return f"reach not known (n = {self.n_shown})"
        return f"reach {with_interval(self.row, self.figures.metric('reach'))} (n = {self.n_shown})"

    def verdict(self) -> str:
        """Return what follows where the reach is too low, with the ways out; empty where it is not."""
        if not self.is_too_low:
            return ""
        return (
            f"Under half: answers cannot judge here, `{BY_TEXT}` can, which needs no reader. Another reader may do better: "
            f"{_WAYS_OUT}."
        )


def reaches(figures: Figures, retriever: str | None, condition: str | None = None) -> dict[Arm, Reach]:
    """Return what is stored by backend and condition; equal ones, which are the rule, stand once."""
    of_arms = {
        arm: reach
        for arm in figures.arms
        if figures.has_transcripts(arm) and condition in (None, arm[1])
        and (reach := Reach.of(figures, arm, retriever)) is not None
    }  # fmt: skip
    different: dict[str, Arm] = {}
    for arm, reach in of_arms.items():
        different.setdefault(reach.sentence(), arm)
    return {arm: of_arms[arm] for arm in different.values()}


def reach_sentences(figures: Figures, retriever: str | None, condition: str | None = None) -> Iterator[str]:
    """Yield what the reader can do, and where that is too little, what follows: once where it is the same for all backends."""
    different = reaches(figures, retriever, condition)
    for arm, reach in different.items():
        name = f"{figures.name(arm)}: " if len(different) > 1 else ""
        yield f"{name}{reach.sentence()}{' ' if reach.is_too_low else ''}{reach.verdict()}"


def reach_note(figures: Figures) -> str:
    """Return the reach with each retriever in short, empty where nobody reads: `Reach 20.3 % [18.1, 22.8] (n = 1180).`"""
    told = [
        f"{'' if len(figures.retrievers) == 1 else f'with {retriever}: '}{reach.in_short()}"
        f"{f' ({figures.name(arm)})' if len(different) > 1 else ''}"
        for retriever in figures.retrievers
        for different in (reaches(figures, retriever),)
        for arm, reach in different.items()
    ]
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def in_snippets(figures: Figures, arm: Arm, retriever: str) -> str:
    """Return what becomes of accepted answers in the first snippets, whatever is read in them; empty where it is not stored."""
    reference, hypothesis = (figures.row(arm, BY_TEXT, source, retriever) for source in ("reference", "hypothesis"))
    lost = figures.row(arm, BY_TEXT.replace("@", "_lost@"), None, retriever)
    if reference is None or hypothesis is None or lost is None:
        return ""
    first = BY_TEXT.partition("@")[2]
    are = "is" if count(lost) == "1" else "are"
    return (
        f"{figures.name(arm)}: an accepted answer stands in the first {first} snippets for {count(reference)} of "
        f"{utterances(reference):.0f} utterances from the reference text and for {count(hypothesis)} from the hypothesis; "
        f"{count(lost)} {are} lost, whatever is read in them (`{BY_TEXT}`)."
    )
