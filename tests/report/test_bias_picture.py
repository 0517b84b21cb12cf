"""The picture of bias lists by size: its figures, its sentence, and when there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.html.svg import themed
from harness.report.model import Figures, Report
from harness.report.pictures import bias
from harness.report.pictures.drawing import SERIES, Picture, specification, svg
from harness.report.pictures.view import View
from tests.conftest import GoldenRun

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference" / "bias"


@pytest.fixture
def two_by_two(golden_run: GoldenRun) -> Report:
    return Report.read(golden_run("two_by_two"))


def of(report: Report, condition: str, figures: Figures | None = None) -> Picture | None:
    return bias.by_size(View(figures or report.figures, report.backends, condition=condition))


def test_the_sentence_quotes_no_list_the_shortest_and_the_longest(two_by_two: Report) -> None:
    picture = of(two_by_two, "quiet")
    assert picture is not None
    assert picture.takeaway == (
        "tiny under quiet: without a list entity recall 66.7 % [51.4, 79.7], rare WER 39.6 % [31.2, 47.9], rare-word false alarms "
        "22 [14, 30]; with each question's own names among 10 others entity recall 83.3 % [69.6, 92.6], rare WER 18.8 % [12.5, "
        "26.0], rare-word false alarms 10 [5, 16]; with every name of the suite (oracle) entity recall 100.0 % [92.6, 100.0], rare "
        "WER 6.2 % [2.1, 11.5], rare-word false alarms 6 [2, 11]. Dashed lines: without a list."
    )
    assert [line[:3] for line in picture.rows] == [
        ("tiny", "none", "-"), ("tiny+own10", "each question's own names among 10 others", "11.0"),
        ("tiny+oracle", "every name of the suite (oracle)", "48.0"),
    ]  # fmt: skip
    assert picture.headings[3:] == ("entity recall", "rare WER", "rare-word false alarms")


def test_the_marks_are_the_figures(two_by_two: Report) -> None:
    picture = of(two_by_two, "clean")
    assert picture is not None
    for panel, metric in zip(
        specification(picture)["vconcat"], ("entity_recall", "rare_wer", "false_rare_insertions"), strict=True
    ):
        dashed, line, rule, dots = (layer["data"]["values"] for layer in panel["layer"])
        assert line == rule == dots
        rows = [two_by_two.figures.row((label, "clean"), metric, "hypothesis") for label, _, _, *_ in picture.rows]
        drawn = [*dashed, *dots]
        assert [(p["y"], p["low"], p["high"]) for p in drawn] == [(r.value, r.ci_low, r.ci_high) for r in rows if r]
        assert [(point["x"], point["own"]) for point in drawn] == [(None, False), (11.0, True), (48.0, False)]
        ticks = panel["layer"][1]["encoding"]["x"]["axis"]["values"]
        assert ticks == [11, 48], "an axis has more than one number on it"
    assert SERIES[0] in svg(picture).lower()


def test_two_engines_and_five_sizes() -> None:
    report = Report.read(REFERENCE)
    picture = of(report, "clean")
    assert picture is not None
    assert picture.takeaway.startswith(
        "faster-whisper:tiny.en: without a list entity recall 43.8 % [29.3, 59.0], rare WER 87.2 % [73.7, 100.0], rare-word false "
        "alarms 20 [12, 29]; with each question's own names alone (oracle) entity recall 93.8 % [82.6, 98.7], rare WER 10.3 % "
        "[2.3, 21.4], rare-word false alarms 0; with each question's own names among 1000 others"
    )
    assert ". pocketsphinx: without a list" in picture.takeaway
    assert len(picture.rows) == 11


def test_of_fewer_than_ten_mentions_the_numbers_are_quoted(two_by_two: Report) -> None:
    rows = [replace(r, n=8, value=0.5) if r.metric == "entity_recall" else r for r in two_by_two.summary.rows]
    picture = of(two_by_two, "clean", Figures(replace(two_by_two.summary, rows=tuple(rows)), two_by_two.rules))
    assert picture is not None
    assert picture.takeaway.startswith("tiny under clean: without a list entity recall 4 of 8, rare WER 31.2 %")


def test_lists_of_one_size_make_no_picture(two_by_two: Report) -> None:
    rows = [r for r in two_by_two.summary.rows if r.backend in ("tiny", "tiny+own10")]
    assert of(two_by_two, "clean", Figures(replace(two_by_two.summary, rows=tuple(rows)), two_by_two.rules)) is None


def test_without_the_plain_engine_there_is_no_dashed_line(two_by_two: Report) -> None:
    rows = [r for r in two_by_two.summary.rows if r.backend != "tiny"]
    picture = of(two_by_two, "clean", Figures(replace(two_by_two.summary, rows=tuple(rows)), two_by_two.rules))
    assert picture is not None
    assert "without a list" not in picture.takeaway


def test_a_label_from_outside_is_no_markup(two_by_two: Report) -> None:
    hostile = 'a\u2028"</text><script>x</script>'
    summary = replace(
        two_by_two.summary, rows=tuple(replace(r, backend=hostile + r.backend) for r in two_by_two.summary.rows)
    )
    specs = {hostile + label: replace(s, label=hostile + s.label) for label, s in two_by_two.backends.items()}
    picture = bias.by_size(View(Figures(summary, two_by_two.rules), specs, condition="clean"))
    assert picture is not None
    assert "<script" not in str(themed(svg(picture), hostile))
