"""Tables of families, on a run whose figures are known, and the differences in their cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.comparisons import Comparison
from harness.analysis.metrics import metric
from harness.analysis.rules import Rules
from harness.report.model import Figures
from harness.report.tables import Cell, Table, family_table, is_better, is_significant
from harness.runs.storage.stored_run import StoredRun
from tests.conftest import GoldenRun

ROWS = tuple(
    f"{backend}, {condition}"
    for backend in ("tiny", "tiny+own10", "tiny+oracle", "base")
    for condition in ("clean", "quiet")
)


@pytest.fixture
def figures(golden_run: GoldenRun) -> Figures:
    run = StoredRun.read(golden_run("two_by_two"))
    return Figures(run.summary, Rules(run.spec.outcome, run.spec.rare_threshold))


def cell(table: Table | None, row: str, heading: str) -> Cell:
    assert table is not None
    (cells,) = [cells for cells in table.rows if cells[0].text == row]
    return cells[[each.text for each in table.headings].index(heading)]


def compared(name: str, delta: float | None, p_holm: float | None) -> Comparison:
    return Comparison("a", "b", "clean", None, name, delta, None, None, "sign-flip", 0.01, p_holm, 48)


@pytest.mark.parametrize(
    ("p_holm", "significant"), [(0.049, True), (0.05, False), (0.051, False), (1.0, False), (None, False)]
)
def test_a_difference_is_significant_below_five_per_cent_after_holm(p_holm: float | None, significant: bool) -> None:
    assert is_significant(compared("wer", -0.1, p_holm)) is significant


@pytest.mark.parametrize(
    ("name", "delta", "better"),
    [
        ("wer", -0.1, True),
        ("wer", 0.1, False),
        ("lost", -0.1, True),
        ("hit@1", 0.1, True),
        ("hit@1", -0.1, False),
        ("entity_recall", 0.1, True),
        ("false_rare_insertions", 3.0, False),
        ("kept", 0.1, None),
        ("hit@1", 0.0, None),
        ("hit@1", None, None),
    ],
)
def test_which_of_two_is_better(name: str, delta: float | None, better: bool | None) -> None:
    assert is_better(compared(name, delta, 0.01), metric(name)) is better


def test_recognition_has_a_row_a_backend_and_condition(figures: Figures) -> None:
    table = family_table(figures, "Recognition", ["recognition"])
    assert table is not None
    assert [cells[0].text for cells in table.rows] == list(ROWS)
    assert [(heading.text, heading.n) for heading in table.headings] == [
        ("backend", ""), ("WER", "384 reference words"), ("common WER", "288 common words"), ("rare WER", "96 rare words"),
        ("entity recall", "48 entity mentions"), ("rare-word false alarms", ""),
    ]  # fmt: skip
    assert "31.6 in a million" in dict(table.legend)["rare WER"]
    assert (cell(table, "tiny, clean", "WER").text, cell(table, "base, quiet", "WER").text) == ("18.8 %", "7.8 %")


def test_a_table_of_hits_is_that_of_one_retriever(figures: Figures) -> None:
    lost = {
        retriever: cell(family_table(figures, "", ["retrieval"], retriever), "tiny, clean", "hits lost").text
        for retriever in ("bm25", "phonetic")
    }
    assert lost == {"bm25": "50.0 %", "phonetic": "25.0 %"}
    table = family_table(figures, "", ["retrieval"], "bm25")
    assert cell(table, "base, clean", "hit@1 ref").text == "95.8 %"
    assert cell(table, "base, clean", "hit@1 ASR").text == "81.2 %"


def test_a_family_without_a_figure_has_no_table(figures: Figures) -> None:
    assert family_table(figures, "Answers", ["answer"]) is None


def test_a_cell_shows_its_difference_from_the_baseline_of_its_condition(figures: Figures) -> None:
    table = family_table(figures, "", ["retrieval"], "bm25")
    assert cell(table, "tiny, clean", "hit@1 ASR").differences == ()
    (clean,) = cell(table, "base, clean", "hit@1 ASR").differences
    assert (clean.baseline, clean.text.split(" [")[0], clean.p, clean.significant, clean.better) == (
        "tiny", "+35.4 points", "p < 0.001", True, True,
    )  # fmt: skip
    (quiet,) = cell(table, "base, quiet", "hit@1 ASR").differences
    assert quiet.text.startswith("+33.3 points")
    (lost,) = cell(table, "base, clean", "hits lost").differences
    assert (lost.text.split(" [")[0], lost.better) == ("-33.3 points", True)
    assert cell(table, "base, clean", "hit@1 ref").differences == ()


def test_a_difference_of_one_retriever_stands_in_its_table_only(figures: Figures) -> None:
    (phonetic,) = cell(family_table(figures, "", ["retrieval"], "phonetic"), "base, clean", "hits lost").differences
    assert phonetic.text.startswith("-16.7 points")


def test_shares_of_few_are_marked_where_they_stand(figures: Figures) -> None:
    rows = tuple(replace(row, n=9.0) if row.backend == "base" else row for row in figures.summary.rows)
    few = Figures(replace(figures.summary, rows=rows), figures.rules)
    table = family_table(few, "", ["recognition"])
    assert [cell(table, f"{b}, clean", "entity recall").few for b in ("tiny", "base")] == [False, True]
    assert cell(table, "base, clean", "entity recall").n == "9 entity mentions"
    assert [cell(table, f"{b}, clean", "rare WER").few for b in ("tiny", "base")] == [False, True]
    assert not cell(table, "base, clean", "rare-word false alarms").few


def test_a_stored_difference_is_looked_up_either_way_round(figures: Figures) -> None:
    forwards = figures.comparison(("base", "clean"), ("tiny", "clean"), "hit@1", "bm25")
    backwards = figures.comparison(("tiny", "clean"), ("base", "clean"), "hit@1", "bm25")
    assert forwards is not None
    assert backwards is not None
    assert (forwards.a, forwards.b, backwards.a, backwards.b) == ("tiny", "base", "base", "tiny")
    assert forwards.delta == pytest.approx(17 / 48, abs=1e-8)
    assert (backwards.delta, backwards.ci_low, backwards.ci_high) == (
        -(forwards.delta or 0), -(forwards.ci_high or 0), -(forwards.ci_low or 0),
    )  # fmt: skip
    assert forwards.p_holm == backwards.p_holm
    quiet = figures.comparison(("base", "quiet"), ("tiny", "quiet"), "hit@1", "bm25")
    assert quiet is not None
    assert quiet.delta == pytest.approx(16 / 48, abs=1e-8)
    assert figures.comparison(("base", "clean"), ("tiny+oracle", "clean"), "hit@1", "bm25") is None


def test_sentences_name_what_a_run_has_several_of(figures: Figures, golden_run: GoldenRun) -> None:
    assert figures.where(("tiny", "quiet"), "phonetic") == " with phonetic, under quiet"
    assert figures.name(("tiny", "quiet")) == "tiny, quiet"
    single = Figures(StoredRun.read(golden_run("tie")).summary, Rules())
    assert (single.where(("tiny", "clean"), "bm25"), single.name(("tiny", "clean"))) == ("", "tiny")
