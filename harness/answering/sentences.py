"""The sentences of all snippets that have most of a question's words: only these are searched for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from harness.answering.candidates import read_parts
from harness.answering.passage import Bools, Floats, Ints, Passage
from harness.answering.question import Asked

N_SENTENCES: Final = 10  # sentences of all snippets together that are searched for the answer
_AROUND: Final = 0.2  # what the better sentence beside it adds to a sentence's share of the question, and what
_WHOLE: Final = 0.6  # the snippet adds, and
_BY_RANK: Final = 0.01  # each rank takes away


@dataclass(frozen=True, eq=False)
class Sentences:
    """The sentences that have most of a question's words, side by side, with all candidates in them.

    Units and candidates stand in the order of the snippets. `first` and `last` are places among the units here; those in
    the passage are `shift` further.
    """

    asked: Asked
    weights: Mapping[str, float]  # stem -> weight
    total: float  # of the weights
    passages: Sequence[Passage]
    shares: Sequence[Floats]  # of the question, by passage and sentence
    stems: Sequence[str]
    codes: Ints  # [n_units] and so are those below
    before: Ints
    after: Ints
    idle: Bools
    rarity: Floats
    sentence: Ints
    edges: Ints  # [n_chosen + 1]
    overlap: Floats  # [n_chosen] and so are those below
    around: Floats
    whole: Floats
    rank: Ints
    place: Ints  # of the sentence in its snippet: title, first, later
    first: Ints  # [n_candidates] and so are those below
    last: Ints
    shift: Ints
    shape: Ints
    keys: Sequence[str]
    words: Sequence[str]
    passage: Ints

    def written(self, candidate: int) -> str:
        """Return a candidate as it stands in its snippet."""
        passage, shift = self.passages[int(self.passage[candidate])], int(self.shift[candidate])
        units = passage.units
        return passage.text[units[self.first[candidate] + shift].start : units[self.last[candidate] + shift].end]


def choose(asked: Asked, passages: Sequence[Passage], language: str) -> Sentences | None:
    """Return the sentences worth searching; `None` where no snippet shares a word with the question, or has a candidate."""
    weights = {stem: max(words.values()) for stem, words in asked.stems.items()}
    total = sum(weights.values()) or 1.0
    rows: list[tuple[float, int, int]] = []
    shares, arounds, wholes = [], [], []
    for rank, passage in enumerate(passages):
        share, whole = _share(passage, weights, total)
        around = np.maximum(np.append(share[1:], 0.0), np.append(0.0, share[:-1])) if len(share) else share
        shares.append(share)
        arounds.append(around)
        wholes.append(whole)
        worth = share + _AROUND * around + _WHOLE * whole - _BY_RANK * rank
        rows += [(-round(value, 6), rank, sentence) for sentence, value in enumerate(worth.tolist())]
    if not any(wholes):
        return None
    order = {(p, s): place for place, (_, p, s) in enumerate(sorted(rows)[:N_SENTENCES])}
    chosen = sorted(order)
    parts = read_parts([(passages[p], s) for p, s in chosen], language, asked.ruled)
    counts = [len(part.keys) for part in parts]
    if not sum(counts):
        return None
    lengths = [len(part.codes) for part in parts]
    edges = np.cumsum([0, *lengths])
    starts = np.array([passages[p].edges[s] for p, s in chosen])
    moved = np.repeat(edges[:-1], counts)
    most = max(wholes)
    return Sentences(
        asked=asked,
        weights=weights,
        total=total,
        passages=passages,
        shares=shares,
        stems=[stem for p, s in chosen for stem in passages[p].stems[slice(*passages[p].edges[s : s + 2])]],
        codes=np.concatenate([part.codes for part in parts]),
        before=np.concatenate([part.before for part in parts]),
        after=np.concatenate([part.after for part in parts]),
        idle=np.concatenate([part.idle for part in parts]),
        rarity=np.concatenate([part.weights for part in parts]),
        sentence=np.repeat(np.arange(len(parts)), lengths),
        edges=edges,
        overlap=np.array([shares[p][s] for p, s in chosen]),
        around=np.array([arounds[p][s] for p, s in chosen]),
        whole=np.array([wholes[p] - most for p, _ in chosen]),
        rank=np.array([order[pair] for pair in chosen]),
        place=np.array([_place(passages[p], s) for p, s in chosen]),
        first=np.concatenate([part.first for part in parts]) + moved,
        last=np.concatenate([part.last for part in parts]) + moved,
        shift=np.repeat(starts - edges[:-1], counts),
        shape=np.concatenate([part.shape for part in parts]),
        keys=[key for part in parts for key in part.keys],
        words=[words for part in parts for words in part.words],
        passage=np.repeat([p for p, _ in chosen], counts),
    )


def _share(passage: Passage, weights: Mapping[str, float], total: float) -> tuple[Floats, float]:
    """Return the share of a question's words that each sentence of a passage has, and the whole passage."""
    share, whole = np.zeros(len(passage.lines)), 0.0
    for stem, weight in weights.items():
        where = passage.sentences_with.get(stem)
        if where is not None:
            share[where] += weight / total
            whole += weight / total
    return share, whole


def _place(passage: Passage, sentence: int) -> int:
    if passage.edges[sentence] < passage.title_units:
        return 0
    return 1 if passage.edges[sentence] == passage.title_units else 2
