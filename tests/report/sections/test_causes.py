"""Where the loss comes from, and the words that cost most: every figure of the records stands in the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.attribution import attribute
from harness.analysis.contrasts import Contrast
from harness.analysis.dose_response import DoseResponse, FittedRisk
from harness.analysis.rules import Rules
from harness.analysis.statistics import bootstrap_weights
from harness.analysis.summary import Row, Summary
from harness.analysis.word_costs import word_costs
from harness.report.markdown import section_lines
from harness.report.model import Figures, Report
from harness.report.sections.causes import causes
from harness.report.sections.words import words
from harness.report.tables import Table
from harness.words.rarity import Rarity
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
CONTRAST = Contrast("b", "clean", "bm25", "other", "rare", 0.125, 0.01, 0.25, "sign-flip", 0.031, 24)


def row(metric: str, retriever: str | None) -> Row:
    return Row("b", "clean", retriever, "hypothesis", "all", metric, 0.5, 0.4, 0.6, 240, 240, 0, 0, 240, 60)


def report(rules: Rules | None = None, **changes: object) -> Report:
    arm = ("b", "clean", "bm25")
    made = Summary(
        2,
        (row("wer", None), row("hit@1", "bm25")),
        (),
        word_costs(SAMPLES, arm, questions_of(SAMPLES), {}, "en"),
        attribute(SAMPLES, arm, ORDER, bootstrap_weights(8, 1, 200), {"medawar": 2}, Rarity("en")),
        (DOSE,),
        (CONTRAST,),
    )
    return Report((), Figures(replace(made, **changes), rules or Rules()))


def cells(table: Table, first: str, column: int = 2) -> dict[str, str]:
    """The row with this text in that column, by its headings: figure, interval, and what it is counted over."""
    found = next(row for row in table.rows if row[column].text == first)
    return {
        heading.text: " ".join(filter(None, (cell.text, cell.interval, cell.n, "few" if cell.few else "")))
        for heading, cell in zip(table.headings, found, strict=True)
    }


def test_the_table_by_class_has_the_figures_of_the_records() -> None:
    tables = {table.title: table for table in causes(report()).tables}
    assert list(tables) == [
        "By class of the error", "By rarest reference word (Zipf)", "By kind of error", "By distance in sound",
        "By snippets that have the word", "Risk by rarity",
    ]  # fmt: skip
    rare = cells(tables["By class of the error"], "rare entity word")
    assert (rare["errors"], rare["hits lost"], rare["share of errors"].split(" [")[0]) == ("4", "3.0", "33.3 %")
    assert rare["share of errors"].endswith("] 12"), "of 12 errors"
    assert rare["share of loss"].startswith("75.0 % [")
    assert rare["share of loss"].endswith("4 few"), "of 4 hits lost"
    assert rare["leverage"].startswith("2.25 [")
    assert rare["recoverable alone"] == "100.0 % [39.8, 100.0] 4 few"
    function = cells(tables["By class of the error"], "function word")
    assert (function["hits lost"], function["recoverable alone"]) == ("1.0", "0.0 % [0.0, 60.2] 4 few")
    risk = tables["Risk by rarity"]
    assert [cell.text for cell in risk.rows[0]] == ["b", "bm25", *["50.0 %"] * 7]
    assert [heading.text for heading in risk.headings[2:]] == [f"Zipf {zipf}" for zipf in range(7)]


def test_sentences_say_how_much_more_often_and_whether_that_is_significant() -> None:
    contrast, dose = causes(report()).sentences
    assert contrast == (
        "b with bm25: put alone into the reference text, an error on a rare entity word loses the hit +12.5 points "
        "[+1.0, +25.0] more often than one on other words of the same question, p = 0.031, significant (24 questions, paired, "
        "sign-flip test)."
    )
    assert dose == (
        "b with bm25: a name ten times as frequent has 0.50 times the odds that its hit is lost [0.40, 0.63], p < 0.001 (120 "
        "utterances of 60 questions)."
    )
    (other, _) = causes(report(contrasts=(replace(CONTRAST, p_value=0.05),))).sentences
    assert ", p = 0.050, not significant (" in other
    few = causes(report(contrasts=(replace(CONTRAST, n=9),))).sentences
    assert few == (dose,), "of fewer than ten questions nothing is quoted"


def test_why_nothing_could_be_fitted() -> None:
    unfitted = DoseResponse("b", "clean", "bm25", 3, 3, not_fitted="all names are equally frequent")
    section = causes(report(dose_response=(unfitted,), contrasts=()))
    assert section.sentences == (
        "b with bm25: no curve of the risk by rarity could be fitted: all names are equally frequent.",
    )
    assert "Risk by rarity" not in [table.title for table in section.tables]


def test_an_answer_is_lost_where_the_run_judges_by_answers() -> None:
    section = causes(report(Rules("answer")))
    assert "answers lost" in [heading.text for heading in section.tables[0].headings]
    assert "loses the answer +12.5 points" in section.sentences[0]
    assert words(report(Rules("answer"))).title == "Words that cost answers"


def test_nothing_where_nothing_was_judged() -> None:
    assert causes(report(attribution=(), dose_response=(), contrasts=())).is_empty


def test_words_that_cost_hits() -> None:
    section = words(report())
    (table,) = section.tables
    assert (section.title, table.title, section.sentences) == ("Words that cost hits", "b with bm25", ())
    assert cells(table, "medawar", 0) == {
        "word": "medawar", "band": "(0,2)", "Zipf": "1.48", "reference": "4", "correct": "0", "recognised as": "mad dog or (4)",
        "hits lost": "4", "its part": "3.0", "sound": "0.41",
    }  # fmt: skip
    (medawar,) = report().summary.words
    costs_nothing = replace(medawar, word="okapi", recoverable=0, shapley=0.0)
    (table,) = words(report(words=(medawar, costs_nothing))).tables
    assert [of_word[0].text for of_word in table.rows] == ["medawar"]
    assert words(report(words=(costs_nothing,))).tables == ()
    assert words(report(words=())).sentences == ("No hits lost fall to a rare word.",)


def test_where_nothing_was_searched_the_words_misrecognised_most_often() -> None:
    (medawar,) = report().summary.words
    okapi = replace(medawar, word="okapi", n_reference=9, n_correct=3, recoverable=0, shapley=0.0)
    found = tuple(replace(word, retriever=None) for word in (medawar, okapi))
    section = words(report(rows=(row("wer", None),), words=found))
    (table,) = section.tables
    assert (section.title, table.title) == ("Words misrecognised", "b")
    assert [of_word[0].text for of_word in table.rows] == ["okapi", "medawar"], "6 times wrong, 4 times wrong"
    assert not {"hits lost", "its part"} & {heading.text for heading in table.headings}
    assert words(report(rows=(row("wer", None),), words=())).is_empty


def test_a_possible_typo_is_marked() -> None:
    (table,) = words(report(possible_typos={"medawar": "midway"})).tables
    assert cells(table, "medawar", 0)["possible typo of"] == "midway"


@pytest.mark.parametrize("hostile", ["a|b", "<script>alert(1)</script>", "x\n| y |", "[a](javascript:b)"])
def test_names_from_outside_stay_text(hostile: str) -> None:
    plain = report().summary
    made = report(
        words=tuple(
            replace(word, word=hostile, recognised_as=((hostile, 1),), retriever=hostile) for word in plain.words
        ),
        attribution=tuple(replace(of_group, retriever=hostile) for of_group in plain.attribution),
        dose_response=(replace(DOSE, retriever=hostile), replace(DOSE, odds_ratio=None, not_fitted=hostile)),
    )
    lines = [line for section in (causes(made), words(made)) for line in section_lines(section)]
    assert not any("<script" in line or "](" in line.replace("]\\(", "") for line in lines)
    assert not any("\n" in line for line in lines if line.startswith("|"))
