"""Early decision: after how much of a question its outcome is right for good, and what stopping there would save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.attribution import Estimate
from harness.analysis.early.deciding import WordKind
from harness.analysis.early.figures import Curve, Decides, RuleResult
from harness.analysis.early.result import EarlyDecision
from harness.report.model import Figures, Report
from harness.report.numbers import FEWEST, interval, value, with_interval
from harness.report.tables import Cell, Heading, Section, Table, texts

TITLE = "Early decision"
_TOLD = 2  # backends whose figures sentences quote
INTENT = "intent accuracy"
_DECIDED: tuple[Decides, ...] = ("outcome", "intent")
_RULE = "A rule that stops once the first score leads the second by a share set on other questions"
_PARTS = {"words": "words", "partials": "partial hypotheses", "audio": "cut audio"}


def early(report: Report) -> Section:
    """Return what the study `[early]` counted; nothing where the run has none."""
    decision = report.study("early", EarlyDecision)
    return Section("early", TITLE) if decision is None else early_section(decision, report.figures)


def early_section(decision: EarlyDecision, figures: Figures) -> Section:
    """Return the section of a result."""
    telling = Telling(decision, figures)
    return Section("early", TITLE, tuple(telling.sentences()), tuple(telling.tables()), tuple(telling.after()))


class Telling:
    """Puts a result into words and tables, in the words of the run."""

    def __init__(self, decision: EarlyDecision, figures: Figures) -> None:
        self._decision, self._figures = decision, figures
        self._share = figures.metric("hit@1")  # for its form: every outcome is reached or not
        self._with = f" with {decision.retriever}" if len(figures.retrievers) > 1 else ""

    def name(self, curve: Curve) -> str:
        """Return what a curve is of: `reference text`, or the backend, with its condition where there are several."""
        if curve.backend is None or curve.condition is None:
            return "reference text"
        return self._figures.name((curve.backend, curve.condition))

    def outcome(self, decides: Decides) -> str:
        """Return what is right: `hit@1`, or `intent accuracy`."""
        return INTENT if decides == "intent" else self._figures.metric(self._figures.rules.metric).heading

    def _reached(self, curve: Curve) -> str:
        return self.outcome(curve.decides) + (self._with if curve.decides == "outcome" else "")

    # ---- sentences

    def sentences(self) -> Iterator[str]:
        """Yield the results for each that is decided, and what was left out."""
        for decides in _DECIDED:
            yield from self._results([curve for curve in self._decision.curves if curve.decides == decides])
        yield from (f"{note[0].upper()}{note[1:]}." for note in self._decision.notes)

    def _results(self, curves: Sequence[Curve]) -> Iterator[str]:
        """Yield those of the reference, of the first backends, and of what was recognised in parts."""
        texts_of, grown = ([c for c in curves if (c.mode == "words") == words] for words in (True, False))
        for curve in [c for c in texts_of if c.backend is None]:
            yield self._until(curve)
            yield from self._oracle(curve)
            yield from self._rule(curve)
            yield from self._deciding(curve)
        for curve in [c for c in texts_of if c.backend is not None][:_TOLD]:
            yield " ".join([self._until(curve), *self._oracle(curve), *self._rule(curve)])
        for curve in grown:
            yield from self._partials(curve) if curve.mode == "partials" else self._cut(curve)

    def _until(self, curve: Curve) -> str:
        whole = "the whole reference text" if curve.backend is None else f"the whole hypotheses of {self.name(curve)}"
        reached = f"From {whole}, {self._reached(curve)} is {self._estimate(curve.right)}"
        if not curve.n_right:
            return f"{reached}: nothing is right in the end, so there is nothing to decide early."
        if curve.n_right < FEWEST:
            return f"{reached}, {curve.n_right} of {curve.n}: too few to say how early they are right."
        return (
            f"{reached}. The {curve.n_right} that are right in the end are right for good after "
            f"{self._estimate(curve.of_right)} of their {_unit(curve)} on average ({self._amounts(curve)})."
        )

    def _oracle(self, curve: Curve) -> Iterator[str]:
        if curve.n_right < FEWEST or curve.until_settled.value is None:
            return
        never = curve.n - curve.n_right
        counted = f", counting the {never} never right for good as needing all" if never else ""
        yield (
            f"An oracle that stops at that moment would save {self._percent(1 - curve.until_settled.value)} of all "
            f"{_unit(curve)}{counted}."
        )

    def _rule(self, curve: Curve) -> Iterator[str]:
        """Yield what each rule saves; the first may lose nothing of the outcome where its threshold is set."""
        if curve.n_right < FEWEST:
            return
        for rule in curve.rules:
            if rule.share.value is None:
                continue
            never = all(threshold is None for threshold in rule.thresholds)
            saved = f"saves {self._percent(1 - rule.share.value)}{_thresholds(rule)} {self._at(rule, curve)}"
            if rule.tolerance and rule.thresholds == curve.rules[0].thresholds and not never:
                yield f"Where it may lose {_lost(rule)} on those, it does the same."
            elif rule.tolerance:
                yield f"Where it may lose {_lost(rule)} on those, it {'still saves nothing' if never else saved}."
            else:
                nothing = "saves nothing: on those, stopping earlier always lost some"
                yield f"{_RULE} {nothing if never else saved}."

    def _at(self, rule: RuleResult, curve: Curve) -> str:
        """Return what the rule costs: nothing, or a change, which may be none."""
        delta = rule.difference
        if delta.value is None or delta.ci_low is None or delta.ci_high is None:
            return "at an outcome that cannot be compared"
        if delta.value == delta.ci_low == delta.ci_high == 0:
            return "at the same outcome"
        holds = ", whose interval holds 0" if delta.ci_low <= 0 <= delta.ci_high else ""
        return f"at a change in {self.outcome(curve.decides)} of {_points(delta)}{holds}"

    def _deciding(self, curve: Curve) -> Iterator[str]:
        for kind in curve.deciding:
            if kind.n < FEWEST:
                continue
            what = "the question's rarest" if kind.kind == "rarest" else "a rare one, where the question has any,"
            yield (
                f"The word that decides is {what} in {self._estimate(kind.decides)} of {kind.n} questions, and a random "
                f"word of them is in {self._percent(kind.by_chance.value)}: {_against_chance(kind)}."
            )

    def _partials(self, curve: Curve) -> Iterator[str]:
        yield (
            f"{self.name(curve)} read {_recordings(curve)} as they came in: {self._reached(curve)} is "
            f"{self._estimate(curve.right)} in the end"
            + (f", and {self._estimate(curve.at_once)} where each is read at once." if curve.at_once else ".")
        )
        yield from self._parts(curve)
        changed = curve.revisions
        if changed is not None and changed.withdrawn.value is not None:
            yield (
                f"Its partial hypotheses take back {changed.withdrawn.value:.2f} words for each word of the transcript, in "
                f"{self._estimate(changed.recordings)} of the recordings."
            )

    def _cut(self, curve: Curve) -> Iterator[str]:
        shares = ", ".join(self._percent(point.right.value) for point in curve.points)
        at = ", ".join(f"{100 * point.share:.0f}" for point in curve.points)
        yield (
            f"{self.name(curve)} recognised {_recordings(curve)} cut after {at} % of the length: "
            f"{self._reached(curve)} is {shares}."
        )
        yield from self._parts(curve)

    def _parts(self, curve: Curve) -> Iterator[str]:
        if curve.n_right < FEWEST:
            yield f"Only {curve.n_right} of {curve.n} are right in the end, too few to say how early."
            return
        yield " ".join([
            f"The {curve.n_right} that are right in the end are right for good after {self._estimate(curve.of_right)} of their "
            f"seconds on average ({self._amounts(curve)}).", *self._oracle(curve), *self._rule(curve),
        ])  # fmt: skip

    # ---- tables

    def tables(self) -> Iterator[Table]:
        """Yield how early, what stopping saves, thresholds, and the deciding words."""
        for decides in _DECIDED:
            if curves := [curve for curve in self._decision.curves if curve.decides == decides]:
                yield from self._tables(curves, "Intent: " if decides == "intent" else "")

    def _tables(self, curves: Sequence[Curve], of: str) -> Iterator[Table]:
        how_early = "how early" if of else ""
        yield Table(of + how_early, _headings("from", "parts", *_EARLY), tuple(self._row(curve) for curve in curves))
        yield Table(
            _title(of, "What stopping early saves"),
            _headings("from", "parts", "oracle saves", "may lose", "rule saves", "right by the rule", "difference"),
            tuple(
                (
                    *texts(self.name(c), _PARTS[c.mode]), self._saved(c.until_settled),
                    *texts(_lost(rule)),
                    self._saved(rule.share), self._cell(rule.right), Cell(_points(rule.difference)),
                )
                for c in curves for rule in c.rules
            ),
        )  # fmt: skip
        of_text = [curve for curve in curves if curve.mode == "words"][:_TOLD]
        if of_text:
            yield self._fixed(of_text, of)
        kinds = [(curve, kind) for curve in curves for kind in curve.deciding]
        if kinds:
            yield Table(
                _title(of, "Deciding words"),
                _headings("from", "kind", "decides", "by chance", "difference"),
                tuple(
                    (
                        *texts(self.name(curve), kind.kind), self._cell(kind.decides, kind.n), self._cell(kind.by_chance),
                        Cell(_points(kind.difference)),
                    )
                    for curve, kind in kinds
                ),
            )  # fmt: skip

    def _fixed(self, of_text: Sequence[Curve], of: str) -> Table:
        columns = [f"{self.name(c)}: {what}" for c in of_text for what in (self.outcome(c.decides), "words read")]
        return Table(
            _title(of, "Stopping at a fixed margin"),
            (Heading("margin of the first score"), *(Heading(heading) for heading in columns)),
            tuple(
                (
                    Cell(f"{first.threshold:g}"),
                    *(self._cell(e) for c in of_text for e in (c.at_thresholds[at].right, c.at_thresholds[at].share)),
                )
                for at, first in enumerate(of_text[0].at_thresholds)
            ),
        )

    def _row(self, c: Curve) -> tuple[Cell, ...]:
        return (
            *texts(self.name(c), _PARTS[c.mode]),
            self._cell(c.right, c.n), self._cell(c.ever, c.n), self._cell(c.until_right), self._cell(c.until_settled),
            self._cell(c.of_right, c.n_right), Cell(self._amounts(c)),
        )  # fmt: skip

    def after(self) -> Iterator[str]:
        """Yield how to read the figures."""
        yield (
            f"Each question is taken in growing parts: its text after each word, and, of recordings, what is recognised by then. "
            f"Right means {self._figures.rules.reached}; right for good, from there on to the end. Questions that are not right "
            f"in the end stay in every denominator: in the means over all they count as needing the whole, which makes these "
            f"long where many fail. The oracle reads them to the end too; a rule may stop at them, and so save more."
        )
        if any(curve.seconds for curve in self._decision.curves):
            yield "Seconds beside words are where the recogniser, which had read the whole, puts the end of the deciding word."
        if self._decision.interpreter is not None:
            yield (
                f"The intent is a question's tag {self._decision.intent!r}. {self._decision.interpreter} learnt it from the "
                f"whole reference texts of the questions of other folds; the scores are "
                f"those of the first and the second intent."
            )
        yield (
            "A rule stops at the first part at which (first score - second score) / first score reaches its threshold, else at "
            "the end. The threshold is the one that saves most among those that are right as often as the whole is, or lose no "
            "more than they may, on the questions of the other folds. Intervals resample questions and leave thresholds as they "
            "are."
        )

    # ---- forms

    def _estimate(self, estimate: Estimate) -> str:
        return with_interval(estimate, self._share)

    def _percent(self, share: float | None) -> str:
        return "-" if share is None else f"{100 * share + 0.0:.1f} %"

    def _cell(self, estimate: Estimate, n: int | None = None) -> Cell:
        return Cell(
            value(estimate, self._share), interval(estimate, self._share), "" if n is None else f"{n}",
            n is not None and n < FEWEST, estimate.value,
        )  # fmt: skip

    def _saved(self, share: Estimate) -> Cell:
        if share.value is None or share.ci_low is None or share.ci_high is None:
            return Cell("-")
        return self._cell(Estimate(1 - share.value, 1 - share.ci_high, 1 - share.ci_low))

    def _amounts(self, curve: Curve) -> str:
        if curve.amount.value is None:
            return "-"
        words = f"{curve.amount.value:.1f} of {curve.amount_total.value:.1f} {_unit(curve)}"
        if curve.seconds is None or curve.seconds_total is None:
            return words
        return f"{words}, {curve.seconds.value:.1f} of {curve.seconds_total.value:.1f} seconds"


_EARLY = (
    "right in the end", "right at some point", "until right", "until right for good", "of those right", "amount",
)  # fmt: skip
_MEANINGS = {
    "right in the end": "share that is right with the whole",
    "right at some point": "share that is right after some part",
    "until right": "mean share that has come in when it is first right; 100 % where it never is",
    "until right for good": "mean share that has come in when it is right for good; 100 % where it never is",
    "of those right": "the same among those that are right in the end",
    "amount": "that share in words or seconds, of the mean length of those",
    "oracle saves": "what stopping at the moment it is right for good would save, at the same outcome",
    "may lose": "what the rule may lose of the outcome on the questions that its threshold is set on",
    "rule saves": "what the rule saves with thresholds set on other questions",
    "right by the rule": "share that is right where the rule stops",
    "difference": "of the column before: rule less whole, or deciding word less chance",
    "decides": "share whose deciding word, from which on it is right for good, is of that kind",
    "by chance": "mean share of the words of the same questions that are of that kind",
}


def _headings(first: str, second: str, *rest: str) -> tuple[Heading, ...]:
    words = (Heading(first, is_number=False), Heading(second, is_number=False))
    return (*words, *(Heading(heading, _MEANINGS.get(heading, "")) for heading in rest))


def _title(of: str, title: str) -> str:
    return of + title[0].lower() + title[1:] if of else title


def _recordings(curve: Curve) -> str:
    return f"{curve.n} recording{'' if curve.n == 1 else 's'}"


def _lost(rule: RuleResult) -> str:
    points = f"{100 * rule.tolerance:g}"
    return f"{points} point{'' if points == '1' else 's'}" if rule.tolerance else "nothing"


def _unit(curve: Curve) -> str:
    return "words" if curve.mode == "words" else "seconds"


def _thresholds(rule: RuleResult) -> str:
    """Return the thresholds of the folds: ` (threshold 0.4)`, ` (thresholds 0.3 to 0.4)`, ` (threshold 0.4 or never)`."""
    given = sorted({threshold for threshold in rule.thresholds if threshold is not None})
    if not given:
        return ""
    span = f"{given[0]:g}" if len(given) == 1 else f"{given[0]:g} to {given[-1]:g}"
    return f" (threshold{'s' * (len(given) > 1)} {span}{' or never' if None in rule.thresholds else ''})"


def _points(delta: Estimate) -> str:
    """Return a difference of shares with its sign: `-0.4 points [-1.2, +0.0]`."""
    ends: Sequence[float | None] = (delta.value, delta.ci_low, delta.ci_high)
    shown = [_signed(end) for end in ends if end is not None]
    return f"{shown[0]} points [{shown[1]}, {shown[2]}]" if len(shown) == len(ends) else "-"


def _signed(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def _against_chance(kind: WordKind) -> str:
    delta = kind.difference
    if delta.ci_low is None or delta.ci_high is None:
        return "no interval"
    if delta.ci_low > 0:
        return f"more often than chance, {_points(delta)}"
    if delta.ci_high < 0:
        return f"less often than chance, {_points(delta)}"
    return f"not told from chance, {_points(delta)}"
