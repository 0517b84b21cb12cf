"""What the error rate and entity recall say of the backends that the verdict is about, and whether they order them as the
outcome does. The error rate is WER, or CER where words are not spaced.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.word_costs import WordCost
from harness.report.model import Arm
from harness.report.numbers import with_interval
from harness.report.phrasing import is_equal, tested
from harness.report.tables import is_significant
from harness.report.verdict.case import Case
from harness.report.verdict.choice import pair
from harness.report.verdict.records import Finding
from harness.report.verdict.wording import (
    could_show,
    is_significantly_better,
    quotable,
)

_LONGEST = 30  # characters of what stands in a word's place


def what_wer_says(case: Case) -> Iterator[Finding]:
    """The error rate and entity recall of the two best with their differences; of one backend alone, its figures."""
    sentences = list(_sentences(case))
    if sentences:
        two = pair(case)
        decided = case.by_outcome and two is not None and is_significantly_better(two[2], case.by)
        rate = case.figures.error_rate.heading
        yield case.finding(f"What does {rate} say?", sentences, searched=False, in_short=not decided)
    if case.by_outcome and (other_order := list(_other_order(case))):
        yield case.finding(f"Does {case.figures.error_rate.heading} order them alike?", other_order)


def _sentences(case: Case) -> Iterator[str]:
    arms = case.candidates[:2]
    for name in (case.figures.error_rate.name, "entity_recall"):
        yield from _of_metric(case, arms, name)


def _of_metric(case: Case, arms: tuple[Arm, ...], name: str) -> Iterator[str]:
    metric = case.figures.metric(name)
    rows = [case.row(arm, name) for arm in arms]
    if not rows or not all(quotable(row, metric) for row in rows):
        return
    n = {row.n for row in rows if row is not None}
    told = [f"of {arm[0]} {with_interval(row, metric)}" for arm, row in zip(arms, rows, strict=True)]
    over = f" over {row_n:g} {metric.of}" if len(n) == 1 and (row_n := n.pop()) is not None else ""
    sentence = f"{_capital(metric.heading)} {' and '.join(told)}{over}"
    if len(arms) == 2 and (c := case.comparison(arms[0], arms[1], name)) is not None:
        yield f"{sentence}: {tested(c, metric)}."
        if (
            name == case.figures.rules.error_rate
            and not is_significant(c)
            and not is_equal(c)
            and (shown := could_show(c, metric))
        ):
            yield shown
        return
    yield f"{sentence}."


def _other_order(case: Case) -> Iterator[str]:
    """The first two backends that the error rate orders otherwise than the outcome; both differences are stored, neither is 0."""
    rate = case.figures.error_rate
    for index, better in enumerate(case.candidates):
        for other in case.candidates[index + 1 :]:
            by_outcome, by_rate = (case.comparison(better, other, name) for name in (case.outcome.name, rate.name))
            if by_outcome is None or by_rate is None or not by_outcome.delta or not by_rate.delta or by_rate.delta < 0:
                continue
            yield (
                f"{rate.heading} orders them otherwise than {case.outcome.heading}: {other[0]} has the lower {rate.heading}, "
                f"{better[0]} the higher {case.outcome.heading} ({better[0]} against {other[0]}: {rate.heading} "
                f"{tested(by_rate, rate)}; {case.outcome.heading} {tested(by_outcome, case.outcome)})."
            )
            return


def most_misrecognised(case: Case, shown: int = 10) -> Iterator[Finding]:
    """The rare words that the best candidate misrecognises most often, where no outcome can be judged."""
    if not case.candidates:
        return
    best = case.candidates[0]
    words = sorted(
        (w for w in case.report.summary.words if (w.backend, w.condition) == best and w.retriever in (None, case.retriever)),
        key=lambda w: w.n_correct - w.n_reference,
    )  # fmt: skip
    if words:
        told = [_misrecognised(word) for word in words]
        text = f"The rare words that {best[0]} misrecognises most often: {', '.join(told[:shown])}."
        yield case.finding("Which words are misrecognised?", [text], searched=False, in_short=False)


def _misrecognised(word: WordCost) -> str:
    """`Marrakesh (3 of 4, as 'marry cash')`."""
    instead = word.recognised_as[0][0] if word.recognised_as else ""
    as_what = f", as '{instead[:_LONGEST]}'" if instead else ", left out"
    written = word.phrases[0] if word.phrases else word.word
    return f"{written} ({word.n_reference - word.n_correct} of {word.n_reference}{as_what})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
