"""What the sections of the constructed runs say and show: their figures are known by construction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.model import Report
from harness.report.sections.agreement import agreement
from harness.report.sections.answers import answerer_sentence, answers
from harness.report.sections.bands import bands
from harness.report.sections.corrections import corrections
from harness.report.sections.differences import differences
from harness.report.sections.failures import failures
from harness.report.sections.listing import main_sections, more_sections
from harness.report.sections.measured import measured, speech_notice, title
from harness.report.sections.method import method
from harness.report.sections.recognition import recognition
from harness.report.sections.retrieval import retrieval
from harness.report.tables import Table
from tests.conftest import GoldenRun
from tests.report.golden_runs import RUNS


@pytest.fixture
def two_by_two(golden_run: GoldenRun) -> Report:
    return Report.read(golden_run("two_by_two"))


@pytest.fixture
def dead(golden_run: GoldenRun) -> Report:
    return Report.read(golden_run("dead_backend"))


def by_label(table: Table) -> dict[str, dict[str, str]]:
    """Figures of each row, by the first cell and the headings."""
    return {
        row[0].text: {heading.text: cell.text for heading, cell in zip(table.headings, row, strict=True)}
        for row in table.rows
    }


@pytest.mark.parametrize("name", RUNS)
def test_every_section_has_a_title_an_address_of_its_own_and_content(golden_run: GoldenRun, name: str) -> None:
    report = Report.read(golden_run(name))
    sections = [*main_sections(report), *more_sections(report)]
    assert len({section.key for section in sections}) == len(sections)
    assert len({section.title for section in sections}) == len(sections)
    for section in sections:
        assert not section.is_empty
        for table in section.tables:
            assert table.rows
            assert {len(row) for row in table.rows} == {len(table.headings)}


def test_the_title_says_what_is_lost(golden_run: GoldenRun) -> None:
    assert title(Report.read(golden_run("answers"))) == "Which recognition errors cost the answers: answers"
    assert title(Report.read(golden_run("answers_by_hits"))) == "Which recognition errors cost the hits: answers"
    plain = Report.read(golden_run("no_snippets"))
    assert title(plain) == "Which rare words were misrecognised: no-snippets"
    assert next(measured(plain)) == "60 questions in 60 utterances, recognised by tiny, base. Nothing is searched."


@pytest.mark.parametrize(
    ("speech", "notice"),
    [("human", "Human speech."), ("synthetic", "Synthetic speech"), ("", "The suite does not say")],
)
def test_the_kind_of_speech(two_by_two: Report, speech: str, notice: str) -> None:
    run = two_by_two.runs[0]
    record = replace(run.record, suite={**run.record.suite, "speech": speech})
    assert speech_notice(replace(two_by_two, runs=(replace(run, record=record),))).startswith(notice)


def test_a_backend_without_a_transcript_has_no_figures_but_a_reason(dead: Report) -> None:
    section = recognition(dead)
    assert section.sentences == (
        "dead has no transcript, so no figures: all 30 samples failed (Rejected: POST "
        "http://127.0.0.1:8000/v1/audio/transcriptions: status 404, expected 200; the server says: no su ...).",
    )
    rows = by_label(section.tables[0])
    assert {text for heading, text in rows["dead"].items() if heading != "backend"} == {"-"}
    assert rows["tiny"]["WER"] == "8.3 %", "20 of 240 words"
    assert not any("dead" in sentence for sentence in retrieval(dead, "bm25").sentences)


def test_what_failed_and_why(dead: Report) -> None:
    section = failures(dead)
    assert section.sentences == ("dead: 30 of 30 samples failed: Rejected while recognising (30).",)
    (table,) = section.tables
    assert len(table.rows) == 30
    assert [cell.text for cell in table.rows[0][:3]] == ["q00.a|clean|dead", "recognising", "Rejected"]
    counted = by_label(next(table for table in method(dead).tables if table.title == "Samples"))
    assert counted["dead"]["why"] == "Rejected while recognising (30)"
    assert [counted["dead"][heading] for heading in ("planned", "scored", "failed", "missing")] == [
        "30",
        "0",
        "30",
        "0",
    ]


def test_hits_lost_of_those_that_the_reference_reaches(two_by_two: Report) -> None:
    sentences = retrieval(two_by_two, "bm25").sentences
    assert (
        sentences[0] == "tiny, clean loses 24 of the 46 hits that the reference reaches (47.8 % [32.7, 63.2] retained)."
    )
    assert sentences[-2].startswith("base, clean loses 8 of the 46 hits that the reference reaches (82.6 % [")
    assert sentences[-2].endswith("retained), and gains 1.")
    nothing = retrieval(two_by_two, "phonetic").sentences
    assert nothing[-1].startswith("base, quiet loses 8 of the 45 hits that the reference reaches")


def test_a_share_of_few_is_not_told_in_a_sentence(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("reference_finds_nothing"))
    assert retrieval(report, "bm25").sentences == (
        "tiny loses 0 of the 2 hits that the reference reaches.",
        "base loses 0 of the 2 hits that the reference reaches.",
    )
    (main, _) = retrieval(report, "bm25").tables
    retained = [row[-1] for row in main.rows]
    assert [(cell.text, cell.few) for cell in retained] == [("100.0 %", True)] * 2
    assert main.headings[-1].n == "2 hits from the reference"


def test_answers_lost_by_retrieval_errors_and_reader_errors(golden_run: GoldenRun) -> None:
    section = answers(Report.read(golden_run("answers")), "bm25")
    to_retrieval, to_reader = "(no snippet that bears the answer was retrieved)", "(one was, and the reader failed)"
    assert section.sentences == (
        "Reach 100.0 % [90.3, 100.0]: with bm25 and the reference text, the reader answers 36 exactly of 36 utterances with an "
        "accepted answer to read.",
        "tiny: 36 of 40 utterances are answered exactly from the reference text and 24 from the hypothesis; of 12 answers lost 8 "
        f"are retrieval errors {to_retrieval} and 4 are reader errors {to_reader}.",
        "tiny: an accepted answer stands in the first 5 snippets for 36 of 40 utterances from the reference text and for 28 from "
        "the hypothesis; 8 are lost, whatever is read in them (`has_answer@5`).",
        "base: 36 of 40 utterances are answered exactly from the reference text and 30 from the hypothesis; of 6 answers lost 4 "
        f"are retrieval errors {to_retrieval} and 2 are reader errors {to_reader}.",
        "base: an accepted answer stands in the first 5 snippets for 36 of 40 utterances from the reference text and for 32 from "
        "the hypothesis; 4 are lost, whatever is read in them (`has_answer@5`).",
    )
    weak = answers(Report.read(golden_run("weak_reader")), "bm25").sentences
    assert weak[0] == (
        "Reach is not known: with bm25 and the reference text, 8 utterances had an accepted answer to read, and fewer than 10 are "
        "too few to tell what the reader can do."
    )
    assert answers(Report.read(golden_run("tie")), "bm25").is_empty


def test_a_judge_is_no_reader(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("answers"))
    assert answerer_sentence(report, "bm25") == "extractive reads what bm25 found."
    identity = {"answerer": "has-answer", "model": "x", "sees_accepted_answers": "yes"}
    record = replace(report.record, answerer=identity)
    judged = replace(report, runs=(replace(report.runs[0], record=record),))
    assert answerer_sentence(judged, "bm25").startswith("has-answer:x is shown the accepted answers: it judges")


def test_what_another_retriever_recovers_and_gives_up(two_by_two: Report) -> None:
    section = agreement(two_by_two)
    assert section.sentences[0] == (
        "tiny, clean: of the 24 hits lost with bm25, phonetic recovers 50.0 % [28.7, 71.3]; of those that bm25 reaches it gives "
        "up 9.1 % [1.0, 29.8] from the hypothesis and 4.3 % [0.5, 15.0] from the reference text."
    )
    assert sum(" (n = 6, few)" in sentence or " (n = 8, few)" in sentence for sentence in section.sentences) == 3
    assert sum("few)" in sentence for sentence in section.sentences) == 3, "of 24, 32 and 16 it can be told"
    first = section.tables[0]
    assert first.title == "tiny, clean"
    rows = by_label(first)
    assert rows["phonetic"]["lost: bm25 only / this only / both"] == "12 / 0 / 12"
    assert rows["phonetic"]["hit@1 ASR"] == "68.8 %"
    assert rows["bm25"]["recovered"] == "-"
    assert not any("+0.0 points [+0.0, +0.0]" in sentence for sentence in section.sentences)


def test_one_retriever_agrees_with_nobody(dead: Report) -> None:
    assert agreement(dead).is_empty


def test_bands_say_what_each_figure_rests_on_and_leave_out_what_is_not_there(golden_run: GoldenRun) -> None:
    (table,) = bands(Report.read(golden_run("no_snippets"))).tables
    assert [heading.text for heading in table.headings] == ["backend", "band", "WER", "entity recall"]
    unseen = table.rows[0]
    assert [cell.text for cell in unseen[:2]] == ["tiny", "unseen"]
    assert [(cell.n, cell.few) for cell in unseen[2:]] == [("4 reference words", True), ("4 entity mentions", True)]
    assert all(any(cell.sort is not None for cell in row) for row in table.rows)


def test_differences_are_told_with_their_tests(golden_run: GoldenRun) -> None:
    section = differences(Report.read(golden_run("tie")))
    rows = {row[3].text: [cell.text for cell in row] for row in section.tables[0].rows}
    wer, lost = rows["WER"], rows["hits lost"]
    assert wer[:3] == ["base", "tiny", "clean"]
    assert (wer[5], wer[-1]) == ("-9.2 points [-10.6, -7.7]", "yes")
    assert (lost[5], lost[-1]) == ("0.0 points [0.0, 0.0]", "no")


def test_corrections_are_told_where_something_was_lost(two_by_two: Report, golden_run: GoldenRun) -> None:
    section = corrections(two_by_two, "bm25")
    rows = by_label(section.tables[0])
    assert rows["tiny, clean"]["by 1 correction"] == "100.0 %"
    assert corrections(Report.read(golden_run("reference_finds_nothing")), "bm25").is_empty


def test_the_method_has_the_rules_of_the_run(two_by_two: Report, golden_run: GoldenRun) -> None:
    rules = {row[0].text: row[1].text for row in method(two_by_two).tables[0].rows}
    assert "Zipf under 4.5, fewer than 31.6 in a million words" in rules["Rare"]
    assert "The reference text reaches the outcome, a relevant snippet at rank 1," in rules["Hits lost"]
    assert "p under 0.05" in rules["Significant"]
    guessed = {row[0].text: row[1].text for row in method(Report.read(golden_run("guessed_names"))).tables[0].rows}
    assert "the rule (guessed: capitalised or uncommon words) (40 questions)" in guessed["Names"]
    plain = {row[0].text for row in method(Report.read(golden_run("no_snippets"))).tables[0].rows}
    assert not {"Hits lost", "Shapley value"} & plain, "nothing was searched"
