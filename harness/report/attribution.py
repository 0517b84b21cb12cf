"""Where the lost answers come from, for people: tables by kind of error, the risk by rarity, the words that cost most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.analysis.attribution import Attribution, Estimate, Grouping
from harness.analysis.contrasts import Contrast
from harness.analysis.dose_response import DoseResponse
from harness.analysis.summary import Summary
from harness.analysis.word_costs import WordCost
from harness.report.figures import Figures, name
from harness.report.markup import line, text

_COSTLIEST = 25
_CURVE_SHOWN = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)

# Heading of a table's first column, and what a newcomer has to know to read it.
_GROUPINGS: Mapping[Grouping, tuple[str, str]] = {
    "class": (
        "what was misheard",
        "An error counts as its weightiest word. A *rare entity word* is a rare word inside a name; *content words* carry "
        "meaning (river, born), *function words* only grammar (the, of).",
    ),
    "band": (
        "rarest word said (Zipf)",
        "How frequent the rarest misheard word is in everyday text: 3 is once in a million words, each point less is ten "
        "times rarer.",
    ),
    "kind": (
        "kind of error",
        "*Substitution*: as many words heard as were said; *split*: more; *merge*: fewer; *deletion*: none heard; "
        "*insertion*: none said.",
    ),
    "phone_distance": (
        "how far off it sounded",
        "The distance between the sounds of what was said and of what was heard: 0 is the same, 1 has nothing in common "
        "(pronunciations from the CMU dictionary, by letter-to-sound rules for words it lacks). "
        "Near misses can be repaired from their sound; those far off cannot.",
    ),
    "document_frequency": (
        "snippets that have the word",
        "In how many of the searched snippets the rarest misheard word stands. A lexical retriever such as bm25 gives rare "
        "words more weight by design, so there this table shows in part how the retriever works; one that does not "
        "weigh words, where the run has one, stands beside it.",
    ),
}
_CLASSES = {
    "rare_entity": "rare entity word",
    "rare_other": "other rare word",
    "content": "content word",
    "function": "function word",
}
_COLUMNS: Sequence[tuple[str, str]] = (
    ("errors", "runs of wrong words, each counted once however many words it holds."),
    ("share of errors", "of all errors."),
    (
        "answers lost",
        "each lost answer, divided among its errors by what each adds to the loss, averaged over every order in which they "
        "could have happened (the Shapley value). So these add up to the answers lost.",
    ),
    ("share of loss", "of all answers lost. A minus means that such errors did more good than harm."),
    ("leverage", "share of loss / share of errors: 2 is an error that costs twice what an average one does."),
    (
        "breaks alone",
        "put as the only error into a question that is answered when typed, how often it loses the answer.",
    ),
    ("repairs alone", "put right as the only error of a question whose answer was lost, how often the answer returns."),
)
_WORD_COLUMNS: Sequence[tuple[str, str]] = (
    ("word", "a rare word that was misheard."),
    ("band, Zipf", "how frequent it is in everyday text (see above)."),
    ("said, right", "how often it was said, and how often heard right."),
    ("heard as", "what stood in its place, and how often."),
    ("answers lost", "how many lost answers return when the error that holds this word, alone, is put right."),
    ("its part", "the lost answers that fall to it, each divided among the errors that took part (the Shapley value)."),
    ("sound", "how far off it sounded on average: 0 is the same sounds, 1 nothing in common."),
    (
        "in N-best",
        "of the times it was misheard, those in which the recogniser's own list of alternatives had it. Where it did, "
        "rescoring would help; where it did not, the word belongs in a bias list.",
    ),
)


def where_the_loss_comes_from(summary: Summary, figures: Figures) -> Iterator[str]:
    """The section of the report; empty where no answer can be judged."""
    if not summary.attribution and not summary.dose_response:
        return
    yield "## Where the loss comes from\n"
    if summary.attribution:
        yield (
            "Every error of every transcript was put right, alone and together with every set of the others (a sample of "
            "the sets beyond twelve errors), and the question searched again. That shows which errors lost the answer. "
            "Recordings that failed have no words to put right, so answers lost with them are not counted here.\n"
        )
        yield from _legend(_COLUMNS)
    for by, (heading, meaning) in _GROUPINGS.items():
        yield from _table(heading, meaning, [row for row in summary.attribution if row.by == by], figures)
        if by == "class":
            yield from _contrasts(summary.contrasts, figures)
    yield from _doses(summary.dose_response, figures)


def costly_words(words: Iterable[WordCost], figures: Figures) -> Iterator[str]:
    """The ranked table of rare words, for each backend, condition and retriever."""
    yield "## Words that cost answers\n"
    grouped: dict[tuple[str, str, str | None], list[WordCost]] = {}
    for word in words:
        if word.recoverable or word.shapley > 0:
            grouped.setdefault((word.backend, word.condition, word.retriever), []).append(word)
    if not grouped:
        yield "No rare word cost an answer.\n"
        return
    yield from _legend(_WORD_COLUMNS)
    conditions = len({condition for _, condition in figures.cells})
    for (backend, condition, retriever), costly in grouped.items():
        yield f"### {text(name((backend, condition), conditions))}, {text(retriever or '')}\n"
        headings = (
            "word",
            "band",
            "Zipf",
            "said",
            "right",
            "heard as",
            "answers lost",
            "its part",
            "sound",
            "in N-best",
        )
        yield line(headings)
        yield line("---" if heading in ("word", "band", "heard as") else "---:" for heading in headings)
        yield from map(_word, costly[:_COSTLIEST])
        rest = len(costly) - _COSTLIEST
        yield f"\n{f'and {rest} more in summary.json' if rest > 0 else ''}\n"


def dose_sentence(dose: DoseResponse) -> str:
    """What the fit says, or why there is none."""
    if dose.odds_ratio is None or dose.ci_low is None or dose.ci_high is None or dose.p_value is None:
        return f"No curve of the risk by rarity could be fitted with {dose.retriever}: {dose.not_fitted}."
    return (
        f"With {dose.retriever}, a name ten times as frequent has {dose.odds_ratio:.2f} times the odds of losing its answer "
        f"[{dose.ci_low:.2f}, {dose.ci_high:.2f}], {p_text(dose.p_value)} "
        f"({dose.n_samples} recordings of {dose.n_questions} questions)."
    )


def terminal_lines(summary: Summary, figures: Figures) -> Iterator[str]:
    """A sentence for each backend, condition and retriever whose risk by rarity could be fitted."""
    conditions = len({condition for _, condition in figures.cells})
    for dose in summary.dose_response:
        if dose.odds_ratio is not None:
            yield f"{name((dose.backend, dose.condition), conditions)}: {dose_sentence(dose)}"


def _legend(columns: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from (f"- **{heading}**: {meaning}" for heading, meaning in columns)
    yield ""


def _table(heading: str, meaning: str, rows: Sequence[Attribution], figures: Figures) -> Iterator[str]:
    if not rows:
        return
    yield f"### By {heading}\n"
    yield f"{meaning}\n"
    yield line(("backend", "retriever", heading, *(column for column, _ in _COLUMNS)))
    yield line((*["---"] * 3, *("---:" for _ in _COLUMNS)))
    conditions = len({condition for _, condition in figures.cells})
    for row in rows:
        yield line(
            (
                text(name((row.backend, row.condition), conditions)),
                text(row.retriever),
                _CLASSES.get(row.group, row.group),
                str(row.regions),
                _percent(row.region_share),
                f"{row.lost:.1f}",
                _percent(row.loss_share),
                _estimate(row.leverage, "{:.1f}"),
                _percent(row.break_rate, row.injected),
                _percent(row.repair_rate, row.repaired),
            )
        )
    yield ""


def _contrasts(contrasts: Sequence[Contrast], figures: Figures) -> Iterator[str]:
    """The same question with either error: what is left of the difference when nothing but the word differs."""
    conditions = len({condition for _, condition in figures.cells})
    told = False
    for found in contrasts:
        if found.delta is None or found.ci_low is None or found.ci_high is None or found.p_value is None:
            continue
        if not told:
            yield "Within questions in which both were misheard, paired (sign-flip test):\n"
            told = True
        who = text(name((found.backend, found.condition), conditions))
        yield (
            f"- {who}, {text(found.retriever)}: alone, an error on a rare entity word breaks the answer "
            f"{100 * found.delta:+.1f} points [{100 * found.ci_low:+.1f}, {100 * found.ci_high:+.1f}] more often than one on "
            f"other words of the same question, {p_text(found.p_value)} ({found.n} questions)."
        )
    if told:
        yield ""


def p_text(p_value: float) -> str:
    """A p-value as people write it."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _percent(estimate: Estimate, n: int | None = None) -> str:
    """In whole per cent, of `n` where it is given."""
    scaled = (
        None if figure is None else 100 * figure for figure in (estimate.value, estimate.ci_low, estimate.ci_high)
    )
    return _estimate(Estimate(*scaled), "{:.0f}", " %" if n is None else f" % of {n}")


def _estimate(estimate: Estimate, form: str, unit: str = "") -> str:
    if estimate.value is None:
        return "-"
    shown = form.format(estimate.value) + unit
    if estimate.ci_low is None or estimate.ci_high is None:
        return shown
    return f"{shown} [{form.format(estimate.ci_low)}, {form.format(estimate.ci_high)}]"


def _doses(doses: Sequence[DoseResponse], figures: Figures) -> Iterator[str]:
    if not doses:
        return
    yield "### The risk by how rare the name is\n"
    yield (
        "How likely the answer is lost, by the Zipf frequency of the rarest word in the question's names: a logistic curve "
        "through all recordings of questions that are answered when typed.\n"
    )
    conditions = len({condition for _, condition in figures.cells})
    names = [text(name((dose.backend, dose.condition), conditions)) for dose in doses]
    yield from (f"- {who}: {text(dose_sentence(dose))}" for who, dose in zip(names, doses, strict=True))
    yield ""
    if any(dose.curve for dose in doses):
        yield line(("backend", "retriever", *(f"Zipf {zipf:.0f}" for zipf in _CURVE_SHOWN)))
        yield line(("---", "---", *("---:" for _ in _CURVE_SHOWN)))
    for who, dose in zip(names, doses, strict=True):
        points = [point for point in dose.curve if point.zipf in _CURVE_SHOWN]
        risks = (_percent(Estimate(point.probability, point.ci_low, point.ci_high)) for point in points)
        if points:
            yield line((who, text(dose.retriever), *risks))
    yield ""


def _word(word: WordCost) -> str:
    heard = ", ".join(f"{form or '(nothing)'} ({count})" for form, count in word.recognised_as)
    in_nbest = "-" if word.in_nbest is None else str(word.in_nbest)
    return line(
        (text(word.word), text(word.band), f"{word.zipf:.2f}", str(word.n_reference), str(word.n_correct), text(heard),
         str(word.recoverable), f"{word.shapley:.1f}", f"{word.phone_distance:.2f}", in_nbest)
    )  # fmt: skip
