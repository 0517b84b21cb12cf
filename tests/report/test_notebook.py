"""What a notebook shows: the figures of the run, pictures, and no text from outside as markup."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import harness
from harness.report.model import Report
from harness.report.sections.listing import main_sections
from harness.report.verdict import primary
from harness.runs.result import RunResult
from tests.conftest import HYPOTHESES, QUESTIONS, WriteSuite

ATTACK = "</td><script>alert(1)</script><img src=x onerror=alert(1)>'\"\u202e"


def shown(result: RunResult | Path | str) -> ElementTree.Element:
    return ElementTree.fromstring(harness.show(result)._repr_html_())


def test_tables_and_pictures_are_those_of_the_run(write_suite: WriteSuite, tmp_path: Path) -> None:
    result = harness.run(write_suite(), backends=["replay:vendor", "replay:perfect"], jobs=1, out=tmp_path / "run")
    page, report = shown(result), Report.read(result.folder)
    sections = list(main_sections(report))
    assert [section.title for section in sections] == ["Recognition", "Retrieval with bm25", "Answers with bm25"]
    for section, table in zip(sections, page.findall("table"), strict=True):
        rows = [["".join(cell.itertext()) for cell in row] for row in table.findall("tr")]
        main = section.tables[0]
        assert [text.partition(" (")[0] for text in rows[0]] == [heading.text for heading in main.headings]
        for shown_row, row in zip(rows[1:], main.rows, strict=True):
            assert all(text.startswith(cell.text) for text, cell in zip(shown_row, row, strict=True))
    verdict = primary(report)
    assert verdict is not None
    told = "".join(page.itertext())
    assert verdict.headline in told
    assert all(finding.text in told for finding in verdict.findings)
    assert len(page.findall("figure")) == 1, "bands of so few utterances are not drawn"
    stored = [harness.show(run) for run in (result, tmp_path / "run", str(tmp_path / "run"))]
    assert len({display._repr_html_() for display in stored}) == 1
    (text,) = {repr(display) for display in stored}
    assert all(backend in text for backend in report.backends)
    assert str(tmp_path / "run") in text.replace("\n", "")
    assert (
        repr(result)
        == f"<run of 'small' in '{tmp_path / 'run'}': 16 samples, 0 of them failed; harness.show(result) shows its figures>"
    )


def test_text_from_outside_stays_text(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite(
        questions=[{**q, "text": f"{q['text']} {ATTACK}", "entities": []} for q in QUESTIONS],
        hypotheses={key: f"{text} {ATTACK}" for key, text in HYPOTHESES.items()},
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
