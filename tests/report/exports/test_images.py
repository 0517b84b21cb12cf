"""Pictures as files: one for each that the page has, readable everywhere."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

import harness
from harness.errors import UsageError
from harness.report.exports.images import write_images
from harness.report.model import Report
from harness.report.pictures.listing import pictures


def test_each_picture_of_the_page_is_a_pair_of_files(run: Path, tmp_path: Path) -> None:
    written = harness.report(run, figures=tmp_path / "figures")
    assert written == run / "report.md"
    report = Report.read(run)
    drawn = list(pictures(report.figures, report.backends))
    page = harness.report(run, format="html", out=tmp_path / "page.html").read_text()
    assert page.count("<figure") == len(drawn)
    files = sorted(path for path in (tmp_path / "figures").iterdir() if path.suffix != ".json")
    assert len(files) == 2 * len(drawn) > 0
    for path in files:
        if path.suffix == ".svg":
            assert ElementTree.fromstring(path.read_text()).tag == "{http://www.w3.org/2000/svg}svg"
        else:
            assert path.read_bytes().startswith(b"\x89PNG\r\n")
    assert any(path.name == "wer-against-loss.bm25.png" for path in files)
    before = {path.name: path.read_bytes() for path in files}
    write_images(run, tmp_path / "figures")
    assert before == {path.name: path.read_bytes() for path in files}, "the same run, the same bytes"


def test_pictures_do_not_fall_among_other_files(run: Path) -> None:
    with pytest.raises(UsageError, match="something else"):
        harness.report(run, figures=run)
