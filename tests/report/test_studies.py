"""Where a report shows studies: a section in the text and on the page, pictures after the others; of one run only."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import msgspec
import pytest

from harness.report.html.page import render
from harness.report.markdown import page_lines
from harness.report.model import Report
from harness.report.pictures import listing as pictures
from harness.report.pictures.drawing import Listed, Picture, data
from harness.report.sections import listing as sections
from harness.report.tables import Section
from harness.runs.compare import compare
from harness.runs.storage.stored_run import StoredRun
from tests.conftest import GoldenRun


class Counted(msgspec.Struct, frozen=True):
    samples: int


def section(report: Report) -> Section:
    study = report.study("early", Counted)
    sentences = () if study is None else (f"The study counted {study.samples} samples.",)
    return Section("early", "A study of ours", sentences)


def drawn(report: Report) -> Iterator[Listed]:
    study = report.study("early", Counted)
    if study is not None:
        chart = alt.Chart(data([{"x": study.samples}])).mark_point().encode(x="x:Q")
        yield Listed(Picture("ours", "Ours", f"{study.samples} counted.", ("n",), (("7",),), chart))


@pytest.fixture
def of_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_STUDIES", (section,))
    monkeypatch.setattr(pictures, "_STUDIES", (drawn,))


@pytest.mark.usefixtures("of_a_study")
def test_a_study_is_in_text_and_page(golden_run: GoldenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report.read(golden_run("tie"))
    assert "A study of ours" not in "\n".join(page_lines(report))
    assert 'id="studies"' not in render(report, Path("report.html"))
    monkeypatch.setattr(StoredRun, "study", lambda self, name, kind: kind(7) if name == "early" else None)
    text = "\n".join(page_lines(report))
    assert (
        text.index("## Verdict")
        < text.index("## A study of ours\n\n- The study counted 7 samples.")
        < text.index("Run again: ")
    )
    page = render(report, Path("report.html"))
    assert '<a href="#studies">Studies</a>' in page
    shown = re.sub(r"<[^>]+>", "", page[page.index('id="studies"') :])
    assert re.search(r"A study of ours\s+The study counted 7 samples\.", shown)
    assert [one.picture.name for one in pictures.all_pictures(report)][-1] == "ours"
    assert page.count("<figure") == len(pictures.all_pictures(report))


def test_runs_side_by_side_have_no_study(
    golden_run: GoldenRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = golden_run("tie")
    copy = shutil.copytree(folder, tmp_path / "again")
    compared = Report.of_comparison(compare(folder, copy))
    monkeypatch.setattr(StoredRun, "study", lambda self, name, kind: kind(7))
    assert compared.study("early", Counted) is None
    assert Report.read(folder).study("early", Counted) == Counted(7)
