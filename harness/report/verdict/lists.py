"""What the bias lists of this run win: those that a user could have, and those that only bound what any list can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.asr.bias_list import is_oracle, plain_counterparts
from harness.report.model import Arm
from harness.report.phrasing import tested
from harness.report.sections.bias_lists import list_size, list_words
from harness.report.tables import is_significant
from harness.report.verdict.case import Case
from harness.report.verdict.records import Finding
from harness.report.verdict.wording import lost


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
            won = f"With a list of {_on_list(case, lists[0])}, {lists[0][0]} loses {lost(case, lists[0], brief=True)}."
            told = [won, "The run has no such backend without a list."]
            yield case.finding("What would a bias list win?", told, in_short=False)
        return
    yield case.finding("What would a bias list win?", _won(case, plain, lists), in_short=False)


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
    among = sorted((arm for arm in own if arm not in oracles), key=lambda arm: list_size(case.figures, arm) or 0.0)
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
    return f"With {_on_list(case, arm)} it loses {lost(case, arm, brief=True)} ({told})."


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


def _is_oracle(case: Case, arm: Arm) -> bool:
    spec = case.report.backends[arm[0]]
    return is_oracle(spec.bias, spec.distractors)


def _on_list(case: Case, arm: Arm) -> str:
    return list_words(case.report.backends[arm[0]], case.figures, arm)
