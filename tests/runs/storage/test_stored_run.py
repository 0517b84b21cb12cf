"""The one reader of a stored run: what it holds, when it reads, what labels it gives, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage.stored_run import StoredRun, read_side_by_side
from tests.conftest import WriteSuite, write_lines
from tests.runs.early_runs import without_digests


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """Half of the recordings have a transcript of `part`, all have one of `vendor`."""
    root = write_suite()
    lines = (root / "transcripts" / "vendor.jsonl").read_text().splitlines()
    write_lines(root / "transcripts" / "part.jsonl", [json.loads(line) for line in lines[::2]])
    return root


@pytest.fixture
def result(suite: Path, tmp_path: Path) -> harness.RunResult:
    return harness.run(suite, backends=["replay:vendor", "replay:part"], out=tmp_path / "one" / "run", jobs=1)


def edit(folder: Path, **changes: object) -> None:
    record = json.loads((without_digests(folder) / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | changes))


def test_a_run_is_read_as_it_was_returned(result: harness.RunResult, suite: Path) -> None:
    run = StoredRun.read(str(result.folder))
    assert run == result.stored
    assert (run.record, run.summary, len(run.plan)) == (result.record, result.summary, result.planned)
    assert list(run.backends) == list(result.record.backends) == ["replay:vendor", "replay:part"]
    assert run.suite_root == suite
    assert set(run.samples) == {planned.key for planned in run.plan}
    assert {question.id for question in run.evidence.questions} == {planned.question_id for planned in run.plan}


def test_failed_samples_count_unless_the_spec_leaves_them_out(result: harness.RunResult) -> None:
    run = StoredRun.read(result.folder)
    n = len(run.plan) // 2
    counted = run.counted_samples()
    assert list(counted) == [("replay:vendor", "clean"), ("replay:part", "clean")]
    assert [len(samples) for samples in counted.values()] == [n, n]
    assert [sample.key for samples in counted.values() for sample in samples] == [p.key for p in run.plan]
    edit(result.folder, spec={**result.record.spec, "missing": "exclude"})
    excluded = StoredRun.read(result.folder).counted_samples()
    assert [len(samples) for samples in excluded.values()] == [n, n // 2]
    assert all(sample.status == "ok" for samples in excluded.values() for sample in samples)


def test_what_is_large_is_read_when_it_is_asked_for(result: harness.RunResult) -> None:
    path = next((result.folder / "samples").iterdir())
    path.write_text("no json\n")
    plan = (result.folder / "plan.jsonl").read_bytes()
    (result.folder / "plan.jsonl").write_text("no json\n")
    run = StoredRun.read(result.folder)
    assert run.summary == result.summary
    with pytest.raises(RunError, match=r"plan\.jsonl: is not what run\.json tells of"):
        _ = run.samples
    (result.folder / "plan.jsonl").write_bytes(plan)
    with pytest.raises(RunError, match=rf"{path.name}:1: does not read"):
        _ = StoredRun.read(result.folder).samples


def test_a_run_that_was_never_finished_has_no_figures_to_read(result: harness.RunResult, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run\.json here"):
        StoredRun.read(tmp_path)
    (result.folder / "summary.json").unlink()
    with pytest.raises(RunError, match=r"cut short\. Run the same command again"):
        StoredRun.read(result.folder)


def test_a_spec_of_another_version_is_refused_by_name(result: harness.RunResult) -> None:
    edit(result.folder, spec={**result.record.spec, "backends": "all"})
    run = StoredRun.read(result.folder)
    with pytest.raises(RunError, match=r"run\.json.*does not read as a spec of this version"):
        _ = run.spec


def test_runs_side_by_side_have_labels_that_tell_them_apart(result: harness.RunResult, tmp_path: Path) -> None:
    shutil.copytree(result.folder, tmp_path / "other")
    (alone,) = read_side_by_side([result.folder])
    assert alone.labelled_summary() == result.summary
    assert {sample.backend for sample in alone.labelled_samples()} == {"replay:vendor", "replay:part"}
    two = read_side_by_side([result.folder, tmp_path / "other"])
    assert [run.prefix for run in two] == ["run/", "other/"]
    summary = two[1].labelled_summary()
    for part in ("rows", "words", "attribution", "dose_response", "contrasts"):
        labels = {one.backend for one in getattr(summary, part)}
        assert labels <= {"other/replay:vendor", "other/replay:part"}, part
        assert len(getattr(summary, part)) == len(getattr(result.summary, part))
    assert {sample.backend for sample in two[1].labelled_samples()} == {"other/replay:vendor", "other/replay:part"}


def test_runs_of_one_name_are_told_apart_by_their_paths(result: harness.RunResult, tmp_path: Path) -> None:
    again = tmp_path / "two" / "run"
    shutil.copytree(result.folder, again)
    assert [run.prefix for run in read_side_by_side([result.folder, again])] == [f"{result.folder}/", f"{again}/"]


def test_the_suite_may_have_gone(result: harness.RunResult, suite: Path) -> None:
    shutil.rmtree(suite)
    run = StoredRun.read(result.folder)
    assert run.suite_root is None
    assert run.evidence.questions
    (result.folder / "evidence.json").unlink()
    assert StoredRun.read(result.folder).evidence.questions == ()
