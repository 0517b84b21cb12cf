"""Where the loss comes from: tables by kind of error, contrasts within questions, and the risk by rarity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.analysis.attribution import MISRECOGNISED, Attribution, Estimate, Grouping
from harness.analysis.dose_response import DoseResponse
from harness.analysis.significance import SIGNIFICANCE
from harness.report.model import Report
from harness.report.numbers import FEWEST, figure, interval, p_text
from harness.report.tables import Cell, Heading, Section, Table, texts

_CURVE_SHOWN = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)

# Heading of a table's first column, and what is needed to read it.
_GROUPINGS: Mapping[Grouping, tuple[str, str]] = {
    "class": (
        "class of the error",
        "An error counts as its weightiest word. A rare entity word is a rare word inside an entity mention; content words "
        "carry meaning (river, born), function words only grammar (the, of).",
    ),
    "notation": (
        "notation",
        "A notation variant is the right word in another spelling (spacing, abbreviation, number, the same sound): what it loses "
        "the search can recover, by reading both spellings alike.",
    ),
    "band": (
        "rarest reference word (Zipf)",
        "How frequent the rarest reference word of the error is in everyday text: 3 is once in a million words, each point less "
        "is ten times rarer.",
    ),
    "kind": (
        "kind of error",
        "Substitution: as many words in the hypothesis as in the reference; split: more; merge: fewer; deletion: none in the "
        "hypothesis; insertion: none in the reference.",
    ),
    "phone_distance": (
        "distance in sound",
        "The distance between the sounds of reference and hypothesis: 0 is the same, 1 has nothing in common (pronunciations "
        "from the CMU dictionary and espeak-ng; of what they lack by letter-to-sound rules, outside English letter by letter). "
        "Near misses can be repaired from their sound; those far off cannot.",
    ),
    "document_frequency": (
        "snippets that have the word",
        "In how many of the searched snippets the rarest reference word of the error stands. A lexical retriever such as bm25 "
        "gives rare words more weight by design, so there this table shows in part how the retriever works; one that does not "
        "weigh words, where the run has one, stands beside it.",
    ),
}
_CLASSES = {
    "rare_entity": "rare entity word",
    "rare_other": "other rare word",
    "content": "content word",
    "function": "function word",
}


def causes(report: Report) -> Section:
    """Return which errors cost the outcomes; empty where nothing can be judged."""
    title = "Where the loss comes from"
    if not report.summary.attribution and not report.summary.dose_response:
        return Section("causes", title)
    tables = [_table(report, by, heading) for by, (heading, _) in _GROUPINGS.items()]
    tables.append(_curves(report))
    shown = tuple(table for table in tables if table is not None and table.rows)
    return Section("causes", title, (*_contrasts(report), *_doses(report)), shown, tuple(_after(report)))


def dose_sentence(report: Report, dose: DoseResponse) -> str:
    """Return what the fit shows, or why there is none."""
    who = f"{report.figures.name((dose.backend, dose.condition))} with {dose.retriever}"
    if dose.odds_ratio is None or dose.ci_low is None or dose.ci_high is None or dose.p_value is None:
        return f"{who}: no curve of the risk by rarity could be fitted: {dose.not_fitted}."
    return (
        f"{who}: a name ten times as frequent has {dose.odds_ratio:.2f} times the odds that its {_singular(report)} is lost "
        f"[{dose.ci_low:.2f}, {dose.ci_high:.2f}], {p_text(dose.p_value)} "
        f"({dose.n_samples} utterances of {dose.n_questions} questions)."
    )


def _contrasts(report: Report) -> Iterator[str]:
    """Yield the difference that is left when nothing but the word differs: the same question with either error."""
    for c in report.summary.contrasts:
        if c.delta is None or c.ci_low is None or c.ci_high is None or c.p_value is None or c.n < FEWEST:
            continue
        significant = "significant" if c.p_value < SIGNIFICANCE else "not significant"
        yield (
            f"{report.figures.name((c.backend, c.condition))} with {c.retriever}: put alone into the reference text, an error on "
            f"a rare entity word loses the {_singular(report)} {100 * c.delta:+.1f} points "
            f"[{100 * c.ci_low:+.1f}, {100 * c.ci_high:+.1f}] more often than one on other words of the same question, "
            f"{p_text(c.p_value)}, {significant} ({c.n} questions, paired, sign-flip test)."
        )


def _doses(report: Report) -> Iterator[str]:
    return (dose_sentence(report, dose) for dose in report.summary.dose_response)


def _after(report: Report) -> Iterator[str]:
    noun = report.rules.noun
    if report.summary.attribution:
        yield (
            f"Every error of every hypothesis was corrected, alone and together with every set of the others (a sample of the "
            f"sets beyond twelve errors), and the question searched again. That shows which errors lost the {noun}. Samples "
            f"that failed have no words to correct, so {noun} lost with them are not counted here."
        )
        shown = [words for by, words in _GROUPINGS.items() if by != "notation" or report.figures.has_notation_variants]
        yield from (f"{heading[0].upper()}{heading[1:]}: {meaning}" for heading, meaning in shown)
    if report.summary.dose_response:
        yield (
            f"Risk by rarity: how likely the {_singular(report)} is lost, by the Zipf frequency of the rarest word in the "
            f"question's names: a logistic curve through all utterances of questions whose reference text reaches it."
        )


def _table(report: Report, by: Grouping, heading: str) -> Table | None:
    rows = [row for row in report.summary.attribution if row.by == by]
    if not rows or {row.group for row in rows} == {MISRECOGNISED}:
        return None
    total = {arm: sum(row.regions for row in rows if _arm(row) == arm) for arm in map(_arm, rows)}
    lost = {arm: round(sum(row.lost for row in rows if _arm(row) == arm)) for arm in map(_arm, rows)}
    headings = [Heading(text, is_number=False) for text in ("backend", "retriever", heading)]
    return Table(
        f"By {heading}",
        (*headings, *_headings(report.rules.noun)),
        tuple(
            (
                *texts(report.figures.name((row.backend, row.condition)), row.retriever, _CLASSES.get(row.group, row.group)),
                Cell(str(row.regions), sort=row.regions),
                _cell(report, row.region_share, total[_arm(row)]),
                Cell(f"{row.lost:.1f}", sort=row.lost),
                _cell(report, row.loss_share, lost[_arm(row)]),
                _cell(report, row.leverage, lost[_arm(row)], "leverage_rare"),
                _cell(report, row.break_rate, row.injected),
                _cell(report, row.repair_rate, row.repaired),
            )
            for row in rows
        ),
    )  # fmt: skip


def _headings(noun: str) -> Sequence[Heading]:
    return (
        Heading("errors", "Runs of misrecognised words, each counted once however many words it has."),
        Heading("share of errors", "Of all errors."),
        Heading(
            f"{noun} lost",
            "Each one lost, divided among its errors by what each adds to the loss, averaged over every order in which they "
            f"could have happened (the Shapley value). So these add up to the {noun} lost.",
        ),
        Heading(
            "share of loss",
            f"Of all {noun} lost. A minus means that such errors gained more than they lost.",
        ),
        Heading("leverage", "Share of loss over share of errors: 2 is an error that costs twice the average."),
        Heading(
            "break rate",
            "Put as the only error into a reference text that reaches the outcome, how often it loses it.",
        ),
        Heading(
            "recoverable alone",
            "Corrected as the only error of a question whose outcome was lost, how often the outcome returns.",
        ),
    )


def _cell(report: Report, estimate: Estimate, n: int | None, metric: str = "one_repair_share") -> Cell:
    """Return the cell of an estimate, in the unit of the metric, of `n` where that is known."""
    unit = report.figures.metric(metric)
    of = "" if n is None or estimate.value is None else f"{n}"
    few = n is not None and n < FEWEST and estimate.value is not None
    return Cell(figure(estimate.value, unit), interval(estimate, unit), of, few, estimate.value)


def _curves(report: Report) -> Table | None:
    headings = [Heading("backend", is_number=False), Heading("retriever", is_number=False)]
    headings += [Heading(f"Zipf {zipf:.0f}") for zipf in _CURVE_SHOWN]
    rows = []
    for dose in report.summary.dose_response:
        points = [point for point in dose.curve if point.zipf in _CURVE_SHOWN]
        risks = (Estimate(point.probability, point.ci_low, point.ci_high) for point in points)
        if points:
            of = texts(report.figures.name((dose.backend, dose.condition)), dose.retriever)
            rows.append((*of, *(_cell(report, risk, None) for risk in risks)))
    return Table("Risk by rarity", tuple(headings), tuple(rows))


def _arm(row: Attribution) -> tuple[str, str, str]:
    return row.backend, row.condition, row.retriever


def _singular(report: Report) -> str:
    return report.rules.noun.removesuffix("s")
