"""The word errors of many utterances at once: `count_errors` without its records, for very many pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.records import Operation
from harness.words.align import Costs, corpus_edits
from harness.words.networks import WordNetwork
from harness.words.weighted import Edit

CLASSES = ("common", "rare")
OPERATIONS: tuple[Operation, ...] = ("hit", "substitution", "deletion", "insertion")
_HIT = 0
Reference = Sequence[str] | WordNetwork
_COLUMN = {operation: column for column, operation in enumerate(OPERATIONS)}


@dataclass(frozen=True)
class CorpusCounts:
    """Counts by utterance.

    words: int64[n_utterances, len(CLASSES), len(OPERATIONS)]
    false_rare_insertions: int64[n_utterances]
    """

    words: NDArray[np.int64]
    false_rare_insertions: NDArray[np.int64]


def count_corpus(
    references: Sequence[Reference],
    hypotheses: Sequence[Sequence[str]],
    rare_words: Iterable[AbstractSet[str]],
    costs: Costs,
) -> CorpusCounts:
    """The counts of each pair; `rare_words` gives, pair by pair, the set of words that are rare there.

    Of a network, the words of the way through that fits the hypothesis best are the reference.
    """
    rows: list[list[int]] = []
    false_alarms: list[int] = []
    differing = [
        (reference, hypothesis)
        for reference, hypothesis in zip(references, hypotheses, strict=True)
        if reference != hypothesis and not isinstance(reference, WordNetwork)
    ]
    errors = corpus_edits([pair[0] for pair in differing], [pair[1] for pair in differing], costs)
    for reference, hypothesis, rare in zip(references, hypotheses, rare_words, strict=False):
        if isinstance(reference, WordNetwork):
            reference, pair_errors = reference.align(hypothesis, costs)  # noqa: PLW2901 - the words of the best way
        else:
            pair_errors = next(errors) if reference != hypothesis else []
        n_rare = sum(map(rare.__contains__, reference))
        row = [len(reference) - n_rare, 0, 0, 0, n_rare, 0, 0, 0]  # all hits, until an error takes one away
        false_alarms.append(_charge(row, reference, hypothesis, rare, pair_errors))
        rows.append(row)
    shape = (len(rows), len(CLASSES), len(OPERATIONS))
    return CorpusCounts(np.array(rows, dtype=np.int64).reshape(shape), np.array(false_alarms, dtype=np.int64))


def _charge(
    row: list[int],
    reference: Sequence[str],
    hypothesis: Sequence[str],
    rare: AbstractSet[str],
    errors: Sequence[Edit],
) -> int:
    """Book the errors of one pair in `row`, flat [class][operation]; return its rare-word false alarms."""
    false_alarms = 0
    for operation, position, place in errors:
        if operation == "insertion":
            first = len(OPERATIONS) * (hypothesis[place] in rare)
        else:
            first = len(OPERATIONS) * (reference[position] in rare)
            row[first + _HIT] -= 1
        row[first + _COLUMN[operation]] += 1
        if operation != "deletion":
            false_alarms += hypothesis[place] in rare and hypothesis[place] not in reference
    return false_alarms
