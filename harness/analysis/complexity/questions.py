"""Every measure of complexity for sets of one suite's questions, and what each is called and means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from harness.analysis.complexity.clusters import Clustering
from harness.analysis.complexity.spanning_tree import MOST_TEXTS, distances, tree_weights
from harness.analysis.complexity.word_counts import WordCounts
from harness.errors import UnknownName, UsageError
from harness.records import Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

RAND: Final = "adjusted_rand:"
MEANINGS: Final[Mapping[str, tuple[str, str]]] = {  # name -> heading, meaning; in the order of tables
    "vocabulary": ("vocabulary", "different words in the references"),
    "distinct_texts": ("distinct texts", "references that differ"),
    "entropy_1": ("word entropy", "Shannon's entropy of the words, in bits"),
    "entropy_2": ("pair entropy", "Shannon's entropy of pairs of neighbouring words, in bits"),
    "entropy_3": ("triple entropy", "Shannon's entropy of three neighbouring words, in bits"),
    "rare_share": ("share of rare words", "rare words among all words of the references"),
    "tree_weight": (
        "tree weight",
        "length of the minimum spanning tree over sentence embeddings, Euclidean on unit vectors",
    ),
    "tree_weight_per_edge": (
        "tree weight per edge",
        "the same divided by its number of edges, since the sum grows with size",
    ),
}
_NO_LABELS: Final = ("pronunciation",)  # nearly every question has a value of its own


@dataclass(frozen=True)
class QuestionSets:
    """What sets of questions are measured by. `apart` are the distances between their embeddings, `None` without an encoder
    and for more than 5,000 questions; `clusterings` are by tag; `has_rarity` says whether anything tells which words are rare.
    """

    counts: WordCounts
    apart: NDArray[np.float64] | None
    clusterings: Mapping[str, Clustering]
    has_rarity: bool = True

    @classmethod
    def of(
        cls,
        texts: Sequence[Sequence[str]],
        is_rare: Callable[[str], bool] | None,
        embeddings: NDArray[np.float64] | None = None,
        labels: Mapping[str, Sequence[str | None]] | None = None,
        seed: int = 0,
    ) -> QuestionSets:
        """Prepare the questions with these normalised texts. `labels` are by tag, one a question."""
        return cls(
            WordCounts.of(texts, is_rare or (lambda word: False)),
            None if embeddings is None or len(texts) > MOST_TEXTS else distances(embeddings),
            {}
            if embeddings is None
            else {tag: Clustering.of(each, embeddings, seed) for tag, each in (labels or {}).items()},
            is_rare is not None,
        )

    def measure(self, kept: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
        """Return each measure of every set: float64[n_sets], NaN where a set has none. `kept` is bool[n_sets, n_questions]."""
        measured = self.counts.measure(kept)
        if not self.has_rarity:
            del measured["rare_share"]
        if self.apart is not None:
            weights, edges = tree_weights(self.apart, kept), kept.sum(axis=1) - 1.0
            measured["tree_weight"] = weights
            measured["tree_weight_per_edge"] = np.where(edges > 0, weights / np.where(edges > 0, edges, 1.0), np.nan)
        return measured | {f"{RAND}{tag}": each.adjusted_rand(kept) for tag, each in self.clusterings.items()}


def heading(measure: str) -> str:
    """Return what tables call a measure."""
    return f"Rand index of {measure.removeprefix(RAND)}" if measure.startswith(RAND) else MEANINGS[measure][0]


def meaning(measure: str) -> str:
    """Return what a measure is."""
    if measure.startswith(RAND):
        return f"adjusted Rand index of the tag {measure.removeprefix(RAND)} against k-means clusters of the embeddings"
    return MEANINGS[measure][1]


def labels_of(questions: Sequence[Question], tags: Sequence[str] | None) -> dict[str, tuple[str | None, ...]]:
    """Return the labels of every question by tag: of the tags named, or of all that put questions together.

    Those have two values at least, and half as many values as questions at most. Raises `UsageError` for a tag that no
    question has, or that has one value only.
    """
    known = sorted({tag for question in questions for tag in question.tags})
    for tag in tags or ():
        if tag not in known:
            raise UnknownName("tag", tag, known)
    labels = {tag: tuple(question.tags.get(tag) for question in questions) for tag in tags or known}
    numbers = {tag: len({label for label in each if label is not None}) for tag, each in labels.items()}
    if tags is not None:
        for tag, number in numbers.items():
            if number < 2:
                raise UsageError(f"the tag {tag!r} has one value only; labels are compared with clusters from two on")
        return labels
    return {
        tag: each
        for tag, each in labels.items()
        if tag not in _NO_LABELS and 2 <= numbers[tag] <= sum(label is not None for label in each) / 2
    }
