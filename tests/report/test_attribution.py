"""The tables of the report: every figure of the records stands in them, and text from outside cannot break them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.attribution import attribute
from harness.analysis.dose_response import DoseResponse, FittedRisk
from harness.analysis.statistics import bootstrap_weights
from harness.analysis.summary import Row, Summary
from harness.analysis.word_costs import word_costs
from harness.report.attribution import costly_words, dose_sentence, terminal_lines, where_the_loss_comes_from
from harness.report.figures import Figures, headlines
from tests.analysis.samples import questions_of, sample

SAMPLES = [
    sample(f"q{number}", "what did peter medawar study", "what has peter mad dog or study", "lost", [0.25, 0.75],
           ["function", "rare_entity"], [(2, 4)], breaks=[1], restored_by=[1])
    if number % 2
    else sample(f"q{number}", "who saw the okapi", "who saw a okapi", "kept", [0.0], ["function"])
    for number in range(8)
]  # fmt: skip
ORDER = {f"q{number}": number for number in range(8)}
DOSE = DoseResponse(
    "b", "clean", "bm25", 120, 60, 0.5, 0.4, 0.6251, 1e-9, tuple(FittedRisk(z / 2, 0.5, 0.25, 0.75) for z in range(13))
)


def row(metric: str, value: float, low: float, high: float) -> Row:
    return Row("b", "clean", "bm25", None, None, "all", metric, value, low, high, 240, 240, 0, 0)


def summary(**changes: object) -> Summary:
    cell = ("b", "clean", "bm25")
    made = Summary(
        1,
        (row("lost", 31 / 240, 23 / 240, 40 / 240),),
        (),
        word_costs(SAMPLES, cell, questions_of(SAMPLES), {}),
        attribute(SAMPLES, cell, ORDER, bootstrap_weights(8, 1, 200), {"medawar": 2}),
        (DOSE,),
    )
    return replace(made, **changes)


def cells(table_line: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<!\\)\|", table_line)[1:-1]]


def test_what_stands_in_the_tables() -> None:
    made = summary()
    lines = list(where_the_loss_comes_from(made, Figures.of(made)))
    tables = [cells(line) for line in lines if line.startswith("|")]
    rare = next(line for line in tables if line[2] == "rare entity word")
    assert (rare[3], rare[5], rare[9]) == ("4", "3.0", "100 % of 4 [40, 100]")
    assert rare[4].startswith("33 % [")
    assert rare[6].startswith("75 % [")
    assert rare[7].startswith("2.2 [")
    headings = [line[2] for line in tables if line[1] == "retriever" and not line[2].startswith("Zipf")]
    assert headings == [
        "what was misheard", "rarest word said (Zipf)", "kind of error", "how far off it sounded",
        "snippets that have the word",
    ]  # fmt: skip
    assert ["b", "bm25", *["50 % [25, 75]"] * 7] in tables


def test_words_that_cost_answers() -> None:
    made = summary()
    lines = [cells(line) for line in costly_words(made.words, Figures.of(made)) if line.startswith("| medawar")]
    assert lines == [["medawar", "(0,2)", "1.48", "4", "0", "mad dog or (4)", "4", "3.0", "0.41", "-"]]
    assert list(costly_words((), Figures.of(made)))[1] == "No rare word cost an answer.\n"


def test_sentences() -> None:
    made = summary()
    assert dose_sentence(DOSE) == (
        "With bm25, a name ten times as frequent has 0.50 times the odds of losing its answer [0.40, 0.63], p < 0.001 "
        "(120 recordings of 60 questions)."
    )
    assert list(terminal_lines(made, Figures.of(made))) == [f"b: {dose_sentence(DOSE)}"]
    unfitted = DoseResponse("b", "clean", "bm25", 3, 3, not_fitted="all names are equally frequent")
    assert dose_sentence(unfitted).endswith("all names are equally frequent.")
    assert list(terminal_lines(replace(made, dose_response=(unfitted,)), Figures.of(made))) == []


def test_the_headline_names_the_share_of_rare_entity_words_where_it_is_known() -> None:
    known = summary()
    regions = replace(row("region_share_rare", 0.384, 0.3, 0.5), retriever=None, source="hypothesis")
    rows = (*known.rows, row("loss_share_rare", 0.84, 0.75, 0.91), regions)
    assert list(headlines(Figures.of(known))) == ["b loses 31 of 240 answers [23, 40] with bm25."]
    assert list(headlines(Figures.of(replace(known, rows=rows)))) == [
        "b loses 31 of 240 answers [23, 40] with bm25; 84 % [75, 91] of that falls to rare entity words, which are 38 % of "
        "its errors."
    ]


def test_nothing_where_nothing_was_judged() -> None:
    made = summary(attribution=(), dose_response=())
    assert list(where_the_loss_comes_from(made, Figures.of(made))) == []


@pytest.mark.parametrize("hostile", ["a|b", "<script>alert(1)</script>", "x\n| y |", "[a](javascript:b)"])
def test_names_from_outside_stay_text(hostile: str) -> None:
    plain = summary()
    made = replace(
        plain,
        words=tuple(
            replace(word, word=hostile, recognised_as=((hostile, 1),), retriever=hostile) for word in plain.words
        ),
        attribution=tuple(replace(found, retriever=hostile) for found in plain.attribution),
        dose_response=(replace(DOSE, retriever=hostile), replace(DOSE, odds_ratio=None, not_fitted=hostile)),
    )
    lines = [*where_the_loss_comes_from(made, Figures.of(made)), *costly_words(made.words, Figures.of(made))]
    widths = {len(cells(line)) for line in lines if line.startswith("|")}
    assert widths == {9, 10}
    assert not any("<script" in line or "](" in line.replace("]\\(", "") for line in lines)
    assert np.unique([line.count("\n") for line in lines if line.startswith("|")]).tolist() == [0]
