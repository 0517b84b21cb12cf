"""The report model: what a report of one run and of several is rendered from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.analysis.rules import Rules
from harness.report.model import Report
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests


@pytest.fixture
def folders(write_suite: WriteSuite, tmp_path: Path) -> list[Path]:
    """Two runs of one suite."""
    suite = write_suite()
    made = []
    for name in ("before", "after"):
        out, retrievers = tmp_path / name, ["bm25", "phonetic"]
        made.append(harness.run(suite, backends=["replay:vendor"], retrievers=retrievers, out=out, jobs=1).folder)
    return made


def test_a_report_of_one_run_has_the_labels_of_the_run(folders: list[Path]) -> None:
    report = Report.read(folders[0])
    assert report.figures.arms == (("replay:vendor", "clean"),)
    assert list(report.backends) == ["replay:vendor"]
    assert report.summary == report.runs[0].summary
    assert {sample.question_id for sample in report.samples} == set(report.questions)
    assert {sample.utterance_id for sample in report.samples} == set(report.utterances)
    assert report.compared is None


def test_a_report_of_several_runs_tells_them_apart(folders: list[Path]) -> None:
    compared = harness.compare(*folders)
    report = Report.of_comparison(compared)
    labels = {"before/replay:vendor", "after/replay:vendor"}
    assert set(report.backends) == {backend for backend, _ in report.figures.arms} == labels
    assert (
        {sample.backend for sample in report.samples} == {pair.backend for pair in report.summary.agreement} == labels
    )
    assert report.summary.comparisons == compared.comparisons


def test_the_rules_are_those_of_the_spec(folders: list[Path]) -> None:
    path = without_digests(folders[0]) / "run.json"
    record = json.loads(path.read_text())
    record["spec"] |= {"outcome": "hit@5", "rare_threshold": 4.5}
    for sources, are_guessed in (({"suite": 3}, False), ({"rule": 1, "suite": 2}, True)):
        path.write_text(json.dumps(record | {"entity_sources": sources}))
        assert Report.read(folders[0]).rules == Rules("hit@5", 4.5, are_guessed)
