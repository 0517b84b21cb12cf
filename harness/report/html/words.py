"""The rare words that were misrecognised, for the script that shows them."""

from __future__ import annotations

from typing import Any

from harness.analysis.word_costs import WordCost
from harness.report.model import Report
from harness.report.sections.words import forms
from harness.report.verdict.phrases import in_bias_list


def word_rows(report: Report) -> list[list[Any]]:
    """Return every rare word that was misrecognised: backend, condition, retriever, then what the table of words shows.

    Where nothing is searched, no word cost anything: the words misrecognised most often stand first.
    """
    words = report.summary.words
    if not report.figures.retrievers:
        words = tuple(sorted(words, key=lambda word: word.n_correct - word.n_reference))
    return [_row(report, word) for word in words]


def _row(report: Report, word: WordCost) -> list[Any]:
    in_nbest = "-" if word.in_nbest is None else f"{word.in_nbest} of {word.n_reference - word.n_correct}"
    return [
        word.backend, word.condition, word.retriever or "", word.word, report.summary.possible_typos.get(word.word, ""),
        word.phrases[0] if word.phrases else "", word.zipf, word.band, word.n_reference, word.n_correct,
        forms(word.recognised_as), word.recoverable, word.shapley, in_nbest,
        {True: "yes", False: "no", None: "-"}[in_bias_list(report, word)], word.phone_distance,
    ]  # fmt: skip
