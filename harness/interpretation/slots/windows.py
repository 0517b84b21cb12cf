"""Runs of words of many texts beside many names, however alike they are: each distinct run is compared once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.interpretation.slots.lexicon import Lexicon, Name
from harness.interpretation.slots.protocol import Mention, Slots, without_overlaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_ALIKE = 0.5  # of a run and a name; what is less alike is no mention
_EXTRA_WORDS = 2  # a run may have more words than the longest name: "mad dog or" for "medawar"
_ROWS = 512  # runs compared at once

Nearest = dict[Name, list[tuple[int, float] | None]]  # run -> for each size its nearest name, and how alike


@dataclass(frozen=True)
class Comparison:
    """How runs of words are compared: `key` spells them for a first, fast comparison; `rescore` judges the likeliest anew.

    Without `rescore` the first comparison decides, and `n_rescored` is 1.
    """

    key: Callable[[Name], str]
    rescore: Callable[[Name, Name], float] | None = None
    n_rescored: int = 1


def mentions_by_likeness(
    texts: Sequence[Sequence[str]], lexicon: Lexicon, sizes: Sequence[int], how: Comparison
) -> list[list[Slots]]:
    """Return for each size the possible slots of each text: of every run of its words the name that it is most like."""
    entries = lexicon.entries()
    longest = max((len(name) for name, _ in entries), default=0) + _EXTRA_WORDS
    runs = dict.fromkeys(run for words in texts for _, run in runs_of(words, longest))
    nearest = _nearest(list(runs), lexicon, sizes, how)
    slots: list[list[Slots]] = [[] for _ in sizes]
    for words in texts:
        own = [(start, run, nearest[run]) for start, run in runs_of(words, longest) if run in nearest]
        for column, of_size in enumerate(slots):
            mentions = [
                Mention(start, start + len(run), *name_and_score)
                for start, run, by_size in own
                if (name_and_score := by_size[column]) is not None
            ]
            of_size.append(without_overlaps(mentions))
    return slots


def runs_of(words: Sequence[str], longest: int) -> Iterator[tuple[int, Name]]:
    """Yield every run of at most so many words, and where it begins."""
    for start in range(len(words)):
        for length in range(1, min(longest, len(words) - start) + 1):
            yield start, tuple(words[start : start + length])


def _nearest(runs: Sequence[Name], lexicon: Lexicon, sizes: Sequence[int], how: Comparison) -> Nearest:
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    entries = lexicon.entries()
    keys = [how.key(name) for name, _ in entries]
    own = np.array([place for _, place in entries])
    within = [own < lexicon.reach(size) for size in sizes]
    spelt = [how.key(run) for run in runs]
    nearest: Nearest = {}
    for first in range(0, len(runs), _ROWS):
        block = spelt[first : first + _ROWS]
        alike = cdist(
            block, keys, scorer=Levenshtein.normalized_similarity, score_cutoff=FEWEST_ALIKE, dtype=np.float32
        )
        for row in np.flatnonzero(alike.max(axis=1, initial=0) > 0).tolist():
            run = runs[first + row]
            best = [_best(run, alike[row] * mask, entries, how) for mask in within]
            if any(one is not None for one in best):
                nearest[run] = best
    return nearest


def _best(
    run: Name, alike: NDArray[np.float32], entries: Sequence[tuple[Name, int]], how: Comparison
) -> tuple[int, float] | None:
    """Return the name that a run is most like, and how alike; the first of equals."""
    likeliest = (-alike).argsort(kind="stable")[: how.n_rescored]
    scored = [
        (float(alike[at]) if how.rescore is None else how.rescore(run, entries[at][0]), -entries[at][1])
        for at in likeliest.tolist()
        if alike[at] > 0
    ]
    score, place = max(scored, default=(0.0, 0))
    return (-place, score) if score >= FEWEST_ALIKE else None
