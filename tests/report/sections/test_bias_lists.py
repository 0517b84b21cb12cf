"""Bias lists in the reports: the table by size, what did not fit, and what a list took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.analysis.comparisons import Arm, paired_arms
from harness.records import BiasCount, Sample
from harness.report.model import Figures, Report
from harness.report.sections.bias_lists import bias_lists, engines
from harness.report.tables import Table
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install
from tests.listener import PREPARATION

PLAIN, OWN0, OWN1, OWN3, ORACLE = (f"listener:3{bias}" for bias in ("", "+own0 (oracle)", "+own1", "+own3", "+oracle"))
BACKENDS = (
    f"{PLAIN},bias=own,distractors=3", PLAIN, *(f"{PLAIN},bias=own,distractors={n}" for n in (0, 1)), f"{PLAIN},bias=entities",
)  # fmt: skip
MADE_ONCE: dict[str, Path] = {}


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site", "listener", "tests.listener:Listener")))


@pytest.fixture
def run(write_suite: WriteSuite, listener: None, tmp_path: Path) -> Path:
    if not MADE_ONCE:
        MADE_ONCE["run"] = harness.run(
            voiced_suite(write_suite), backends=BACKENDS, out=tmp_path / "run", jobs=1
        ).folder
    return MADE_ONCE["run"]


@pytest.fixture
def report(run: Path) -> Report:
    return Report.read(run)


def samples_of(report: Report, backend: str) -> list[Sample]:
    return [sample for sample in report.samples if sample.backend == backend]


def figure(report: Report, backend: str, metric: str) -> float | None:
    row = report.figures.row((backend, "clean"), metric, "hypothesis")
    return None if row is None else row.value


def by_backend(table: Table) -> dict[str, dict[str, str]]:
    """The figures of each row by their headings."""
    return {
        row[0].text: {heading.text: cell.text for heading, cell in zip(table.headings, row, strict=True)}
        for row in table.rows
    }


def only(report: Report, *labels: str) -> Report:
    """The report of these backends."""
    rows = tuple(row for row in report.summary.rows if row.backend in labels)
    figures = Figures(replace(report.summary, rows=rows), report.rules)
    kept = tuple(backend for backend in report.runs[0].spec.backends if backend.label in labels)
    stored = report.runs[0]
    record = replace(stored.record, spec={**stored.record.spec, "backends": kept})
    return Report((replace(stored, record=record),), figures)


def test_a_list_is_compared_with_the_same_backend_without_it(run: Path, report: Report) -> None:
    pairs = {(c.a, c.b) for c in report.summary.comparisons}
    assert pairs == {(PLAIN, OWN0), (PLAIN, OWN1), (PLAIN, OWN3), (PLAIN, ORACLE)}
    assert {(c.a, c.b) for c in harness.compare(run).comparisons} == pairs


def test_what_has_no_counterpart_is_compared_with_the_first_of_its_kind() -> None:
    arms = [
        Arm(label, condition, {}, {}) for condition in ("clean", "noise") for label in ("a+l", "b", "a", "c+l", "d")
    ]
    pairs = [(first.label, second.label, second.condition) for first, second in paired_arms(arms, {"a+l": "a"})]
    expected = [("a", "a+l"), ("b", "a"), ("b", "c+l"), ("b", "d")]
    assert pairs == [(*pair, condition) for condition in ("clean", "noise") for pair in expected]


def test_figures_of_lists_are_counted_from_the_samples(report: Report) -> None:
    counts = [sample.bias for sample in samples_of(report, OWN3)]
    assert len(counts) == 8
    assert {(count.listed, count.sent, count.own_listed) for count in counts if count} == {(4, 3, 1)}
    own_sent = sum(count.own_sent for count in counts if count)
    assert 0 < own_sent < 8, "of some questions the name is cut off"
    assert figure(report, OWN3, "bias_listed") == 4.0
    assert figure(report, OWN3, "bias_distractors") == 3.0
    assert figure(report, OWN3, "bias_sent") == 3.0
    assert figure(report, OWN3, "bias_own_sent") == own_sent / 8
    assert figure(report, OWN3, "bias_preparation") == PREPARATION
    assert {sample.bias for sample in samples_of(report, OWN0)} == {BiasCount(1, 1, 1, 1)}
    assert not [row for row in report.summary.rows if row.backend == PLAIN and row.metric.startswith("bias_")]


def test_the_table_has_a_row_for_each_list_the_shortest_first(report: Report) -> None:
    section = bias_lists(report)
    (table,) = section.tables
    assert section.title == "Bias lists by size"
    assert [(row[0].text, row[1].text) for row in table.rows] == [
        (PLAIN, "none"),
        (OWN0, "each question's own names alone (oracle)"),
        (OWN1, "each question's own names among 1 other"),
        (OWN3, "each question's own names among 3 others"),
        (ORACLE, "every name of the suite (oracle)"),
    ]
    assert [heading.text for heading in table.headings[2:]] == [
        "listed", "sent", "own names sent", "entity recall", "WER", "common WER", "rare WER", "rare-word false alarms",
        "hit@1 ASR", "preparation", "RTF", "processor RTF",
    ]  # fmt: skip
    rows = by_backend(table)
    assert (rows[PLAIN]["listed"], rows[PLAIN]["preparation"]) == ("-", "-")
    assert (rows[OWN3]["listed"], rows[OWN3]["sent"], rows[OWN3]["preparation"]) == ("4.0", "3.0", "0.500 s")
    assert (rows[OWN0]["entity recall"], figure(report, OWN0, "entity_recall")) == ("100.0 %", 1.0)
    assert rows[PLAIN]["entity recall"] == "50.0 %"
    assert [heading for heading, _ in table.legend] == [heading.text for heading in table.headings[2:]]


def test_what_did_not_fit_and_what_a_list_took(report: Report) -> None:
    own, every = (
        100 * sum(sample.bias.own_sent for sample in samples_of(report, label) if sample.bias) / 8
        for label in (OWN3, ORACLE)
    )
    section = bias_lists(report)
    assert section.sentences == (
        f"Oracles, upper bounds whose bias lists no user could have: {OWN0}, {ORACLE}.",
        f"Lists of own names among others, which assume that a user's list holds the name: {OWN3} (among 3), {OWN1} (among 1).",
        f"Of these lists only a part fitted in: {OWN3} 3.0 of 4.0 phrases an utterance, and {own:.1f} % of the questions' own "
        f"names; {ORACLE} 3.0 of 4.0 phrases an utterance, and {every:.1f} % of the questions' own names.",
        f"Making the engine ready for another list took, an utterance: {OWN3} 0.500 s, {OWN0} 0.500 s, {OWN1} 0.500 s, {ORACLE} "
        f"0.500 s. It is no recognition time.",
    )
    assert len(section.after) == 2, "how lists of every name are made, and how those of own names are"
    assert section.after[0].startswith("Own names among N others is the protocol of Le et al. (Interspeech 2021)")
    assert "is an oracle: nobody knows beforehand" in section.after[1]


def test_the_section_stands_in_the_markdown_report(run: Path, report: Report) -> None:
    markdown = harness.report(run).read_text().replace("\\", "")
    section = bias_lists(report)
    assert f"## {section.title}" in markdown
    assert all(text in markdown for text in (*section.sentences, *section.after))


def test_one_list_alone_has_no_size(report: Report) -> None:
    one = bias_lists(only(report, PLAIN, ORACLE))
    assert (one.title, len(one.tables[0].rows)) == ("Bias lists", 2)
    assert bias_lists(only(report, PLAIN)).is_empty
    assert [engine.name for engine in engines(report.figures, {OWN1: report.backends[OWN1]})] == [PLAIN]
