"""Word error rates of texts or files of transcripts, of all words, of common and of rare ones: `harness score`."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import repeat
from os.path import isfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.analysis.corpus_counts import CLASSES, OPERATIONS, CorpusCounts, count_corpus
from harness.analysis.error_rates import Counts
from harness.analysis.notation_counts import NotationCounts, ScoredWords
from harness.analysis.transcript_pairs import NIST_FORMATS, read_pair
from harness.errors import Notice, UnknownName, UsageError
from harness.records import Seconds
from harness.words.align import NIST, UNIT, Costs, expected_seconds
from harness.words.languages import spaces_words
from harness.words.rarity import is_rare
from harness.words.text.nonspeech import KINDS, NIST_KINDS, WITHOUT_SOUNDS, speech
from harness.words.text.normalisers import DEFAULT, NORMALISERS, WHISPER, Normaliser
from harness.words.text.normalisers import normaliser as make_normaliser
from harness.words.transcripts.entries import Entry, read_word_list

COSTS: Mapping[str, Costs] = {"unit": UNIT, "nist": NIST}
_LONG: Seconds = 10.0
NONE = "none"  # the normaliser that leaves words as they are; a run has no use for it
WordsOf = Callable[[str], list[str]]
Texts = str | Sequence[str]


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


@dataclass(frozen=True, repr=False)
class Score:
    """The counts of all pairs of a reference and a hypothesis.

    `utterance_ids` are the files' own, or the places in the list, from 1. `missing` are the ids without a hypothesis: all of
    their words are counted as deleted. An empty reference has no rate of its own, but the words inserted there count in the
    sums.
    """

    utterance_ids: tuple[str, ...]
    missing: frozenset[str]
    counts: CorpusCounts
    format: str = field(default="", compare=False)
    """What the reference was read as; empty for texts."""
    not_speech: Mapping[str, int] = field(default_factory=dict, compare=False)
    """What was removed from hypotheses before they were scored: kind (`time_stamps` ...) to how many."""
    n_cleaned: int = field(default=0, compare=False)
    """The hypotheses that something was removed from."""
    normaliser: str = field(default="", compare=False)
    """Name and version of the rules that made words of the texts; `none` where they are as they stand."""
    language: str = field(default="", compare=False)
    """That of the texts, as it was given."""
    scored_words: ScoredWords | None = field(default=None, compare=False)
    """What was scored; `None` where that is not kept."""

    @property
    def n_empty_references(self) -> int:
        """References without a word; of one that leaves a choice, the way through that fits best."""
        in_reference = [OPERATIONS.index(operation) for operation in ("hit", "substitution", "deletion")]
        return int((self.counts.words[:, :, in_reference].sum(axis=(1, 2)) == 0).sum())

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

    @cached_property
    def characters(self) -> Counts | None:
        """All characters, where words are not spaced: CER tells more there than WER; `None` elsewhere."""
        scored = self.scored_words
        return None if scored is None or spaces_words(scored.language) else scored.characters()

    @cached_property
    def notation(self) -> NotationCounts:
        """How many error regions there are, and how many of them differ in notation only: counted when first asked for."""
        return self.scored_words.notation() if self.scored_words is not None else NotationCounts()

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={counts}" for name, counts in self._by_class())
        return f"Score({counts}, false_rare_insertions={self.false_rare_insertions}, missing={len(self.missing)})"

    def utterances(self) -> Iterator[UtteranceScore]:
        """The counts of each utterance, in the reference's order."""
        for index, identity in enumerate(self.utterance_ids):
            common, rare = self.counts.words[index]
            false_alarms = int(self.counts.false_rare_insertions[index])
            yield UtteranceScore(identity, identity in self.missing, _counts(common), _counts(rare), false_alarms)

    def to_dict(self) -> dict[str, Any]:
        """What `harness score --json` writes. Rates are fractions, `None` where there is no reference word."""
        return {
            **{name: _as_dict(counts) for name, counts in self._by_class()},
            "false_rare_insertions": self.false_rare_insertions,
            "notation": asdict(self.notation),
            "utterances": {
                "scored": len(self.utterance_ids) - len(self.missing),
                "missing": len(self.missing),
                "empty_reference": self.n_empty_references,
            },
            "not_speech": {
                "utterances": self.n_cleaned,
                "removed": {kind: n for kind in KINDS if (n := self.not_speech.get(kind))},
            },
            "normaliser": self.normaliser,
            "language": self.language,
        }

    def _by_class(self) -> tuple[tuple[str, Counts], ...]:
        first = () if self.characters is None else (("characters", self.characters),)
        return *first, ("words", self.words), ("common", self.common), ("rare", self.rare)


def score(  # noqa: PLR0913 - an argument for each option of the command
    reference: Texts | Path,
    hypothesis: Texts | Path,
    *,
    format: str | None = None,
    costs: str = "unit",
    normaliser: str | None = None,
    language: str = "en",
    rare_words: Collection[str] | Path | None = None,
    keep_sound_tags: bool = False,
) -> Score:
    """Return the word errors of a hypothesis against its reference, or of a list of them against theirs.

        score("Who wrote Middlemarch?", "who wrote miggling arch").words.rate  -> 0.667
        score(["Who wrote Middlemarch?", "Where is Goonj?"], ["who wrote middlemarch", "where is goons"]).rare.rate  -> 0.5

    A string is always a text, never the name of a file: two files are given as `Path`, or to `score_files`, which says what
    `format` is. `rare_words` are words, or a `Path` to a file of them. For the other options see `score_files`.

    Raises `UsageError` for lists of unequal lengths, for anything but texts in them, and for unknown names.
    """
    if isinstance(reference, Path) and isinstance(hypothesis, Path):
        return score_files(
            reference,
            hypothesis,
            format=format,
            costs=costs,
            normaliser=normaliser,
            language=language,
            rare_words=rare_words,
            keep_sound_tags=keep_sound_tags,
        )
    if format is not None:
        raise UsageError(f"{format!r} is a format of files, and these are texts: leave it out, or give two `Path`s")
    references, hypotheses = _texts(reference, "reference"), _texts(hypothesis, "hypothesis")
    one = isinstance(reference, str)
    if one != isinstance(hypothesis, str) or len(references) != len(hypotheses):
        raise UsageError(
            f"the reference is {_kind(reference)} and the hypothesis {_kind(hypothesis)}: give two texts, or two lists of the "
            f"same length, with an empty text where nothing was recognised"
        )
    if one and all(map(isfile, (*references, *hypotheses))):
        raise UsageError(
            f"{reference!r} and {hypothesis!r} are files, but a string is a text to score: give two `Path`s, or call "
            f"`score_files`"
        )
    rules = _normaliser(normaliser, "text", language)
    words_of = rules.tokenise
    cleaner = _Cleaner(_removed_kinds(normaliser, "text", keep_sound_tags))
    hypotheses = list(map(cleaner.text, hypotheses, references))
    reference_words, hypothesis_words = list(map(words_of, references)), list(map(words_of, hypotheses))
    rare = repeat(_rare_set(rare_words, language, words_of, reference_words, hypothesis_words))
    charged = _costs(costs)
    counts = count_corpus(reference_words, hypothesis_words, rare, charged)
    scored = ScoredWords(reference_words, hypothesis_words, charged, language)
    ids = tuple(str(number) for number in range(1, len(references) + 1))
    return Score(ids, frozenset(), counts, "", cleaner.removed, cleaner.n_affected, str(rules), language, scored)


def score_files(  # noqa: PLR0913 - as above
    reference: Path | str,
    hypothesis: Path | str,
    *,
    format: str | None = None,
    costs: str = "unit",
    normaliser: str | None = None,
    language: str = "en",
    rare_words: Collection[str] | Path | str | None = None,
    keep_sound_tags: bool = False,
) -> Score:
    """Return the word errors of the hypotheses in one file against the references in another.

    `format` is one of those in `harness.words.transcripts`; where it is `None`, each file's name tells its own, so that
    an stm can be scored against a ctm; two .txt files are text, line by line, or trn or kaldi where they have ids. `costs`
    is `unit` or `nist` (as sclite); is21 has costs of its own, which are NIST's. `normaliser` is `default`, `whisper` (OpenAI's
    rules, for rates that stand beside other people's) or `none` (words as they stand between spaces; lower case for NIST's
    formats, as sclite has it); unless named, `none` for NIST's formats (trn, ctm, stm) and is21, `default` for the others.
    `language` is that of the texts, as a BCP-47 tag; it decides their normalising and their frequencies.
    `rare_words` replaces the frequency rule: words, or a file with one word a line. A pair so long that its alignment takes
    more than 10 s is told of by a `Notice` before.

    What is not speech (`harness.words.text.nonspeech`) is removed from hypotheses and counted, sounds in round brackets and
    asterisks unless `keep_sound_tags`. In NIST's formats and is21 only special tokens and bracketed tags are: the other marks
    have a meaning of their own there. With `normaliser="none"` by name, or `whisper`, nothing is.

    Raises `TranscriptError` for files that cannot be read or do not fit together, `UsageError` for unknown names.
    """
    charged = _costs(costs)
    references, hypotheses, format = read_pair(Path(reference), Path(hypothesis), format)
    rules = _normaliser(normaliser, format, language)
    words_of = rules.tokenise
    reference_words = [
        words_of(entry.text) if entry.choices is None else entry.choices.network(words_of)
        for entry in references.values()
    ]
    cleaner = _Cleaner(_removed_kinds(normaliser, format, keep_sound_tags))
    hypothesis_words = [
        words_of(cleaner.text(hypotheses[identity].text, entry.text)) if identity in hypotheses else []
        for identity, entry in references.items()
    ]
    if format == "is21":
        if rare_words is not None:
            raise UsageError(
                "is21 names each utterance's rare words in its reference: leave out the list of rare words"
            )
        rare: Iterable[AbstractSet[str]] = _own_rare_words(references.values(), words_of)
        charged = NIST
    else:
        given = Path(rare_words) if isinstance(rare_words, str) else rare_words
        rare = repeat(_rare_set(given, language, words_of, reference_words, hypothesis_words))
    _tell_of_long_pairs(references, reference_words, hypothesis_words, charged)
    counts = count_corpus(reference_words, hypothesis_words, rare, charged)
    missing = frozenset(references.keys() - hypotheses.keys())
    scored = ScoredWords(reference_words, hypothesis_words, charged, language)
    return Score(
        tuple(references), missing, counts, format, cleaner.removed, cleaner.n_affected, str(rules), language, scored
    )


@dataclass
class _Cleaner:
    """Removes what is not speech, of the given kinds, from one hypothesis after the other, and counts it."""

    kinds: Collection[str]
    removed: Counter[str] = field(default_factory=Counter)
    n_affected: int = 0

    def text(self, hypothesis: str, reference: str) -> str:
        """Return the words of a hypothesis; marks that its reference has too stay."""
        cleaned = speech(hypothesis, reference, self.kinds)
        if cleaned.removed:
            self.removed.update(cleaned.removed)
            self.n_affected += 1
        return cleaned.text


def _removed_kinds(normaliser: str | None, format: str, keep_sound_tags: bool) -> Collection[str]:
    """Return what is removed from hypotheses: nothing where words are asked for as they stand, or by OpenAI's rules, which
    remove what they take for no speech themselves.
    """
    if normaliser in (NONE, WHISPER):
        return ()
    if format in {*NIST_FORMATS, "is21"}:
        return NIST_KINDS
    return WITHOUT_SOUNDS if keep_sound_tags else KINDS


def _tell_of_long_pairs(
    ids: Iterable[str],
    references: Iterable[Iterable[str]],
    hypotheses: Iterable[Sequence[str]],
    costs: Costs,
) -> None:
    for identity, reference, hypothesis in zip(ids, references, hypotheses, strict=True):
        n_reference, n_hypothesis = sum(1 for _ in reference), len(hypothesis)
        seconds = expected_seconds(n_reference, n_hypothesis, costs)
        if seconds > _LONG:
            sizes = f"{n_reference:,} words against {n_hypothesis:,}"
            warnings.warn(f"{identity}: {sizes} will take about {seconds:,.0f} s to align", Notice, stacklevel=3)


def _texts(given: Texts | Path, role: str) -> list[str]:
    """Return one text or several as a list. Raises `UsageError` where something is no text."""
    several = isinstance(given, Iterable) and not isinstance(given, str)
    texts: list[Any] = list(given) if several else [given]  # type: ignore[arg-type]
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            place = f" at index {index}" if several else ""
            raise UsageError(f"the {role}{place} is {text!r}: expected a text, or two `Path`s for files")
    return texts


def _kind(texts: Texts | Path) -> str:
    return "one text" if isinstance(texts, str) else f"a list of {len(list(texts))}"  # type: ignore[arg-type]


def _costs(name: str) -> Costs:
    if name not in COSTS:
        raise UnknownName("costs", name, COSTS)
    return COSTS[name]


def _normaliser(name: str | None, format: str, language: str) -> Normaliser:
    chosen = name or (NONE if format in {*NIST_FORMATS, "is21"} else DEFAULT)
    if chosen == NONE:
        return Normaliser(NONE, "", _nist_words if format in NIST_FORMATS else str.split)
    if chosen not in NORMALISERS:
        raise UnknownName("normaliser", chosen, (*NORMALISERS, NONE))
    return make_normaliser(chosen, language)


def _nist_words(text: str) -> list[str]:
    """Return the words as sclite reads them: lower case, without the asterisk that marks a mispronounced word."""
    words = text.lower().split()
    return [word.removesuffix("*") or word for word in words] if "*" in text else words


def _own_rare_words(entries: Iterable[Entry], words_of: WordsOf) -> list[AbstractSet[str]]:
    return [_words(entry.rare_words or (), words_of) for entry in entries]


def _rare_set(
    given: Collection[str] | Path | None, language: str, words_of: WordsOf, *corpora: Sequence[Iterable[str]]
) -> AbstractSet[str]:
    """Return the tokens that are rare: those given, or those of the corpora that are under the frequency threshold."""
    if isinstance(given, str):
        raise UsageError(f"rare_words is the text {given!r}: give a list of words, or the `Path` of a file of them")
    if given is None:
        return _infrequent(language, *corpora)
    return _words(read_word_list(given) if isinstance(given, Path) else given, words_of)


def _words(texts: Iterable[str], words_of: WordsOf) -> AbstractSet[str]:
    """The tokens of some words; a possessive among them does not make every possessive rare."""
    return frozenset(token for text in texts for token in words_of(text)) - {"'s"}


def _infrequent(language: str, *corpora: Sequence[Iterable[str]]) -> AbstractSet[str]:
    vocabulary = set[str]().union(*(words for corpus in corpora for words in corpus))
    return frozenset(word for word in vocabulary if is_rare(word.lower(), language))


def _counts(operations: NDArray[np.int64]) -> Counts:
    """`operations`: int64[4], in the order of `corpus_counts.OPERATIONS`, which is that of the fields."""
    return Counts(*operations.tolist())


def _as_dict(counts: Counts) -> dict[str, int | float | None]:
    return {"reference": counts.reference, **asdict(counts), "rate": counts.rate}
