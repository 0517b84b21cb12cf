"""What a notebook shows: the figures of the run, two pictures, and no text from outside as markup."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import harness
from harness.report.figures import ANSWERED, COST, HEARD, Figures, value
from harness.runs.result import RunResult
from tests.conftest import HEARD as TRANSCRIPTS
from tests.conftest import QUESTIONS, WriteSuite

ATTACK = "</td><script>alert(1)</script><img src=x onerror=alert(1)>'\"\u202e"


def shown(result: RunResult | Path | str) -> ElementTree.Element:
    return ElementTree.fromstring(harness.show(result)._repr_html_())


def test_tables_and_pictures_are_those_of_the_run(write_suite: WriteSuite, tmp_path: Path) -> None:
    result = harness.run(write_suite(), backends=["replay:vendor", "replay:perfect"], jobs=1, out=tmp_path / "run")
    page, figures = shown(result), Figures.of(result.summary)
    heard, cost = page.findall("table")
    for table, columns, retriever in ((heard, HEARD, None), (cost, (*COST, *ANSWERED), "bm25")):
        rows = [["".join(cell.itertext()) for cell in row] for row in table.findall("tr")]
        assert rows[0] == ["backend", *(column.heading for column in columns)]
        for cell, row in zip(figures.cells, rows[1:], strict=True):
            assert row[0] == cell[0]
            for column, text in zip(columns, row[1:], strict=True):
                assert text.startswith(value(figures.row(cell, column, retriever), column))
    assert len(page.findall("figure")) == 2
    stored = [harness.show(run) for run in (result, tmp_path / "run", str(tmp_path / "run"))]
    assert len({display._repr_html_() for display in stored}) == 1
    (text,) = {repr(display) for display in stored}
    assert all(backend in text for backend, _ in figures.cells)
    assert str(tmp_path / "run") in text.replace("\n", "")
    assert (
        repr(result)
        == f"<run of 'small' in '{tmp_path / 'run'}': 16 samples, 0 of them failed; harness.show(result) shows its figures>"
    )


def test_text_from_outside_stays_text(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite(
        questions=[{**q, "text": f"{q['text']} {ATTACK}", "entities": []} for q in QUESTIONS],
        heard={key: f"{said} {ATTACK}" for key, said in TRANSCRIPTS.items()},
    )
    header = (suite / "suite.toml").read_text().replace('name = "small"', "name = '''<script>alert(1)</script>'''")
    (suite / "suite.toml").write_text(header)
    result = harness.run(
        suite, backends=["replay:vendor,label=<img src=x onerror=alert(1)>"], jobs=1, out=tmp_path / "run"
    )
    page = shown(result)
    for element in page.iter():
        assert element.tag.rpartition("}")[2] not in ("script", "img", "a", "style", "iframe")
        assert not any(name.startswith("on") for name in element.attrib)
    assert "<script>alert(1)</script>" in "".join(page.itertext())
