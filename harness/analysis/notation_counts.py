"""How many error regions of many texts differ in notation only, for `harness score`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.corpus_counts import Reference
from harness.words.align import Costs, align, error_regions
from harness.words.networks import WordNetwork
from harness.words.notation import mark_notation


@dataclass(frozen=True, slots=True)
class NotationCounts:
    """Error regions, and the notation variants among them."""

    error_regions: int = 0
    variants: int = 0


@dataclass(frozen=True)
class ScoredWords:
    """The words of the pairs that were scored, and by which rules."""

    references: Sequence[Reference]
    hypotheses: Sequence[Sequence[str]]
    costs: Costs
    language: str

    def notation(self) -> NotationCounts:
        """Count the regions of all pairs. Of a network, the words of the way through that fits best are the reference."""
        n_regions = n_variants = 0
        for reference, hypothesis in zip(self.references, self.hypotheses, strict=True):
            if reference == hypothesis:
                continue
            words = reference.align(hypothesis, self.costs)[0] if isinstance(reference, WordNetwork) else reference
            first, second = ([word.lower() for word in text] for text in (words, hypothesis))
            regions = mark_notation(first, second, error_regions(align(first, second, self.costs)), self.language)
            n_regions += len(regions)
            n_variants += sum(region.notation for region in regions)
        return NotationCounts(n_regions, n_variants)
