"""What `harness score` counts beside words: error regions that differ in notation only, and characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.corpus_counts import Reference
from harness.analysis.error_rates import Counts, count_characters
from harness.words.align import Costs, align, error_regions
from harness.words.networks import WordNetwork
from harness.words.notation.variants import mark_notation


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

    def characters(self) -> Counts:
        """Count the characters of all pairs."""
        return sum((count_characters(*pair, self.language) for pair in self._pairs()), Counts())

    def _pairs(self) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Each reference with its hypothesis; of a network, the words of the way through that fits best."""
        for reference, hypothesis in zip(self.references, self.hypotheses, strict=True):
            words = reference.align(hypothesis, self.costs)[0] if isinstance(reference, WordNetwork) else reference
            yield words, hypothesis

    def notation(self) -> NotationCounts:
        """Count the regions of all pairs."""
        n_regions = n_variants = 0
        for words, hypothesis in self._pairs():
            if words == hypothesis:
                continue
            first, second = ([word.lower() for word in text] for text in (words, hypothesis))
            regions = mark_notation(first, second, error_regions(align(first, second, self.costs)), self.language)
            n_regions += len(regions)
            n_variants += sum(region.notation for region in regions)
        return NotationCounts(n_regions, n_variants)
