"""What a transcript would have found with some of its errors repaired."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.records import ErrorRegion
from harness.words.align import repair

Outcome = Callable[[Sequence[str]], Sequence[bool]]  # texts of variants -> whether each one is answered


def restoring_regions(
    reference: Sequence[str], hypothesis: Sequence[str], regions: Sequence[ErrorRegion], outcome: Outcome
) -> tuple[int, ...]:
    """The regions whose repair, each alone, makes `outcome` true. For samples whose answer was lost.

    `reference` and `hypothesis` are normalised tokens; all variants are judged in one call.
    """
    if not regions:
        return ()
    variants = [" ".join(repair(reference, hypothesis, regions, {index})) for index in range(len(regions))]
    return tuple(index for index, restored in enumerate(outcome(variants)) if restored)
