"""Which backend: by the run's outcome, or by the error rate where that says nothing, and only where a paired test says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.comparisons import Comparison
from harness.report.model import Arm
from harness.report.numbers import p_text
from harness.report.phrasing import is_equal, listing, tested
from harness.report.sections.bias_lists import list_words
from harness.report.tables import is_significant
from harness.report.verdict.case import Case
from harness.report.verdict.failed import dead_headlines
from harness.report.verdict.records import Finding
from harness.report.verdict.suitability import reached, suggestion
from harness.report.verdict.wording import (
    could_show,
    figure_of,
    first_that_fits,
    is_significantly_better,
    lost,
    share,
)


def headline(case: Case) -> str:
    """What to do, in under 100 characters: first which backend transcribed nothing, where there is room for it."""
    where = case.where(searched=case.is_judged)
    wordings = list(_cannot_tell(case) if _tells_nothing(case) else _choices(case))
    placed = [text.replace("{where}", place) for place in dict.fromkeys((where, "")) for text in wordings]
    before = dead_headlines(case)
    return first_that_fits([f"{first}{text}" for first in before for text in placed])


def detail(case: Case) -> str:
    """The figures behind the headline."""
    return case.placed(_detail(case))


def which_backend(case: Case) -> Iterator[Finding]:
    """The outcome of the two best, and the test of their difference."""
    if len(case.candidates) < 2 or not (case.by_outcome or case.by_snippets):
        return
    yield case.finding("Which backend?", _of_two(case), in_short=False)


def pair(case: Case) -> tuple[Arm, Arm, Comparison | None] | None:
    """The two best candidates, and the stored difference between them."""
    if len(case.candidates) < 2:
        return None
    best, second = case.candidates[:2]
    return best, second, case.comparison(best, second, case.by.name)


def _tells_nothing(case: Case) -> bool:
    """Whether the reference reaches the outcome too seldom, and nothing takes its place."""
    return case.is_judged and not case.by_outcome and not case.by_snippets


def _cannot_tell(case: Case) -> Iterator[str]:
    """That the reference reaches the outcome too seldom, the fullest wording first; `{where}`: condition and retriever."""
    told = f"By {case.outcome.heading}{{where}}, this suite cannot tell backends apart"
    yield f"{told}: the reference reaches it for {reached(case)}."
    yield f"{told}."


def _choices(case: Case) -> Iterator[str]:
    """Which backend, the fullest wording first."""
    if not case.candidates:
        yield "Nothing can be judged: no reference has a word."
        return
    take = "Take" if case.by_outcome else f"By {case.by.heading}, take"
    best = case.candidates[0]
    if not case.deployable:
        yield f"{best[0]} has the best {case.by.heading}{{where}}, but no backend here can be deployed as it is."
        yield "No backend here can be deployed as it is."
        return
    two = pair(case)
    if two is None:
        yield from _alone(case, best)
        return
    best, second, c = two
    if equal := _equal_ones(case):
        yield from _tied(case, equal)
    elif is_significantly_better(c, case.by):
        yield f"{take} {best[0]}{{where}}."
        yield f"{take} the backend that stands first below{{where}}."
    elif c is not None and c.p_holm is not None and not is_significant(c):
        told = f"no significant difference in {case.by.heading}"
        yield f"{best[0]} or {second[0]}{{where}}: {told} ({p_text(c.p_holm)})."
        yield f"{best[0]} or {second[0]}{{where}}: {told}."
        yield f"The two best{{where}}: {told} ({p_text(c.p_holm)})."
    else:
        yield f"{best[0]} is ahead of {second[0]} in {case.by.heading}{{where}}; that is not tested."
        yield f"{best[0]} is ahead in {case.by.heading}{{where}}; that is not tested."
        yield f"The lead in {case.by.heading}{{where}} is not tested."


def _alone(case: Case, best: Arm) -> Iterator[str]:
    if case.by_outcome:
        yield f"{best[0]} loses {lost(case, best)}{{where}}."
        yield f"It loses {lost(case, best)}{{where}}."
    else:
        yield f"{best[0]}{{where}}: {figure_of(case, best, case.by)}."
        yield f"{figure_of(case, best, case.by)}."


def _equal_ones(case: Case) -> tuple[Arm, ...]:
    """The candidates that are equal to the best; none where only it is."""
    rows = [case.row(arm, case.by.name) for arm in case.candidates]
    equal = tuple(
        arm
        for arm, row in zip(case.candidates, rows, strict=True)
        if row is not None and rows[0] is not None and row.value == rows[0].value
    )
    return equal if len(equal) > 1 else ()


def _tied(case: Case, equal: Sequence[Arm]) -> Iterator[str]:
    """Equal backends, and which of two has the significantly lower error rate."""
    names = [arm[0] for arm in equal]
    noun = case.noun if case.by_outcome and case.by.unit == "share" else case.by.heading
    equality, rate = f"are equal in {noun}", case.figures.error_rate
    c = case.comparison(equal[0], equal[1], rate.name) if case.by_outcome and len(equal) == 2 else None
    if c is not None and is_significantly_better(c, rate):  # of equal ones, the first has the lower one
        lower = f"{names[0]} has the lower {rate.heading} ({p_text(c.p_holm)})"
        yield f"{listing(names)} {equality}{{where}}; {lower}."
        yield f"The two best {equality}{{where}}; {lower}."
        yield f"The two best {equality}{{where}}; one has the lower {rate.heading} ({p_text(c.p_holm)})."
    yield f"{listing(names)} {equality}{{where}}."
    yield f"The {len(names)} best backends {equality}{{where}}."


def _detail(case: Case) -> Iterator[str]:
    if _tells_nothing(case):
        yield suggestion(case)
        yield next(_choices(case)).replace("{where}", "")
        return
    if not case.candidates:
        return
    best, *others = case.candidates
    if not case.deployable:
        yield (
            f"Each has a bias list made of the names that are asked for. The best of them, {best[0]}, has a list of "
            f"{list_words(case.report.backends[best[0]], case.figures, best)}. It {_amount(case, best)}."
        )
        return
    if len(_equal_ones(case)) == len(case.candidates):
        yield f"Each {_amount(case, best)}."
    elif others or not case.by_outcome:
        yield f"{best[0]} {_amount(case, best)}."
        yield from (f"{arm[0]} {_amount(case, arm, brief=True)}{_evidence(case)}." for arm in others[:1])


def _evidence(case: Case) -> str:
    """The test behind a backend to take; other headlines say for themselves what was tested."""
    two = pair(case)
    c = two[2] if two is not None else None
    if c is None or not is_significantly_better(c, case.by):
        return ""
    return f"; difference in {case.by.heading}: {p_text(c.p_holm)}"


def _amount(case: Case, arm: Arm, *, brief: bool = False) -> str:
    if case.by_outcome:
        return f"loses {lost(case, arm, brief=brief)}"
    row = case.row(arm, case.by.name)
    if case.by_snippets:
        return (
            f"has an accepted answer in the first {case.by.name.partition('@')[2]} snippets for {share(row, case.by)}"
        )
    n = f" of {row.n:g} {case.by.of}" if row is not None and row.n is not None else ""
    return f"has {figure_of(case, arm, case.by)}{n}"


def _of_two(case: Case) -> Iterator[str]:
    best, *others = case.candidates
    second = others[0]
    told = [f"{arm[0]} {share(case.row(arm, case.by.name), case.by)}" for arm in (best, second)]
    yield f"{case.by.heading} from the hypothesis: {'; '.join(told)}."
    c = case.comparison(best, second, case.by.name)
    if c is not None and c.p_holm is not None:
        yield f"{best[0]} against {second[0]}: {_difference(case, c)}."
        if not is_significant(c) and not is_equal(c) and (shown := could_show(c, case.by)):
            yield shown
        return
    stored = ((arm, case.comparison(best, arm, case.by.name)) for arm in others[1:])
    tested_one = next(((arm, c) for arm, c in stored if c is not None and c.p_holm is not None), None)
    if tested_one is not None:
        yield f"{best[0]} against {tested_one[0][0]}: {_difference(case, tested_one[1])}."
    yield (
        f"The difference from the next best, {second[0]}, is not among the stored tests: `harness compare RUN --baseline "
        f"{second[0]}` makes it."
    )


def _difference(case: Case, c: Comparison) -> str:
    return f"{tested(c, case.by)} ({c.n} questions)"
