"""The rare words that were misrecognised, and what each of them cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.analysis.word_costs import WordCost
from harness.report.model import Report
from harness.report.tables import Cell, Heading, Section, Table, texts

MOST_SHOWN = 25

_WORD = Heading("word", "A rare word that was misrecognised.", is_number=False)
_BAND = Heading("band", "How frequent it is in everyday text: its band of Zipf frequencies.", is_number=False)
_COUNTED = (
    Heading("reference", "How often the references have it."),
    Heading("correct", "How often it was recognised correctly."),
)
_RECOGNISED_AS = Heading("recognised as", "What stood in its place, and how often.", is_number=False)
_SOUND = Heading("sound", "How far off it sounded on average: 0 is the same sounds, 1 nothing in common.")
_NBEST = Heading(
    "in N-best",
    "Of the times it was misrecognised, those in which the recogniser's own list of alternatives had it. Where it did, "
    "rescoring would help; where it did not, the word belongs in a bias list.",
)


_TYPO = Heading(
    "possible typo of",
    "A far commoner word with nearly the same letters, or that every backend recognised instead: the reference may be wrong.",
    is_number=False,
)


def words(report: Report) -> Section:
    """Return the rare words that cost most, or, where nothing was searched, those misrecognised most often."""
    searched = bool(report.figures.retrievers)
    grouped: dict[tuple[str, str, str | None], list[WordCost]] = {}
    for word in report.summary.words:
        if not searched or word.recoverable or word.shapley > 0:
            grouped.setdefault((word.backend, word.condition, word.retriever), []).append(word)
    has_nbest = any(word.in_nbest is not None for same in grouped.values() for word in same)
    tables = tuple(
        _table(report, _title(report, *of), same, searched=searched, has_nbest=has_nbest)
        for of, same in grouped.items()
    )
    nothing = (f"No {report.rules.noun} lost fall to a rare word.",) if searched and not tables else ()
    return Section("words", words_title(report), nothing, tables)


def words_title(report: Report) -> str:
    """Return the heading of the words: those that cost hits or answers, or where nothing is searched, those misrecognised."""
    return f"Words that cost {report.rules.noun}" if report.figures.retrievers else "Words misrecognised"


def _title(report: Report, backend: str, condition: str, retriever: str | None) -> str:
    name = report.figures.name((backend, condition))
    return f"{name} with {retriever}" if retriever else name


def _table(report: Report, title: str, same: list[WordCost], *, searched: bool, has_nbest: bool) -> Table:
    noun, typos = report.rules.noun, report.summary.possible_typos
    ranked = same if searched else sorted(same, key=_times_wrong, reverse=True)
    costs = (
        Heading(f"{noun} lost", f"How many {noun} lost are recoverable by one correction: that of the error with this word."),
        Heading(
            "its part",
            f"The {noun} lost that fall to it, each divided among the errors that took part (the Shapley value).",
        ),
    )  # fmt: skip
    headings = (
        _WORD, _BAND, Heading("Zipf"), *_COUNTED, _RECOGNISED_AS, *(costs if searched else ()), _SOUND,
        *([_NBEST] if has_nbest else ()), *([_TYPO] if typos else ()),
    )  # fmt: skip
    rows = tuple(_row(word, typos, searched=searched, has_nbest=has_nbest) for word in ranked[:MOST_SHOWN])
    rest = len(ranked) - MOST_SHOWN
    return Table(title, headings, rows, f"{rest} more stand in summary.json." if rest > 0 else "")


def _times_wrong(word: WordCost) -> int:
    return word.n_reference - word.n_correct


def _row(word: WordCost, typos: Mapping[str, str], *, searched: bool, has_nbest: bool) -> tuple[Cell, ...]:
    in_nbest = "-" if word.in_nbest is None else f"{word.in_nbest} of {_times_wrong(word)}"
    return (
        *texts(word.word, word.band),
        _number(word.zipf, "{:.2f}"), _number(word.n_reference), _number(word.n_correct), Cell(forms(word.recognised_as)),
        *((_number(word.recoverable), _number(word.shapley, "{:.1f}")) if searched else ()),
        _number(word.phone_distance, "{:.2f}"),
        *([Cell(in_nbest, sort=word.in_nbest)] if has_nbest else ()),
        *(texts(typos.get(word.word, "-")) if typos else ()),
    )  # fmt: skip


def forms(recognised_as: Iterable[tuple[str, int]]) -> str:
    """Return what stood in a word's place, and how often."""
    return ", ".join(f"{form or '(nothing)'} ({count})" for form, count in recognised_as)


def _number(value: float | None, form: str = "{:.0f}") -> Cell:
    return Cell("-") if value is None else Cell(form.format(value), sort=value)
