"""The verdict of whole runs, word for word: of the constructed ones, and of those that ship as references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.report.differences import difference_sentences
from harness.report.model import Report
from harness.report.verdict import Verdict, primary, verdicts
from tests.conftest import GoldenRun
from tests.report.golden_runs import RUNS
from tests.report.golden_text import assert_golden

REFERENCE = Path(__file__).parents[2] / "results" / "reference"


def lines_of(verdict: Verdict) -> Iterator[str]:
    """A verdict as text, a sentence's home on each line."""
    yield f"== {verdict.retriever}, {verdict.condition}"
    yield f"headline: {verdict.headline}"
    yield f"detail: {verdict.detail}"
    yield from (f"{finding.heading} {finding.text}" for finding in verdict.findings)
    if verdict.bias is not None:
        bias = verdict.bias
        yield f"bias phrases for {bias.backend} ({bias.counted}): {', '.join(f'{p.text} {p.cost}' for p in bias.phrases)}"
        yield f"all: {', '.join(bias.all)}"
        if bias.despite:
            yield f"despite the list of {bias.listed_for}: {', '.join(bias.despite)}"


def text_of(report: Report) -> str:
    """All that verdicts and differences say of a report."""
    lines = [line for verdict in verdicts(report) for line in lines_of(verdict)]
    return "\n".join([*lines, "== differences", *difference_sentences(report.figures), ""])


@pytest.mark.parametrize("name", RUNS)
def test_the_verdict_of_a_constructed_run(golden_run: GoldenRun, name: str) -> None:
    assert_golden(f"verdict/{name}.txt", text_of(Report.read(golden_run(name))))


@pytest.mark.parametrize("name", ["demo", "bias", "standard"])
def test_the_verdict_of_a_reference_run(name: str) -> None:
    assert_golden(f"verdict/reference-{name}.txt", text_of(Report.read(REFERENCE / name)))


@pytest.mark.parametrize("name", RUNS)
def test_headlines_are_short_and_every_text_is_said_once(golden_run: GoldenRun, name: str) -> None:
    for verdict in verdicts(Report.read(golden_run(name))):
        assert len(verdict.headline) < 100
        texts = [finding.text for finding in verdict.findings]
        assert all(texts)
        assert len(set(texts)) == len(texts)


def test_the_first_verdict_is_that_of_the_first_retriever_and_condition(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("two_by_two"))
    assert [(v.retriever, v.condition) for v in verdicts(report)] == [
        ("bm25", "clean"), ("bm25", "quiet"), ("phonetic", "clean"), ("phonetic", "quiet"),
    ]  # fmt: skip
    assert primary(report) == verdicts(report)[0]


def test_every_text_names_its_condition_where_the_run_has_two(golden_run: GoldenRun) -> None:
    report = Report.read(golden_run("two_by_two"))
    for verdict in verdicts(report):
        other = {"clean": "quiet", "quiet": "clean"}[verdict.condition]
        of_the_suite = "What does this suite lack?"
        texts = [f.text for f in verdict.findings if f.heading != of_the_suite]
        for text in (verdict.headline, verdict.detail, *texts):
            assert f"under {verdict.condition}" in text.replace("Under", "under")
            assert other not in text
    sentences = list(difference_sentences(report.figures))
    assert len(sentences) == len(set(sentences)) == 3 * 2 * 3  # pairs, conditions; recognition and two retrievers
    assert all("under clean" in sentence or "under quiet" in sentence for sentence in sentences)
