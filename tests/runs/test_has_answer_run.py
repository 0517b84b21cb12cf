"""A suite that has answers and does not say which snippets are relevant is judged by answers in snippets."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.analysis.summary import Row
from harness.errors import SpecError
from harness.runs.storage.store import RunStore
from tests.conftest import QUESTIONS, WriteSuite

WITHOUT_IDS = [{key: value for key, value in question.items() if key != "snippet_ids"} for question in QUESTIONS]
SPEC = 'suite = "{suite}"\noutcome = "{outcome}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n'


def rows(folder: Path) -> dict[tuple[str, str | None], Row]:
    return {(row.metric, row.source): row for row in RunStore(folder).read_summary().rows if row.group == "all"}


def test_without_relevant_snippets_the_run_judges_by_answers_in_the_first_five(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    run = harness.run(
        write_suite(questions=WITHOUT_IDS), backends=["replay:vendor", "replay:perfect"], answerer="none",
        out=tmp_path / "run",
    )  # fmt: skip
    assert run.record.spec["outcome"] == "has_answer@5"
    assert any("so the run judges by has_answer@5, not hit@1" in note for note in run.record.notes)
    figures = rows(run.folder)
    assert {source for metric, source in figures if metric.startswith("hit@")} == set()
    fates = [s.retrieval["bm25"].fate for s in RunStore(run.folder).read_samples(["replay:vendor"]).values()]
    vendor = {
        (r.metric, r.source): r.value for r in run.summary.rows if r.group == "all" and r.backend == "replay:vendor"
    }
    assert fates.count("lost") / len(fates) == vendor["lost", None] == vendor["has_answer_lost@5", None]
    assert vendor["retained", None] == vendor["has_answer_retained@5", None]
    (primary,) = {(c.metric, c.retriever) for c in run.summary.comparisons if c.family == "primary"}
    assert primary == ("has_answer@5", "bm25")
    page = harness.report(run.folder, out=tmp_path / "report.md").read_text()
    assert (
        "| backend | answer in top 5 ref (8 utterances) | answer in top 5 ASR (8 utterances) | retrieved answers lost"
        in page
    )
    assert "This run judges by a snippet with an accepted answer among the first 5." in page
    assert "only how well words are recognised" not in page


@pytest.mark.parametrize("outcome", ["has_answer@1", "has_answer@10"])
def test_an_answer_in_a_snippet_may_be_the_outcome_beside_relevant_ones(
    write_suite: WriteSuite, tmp_path: Path, outcome: str
) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=write_suite(), outcome=outcome))
    folder = harness.run(spec, out=tmp_path / "run").folder
    for sample in RunStore(folder).read_samples(["replay:vendor"]).values():
        result = sample.retrieval["bm25"]
        before, after = result.reference_metrics[outcome], result.hypothesis_metrics[outcome]
        assert result.fate == {(1, 1): "kept", (1, 0): "lost", (0, 1): "gained", (0, 0): "never"}[before, after]
        if result.counterfactual is not None:
            assert result.counterfactual.outcome == outcome
            assert sum(result.counterfactual.shapley) == pytest.approx(before - after)
    assert "hit@1" in {metric for metric, _ in rows(folder)}


def test_an_outcome_by_text_needs_answers(write_suite: WriteSuite, tmp_path: Path) -> None:
    bare = write_suite("bare", questions=[{k: v for k, v in q.items() if k != "answers"} for q in QUESTIONS])
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=bare, outcome="has_answer@5"))
    with pytest.raises(SpecError, match="'has_answer@5', but the suite has no accepted answers"):
        harness.run(spec, out=tmp_path / "never")


def test_a_suite_that_says_what_is_relevant_keeps_its_outcome(write_suite: WriteSuite, tmp_path: Path) -> None:
    run = harness.run(write_suite(), backends=["replay:vendor"], answerer="none", out=tmp_path / "run")
    assert run.record.spec["outcome"] == "hit@1"
