"""What is known of each candidate: features of the snippet alone, and features of the question beside it.

A feature is one column of a table of numbers or one of a few named values (`before`: the class of the word before). A
candidate's score is the sum of what its features weigh, so that each of them says what it adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from harness.answering.candidates import LONGEST, SHAPES
from harness.answering.kinds import KINDS
from harness.answering.passage import Bools, Floats, Ints
from harness.answering.question import stem
from harness.answering.sentences import Sentences
from harness.answering.word_classes import CLASSES, CODE

_FORMS: Final = ("subject", "object", "be", "adverb", "other")
_PREVIOUS: Final = ("in", "on", "at", "by", "of", "to", "from", "for", "with", "the", "a", "an", "as", "during", "between",
                    "comma", "opening", "number", "text")  # fmt: skip
_TO_PREVIOUS: Final = np.array([_PREVIOUS.index(c) + 1 if c in _PREVIOUS else 0 for c in CLASSES])
_RANKS: Final = ("1", "2", "3", "4", "5 to 8")
_NAME: Final = CODE["Name"]


def _classes(*names: str) -> Bools:
    """Return which of all classes of words are among some, bool[n_classes]."""
    return np.isin(np.arange(len(CLASSES)), [CODE[name] for name in names])


_IS_COPULA: Final = _classes("is", "are", "was", "were", "called", "as")
_IS_VERBAL: Final = _classes("verb", "is", "are", "was", "were", "has", "have", "had", "be", "been")
_IS_BOTH: Final = _classes("and", "or")

# Features with named values; the rest, below, are numbers.
STATIC: Final[Mapping[str, tuple[str, ...]]] = {
    "before": CLASSES,
    "after": CLASSES,
    "first": CLASSES,
    "last": CLASSES,
    "length": tuple(str(n) for n in range(1, LONGEST + 2)),
    "name goes on": ("neither", "left", "right", "both"),
    "inside": ("nothing", "comma", "of", "and", "verb", "function", "two or more"),
    "in signs": ("neither", "opened", "closed", "both"),
}
CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind, shape": tuple(f"{kind} {shape}" for kind in KINDS for shape in SHAPES),
    "kind, before": tuple(f"{kind} {word}" for kind in KINDS for word in ("other", *_PREVIOUS)),
    "snippet": ("1", "2", "3", "4", "5 to 10"),
    "sentence": _RANKS,
    "where": ("title", "first sentence", "later"),
}
NUMBERS: Final = (
    "rarity", "overlap", "overlap to best", "neighbours", "snippet overlap", "bigrams", "near 1", "near 3", "near 10",
    "rarest near", "beside left", "beside right", "repeats", "repeats all", "repeats weight", "repeats first",
    "repeats last", "head is focus", "focus before", "focus after", "focus in sentence", "preposition", "votes",
    "votes of sentences", "again here", "right snippet holds", "country for country", "country for other", "defined",
    *(f"left, {form}" for form in _FORMS),
)  # fmt: skip


def static_features(chosen: Sentences) -> Ints:
    """Return the place of each candidate's value within each feature of `STATIC`, int64[n_candidates, n_static]."""
    first, last, codes = chosen.first, chosen.last, chosen.codes
    before, after = chosen.before[first], chosen.after[last]
    columns = {
        "before": before,
        "after": after,
        "first": codes[first],
        "last": codes[last],
        "length": np.minimum(last - first, LONGEST),
        "name goes on": (
            ((before == _NAME) & (codes[first] == _NAME)) + 2 * ((after == _NAME) & (codes[last] == _NAME))
        ),
        "inside": _inside(chosen),
        "in signs": (before == CODE["opening"]) + 2 * (after == CODE["closing"]),
    }
    return np.stack([columns[name] for name in STATIC], axis=1)


def _inside(chosen: Sentences) -> Ints:
    own = chosen.codes
    of, both, verbal = own == CODE["of"], _IS_BOTH[own], _IS_VERBAL[own]
    masks = np.stack([chosen.before == CODE["comma"], of, both, verbal, chosen.idle & ~of & ~both & ~verbal])
    sums = np.zeros((len(masks), len(own) + 1), np.int64)
    np.cumsum(masks, axis=1, out=sums[:, 1:])
    counts = sums[:, chosen.last + 1] - sums[:, chosen.first]
    total = (counts > 0).sum(axis=0)
    value = np.where(total == 0, 0, counts.argmax(axis=0) + 1)
    return np.where((total > 1) | (counts.max(axis=0, initial=0) > 2), 6, value)


def _sums(values: Floats | Bools) -> Floats:
    """Return [n + 1] sums of all values before each place."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def categories(chosen: Sentences) -> Ints:
    """Return the place of each candidate's value within each feature of `CATEGORIES`, int64[n_candidates, n_categories]."""
    kind = KINDS.index(chosen.asked.kind)
    sentence = chosen.sentence[chosen.first]
    columns = {
        "kind, shape": kind * len(SHAPES) + chosen.shape,
        "kind, before": kind * (len(_PREVIOUS) + 1) + _TO_PREVIOUS[chosen.before[chosen.first]],
        "snippet": np.minimum(chosen.passage, 4),
        "sentence": np.minimum(chosen.rank[sentence], len(_RANKS) - 1),
        "where": chosen.place[sentence],
    }
    return np.stack([columns[name] for name in CATEGORIES], axis=1)


def numbers(chosen: Sentences, countries: frozenset[str]) -> Floats:
    """Return the features of `NUMBERS` of each candidate, float64[n_candidates, n_numbers]."""
    asked, first, last = chosen.asked, chosen.first, chosen.last
    n = len(chosen.stems)
    total = chosen.total
    matched = np.array([chosen.weights.get(stem, 0.0) for stem in chosen.stems])
    sentence = chosen.sentence[first]
    starts, stops = chosen.edges[sentence], chosen.edges[sentence + 1]
    weight, hits, content = _sums(matched), _sums(matched > 0), _sums(~chosen.idle)
    n_content = np.maximum(content[last + 1] - content[first], 1)
    repeats = (hits[last + 1] - hits[first]) / n_content
    here = weight[stops] - weight[starts]
    left = np.where(here > 0, (weight[first] - weight[starts]) / np.maximum(here, 1e-9), 0.0) - 0.5
    left = np.where(here > 0, left, 0.0)
    is_focus = np.array([stem in asked.focus for stem in chosen.stems], bool) if asked.focus else np.zeros(n, bool)
    focus = _sums(is_focus)
    beside, focus_beside = np.zeros(n + 2), np.zeros(n + 2)
    beside[1:-1], focus_beside[1:-1] = matched, is_focus
    at_start, at_end = first == starts, last + 1 == stops
    near, rarest = _near(chosen, matched)
    rarity = _sums(chosen.rarity)
    country = np.array([key in countries for key in chosen.keys], float)
    asks_country = not _COUNTRY_NOUNS.isdisjoint(asked.focus)
    best = max(float(share.max()) for share in chosen.shares if len(share))
    votes, of_sentences, again, first_holds = _votes(chosen, best).T
    columns = {
        "rarity": (rarity[last + 1] - rarity[first]) / n_content,
        "overlap": chosen.overlap[sentence],
        "overlap to best": chosen.overlap[sentence] - best,
        "neighbours": chosen.around[sentence],
        "snippet overlap": chosen.whole[sentence],
        "bigrams": _bigrams(chosen)[sentence],
        **{f"near {s}": np.maximum(near[i][first], near[i][last]) / total for i, s in enumerate(_SCALES)},
        "rarest near": np.maximum(rarest[first], rarest[last]),
        "beside left": np.where(at_start, 0.0, beside[first]),
        "beside right": np.where(at_end, 0.0, beside[last + 2]),
        "repeats": repeats,
        "repeats all": repeats == 1.0,
        "repeats weight": (weight[last + 1] - weight[first]) / total,
        "repeats first": matched[first] > 0,
        "repeats last": matched[last] > 0,
        "head is focus": is_focus[last],
        "focus before": np.where(at_start, 0.0, focus_beside[first]),
        "focus after": np.where(at_end, 0.0, focus_beside[last + 2]),
        "focus in sentence": focus[stops] > focus[starts],
        "preposition": chosen.before[first] == CODE.get(asked.preposition or "", -1),
        "votes": votes,
        "votes of sentences": of_sentences,
        "again here": again,
        "right snippet holds": first_holds,
        "country for country": country if asks_country else np.zeros(len(first)),
        "country for other": np.zeros(len(first)) if asks_country else country,
        "defined": np.where(_IS_COPULA[chosen.before[first]], left + 0.5, 0.0),
        **{f"left, {form}": left if form == asked.form else np.zeros(len(first)) for form in _FORMS},
    }
    return np.stack([columns[name].astype(np.float64) for name in NUMBERS], axis=1)


_COUNTRY_NOUNS: Final = frozenset(stem(noun, "en") for noun in ("country", "nation", "land"))


def _near(chosen: Sentences, matched: Floats) -> tuple[Floats, Floats]:
    """Return the summed weight of the question's words around each unit of a sentence, halved every 1, 3 and 10 words,
    float64[n_scales, n_units], and how many of the rarest are near, halved every 5 words.
    """
    near = np.zeros((len(_SCALES) + 1, len(matched)))
    top = max(chosen.weights.values(), default=0.0) - 1e-9
    all_places = np.flatnonzero(matched)
    bounds = np.searchsorted(all_places, chosen.edges).tolist()
    for (start, stop), (low, high) in zip(pairwise(chosen.edges.tolist()), pairwise(bounds), strict=True):
        if low < high:
            places = all_places[low:high]
            distance = np.minimum(np.abs(np.arange(start, stop)[:, None] - places), _FAR)  # (n_units here, n_places)
            weights = matched[places]
            for row in range(len(_SCALES)):
                near[row, start:stop] = (_DECAY[row][distance] * weights).sum(axis=1)
            near[-1, start:stop] = (_DECAY[-1][distance] * (weights >= max(top, 1e-9))).sum(axis=1)
    return near[:-1], near[-1]


_SCALES: Final = (1, 3, 10)
_FAR: Final = 399
_DECAY: Final = [0.5 ** (np.arange(_FAR + 1) / scale) for scale in (*_SCALES, 5)]


def _bigrams(chosen: Sentences) -> Floats:
    """Return the share of the question's pairs of neighbouring words that stand side by side in each sentence too."""
    pairs = chosen.asked.bigrams
    hits = np.zeros(len(chosen.edges) - 1)
    if pairs:
        for at, pair in enumerate(pairwise(chosen.stems)):
            if pair in pairs:
                hits[chosen.sentence[at]] += 1
    return np.minimum(hits / max(len(pairs), 1), 1.0)


def _votes(chosen: Sentences, best: float) -> Floats:
    """Return four columns: how much the other snippets that hold a candidate's words share with the question, whole and in
    the sentence that holds it; how often its own snippet holds it again; and whether the snippet with the largest share does.
    """
    whole = [
        sum(w for stem, w in chosen.weights.items() if stem in p.sentences_with) / chosen.total for p in chosen.passages
    ]
    most = max(whole)
    share = [(value / most) ** 2 for value in whole]
    leading = whole.index(most)
    by_words = {}
    for words, held in _holders(chosen).items():
        sentences = {p: (max(chosen.shares[p][s] for s in where) / best) ** 2 for p, where in held.items()}
        by_words[words] = (held, sum(share[p] for p in held), sum(sentences.values()), sentences)
    result = np.zeros((len(chosen.keys), 4))
    for row, (words, own) in enumerate(zip(chosen.words, chosen.passage.tolist(), strict=True)):
        held, snippets, all_sentences, sentences = by_words[words]
        if len(held) > 1:
            result[row, 0] = snippets - share[own]
            result[row, 1] = all_sentences - sentences[own]
        result[row, 2] = min(len(held[own]) - 1, 3)
        result[row, 3] = leading in held
    result[:, :2] = np.log1p(result[:, :2])
    return result


def _holders(chosen: Sentences) -> Mapping[str, Mapping[int, Sequence[int]]]:
    """Return the snippets that hold the words of each candidate, and the sentences there that do."""
    ends: dict[str, dict[str, list[str]]] = {}
    holders: dict[str, dict[int, Sequence[int]]] = {words: {} for words in chosen.words}
    for words in holders:
        ends.setdefault(words.partition(" ")[0], {}).setdefault(words.rpartition(" ")[2], []).append(words)
    for place, passage in enumerate(chosen.passages):
        known = passage.sentences_of.keys()
        for first in known & ends.keys():
            for last, several in ends[first].items():
                if last in known:
                    for words in several:
                        where = passage.sentences_holding(words)
                        if where:
                            holders[words][place] = where
    return holders
