"""Which recordings are recognised in parts: that costs an engine several times what it costs to recognise them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def draw(recordings: Sequence[tuple[str, str]], n: int, seed: int) -> tuple[str, ...]:
    """Return the ids of `n` recordings, or of all where there are no more, in the order given. `recordings` are pairs of
    recording and question.

    No question has two recordings before every question has one: questions, not recordings, make a figure certain.
    """
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for place in np.random.default_rng(seed).permutation(len(recordings)).tolist():
        question = recordings[place][1]
        turns.append((seen[question], place))
        seen[question] += 1
    first = sorted(turns, key=lambda turn: turn[0])[:n]  # stable: within a turn, the drawn order
    return tuple(recordings[place][0] for place in sorted(place for _, place in first))
