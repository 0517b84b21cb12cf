"""What a parse adds to the features of a candidate: which words of the question govern it, and its role beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from harness.answering.kinds import KINDS
from harness.answering.passage import Floats, Ints
from harness.answering.sentences import Sentences
from harness.answering.syntax import KIND_ENTITY, ROLES, SYNTAX, AskedRole, Parse, parse

# Which words of the question govern a candidate, or are governed by it or beside it.
GOVERNING: Final = (
    "governor", "second governor", "third governor", "beside", "beside governor", "governed", "near in tree",
    "far in tree", "asked about in sentence", "about as asked",
)  # fmt: skip
_TREE: Final = (0.4, 0.75)  # how much a word of the question counts less with each step to it along the parse
# The role that is asked for, that of the candidate, and whether both are about the same word.
ROLE: Final = tuple(f"{asked}, {role}{about}" for asked in ROLES for role in ROLES for about in ("", " of the same"))


def parse_features(chosen: Sentences, asked: AskedRole, pipeline: Any, language: str) -> tuple[Ints, Floats]:
    """Return the features of `SYNTAX`, kind beside entity and `ROLE`, int64[n_candidates, n], and those of `GOVERNING`."""
    n_entities = len(KIND_ENTITY) // len(KINDS)
    values = np.zeros((len(chosen.first), len(SYNTAX) + 2), np.int64)
    figures = np.zeros((len(chosen.first), len(GOVERNING)))
    for place in dict.fromkeys(chosen.passage.tolist()):
        passage, rows = chosen.passages[place], np.flatnonzero(chosen.passage == place)
        known = parse(passage, pipeline, language)
        first, last = chosen.first + chosen.shift, chosen.last + chosen.shift
        runs = list(zip(first[rows].tolist(), last[rows].tolist(), strict=True))
        root = known.roots(runs)
        values[rows, : len(SYNTAX)] = known.features(runs)
        matched = np.array([chosen.weights.get(stem, 0.0) for stem in passage.stems] + [0.0]) / chosen.total
        about = np.array([stem in asked.about for stem in passage.stems] + [False])[known.predicate[root]]
        figures[rows, :-2] = _governing(known, root, matched)
        figures[rows, -1] = about
        values[rows, -1] = (asked.role * len(ROLES) + known.roles[root]) * 2 + about
    holds = np.bincount(chosen.sentence, [stem in asked.about for stem in chosen.stems], len(chosen.edges) - 1) > 0
    figures[:, -2] = holds[chosen.sentence[chosen.first]]
    values[:, -2] = KINDS.index(chosen.asked.kind) * n_entities + values[:, list(SYNTAX).index("entity")]
    return values, figures


def _governing(known: Parse, root: Ints, matched: Floats) -> Floats:
    """Return the features of `GOVERNING` but the last two. `matched`: what each unit weighs in the question, then 0."""
    governor = np.append(known.governor, -1)  # that of unit -1, no unit, is no unit
    governed = np.bincount(governor[:-1] + 1, matched[:-1], minlength=len(governor))
    first = governor[root]
    second = governor[first]
    return np.stack(
        [
            matched[first],
            matched[second],
            matched[governor[second]],
            np.where(first >= 0, governed[first + 1] - matched[root], 0.0),
            np.where(second >= 0, governed[second + 1], 0.0),
            governed[root + 1],
            *(_near_in_tree(matched[:-1], known.governor, decay)[root] for decay in _TREE),
        ],
        axis=1,
    )


def _near_in_tree(matched: Floats, governor: Ints, decay: float) -> Floats:
    """Return the summed weight of the question's words around each unit, times `decay` for each step along the parse."""
    governors = governor.tolist()
    depth = _depths(governors)
    order = sorted(range(len(governors)), key=depth.__getitem__)
    below = matched.tolist()
    for unit in reversed(order):
        if governors[unit] >= 0 and depth[unit]:
            below[governors[unit]] += decay * below[unit]
    near = list(below)
    for unit in order:
        if governors[unit] >= 0 and depth[unit]:
            near[unit] += decay * (near[governors[unit]] - decay * below[unit])
    return np.array(near, np.float64)


def _depths(governors: Sequence[int]) -> list[int]:
    """Return how many governors stand above each unit; 0 for one that governs itself in a circle."""
    depths = [-1] * len(governors)
    for unit in range(len(governors)):
        path = []
        at = unit
        while at >= 0 and depths[at] < 0 and at not in path:
            path.append(at)
            at = governors[at]
        depth = depths[at] + 1 if at >= 0 and depths[at] >= 0 else 0
        for step in reversed(path):
            depths[step] = depth
            depth += 1
    return depths
