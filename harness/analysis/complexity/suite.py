"""The measures of a suite as it lies in its folder: nothing is recognised and nothing is searched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.complexity.questions import RAND, QuestionSets, labels_of
from harness.analysis.complexity.spanning_tree import MOST_TEXTS
from harness.errors import MissingDependency, UsageError
from harness.records import Suite
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.encoder import DEFAULT_MODEL, Encoder
from harness.words.languages import frequency_list
from harness.words.rarity import BANDS, DEFAULT_THRESHOLD, Rarity, band
from harness.words.text.normalise import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[int, int, str], None]
NO_MODEL = "none"
_TEXTS = 20  # encoded between two reports of progress


@dataclass(frozen=True, slots=True)
class BandCount:
    """Words of one frequency band: how many different ones, how many in all, and their share of all words."""

    vocabulary: int
    words: int
    share: float


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Labels of one tag against as many clusters: the adjusted Rand index over the questions that have one."""

    adjusted_rand: float
    labels: int
    questions: int


@dataclass(frozen=True, slots=True)
class Complexity:
    """How complex the questions of a suite are, by their references. `None` where something cannot be computed;
    `not_computed` says why. `entropy` is in bits, by the number of words in an n-gram; `zipf_bands` are by band, rarest first.
    `encoder` names the model of the embeddings, and the digest of its weights.
    """

    name: str
    version: str
    digest: str
    questions: int
    words: int
    vocabulary: int
    distinct_texts: int
    entropy: Mapping[str, float | None]
    rare_share: float | None
    zipf_bands: Mapping[str, BandCount]
    tree_weight: float | None
    tree_weight_per_edge: float | None
    adjusted_rand: Mapping[str, LabelAgreement]
    encoder: Mapping[str, str] | None
    not_computed: tuple[str, ...]


@dataclass(frozen=True)
class Embedded:
    """Embeddings of texts, float64[n_texts, n_dimensions], and of which model; or why there are none."""

    embeddings: NDArray[np.float64] | None
    encoder: Mapping[str, str] | None
    reason: str = ""


def suite_complexity(
    suite: Path | str,
    *,
    tags: Sequence[str] | None = None,
    model: str = DEFAULT_MODEL,
    seed: int = 7,
    progress: Progress = lambda done, total, doing: None,
) -> Complexity:
    """Measure the questions of a suite, a folder or a shipped name.

    `tags` are compared with clusters; unless named, all that put questions together. `model` is that of the embeddings,
    `none` for none. What cannot be computed is left out and the reason stated. Raises `SuiteError`, and `UsageError` for a
    tag that the suite lacks.
    """
    loaded = load_suite(find_suite(str(suite)))
    labels = labels_of(loaded.questions, tags)
    texts = [tokenise(question.text, loaded.language) for question in loaded.questions]
    embedded = embed(texts, model, progress)
    return measure_questions(loaded, texts, Rarity(loaded.language, DEFAULT_THRESHOLD), labels, embedded, seed)[0]


def measure_questions(
    suite: Suite,
    texts: Sequence[Sequence[str]],
    rarity: Rarity,
    labels: Mapping[str, Sequence[str | None]],
    embedded: Embedded,
    seed: int,
) -> tuple[Complexity, QuestionSets]:
    """Measure questions of `suite` with these normalised texts; return also what measures any sets of them."""
    listed = frequency_list(suite.language) is not None
    can_be_rare = listed or rarity.words is not None
    sets = QuestionSets.of(texts, rarity.is_rare if can_be_rare else None, embedded.embeddings, labels, seed)
    measured = {name: _number(values[0]) for name, values in sets.measure(np.ones((1, len(texts)), np.bool_)).items()}
    reasons = [embedded.reason] * bool(embedded.reason)
    if embedded.embeddings is not None and sets.apart is None:
        reasons.append(
            f"no spanning tree: it is made of {MOST_TEXTS:,} questions at most, and these are {len(texts):,}"
        )
    if not can_be_rare:
        reasons.append(f"there is no frequency list for {suite.language!r}, so that no word can be told to be rare")
    complexity = Complexity(
        name=suite.name,
        version=suite.version,
        digest=suite.digest,
        questions=len(texts),
        words=sum(map(len, texts)),
        vocabulary=int(measured["vocabulary"] or 0),
        distinct_texts=int(measured["distinct_texts"] or 0),
        entropy={n: measured[f"entropy_{n}"] for n in "123"},
        rare_share=measured.get("rare_share"),
        zipf_bands=_bands(texts, rarity) if listed else {},
        tree_weight=measured.get("tree_weight"),
        tree_weight_per_edge=measured.get("tree_weight_per_edge"),
        adjusted_rand=_agreements(measured, labels),
        encoder=embedded.encoder,
        not_computed=tuple(reasons),
    )
    return complexity, sets


def embed(texts: Sequence[Sequence[str]], model: str, progress: Progress) -> Embedded:
    """Encode normalised texts by a sentence-transformers model; a model that is not there costs the embeddings only."""
    if model == NO_MODEL:
        return Embedded(None, None, "no spanning tree and no clusters: no model was asked for")
    try:
        encoder = Encoder.load(model, "cpu", "", "")
    except (MissingDependency, UsageError) as error:
        return Embedded(None, None, f"no spanning tree and no clusters: {error}")
    blocks = []
    for at in range(0, len(texts), _TEXTS):
        blocks.append(encoder.queries([" ".join(text) for text in texts[at : at + _TEXTS]]))
        progress(min(at + _TEXTS, len(texts)), len(texts), "embeddings")
    if not blocks:
        return Embedded(None, None, "no spanning tree and no clusters: there is no text")
    return Embedded(np.concatenate(blocks), {key: encoder.identity[key] for key in ("model", "weights")})


def _bands(texts: Sequence[Sequence[str]], rarity: Rarity) -> dict[str, BandCount]:
    """Every word by its frequency: those in number words and digits too, which are never rare."""
    counts = Counter(word for text in texts for word in text)
    band_of = {word: band(rarity.zipf(word) or 0.0) for word in counts}
    total = sum(counts.values())
    return {
        name: BandCount(
            sum(of == name for of in band_of.values()),
            words := sum(count for word, count in counts.items() if band_of[word] == name),
            round(words / total, 6) if total else 0.0,
        )
        for name in BANDS
    }


def _agreements(
    measured: Mapping[str, float | None], labels: Mapping[str, Sequence[str | None]]
) -> dict[str, LabelAgreement]:
    return {
        tag: LabelAgreement(
            index, len({label for label in each if label is not None}), sum(label is not None for label in each)
        )
        for tag, each in labels.items()
        if (index := measured.get(f"{RAND}{tag}")) is not None
    }


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
