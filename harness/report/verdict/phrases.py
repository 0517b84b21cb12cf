"""The phrases that a bias list should have: mentions as the questions write them, never a possible typo of the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.analysis.word_costs import WordCost
from harness.asr.bias_list import ENTITIES, OWN
from harness.report.model import Arm, Report
from harness.report.verdict.case import Case
from harness.report.verdict.records import BiasPhrases, Phrase
from harness.words.text.normalise import tokenise

_SHOWN = 12
_ENOUGH = 6  # phrases that cost more than once: then those that cost once, which may be chance, are left out


def bias_phrases(case: Case) -> BiasPhrases | None:
    """From the best backend that has no bias list, or else from the best one; and what the best misrecognises in spite of one.

    Where no outcome was lost, or none is judged, the words that are misrecognised most often.
    """
    if not case.ranked:
        return None
    typos, best = case.report.summary.possible_typos, case.ranked[0]
    without = [arm for arm in case.ranked if _has_no_list(case, arm)]
    chosen = [(arm, _phrases(case, arm, typos)) for arm in without or case.ranked]
    arm, phrases = next((one for one in chosen if one[1]), chosen[0])
    despite = _unique(
        phrase_of(word, typos, case.report.language)
        for word in _words(case, best)
        if _cost(case, word) and in_bias_list(case.report, word)
    )
    if not phrases and not despite:
        return None
    return BiasPhrases(
        arm[0],
        f"{case.noun} lost" if case.by_outcome else "times misrecognised",
        tuple(phrases[:_SHOWN]),
        tuple(phrase.text for phrase in phrases),
        tuple(despite[:_SHOWN]),
        best[0] if despite else "",
    )


def in_bias_list(report: Report, word: WordCost) -> bool | None:
    """Whether the backend was given the word; of runs that did not keep it, what their spec implies, or `None`."""
    if word.in_bias_list is not None:
        return word.in_bias_list
    spec = report.backends.get(word.backend)
    if spec is None or spec.bias is None:
        return False
    return word.entity if spec.bias in (ENTITIES, OWN) else None


def phrase_of(word: WordCost, typos: Mapping[str, str], language: str) -> str:
    """The mention that holds a word as the questions write it; the word alone where the mention has a possible typo in it."""
    return next((phrase for phrase in word.phrases if not typos.keys() & set(tokenise(phrase, language))), word.word)


def _phrases(case: Case, arm: Arm, typos: Mapping[str, str]) -> list[Phrase]:
    """The phrases of the words that cost something and are not in the bias list, the costliest first."""
    phrases: dict[str, Phrase] = {}
    for word in _words(case, arm):
        cost = _cost(case, word)
        if cost and word.word not in typos and in_bias_list(case.report, word) is not True:
            text = phrase_of(word, typos, case.report.language)
            if text not in phrases or phrases[text].cost < cost:
                phrases[text] = Phrase(text, word.word, cost)
    ranked = sorted(phrases.values(), key=lambda phrase: -phrase.cost)
    costly = [phrase for phrase in ranked if phrase.cost > 1]
    return costly if len(costly) >= _ENOUGH else ranked


def _words(case: Case, arm: Arm) -> list[WordCost]:
    of = (case.retriever, None)
    return [w for w in case.report.summary.words if (w.backend, w.condition) == arm and w.retriever in of]


def _cost(case: Case, word: WordCost) -> int:
    return word.recoverable if case.by_outcome else word.n_reference - word.n_correct


def _has_no_list(case: Case, arm: Arm) -> bool:
    spec = case.report.backends.get(arm[0])
    return spec is not None and not spec.bias


def _unique(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))
