"""The pictures: their figures are the summary's, their marks do not rest on colour, and nothing foreign comes through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.summary import Summary
from harness.report.figures import Figures
from harness.report.html.svg import themed
from harness.report.pictures import confusions, loss, repair
from harness.report.pictures.drawing import SERIES, Picture, specification, svg
from harness.runs.storage.store import RunStore

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference" / "standard"
BACKENDS = ["faster-whisper:tiny.en", "faster-whisper:tiny.en+own100", "faster-whisper:base", "pocketsphinx"]


@pytest.fixture(scope="module")
def summary() -> Summary:
    return RunStore(REFERENCE).read_summary()


def pictures(summary: Summary) -> Iterator[Picture]:
    figures = Figures.of(summary)
    cells = figures.cells
    for picture in (
        loss.by_band(summary, figures, cells, "bm25"),
        loss.wer_against_loss(figures, "bm25"),
        repair.by_class(summary, cells, "bm25"),
        repair.repairs(figures, cells, "bm25"),
        confusions.heard_as(summary, cells[0], "bm25"),
    ):
        assert picture is not None
        yield picture


def test_figures_under_a_picture_are_those_of_the_summary(summary: Summary) -> None:
    rows = {(r.backend, r.group, r.metric, r.source): r for r in summary.rows}
    band, wer, classes, repairs, heard = pictures(summary)
    for backend, group, value, interval, recordings in band.rows:
        row = rows[backend, f"band:{group}", "lost", None]
        assert row.value is not None
        assert (value, recordings) == (f"{100 * row.value:.1f} %", str(row.n_planned))
        assert interval == f"[{100 * (row.ci_low or 0):.1f}, {100 * (row.ci_high or 0):.1f}]"
    assert [row[0] for row in wer.rows] == BACKENDS
    for backend, condition, shown, _, lost, _ in wer.rows:
        assert condition == "clean"
        assert shown == f"{100 * (rows[backend, 'all', 'wer', 'hypothesis'].value or 0):.1f} %"
        assert lost == f"{100 * (rows[backend, 'all', 'lost', None].value or 0):.1f} %"
    assert classes.rows[0] == (BACKENDS[0], "rare names", "61 % [56, 67]", "88 % [83, 92]")
    assert repairs.rows[0] == (BACKENDS[0], "1 error", "98.9 %", "[96.8, 99.8]")
    assert heard.rows[0][:3] == ("acanthite", "4", "0")


def test_every_series_has_a_mark_beside_its_colour(summary: Summary) -> None:
    for picture in list(pictures(summary))[:4]:
        drawn = svg(picture)
        for colour in SERIES[: len(BACKENDS)]:
            assert colour in drawn.lower()
        legend = re.findall(r'role-legend-symbol.*?d="([^"]+)"', drawn)
        assert len(set(legend)) == len(BACKENDS), picture.name
        assert picture.takeaway.endswith(".")


def test_a_condition_ladder_stands_in_the_order_of_the_noise() -> None:
    assert loss.rungs(["clean", "babble 0 dB", "babble 20 dB", "telephone", "babble 5 dB", "white 10 dB"]) == [
        "clean", "babble 20 dB", "babble 5 dB", "babble 0 dB", "telephone", "white 10 dB",
    ]  # fmt: skip


def test_one_condition_is_no_ladder(summary: Summary) -> None:
    assert loss.ladder(Figures.of(summary), ["clean"], "bm25") is None


def test_a_ladder_has_a_rung_for_each_condition(summary: Summary) -> None:
    rows = tuple(replace(row, condition=condition) for condition in ("white 0 dB", "clean") for row in summary.rows)
    picture = loss.ladder(Figures.of(replace(summary, rows=rows)), ["white 0 dB", "clean"], "bm25")
    assert picture is not None
    assert len(picture.rows) == 2 * len(BACKENDS)
    assert "under" in picture.takeaway


HOSTILE = "a\u2028\"');alert(1)//</text><script>x</script>\\"


def test_a_label_cannot_speak_to_the_drawing_program(summary: Summary) -> None:
    """Vega-Lite writes labels into expressions, where a line separator would end a string."""
    relabelled = replace(
        summary,
        rows=tuple(replace(row, backend=HOSTILE + row.backend) for row in summary.rows),
        attribution=tuple(replace(row, backend=HOSTILE + row.backend) for row in summary.attribution),
        words=tuple(replace(word, backend=HOSTILE + word.backend, word=HOSTILE) for word in summary.words),
    )
    for picture in pictures(relabelled):
        assert "\u2028" not in str(specification(picture))
        shown = str(themed(svg(picture), HOSTILE))
        assert "<script" not in shown
        assert set(re.findall(r"<([a-z]+)", shown)) <= {
            "svg",
            "g",
            "path",
            "line",
            "rect",
            "circle",
            "text",
            "tspan",
            "title",
        }


def test_only_what_draws_is_kept_of_a_picture() -> None:
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()" viewBox="0 0 1 1" width="9"><script>x()</script>'
        '<a href="javascript:x()"><rect/></a><rect fill="url(http://host/x)" style="fill:red" width="1" onclick="x()"/>'
        '<path role="graphics-symbol" aria-label="b: &lt;1&gt;" d="M0,0" fill="#0072B2"/><text fill="#1c1f24">&lt;b&gt;</text></svg>'
    )
    shown = str(themed(drawn, 'a "picture"'))
    for gone in ("onload", "script", "href", "javascript", "url(", "style", "onclick", 'width="9"'):
        assert gone not in shown
    assert 'aria-label="a &quot;picture&quot;"' in shown
    assert "<title>b: &lt;1&gt;</title>" in shown
    assert 'fill="var(--series-1)"' in shown
    assert '<text fill="var(--ink)">&lt;b&gt;</text>' in shown
