"""A hypothesis laid beside its reference word by word, and the error regions between them.

Unit costs are jiwer's work, on rapidfuzz; other costs are worked out here. Among alignments of equal cost one is pinned:

- unit costs: jiwer's. The words that both texts begin with and those that both end with are matched first. Between
  them, reading from the end: a deletion where one is of least cost; else an insertion, if the reference word at hand
  lowers the cost of the hypothesis words before; else a match or substitution;
- other costs: reading from the end, a match or substitution before an insertion, an insertion before a deletion. That
  is sclite's order (SCTK, `net_dp.c`) and that of the LibriSpeech biasing scorer (Le et al., Interspeech 2021).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jiwer import AbstractTransform, AlignmentChunk, process_words

from harness.records import AlignedWord, ErrorRegion, Operation, RegionKind, Seconds
from harness.words.weighted import Edit, weighted_edits


@dataclass(frozen=True, slots=True)
class Costs:
    """What each kind of error costs; a match costs nothing.

    `optional_deletion` is for the words of a `WordNetwork` that may be missing: where they are, that is no error.
    """

    substitution: int
    insertion: int
    deletion: int
    optional_deletion: int = 0


UNIT = Costs(1, 1, 1)
NIST = Costs(4, 3, 3, 2)  # sclite's

_OPERATIONS: dict[str, Operation] = {"substitute": "substitution", "insert": "insertion", "delete": "deletion"}
_MANY_CELLS = 10_000  # from where on NumPy is faster
_PAIRS_AT_ONCE = 100  # jiwer needs 10 us a pair, 13 us pair by pair; more at once only take memory


def edits(reference: Sequence[str], hypothesis: Sequence[str], costs: Costs = UNIT) -> list[Edit]:
    """Return the errors alone, in order: operation, reference index, hypothesis index.

    An insertion stands before the reference word of its index, a deletion before the hypothesis word of its index.
    """
    return next(corpus_edits([reference], [hypothesis], costs))


def expected_seconds(n_reference: int, n_hypothesis: int, costs: Costs) -> Seconds:
    """Return about how long one pair takes to align on an ordinary core: 100,000 words a side half a minute, weighted 150 s."""
    return n_reference * n_hypothesis * (3e-9 if costs == UNIT else 1.5e-8)


def corpus_edits(
    references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]], costs: Costs = UNIT
) -> Iterator[list[Edit]]:
    """Yield the `edits` of each pair of texts, in order."""
    if costs != UNIT:
        for reference, hypothesis in zip(references, hypotheses, strict=True):
            yield _weighted_edits(reference, hypothesis, costs)
        return
    for start in range(0, len(references), _PAIRS_AT_ONCE):
        several = slice(start, start + _PAIRS_AT_ONCE)
        output = process_words(_lists(references[several]), _lists(hypotheses[several]), _TOKENS, _TOKENS)
        yield from (list(_unit_edits(chunks)) for chunks in output.alignments)


def _lists(texts: Sequence[Sequence[str]]) -> list[Any]:  # jiwer's annotation names texts only
    return [list(tokens) for tokens in texts]


class _Tokens(AbstractTransform):
    """Hands jiwer lists of tokens as they are: the texts are normalised already."""

    def process_list(self, inp: list[Any]) -> list[Any]:
        return inp


_TOKENS = _Tokens()


def _unit_edits(chunks: Sequence[AlignmentChunk]) -> Iterator[Edit]:
    for chunk in chunks:
        if chunk.type != "equal":
            operation, row, column = _OPERATIONS[chunk.type], chunk.ref_start_idx, chunk.hyp_start_idx
            in_reference, in_hypothesis = operation != "insertion", operation != "deletion"
            for step in range(max(chunk.ref_end_idx - row, chunk.hyp_end_idx - column)):
                yield operation, row + step * in_reference, column + step * in_hypothesis


def align(reference: Sequence[str], hypothesis: Sequence[str], costs: Costs = UNIT) -> tuple[AlignedWord, ...]:
    """Return every word of both texts in order, at the least total cost.

    align(["peter", "medawar"], ["peter", "mad", "dog"]) -> hit peter, insertion mad, substitution medawar/dog
    """
    return tuple(_steps(reference, hypothesis, edits(reference, hypothesis, costs)))


def error_regions(alignment: Sequence[AlignedWord]) -> tuple[ErrorRegion, ...]:
    """Return the maximal runs of words that do not match, in order, as token ranges of both texts.

    `medawar` recognised as `mad dog or` is one region, reference (0, 1) against hypothesis (0, 3), of kind `split`.
    """
    regions: list[ErrorRegion] = []
    row = column = 0
    for is_hit, run in groupby(alignment, key=lambda word: word.operation == "hit"):
        words = list(run)
        row_end = row + sum(word.reference is not None for word in words)
        column_end = column + sum(word.hypothesis is not None for word in words)
        if not is_hit:
            kind = _region_kind(row_end - row, column_end - column)
            regions.append(ErrorRegion(row, row_end, column, column_end, kind))
        row, column = row_end, column_end
    return tuple(regions)


def repair(
    reference: Sequence[str], hypothesis: Sequence[str], regions: Sequence[ErrorRegion], repaired: Collection[int]
) -> list[str]:
    """Return the hypothesis with the regions whose indexes are in `repaired` replaced by the words of the reference.

    With all of them repaired this is the reference; with none, the hypothesis.
    """
    words: list[str] = []
    position = 0
    for index, region in enumerate(regions):
        words += hypothesis[position : region.hypothesis_start]
        words += (
            reference[region.reference_start : region.reference_end]
            if index in repaired
            else hypothesis[region.hypothesis_start : region.hypothesis_end]
        )
        position = region.hypothesis_end
    return [*words, *hypothesis[position:]]


def _steps(reference: Sequence[str], hypothesis: Sequence[str], errors: Sequence[Edit]) -> Iterator[AlignedWord]:
    """Yield the alignment: the errors, with the words between them as hits."""
    row = 0
    for operation, error_row, error_column in errors:
        yield from (AlignedWord("hit", word, word) for word in reference[row:error_row])
        row = error_row if operation == "insertion" else error_row + 1
        yield AlignedWord(
            operation,
            None if operation == "insertion" else reference[error_row],
            None if operation == "deletion" else hypothesis[error_column],
        )
    yield from (AlignedWord("hit", word, word) for word in reference[row:])


def _region_kind(n_reference: int, n_hypothesis: int) -> RegionKind:
    if n_reference == 0:
        return "insertion"
    if n_hypothesis == 0:
        return "deletion"
    if n_hypothesis == n_reference:
        return "substitution"
    return "split" if n_hypothesis > n_reference else "merge"


def _weighted_edits(reference: Sequence[str], hypothesis: Sequence[str], costs: Costs) -> list[Edit]:
    """Return the edits by dynamic programming over int cells [n_reference + 1][n_hypothesis + 1]."""
    if len(reference) * len(hypothesis) > _MANY_CELLS:
        return weighted_edits(reference, hypothesis, costs.substitution, costs.insertion, costs.deletion)
    insertion, deletion = costs.insertion, costs.deletion
    above = [column * insertion for column in range(len(hypothesis) + 1)]
    came_by: list[list[Operation]] = [["insertion"] * len(above)]
    for word in reference:
        left = above[0] + deletion
        row: list[int] = [left]
        moves: list[Operation] = ["deletion"]
        for column, other in enumerate(hypothesis):
            matches = word == other
            best = above[column] if matches else above[column] + costs.substitution
            move: Operation = "hit" if matches else "substitution"
            if left + insertion < best:
                best, move = left + insertion, "insertion"
            if above[column + 1] + deletion < best:
                best, move = above[column + 1] + deletion, "deletion"
            row.append(best)
            moves.append(move)
            left = best
        came_by.append(moves)
        above = row
    return _traced(came_by)


def _traced(came_by: Sequence[Sequence[Operation]]) -> list[Edit]:
    """Return the errors on the way back from the last cell, in reading order."""
    row, column = len(came_by) - 1, len(came_by[0]) - 1
    errors: list[Edit] = []
    while row or column:
        move = came_by[row][column]
        row -= move != "insertion"
        column -= move != "deletion"
        if move != "hit":
            errors.append((move, row, column))
    return errors[::-1]
