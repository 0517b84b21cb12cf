"""Two files of transcripts to word error rates, of all words, of common and of rare ones: `harness score`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.analysis.corpus_counts import CLASSES, CorpusCounts, count_corpus
from harness.analysis.error_rates import Counts
from harness.analysis.transcript_pairs import NIST_FORMATS, read_pair
from harness.errors import UnknownName, UsageError
from harness.words.align import NIST, UNIT, Costs
from harness.words.normalise import tokenise
from harness.words.rarity import is_rare
from harness.words.transcripts.entries import Entry, read_word_list

COSTS: Mapping[str, Costs] = {"unit": UNIT, "nist": NIST}
Normaliser = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class UtteranceScore:
    """The counts of one utterance; `missing` if it had no hypothesis."""

    id: str
    missing: bool
    common: Counts
    rare: Counts
    false_rare_insertions: int

    @property
    def words(self) -> Counts:
        """All words, common and rare."""
        return self.common + self.rare


@dataclass(frozen=True)
class Score:
    """The counts of a pair of files.

    `missing` are the ids without a hypothesis: all of their words are counted as deleted. An empty reference has no
    rate of its own, but the words inserted there count in the sums.
    """

    utterance_ids: tuple[str, ...]
    missing: frozenset[str]
    n_empty_references: int
    counts: CorpusCounts

    @property
    def common(self) -> Counts:
        """Common words."""
        return _counts(self.counts.words[:, CLASSES.index("common")].sum(axis=0))

    @property
    def rare(self) -> Counts:
        """Rare words."""
        return _counts(self.counts.words[:, CLASSES.index("rare")].sum(axis=0))

    @property
    def words(self) -> Counts:
        """All words, common and rare."""
        return self.common + self.rare

    @property
    def false_rare_insertions(self) -> int:
        """Rare words in hypotheses whose references have them nowhere."""
        return int(self.counts.false_rare_insertions.sum())

    def utterances(self) -> Iterator[UtteranceScore]:
        """The counts of each utterance, in the reference's order."""
        for index, identity in enumerate(self.utterance_ids):
            common, rare = self.counts.words[index]
            false_rare = int(self.counts.false_rare_insertions[index])
            yield UtteranceScore(identity, identity in self.missing, _counts(common), _counts(rare), false_rare)

    def to_dict(self) -> dict[str, Any]:
        """What `harness score --json` writes. Rates are fractions, `None` where there is no reference word."""
        return {
            **{name: _as_dict(counts) for name, counts in self._by_class()},
            "false_rare_insertions": self.false_rare_insertions,
            "utterances": {
                "scored": len(self.utterance_ids) - len(self.missing),
                "missing": len(self.missing),
                "empty_reference": self.n_empty_references,
            },
        }

    def _by_class(self) -> tuple[tuple[str, Counts], ...]:
        return ("words", self.words), ("common", self.common), ("rare", self.rare)


def score(
    reference_path: Path | str,
    hypothesis_path: Path | str,
    *,
    format: str | None = None,
    costs: str = "unit",
    normaliser: str | None = None,
    rare_words: Path | str | None = None,
) -> Score:
    """The word errors of the hypotheses in one file against the references in another.

    `format` is one of those in `harness.words.transcripts`; where it is `None`, each file's name tells its own, so that
    an stm can be scored against a ctm. `costs` is `unit` or `nist` (as sclite); is21 has costs of its own, which are
    NIST's. `normaliser` is `default` or `none` (words as they stand between spaces; lower case for NIST's formats, as
    sclite has it); unless named, `none` for NIST's formats (trn, ctm, stm) and is21, `default` for the others.
    `rare_words` is a file with one word a line that replaces the frequency rule.

    Raises `TranscriptError` for files that cannot be read or do not fit together, `UsageError` for unknown names.
    """
    if costs not in COSTS:
        raise UnknownName("costs", costs, COSTS)
    references, hypotheses, format = read_pair(Path(reference_path), Path(hypothesis_path), format)
    words_of = _normaliser(normaliser, format)
    reference_words = [words_of(entry.text) for entry in references.values()]
    hypothesis_words = [
        words_of(hypotheses[identity].text) if identity in hypotheses else [] for identity in references
    ]
    if format == "is21":
        if rare_words is not None:
            raise UsageError(
                "is21 names each utterance's rare words in its reference: leave out the list of rare words"
            )
        rare: Sequence[AbstractSet[str]] | repeat[AbstractSet[str]] = _own_rare_words(references.values(), words_of)
    else:
        rare = repeat(
            _listed(Path(rare_words), words_of) if rare_words else _infrequent(reference_words, hypothesis_words)
        )
    counts = count_corpus(reference_words, hypothesis_words, rare, NIST if format == "is21" else COSTS[costs])
    missing = frozenset(references.keys() - hypotheses.keys())
    return Score(tuple(references), missing, reference_words.count([]), counts)


def _normaliser(name: str | None, format: str) -> Normaliser:
    chosen = name or ("none" if format in {*NIST_FORMATS, "is21"} else "default")
    if chosen == "default":
        return tokenise
    if chosen != "none":
        raise UnknownName("normaliser", chosen, ("default", "none"))
    return (lambda text: text.lower().split()) if format in NIST_FORMATS else str.split


def _own_rare_words(entries: Iterable[Entry], words_of: Normaliser) -> list[AbstractSet[str]]:
    return [_words(entry.rare_words or (), words_of) for entry in entries]


def _listed(path: Path, words_of: Normaliser) -> AbstractSet[str]:
    return _words(read_word_list(path), words_of)


def _words(texts: Sequence[str], words_of: Normaliser) -> AbstractSet[str]:
    """The tokens of some words; a possessive among them does not make every possessive rare."""
    return frozenset(token for text in texts for token in words_of(text)) - {"'s"}


def _infrequent(*corpora: Sequence[Sequence[str]]) -> AbstractSet[str]:
    vocabulary = set[str]().union(*(words for corpus in corpora for words in corpus))
    return frozenset(word for word in vocabulary if is_rare(word.lower()))


def _counts(operations: NDArray[np.int64]) -> Counts:
    """`operations`: int64[4], in the order of `corpus_counts.OPERATIONS`, which is that of the fields."""
    return Counts(*operations.tolist())


def _as_dict(counts: Counts) -> dict[str, int | float | None]:
    return {"reference": counts.reference, **asdict(counts), "rate": counts.rate}
