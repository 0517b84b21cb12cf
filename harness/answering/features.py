"""What is known of each candidate: features of the snippet alone, and features of the question beside it.

A feature is one column of a table of numbers or one of a few named values (`before`: the class of the word before). A
candidate's score is the sum of what its features weigh, so that each of them says what it adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.answering.candidates import LONGEST, SHAPES, Floats, Ints, Passage, Syntax
from harness.answering.question import KINDS, Asked
from harness.answering.word_classes import CLASSES, CODE

N_SENTENCES: Final = 10  # sentences of all snippets together that are searched for the answer
_AROUND: Final = 0.2  # what the better sentence beside it adds to a sentence's share of the question, and what
_WHOLE: Final = 0.6  # the snippet adds, and
_BY_RANK: Final = 0.01  # each rank takes away
_FORMS: Final = ("subject", "object", "be", "adverb", "other")
_PREVIOUS: Final = ("in", "on", "at", "by", "of", "to", "from", "for", "with", "the", "a", "an", "as", "during", "between",
                    "comma", "opening", "number", "text")  # fmt: skip
_TO_PREVIOUS: Final = np.array([_PREVIOUS.index(c) + 1 if c in _PREVIOUS else 0 for c in CLASSES])
_RANKS: Final = ("1", "2", "3", "4", "5 to 8")
_COPULAS: Final = np.array([CODE[word] for word in ("is", "are", "was", "were", "called", "as")])
_VERBAL: Final = np.array([CODE[w] for w in ("verb", "is", "are", "was", "were", "has", "have", "had", "be", "been")])

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

# With a pipeline that parses: which words of the question govern a candidate, or are governed by it or beside it.
GOVERNING: Final = ("governor", "second governor", "third governor", "beside", "beside governor", "governed")


def static_features(passage: Passage) -> Ints:
    """Return the place of each candidate's value within each feature of `STATIC`, int64[n_candidates, n_static]."""
    first, last, codes = passage.first, passage.last, passage.codes
    name = codes == CODE["Name"]
    on_left = (passage.before[first] == CODE["Name"]) & name[first + 1]
    on_right = (passage.after[last] == CODE["Name"]) & name[last + 1]
    opened, closed = passage.before[first] == CODE["opening"], passage.after[last] == CODE["closing"]
    columns = {
        "before": passage.before[first],
        "after": passage.after[last],
        "first": codes[first + 1],
        "last": codes[last + 1],
        "length": np.minimum(last - first, LONGEST),
        "name goes on": on_left + 2 * on_right,
        "inside": _inside(passage),
        "in signs": opened + 2 * closed,
    }
    return np.stack([columns[name] for name in STATIC], axis=1)


def _inside(passage: Passage) -> Ints:
    own = passage.codes[1:-1]
    of, both = own == CODE["of"], (own == CODE["and"]) | (own == CODE["or"])
    verbal = np.isin(own, _VERBAL)
    masks = (passage.before == CODE["comma"], of, both, verbal, passage.idle & ~of & ~both & ~verbal)
    counts = np.array([_sums(mask)[passage.last + 1] - _sums(mask)[passage.first + 1] for mask in masks])
    total = (counts > 0).sum(axis=0)
    value = np.where(total == 0, 0, counts.argmax(axis=0) + 1)
    return np.where((total > 1) | (counts.max(axis=0, initial=0) > 2), 6, value)


def governing(chosen: Sentences, syntaxes: Sequence[Syntax], passages: Sequence[Passage]) -> Floats:
    """Return the features of `GOVERNING` of each candidate, float64[n_candidates, n_features]."""
    total = sum(chosen.weights.values()) or 1.0
    result = np.zeros((len(chosen.first), len(GOVERNING)))
    for p in dict.fromkeys(chosen.passage.tolist()):
        syntax, rows = syntaxes[p], np.flatnonzero(chosen.passage == p)
        matched = np.array([chosen.weights.get(stem, 0.0) for stem in passages[p].stems] + [0.0]) / total
        governor = np.append(syntax.governor, -1)  # that of unit -1, no unit, is no unit
        governed = np.bincount(governor[:-1] + 1, matched[:-1], minlength=len(governor))
        first = governor[syntax.root[chosen.of[rows]]]
        second = governor[first]
        third = governor[second]
        result[rows, 0] = matched[first]
        result[rows, 1] = matched[second]
        result[rows, 2] = matched[third]
        result[rows, 3] = np.where(first >= 0, governed[first + 1] - matched[syntax.root[chosen.of[rows]]], 0.0)
        result[rows, 4] = np.where(second >= 0, governed[second + 1], 0.0)
        result[rows, 5] = governed[syntax.root[chosen.of[rows]] + 1]
    return result


def _sums(values: Floats | NDArray[np.bool_]) -> Floats:
    """Return [n + 1] sums of all values before each place."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


@dataclass(frozen=True, eq=False)
class Sentences:
    """The sentences that have most of a question's words, side by side, with all candidates in them.

    Units and candidates stand in the order of the snippets. `first` and `last` are places among the units here; a
    candidate is `of[i]`-th of passage `passage[i]`.
    """

    asked: Asked
    weights: Mapping[str, float]  # stem -> weight
    stems: Sequence[str]
    codes: Ints
    before: Ints
    idle: NDArray[np.bool_]
    rarity: Floats
    sentence: Ints  # [n_units]
    edges: Ints  # [n_chosen + 1]
    overlap: Floats  # [n_chosen] and so are those below
    best: float
    around: Floats
    whole: Floats
    rank: Ints
    place: Ints  # of the sentence in its snippet: title, first, later
    snippet: Ints
    first: Ints  # [n_candidates] and so are those below
    last: Ints
    shape: Ints
    keys: Sequence[str]
    passage: Ints
    of: Ints


def choose(asked: Asked, passages: Sequence[Passage]) -> Sentences | None:
    """Return the sentences worth searching; `None` where no snippet shares a word with the question, or has a candidate."""
    weights = {stem: max(words.values()) for stem, words in asked.stems.items()}
    total = sum(weights.values()) or 1.0
    rows: list[tuple[float, int, int]] = []
    overlaps, arounds, wholes = [], [], []
    for rank, passage in enumerate(passages):
        overlap = np.zeros(len(passage.edges) - 1)
        whole = 0.0
        for stem, weight in weights.items():
            where = passage.sentences_with.get(stem)
            if where is not None:
                overlap[where] += weight / total
                whole += weight / total
        around = np.maximum(np.append(overlap[1:], 0.0), np.append(0.0, overlap[:-1])) if len(overlap) else overlap
        overlaps.append(overlap)
        arounds.append(around)
        wholes.append(whole)
        worth = overlap + _AROUND * around + _WHOLE * whole - _BY_RANK * rank
        rows += [(-round(value, 6), rank, sentence) for sentence, value in enumerate(worth.tolist())]
    if not any(wholes):
        return None
    ranked = sorted(rows)[:N_SENTENCES]
    order = {(p, s): place for place, (_, p, s) in enumerate(ranked)}
    chosen = sorted(order)
    best = max(float(overlap.max()) for overlap in overlaps if len(overlap))
    most = max(wholes)
    parts = [(passages[p], slice(*passages[p].edges[s : s + 2].tolist()), slice(*passages[p].of_sentence[s : s + 2].tolist()))
             for p, s in chosen]  # fmt: skip
    lengths = [units.stop - units.start for _, units, _ in parts]
    edges = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    counts = [candidates.stop - candidates.start for *_, candidates in parts]
    if not sum(counts):
        return None
    shift = np.repeat(edges[:-1] - np.array([units.start for _, units, _ in parts]), counts)
    return Sentences(
        asked=asked,
        weights=weights,
        stems=[stem for passage, units, _ in parts for stem in passage.stems[units]],
        codes=np.concatenate([passage.codes[1:-1][units] for passage, units, _ in parts]),
        before=np.concatenate([passage.before[units] for passage, units, _ in parts]),
        idle=np.concatenate([passage.idle[units] for passage, units, _ in parts]),
        rarity=np.concatenate([passage.weights[units] for passage, units, _ in parts]),
        sentence=np.repeat(np.arange(len(parts)), lengths),
        edges=edges,
        overlap=np.array([overlaps[p][s] for p, s in chosen]),
        best=best,
        around=np.array([arounds[p][s] for p, s in chosen]),
        whole=np.array([wholes[p] - most for p, _ in chosen]),
        rank=np.array([min(order[pair], len(_RANKS) - 1) for pair in chosen]),
        place=np.array([_place(passages[p], s) for p, s in chosen]),
        snippet=np.array([p for p, _ in chosen]),
        first=np.concatenate([passage.first[c] for passage, _, c in parts]) + shift,
        last=np.concatenate([passage.last[c] for passage, _, c in parts]) + shift,
        shape=np.concatenate([passage.shape[c] for passage, _, c in parts]),
        keys=[key for passage, _, c in parts for key in passage.keys[c]],
        passage=np.repeat([p for p, _ in chosen], counts),
        of=np.concatenate([np.arange(c.start, c.stop) for *_, c in parts]),
    )


def _place(passage: Passage, sentence: int) -> int:
    if passage.edges[sentence] < passage.title_units:
        return 0
    return 1 if passage.edges[sentence] == passage.title_units else 2


def categories(chosen: Sentences) -> Ints:
    """Return the place of each candidate's value within each feature of `CATEGORIES`, int64[n_candidates, n_categories]."""
    kind = KINDS.index(chosen.asked.kind)
    sentence = chosen.sentence[chosen.first]
    columns = {
        "kind, shape": kind * len(SHAPES) + chosen.shape,
        "kind, before": kind * (len(_PREVIOUS) + 1) + _TO_PREVIOUS[chosen.before[chosen.first]],
        "snippet": np.minimum(chosen.passage, 4),
        "sentence": chosen.rank[sentence],
        "where": chosen.place[sentence],
    }
    return np.stack([columns[name] for name in CATEGORIES], axis=1)


def numbers(chosen: Sentences, passages: Sequence[Passage], countries: frozenset[str]) -> Floats:
    """Return the features of `NUMBERS` of each candidate, float64[n_candidates, n_numbers]."""
    asked, first, last = chosen.asked, chosen.first, chosen.last
    n = len(chosen.stems)
    total = sum(chosen.weights.values()) or 1.0
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
    near = {scale: _near(chosen, matched, scale) / total for scale in (1, 3, 10)}
    top = max(chosen.weights.values(), default=0.0) - 1e-9
    rarest = _near(chosen, (matched >= max(top, 1e-9)).astype(float), 5)
    rarity = _sums(chosen.rarity)
    country = np.array([key in countries for key in chosen.keys], float)
    asks_country = not _COUNTRY_NOUNS.isdisjoint(asked.focus)
    votes, of_sentences, again, first_holds = _votes(chosen, passages)
    columns = {
        "rarity": (rarity[last + 1] - rarity[first]) / n_content,
        "overlap": chosen.overlap[sentence],
        "overlap to best": chosen.overlap[sentence] - chosen.best,
        "neighbours": chosen.around[sentence],
        "snippet overlap": chosen.whole[sentence],
        "bigrams": _bigrams(chosen)[sentence],
        **{f"near {scale}": np.maximum(value[first], value[last]) for scale, value in near.items()},
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
        "defined": np.where(np.isin(chosen.before[first], _COPULAS), left + 0.5, 0.0),
        **{f"left, {form}": left if form == asked.form else np.zeros(len(first)) for form in _FORMS},
    }
    return np.stack([columns[name].astype(np.float64) for name in NUMBERS], axis=1)


_COUNTRY_NOUNS: Final = frozenset({"count", "natio", "land"})


def _near(chosen: Sentences, matched: Floats, scale: int) -> Floats:
    """Return the summed weight of the question's words around each unit of a sentence, halved every `scale` words."""
    near = np.zeros(len(matched))
    for start, stop in zip(chosen.edges[:-1].tolist(), chosen.edges[1:].tolist(), strict=True):
        places = np.flatnonzero(matched[start:stop])
        if len(places):
            distance = np.abs(np.arange(stop - start)[:, None] - places)  # (n_units of the sentence, n_places)
            near[start:stop] = (_DECAY[scale][np.minimum(distance, 399)] * matched[start + places]).sum(axis=1)
    return near


_DECAY: Final = {scale: 0.5 ** (np.arange(400) / scale) for scale in (1, 3, 5, 10)}


def _bigrams(chosen: Sentences) -> Floats:
    """Return the share of the question's pairs of neighbouring words that stand side by side in each sentence too."""
    pairs = chosen.asked.bigrams
    hits = np.zeros(len(chosen.edges) - 1)
    if pairs:
        for at, pair in enumerate(zip(chosen.stems, chosen.stems[1:], strict=False)):
            if pair in pairs:
                hits[chosen.sentence[at]] += 1
    return np.minimum(hits / max(len(pairs), 1), 1.0)


def _votes(chosen: Sentences, passages: Sequence[Passage]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return how much the other snippets that hold a candidate's key share with the question, whole and in the sentence
    that holds it; how often its own snippet holds it again; and whether the snippet with the largest share does.
    """
    weights, total = chosen.weights, sum(chosen.weights.values()) or 1.0
    whole = [sum(w for stem, w in weights.items() if stem in p.sentences_with) / total for p in passages]
    most = max(whole)
    share = [(value / most) ** 2 for value in whole]
    leading = whole.index(most)
    overlap = [_sentence_overlap(p, weights, total) for p in passages]
    holders: dict[str, list[tuple[int, int, float]]] = {}  # key -> passages, how often each holds it, its best sentence
    wanted = set(chosen.keys)
    for p, passage in enumerate(passages):
        for key in wanted & passage.holds.keys():
            where = passage.holds[key]
            holders.setdefault(key, []).append((p, len(where), max(overlap[p][s] for s in where)))
    result = np.zeros((len(chosen.keys), 4))
    for row, (key, own) in enumerate(zip(chosen.keys, chosen.passage.tolist(), strict=True)):
        held = holders[key]
        if len(held) > 1:
            result[row, 0] = sum([share[p] for p, *_ in held if p != own])
            result[row, 1] = sum([(value / chosen.best) ** 2 for p, _, value in held if p != own])
            result[row, 3] = any(p == leading for p, *_ in held)
            result[row, 2] = min(next(n for p, n, _ in held if p == own) - 1, 3)
        else:
            result[row, 2] = min(held[0][1] - 1, 3)
            result[row, 3] = own == leading
    result[:, :2] = np.log1p(result[:, :2])
    return result[:, 0], result[:, 1], result[:, 2], result[:, 3]


def _sentence_overlap(passage: Passage, weights: Mapping[str, float], total: float) -> list[float]:
    overlap = [0.0] * (len(passage.edges) - 1)
    for stem, weight in weights.items():
        for sentence in passage.sentences_with.get(stem, ()):
            overlap[sentence] += weight / total
    return overlap
