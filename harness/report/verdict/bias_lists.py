"""Bias lists: what those of this run win, and the phrases that a list should have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.analysis.word_costs import WordCost
from harness.asr.bias_list import ENTITIES, OWN, is_oracle, plain_counterparts
from harness.report.model import Arm
from harness.report.verdict.case import Case
from harness.report.verdict.records import BiasPhrases, Finding, Phrase
from harness.report.verdict.typos import typos_of
from harness.report.verdict.wording import is_significant, lost, tested
from harness.words.normalise import tokenise

_SHOWN = 12


def list_words(case: Case, arm: Arm) -> str:
    """What is on a backend's list, in a few words. An oracle is called one."""
    spec = case.report.backends[arm[0]]
    if spec.bias == ENTITIES:
        return "every name of the suite (oracle)"
    if spec.bias != OWN:
        return f"the phrases of {Path(spec.bias).name}" if spec.bias else "none"
    if is_oracle(spec.bias, spec.distractors):
        return "each question's own names alone (oracle)"
    row = case.row(arm, "bias_distractors")
    n = (spec.distractors or 0) if row is None or row.value is None else round(row.value)
    return f"each question's own names among {n} other{'' if n == 1 else 's'}"


def what_lists_win(case: Case) -> Iterator[Finding]:
    """What lists made of the questions' names do for the best candidate that has them: among few and among many others,
    and alone, which bounds what any list can do.
    """
    if not case.by_outcome:
        return
    lists = [arm for arm in case.ranked if arm not in case.deployable]
    plain = _plain(case, lists)
    if plain is None:
        if lists and case.deployable:
            told = (
                f"With a list of {list_words(case, lists[0])}, {lists[0][0]} loses {lost(case, lists[0], brief=True)}."
            )
            yield case.finding("What would a bias list win?", [told, "The run has no such backend without a list."])
        return
    yield case.finding("What would a bias list win?", _won(case, plain, lists))


def _plain(case: Case, lists: Sequence[Arm]) -> Arm | None:
    """The best backend without a list that stands beside itself with a list made of the questions' names."""
    plain_of = plain_counterparts(case.report.backends)
    with_lists = {plain_of.get(arm[0]) for arm in lists}
    order = [(plain_of.get(arm[0], arm[0]), arm[1]) for arm in case.candidates]
    return next((arm for arm in order if arm[0] in with_lists and arm in case.ranked), None)


def _won(case: Case, plain: Arm, lists: Sequence[Arm]) -> Iterator[str]:
    plain_of = plain_counterparts(case.report.backends)
    own = [arm for arm in lists if plain_of.get(arm[0]) == plain[0]]
    oracles = [arm for arm in own if _is_oracle(case, arm)]
    among = sorted((arm for arm in own if arm not in oracles), key=lambda arm: _size(case, arm))
    yield f"{plain[0]} loses {lost(case, plain, brief=True)} without one."
    for arm in dict.fromkeys((*among[:1], *among[-1:])):
        yield _with_list(case, arm, plain)
    if among:
        yield "Such lists assume that the user's list holds the name (Le et al. 2021)."
    if oracles:
        yield _with_list(case, oracles[0], plain)
        least = min(case.n_lost(arm) for arm in (plain, *own))
        is_bound = case.n_lost(oracles[0]) == least < case.n_lost(plain)
        yield f"No user could have that list: {'it is an upper bound' if is_bound else 'it is no setting to take'}."


def _with_list(case: Case, arm: Arm, plain: Arm) -> str:
    """What a backend loses with a list, and whether the difference from the backend without one is significant."""
    c = case.comparison(arm, plain, case.outcome.name)
    told = "not tested" if c is None or c.p_holm is None else f"{case.outcome.heading} {tested(c, case.outcome)}"
    return f"With {list_words(case, arm)} it loses {lost(case, arm, brief=True)} ({told})."


def won_by_lists(case: Case) -> Iterator[str]:
    """What a list does that a user could have, where it is significantly better than the same backend without one."""
    plain_of = plain_counterparts(case.report.backends)
    for arm in case.candidates:
        plain = (plain_of.get(arm[0], ""), arm[1])
        c = case.comparison(arm, plain, case.outcome.name) if plain in case.candidates else None
        if c is not None and (c.delta or 0.0) > 0 and is_significant(c):
            yield (
                f"Keep the bias list: {plain[0]} loses {lost(case, plain, brief=True)} without it, "
                f"{lost(case, arm, brief=True)} with it ({case.outcome.heading} {tested(c, case.outcome)})."
            )
            return


def bias_phrases(case: Case) -> BiasPhrases | None:
    """From the best backend that has no bias list, or else from the best one; and what the best misrecognises in spite of one.

    Where no outcome was lost, or none is judged, the words that are misrecognised most often.
    """
    if not case.ranked:
        return None
    typos, best = typos_of(case), case.ranked[0]
    without = [arm for arm in case.ranked if _has_no_list(case, arm)]
    chosen = [(arm, _phrases(case, arm, typos)) for arm in without or case.ranked]
    arm, phrases = next((one for one in chosen if one[1]), chosen[0])
    despite = _unique(
        phrase_of(word, typos) for word in _words(case, best) if _cost(case, word) and in_bias_list(case, word)
    )
    if not phrases and not despite:
        return None
    costly = [phrase for phrase in phrases if phrase.cost > 1]
    return BiasPhrases(
        arm[0],
        f"{case.noun} lost" if case.by_outcome else "times misrecognised",
        tuple((costly or phrases)[:_SHOWN]),
        tuple(phrase.text for phrase in phrases),
        tuple(despite[:_SHOWN]),
        best[0] if despite else "",
    )


def in_bias_list(case: Case, word: WordCost) -> bool | None:
    """Whether the backend was given the word; of runs that did not keep it, what their spec implies, or `None`."""
    if word.in_bias_list is not None:
        return word.in_bias_list
    spec = case.report.backends.get(word.backend)
    if spec is None or spec.bias is None:
        return False
    return word.entity if spec.bias in (ENTITIES, OWN) else None


def phrase_of(word: WordCost, typos: Mapping[str, str]) -> str:
    """The mention that holds a word as the questions write it; the word alone where the mention has a possible typo in it."""
    return next((phrase for phrase in word.phrases if not typos.keys() & set(tokenise(phrase))), word.word)


def _phrases(case: Case, arm: Arm, typos: Mapping[str, str]) -> list[Phrase]:
    """The phrases of the words that cost something and are not in the bias list, the costliest first."""
    phrases: dict[str, Phrase] = {}
    for word in _words(case, arm):
        cost = _cost(case, word)
        if cost and word.word not in typos and in_bias_list(case, word) is not True:
            text = phrase_of(word, typos)
            if text not in phrases or phrases[text].cost < cost:
                phrases[text] = Phrase(text, word.word, cost)
    return sorted(phrases.values(), key=lambda phrase: -phrase.cost)


def _words(case: Case, arm: Arm) -> list[WordCost]:
    of = (case.retriever, None)
    return [w for w in case.report.summary.words if (w.backend, w.condition) == arm and w.retriever in of]


def _cost(case: Case, word: WordCost) -> int:
    return word.recoverable if case.by_outcome else word.n_reference - word.n_correct


def _has_no_list(case: Case, arm: Arm) -> bool:
    spec = case.report.backends.get(arm[0])
    return spec is not None and not spec.bias


def _is_oracle(case: Case, arm: Arm) -> bool:
    spec = case.report.backends[arm[0]]
    return is_oracle(spec.bias, spec.distractors)


def _size(case: Case, arm: Arm) -> float:
    row = case.row(arm, "bias_listed")
    return 0.0 if row is None or row.value is None else row.value


def _unique(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))
