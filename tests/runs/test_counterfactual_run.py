"""Counterfactuals from spec to summary: the outcome that is asked for, and the same bytes for any number of workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.errors import SpecError
from harness.runs.storage.store import RunStore
from tests.conftest import WriteSuite


def write_spec(path: Path, suite: Path, outcome: str) -> Path:
    path.write_text(
        f'suite = "{suite}"\noutcome = "{outcome}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n'
        '[[retriever]]\nname = "bm25"\n[[retriever]]\nname = "rank-bm25"\n'
    )
    return path


def test_what_was_misrecognised_is_shared_out_among_its_regions(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = write_spec(tmp_path / "spec.toml", write_suite(), "hit@1")
    result = harness.run(spec, out=tmp_path / "run")
    samples = RunStore(tmp_path / "run").read_samples(["replay:vendor"])
    lost = samples["medawar.a|clean|replay:vendor"]
    assert lost.region_classes == ("rare_entity",)
    for outcome in lost.retrieval.values():
        assert outcome.counterfactual is not None
        assert outcome.counterfactual.shapley == (1.0,)
        assert outcome.counterfactual.smallest_repairs == ((0,),)
        assert outcome.restored_by == (0,)
    correct = samples["paris.a|clean|replay:vendor"]
    assert correct.retrieval["bm25"].counterfactual is None
    rows = {(r.metric, r.retriever): r.value for r in result.summary.rows if r.group == "all"}
    assert (
        rows["loss_share_rare", "bm25"] == rows["class_repair_rare", "bm25"] == rows["one_repair_share", "bm25"] == 1.0
    )
    assert (
        rows["region_share_rare", None]
        == rows["inject_break_rate_rare", "bm25"]
        == rows["leverage_rare", "bm25"]
        == 1.0
    )
    assert rows["class_repair_other", "bm25"] == 0.0
    assert rows["inject_break_rate_other", "bm25"] is None
    assert [(c.retriever, c.n, c.p_value) for c in result.summary.contrasts] == [
        ("bm25", 0, None),
        ("rank-bm25", 0, None),
    ]


@pytest.mark.parametrize("outcome", ["hit@3", "rr@10"])
def test_another_outcome_is_judged_throughout(write_suite: WriteSuite, tmp_path: Path, outcome: str) -> None:
    harness.run(write_spec(tmp_path / "spec.toml", write_suite(), outcome), out=tmp_path / "run")
    for sample in RunStore(tmp_path / "run").read_samples(["replay:vendor"]).values():
        for found in sample.retrieval.values():
            before, after = found.reference_metrics[outcome], found.hypothesis_metrics[outcome]
            assert (
                found.fate == {(1, 1): "kept", (1, 0): "lost", (0, 1): "gained", (0, 0): "never"}[before > 0, after > 0]
            )
            if found.counterfactual is not None:
                assert found.counterfactual.outcome == outcome
                assert (found.counterfactual.from_reference, found.counterfactual.from_hypothesis) == (before, after)


def test_an_outcome_that_does_not_exist_is_refused_before_any_work(write_suite: WriteSuite, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"spec.toml: outcome: unknown outcome 'hit@11'"):
        harness.run(write_spec(tmp_path / "spec.toml", write_suite(), "hit@11"), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_workers_change_nothing(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = write_spec(tmp_path / "spec.toml", write_suite(), "hit@1")
    for jobs in (1, 3):
        harness.run(spec, out=tmp_path / f"run{jobs}", jobs=jobs)
    one, three = (tmp_path / f"run{jobs}" for jobs in (1, 3))
    assert (one / "summary.json").read_bytes() == (three / "summary.json").read_bytes()
    names = sorted(path.name for path in (one / "samples").iterdir())
    assert names == sorted(path.name for path in (three / "samples").iterdir())
    for name in names:
        lines = [
            [json.loads(line) for line in (run / "samples" / name).read_text().splitlines()] for run in (one, three)
        ]
        assert [{**line, "timings": None, "digest": None} for line in lines[0]] == [
            {**line, "timings": None, "digest": None} for line in lines[1]
        ]


def test_a_failed_sample_stays_among_the_lost_that_no_repair_brings_back(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    suite = write_suite()
    path = suite / "transcripts" / "vendor.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    result = harness.run(write_spec(tmp_path / "spec.toml", suite, "hit@1"), out=tmp_path / "run")
    rows = {(r.metric, r.retriever): r.value for r in result.summary.rows if r.group == "all"}
    assert rows["lost", "bm25"] == 4 / 8
    assert rows["one_repair_share", "bm25"] == rows["class_repair_rare", "bm25"] == 3 / 4
    assert rows["loss_share_rare", "bm25"] == 1.0
