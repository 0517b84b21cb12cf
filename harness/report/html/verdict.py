"""The top of the page: which backend to take, how sure that is, where the loss comes from, which words to bias to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.analysis.comparisons import Comparison
from harness.analysis.significance import SIGNIFICANCE
from harness.analysis.summary import Row
from harness.analysis.word_costs import WordCost
from harness.asr.bias_list import ENTITIES, OWN, is_deployable, is_oracle, plain_counterparts
from harness.report.attribution import p_text
from harness.report.bias_lists import list_words, size
from harness.report.figures import COST, HEARD, Column
from harness.report.html.columns import CAUSES, cell_of, difference, find
from harness.report.html.stored import Shown
from harness.report.runaways import runaway_sentences

_LOST, _WER = COST[2], HEARD[0]
_SHOWN_WORDS = 12
_BY_CLASS = {column.metric: column for column in CAUSES}

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the verdict, headed by what it answers."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class BiasWords:
    """Words that cost a backend answers and are not in its bias list, the costliest first, with the answers lost."""

    backend: str
    words: tuple[tuple[str, int], ...]
    more: tuple[str, ...]
    despite: tuple[str, ...]
    listed_for: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the top says with one retriever under one condition."""

    retriever: str
    condition: str
    headline: str
    detail: str
    findings: tuple[Finding, ...]
    bias: BiasWords | None


def verdict(shown: Shown, retriever: str, condition: str) -> Verdict | None:
    """`None` where no answer can be judged."""
    ranked = sorted(
        (cell for cell in shown.cells(condition) if _lost(shown, cell, retriever) is not None),
        key=lambda cell: _value(_lost(shown, cell, retriever)),
    )
    if not ranked:
        return None
    deployable = [cell for cell in ranked if _is_deployable(shown, cell)]
    candidates = deployable or ranked
    sure = _certainty(shown, candidates, retriever)
    findings = [Finding("How sure is that?", sure.text)] if len(candidates) > 1 else []
    findings += _runaways(shown, condition)
    findings += _what_a_list_wins(shown, ranked, candidates, retriever)
    findings += _causes(shown, candidates[0], retriever)
    findings += _what_wins_back(shown, candidates, retriever)
    findings += _orders_differ(shown, candidates, retriever)
    if deployable:
        headline, detail = _headline(shown, deployable, retriever, sure)
    else:
        headline, detail = _nothing_to_take(shown, ranked[0], retriever)
    return Verdict(retriever, condition, headline, detail, tuple(findings), _bias_words(shown, ranked, retriever))


def answers(row: Row | None) -> str:
    """A share of the recordings as a number of answers: `126 of 1000 answers [94, 160]`."""
    if row is None or row.value is None:
        return "an unknown number of answers"
    n = row.n_scored + row.n_error
    between = "" if row.ci_low is None or row.ci_high is None else f" [{row.ci_low * n:.0f}, {row.ci_high * n:.0f}]"
    return f"{row.value * n:.0f} of {n} answers{between}"


def _lost(shown: Shown, cell: Cell, retriever: str) -> Row | None:
    row = find(shown.figures, cell, _LOST, retriever)
    return row if row is not None and row.value is not None else None


def _value(row: Row | None) -> float:
    return row.value if row is not None and row.value is not None else float("inf")


@dataclass(frozen=True, slots=True)
class _Certainty:
    kind: Literal["clear", "chance", "untested"]
    text: str


def _headline(shown: Shown, ranked: Sequence[Cell], retriever: str, sure: _Certainty) -> tuple[str, str]:
    """What to do, and the figures behind it."""
    best, *others = ranked
    loses = answers(_lost(shown, best, retriever))
    if not others:
        return f"{best[0]} loses {loses} by what it misheard.", ""
    second = others[0]
    figures = f"It loses {loses}; the next best, {second[0]}, loses {answers(_lost(shown, second, retriever))}."
    if sure.kind == "clear":
        return f"Take {best[0]}.", figures
    if _value(_lost(shown, best, retriever)) == _value(_lost(shown, second, retriever)):
        return f"{best[0]} and {second[0]} are equal here.", f"Each loses {loses}."
    if sure.kind == "chance":
        return f"{best[0]} or {second[0]}: the difference may be chance.", f"{best[0]} is ahead. {figures}"
    return f"{best[0]} is ahead.", figures


def _is_deployable(shown: Shown, cell: Cell) -> bool:
    """Whether a user could have the backend as it is: not with a list of the names that are asked for."""
    return cell[0] not in shown.backends or is_deployable(shown.backends[cell[0]])


def _nothing_to_take(shown: Shown, best: Cell, retriever: str) -> tuple[str, str]:
    """Where every backend has a list that no user could make."""
    return (
        "No backend here can be deployed as it is: each has a bias list made of the names that are asked for.",
        f"The best of them, {best[0]}, has a list of {list_words(shown.backends[best[0]], shown.figures, best)}. It loses "
        f"{answers(_lost(shown, best, retriever))}.",
    )


def _what_a_list_wins(
    shown: Shown, ranked: Sequence[Cell], candidates: Sequence[Cell], retriever: str
) -> Iterator[Finding]:
    """What lists made of the questions' names do for the best candidate that has them: among few and among many others,
    and alone, which bounds what any list can do.
    """
    specs, plain_of = shown.backends, plain_counterparts(shown.backends)
    lists = [cell for cell in ranked if not _is_deployable(shown, cell)]
    order = [plain_of.get(cell[0], cell[0]) for cell in candidates]
    judged = {cell[0] for cell in ranked}
    plain = next((of for of in order if of in judged and any(plain_of.get(cell[0]) == of for cell in lists)), None)
    if plain is None:
        if lists and lists != list(candidates):
            text = f"{_with_list(shown, lists[0], None, retriever)} The run has no such backend without a list."
            yield Finding("What would a bias list win?", text)
        return
    base = (plain, ranked[0][1])
    lists = [cell for cell in lists if plain_of.get(cell[0]) == plain]
    oracles = [cell for cell in lists if is_oracle(specs[cell[0]].bias, specs[cell[0]].distractors)]
    among = sorted((cell for cell in lists if cell not in oracles), key=lambda cell: size(shown.figures, cell) or 0)
    told = [_with_list(shown, cell, base, retriever) for cell in dict.fromkeys((*among[:1], *among[-1:]))]
    text = f"{plain} loses {answers(_lost(shown, base, retriever))} without one."
    if told:
        text += f" {' '.join(told)} Such lists assume that the user's list holds the name (Le et al. 2021)."
    if oracles:
        text += f" {_with_list(shown, oracles[0], base, retriever)} No user could have that list: "
        least = min(_value(_lost(shown, cell, retriever)) for cell in (base, *lists))
        is_bound = _value(_lost(shown, oracles[0], retriever)) == least < _value(_lost(shown, base, retriever))
        text += "it is an upper bound." if is_bound else "it is no setting to take."
    yield Finding("What would a bias list win?", text)


def _with_list(shown: Shown, cell: Cell, plain: Cell | None, retriever: str) -> str:
    """What a backend loses with a list, and whether the difference from the backend without one is significant."""
    words, loses = list_words(shown.backends[cell[0]], shown.figures, cell), answers(_lost(shown, cell, retriever))
    if plain is None:
        return f"With a list of {words}, {cell[0]} loses {loses}."
    c = _between(shown, cell, plain, retriever)
    tested = "the run has no test of the difference"
    if c is not None and c.p_holm is not None:
        kind = "significant" if c.p_holm < SIGNIFICANCE else "not significant"
        tested = f"{difference(c)} points, {p_text(c.p_holm)}, {kind}"
    return f"With {words} it would lose {loses} ({tested})."


def _certainty(shown: Shown, ranked: Sequence[Cell], retriever: str) -> _Certainty:
    """Whether the best is beyond chance better than the next, by the stored paired tests alone."""
    best, *others = ranked
    if not others:
        return _Certainty("untested", "")
    told = [(other, _between(shown, best, other, retriever)) for other in others]
    next_best = told[0][1]
    if next_best is not None:
        return _judged(best, others[0], next_best)
    known = next(((other, found) for other, found in told if found is not None), None)
    tail = (
        f"The difference from the next best, {others[0][0]}, is not among the stored tests: "
        f"`harness compare RUN --baseline {others[0][0]}` makes it."
    )
    if known is None:
        return _Certainty("untested", tail)
    return _Certainty("untested", f"{_judged(best, *known).text} {tail}")


def _between(shown: Shown, best: Cell, other: Cell, retriever: str) -> Comparison | None:
    """The stored test of answers lost between two cells, as `best` minus `other`."""
    for c in shown.summary.comparisons:
        if c.metric != "lost" or c.retriever != retriever or c.condition != best[1] or c.delta is None:
            continue
        if (c.a, c.b) == (other[0], best[0]):
            return c
        if (c.a, c.b) == (best[0], other[0]):
            low, high = (None if end is None else 0.0 - end for end in (c.ci_high, c.ci_low))  # no -0.0
            return replace(c, a=c.b, b=c.a, delta=0.0 - c.delta, ci_low=low, ci_high=high)
    return None


def _judged(best: Cell, other: Cell, c: Comparison) -> _Certainty:
    p = "" if c.p_holm is None else f", {p_text(c.p_holm)} after adjusting for the number of tests"
    against = f"Answers lost, {best[0]} against {other[0]}: {difference(c)} points{p}, over {c.n} questions"
    if c.p_holm is not None and c.p_holm < SIGNIFICANCE:
        return _Certainty("clear", f"Beyond chance. {against}.")
    found = "" if c.detectable is None else f" This suite would show a difference of {100 * c.detectable:.1f} points."
    return _Certainty("chance", f"Within chance: do not choose by this. {against}.{found}")


def _runaways(shown: Shown, condition: str) -> Iterator[Finding]:
    """A warning where transcripts that ran away decide a WER."""
    if said := " ".join(runaway_sentences(shown.samples, shown.figures, condition)):
        yield Finding("Can the WER be trusted?", f"Not as it stands: decoding ran away. {said}")


def _causes(shown: Shown, best: Cell, retriever: str) -> Iterator[Finding]:
    share, regions = (_cause(shown, best, metric, retriever) for metric in ("loss_share_rare", "region_share_rare"))
    if share and regions:
        yield Finding(
            "Where does the loss come from?",
            f"{share} of what {best[0]} loses falls to rare words inside names, which are {regions} of its errors.",
        )


def _cause(shown: Shown, cell: Cell, metric: str, retriever: str) -> str:
    """A figure of `CAUSES` with its interval; empty where the run has none."""
    column = _BY_CLASS[metric]
    found = cell_of(find(shown.figures, cell, column, retriever), column)
    return "" if found.sort is None else f"{found.text} {found.interval}".strip()


def _what_wins_back(shown: Shown, ranked: Sequence[Cell], retriever: str) -> Iterator[Finding]:
    parts = []
    for plain, biased in _bias_pairs(shown, ranked):
        c = _between(shown, biased, plain, retriever)
        if c is not None and c.delta is not None and c.delta < 0 and c.p_holm is not None and c.p_holm < SIGNIFICANCE:
            parts.append(
                f"The bias list does most: {plain[0]} loses {answers(_lost(shown, plain, retriever))} without it and "
                f"{answers(_lost(shown, biased, retriever))} with it."
            )
            break
    best = ranked[0]
    rare, other = (_cause(shown, best, f"class_repair_{of}", retriever) for of in ("rare", "other"))
    one = _cause(shown, best, "repair_1_share", retriever)
    if rare and other:
        parts.append(
            f"Of the answers that {best[0]} still loses, hearing only the rare words in names right would bring back "
            f"{rare} of them, hearing only all other words right {other}."
        )
    if one:
        parts.append(f"Putting a single error right would bring back {one}.")
    if parts:
        yield Finding("What wins most back?", " ".join(parts))


def _bias_pairs(shown: Shown, ranked: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Backends that differ in nothing but a bias list: without, with."""
    plain_of = plain_counterparts(shown.backends)
    for biased in ranked:
        plain = (plain_of.get(biased[0], ""), biased[1])
        if plain in ranked:
            yield plain, biased


def _orders_differ(shown: Shown, ranked: Sequence[Cell], retriever: str) -> Iterator[Finding]:
    """Where the word error rate would have chosen otherwise."""
    if len(ranked) < 2:
        return
    by_wer = sorted(ranked, key=lambda cell: _value(find(shown.figures, cell, _WER, None)))
    if by_wer == list(ranked):
        return
    pairs = [(a, b) for i, a in enumerate(ranked) for b in ranked[i + 1 :] if by_wer.index(a) > by_wer.index(b)]
    a, b = pairs[0]
    (wer_a, wer_b), (lost_a, lost_b) = (
        [_shown(find(shown.figures, cell, column, retriever), column) for cell in (a, b)] for column in (_WER, _LOST)
    )
    yield Finding(
        "Does WER say the same?",
        f"No. {b[0]} has the lower WER ({wer_b} against {wer_a}) and yet loses more answers ({lost_b} against {lost_a}).",
    )


def _shown(row: Row | None, column: Column) -> str:
    found = cell_of(row, column)
    return f"{found.text} {found.interval}".strip()


def in_bias_list(shown: Shown, word: WordCost) -> bool | None:
    """Whether the backend was given the word; of runs that did not keep it, what their spec implies, or `None`."""
    if word.in_bias_list is not None:
        return word.in_bias_list
    bias = shown.backends[word.backend].bias if word.backend in shown.backends else None
    if bias is None:
        return False
    return word.entity if bias in (ENTITIES, OWN) else None


def _bias_words(shown: Shown, ranked: Sequence[Cell], retriever: str) -> BiasWords | None:
    """From the best backend that has no bias list, or else from the best one; and what the best mishears in spite of one."""
    best = ranked[0]
    without = [cell for cell in ranked if cell[0] in shown.backends and not shown.backends[cell[0]].bias]
    candidates = [(cell, _unlisted(shown, cell, retriever)) for cell in without or ranked]
    plain, costly = next((found for found in candidates if found[1]), candidates[0])
    despite = [
        word.word for word in _words(shown, best, retriever) if word.recoverable > 0 and in_bias_list(shown, word)
    ]
    if not costly and not despite:
        return None
    return BiasWords(
        plain[0],
        tuple((word.word, word.recoverable) for word in costly[:_SHOWN_WORDS]),
        tuple(word.word for word in costly),
        tuple(despite[:_SHOWN_WORDS]),
        best[0] if despite else "",
    )


def _unlisted(shown: Shown, cell: Cell, retriever: str) -> list[WordCost]:
    """The words that cost answers and are not in the bias list."""
    costly = (word for word in _words(shown, cell, retriever) if word.recoverable > 0)
    return [word for word in costly if in_bias_list(shown, word) is not True]


def _words(shown: Shown, cell: Cell, retriever: str) -> list[WordCost]:
    return [
        word for word in shown.summary.words if (word.backend, word.condition, word.retriever) == (*cell, retriever)
    ]
