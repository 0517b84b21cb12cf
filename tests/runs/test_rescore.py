"""A stored run judged anew: as a fresh run would be, without recognising, and whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage.store import RunStore
from harness.runs.storage.stored_run import StoredRun
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests

BACKENDS = ["replay:vendor", "replay:perfect"]


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite()


def files(folder: Path) -> dict[str, bytes]:
    """What a run holds but its record, which has times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def record(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "run.json").read_text())
    content.pop("digest", None)
    return content


def as_by_other_rules(folder: Path) -> None:
    """Makes of a run one of another normaliser, which took every word for an error."""
    run = record(without_digests(folder))
    run["digests"]["normaliser"] = "0"  # type: ignore[index]
    (folder / "run.json").write_text(json.dumps(run))
    for path in (folder / "samples").iterdir():
        samples = [json.loads(line) for line in path.read_text().splitlines()]
        lines = (json.dumps({**sample, "alignment": [], "error_regions": [], "rare_words": []}) for sample in samples)
        path.write_text("".join(line + "\n" for line in lines))


def no_work(*_: object, **__: object) -> Iterator[object]:
    raise AssertionError("something was recognised")
    yield


def stopped(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_same_rules_give_the_same_run(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    before, made = files(folder), record(folder)
    monkeypatch.setattr("harness.runs.execution.dispatch.Execution.run", no_work)
    result = harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert files(folder) == before
    assert (result.folder, result.record.status, result.errors) == (folder, "complete", 0)
    assert result.record.rescored_from == f"default {made['digests']['normaliser'].split()[-1]}"  # type: ignore[index]
    assert {**record(folder), "rescored_at": None, "rescored_from": None, "finished_at": made["finished_at"]} == made


def test_other_rules_give_what_a_fresh_run_gives(suite: Path, tmp_path: Path) -> None:
    fresh = harness.run(suite, backends=BACKENDS, out=tmp_path / "fresh").folder
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    as_by_other_rules(folder)
    assert files(folder) != files(fresh)
    with pytest.raises(
        RunError, match=r"judged by another normaliser \(default 0 there, default \d+ now\). `--rescore`"
    ):
        harness.run(suite, backends=BACKENDS, out=folder)
    result = harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert files(folder) == files(fresh)
    assert result.record.rescored_from == "default 0"
    again = harness.run(suite, backends=BACKENDS, out=folder)  # and it can be gone on with
    assert again.record.rescored_at == result.record.rescored_at


def test_a_compressed_run_stays_compressed(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    RunStore(folder).compress()
    before = files(folder)
    harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert files(folder) == before


def test_failures_and_missing_samples_stay_what_they_are(suite: Path, tmp_path: Path) -> None:
    path = suite / "transcripts" / "perfect.jsonl"
    whole = path.read_text()
    path.write_text("".join(line + "\n" for line in whole.splitlines()[1:]))
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    before = files(folder)
    result = harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert (result.record.status, result.errors, files(folder)) == ("partial", 1, before)
    samples = RunStore(folder).samples_path("replay:vendor")
    samples.write_text("".join(line + "\n" for line in samples.read_text().splitlines()[1:]))
    result = harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert (result.record.status, len(StoredRun.read(folder).samples)) == ("cancelled", result.planned - 1)


def test_times_stay_what_they_were(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    path = RunStore(without_digests(folder)).samples_path("replay:vendor")
    samples = [json.loads(line) for line in path.read_text().splitlines()]
    timed = ({**sample, "timings": {"audio": 2.5, "recognise": 0.5}} for sample in samples)
    path.write_text("".join(json.dumps(sample) + "\n" for sample in timed))
    harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    kept = RunStore(folder).read_samples(["replay:vendor"]).values()
    assert [sample.timings for sample in kept] == [{"audio": 2.5, "recognise": 0.5}] * len(samples)


def test_what_cannot_be_judged_anew_is_refused(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run to judge anew is here"):
        harness.run(suite, backends=BACKENDS, out=tmp_path / "nowhere", rescore=True)
    assert not (tmp_path / "nowhere").exists()
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    with pytest.raises(RunError, match="another spec"):
        harness.run(suite, backends=BACKENDS[:1], out=folder, rescore=True)


def test_an_error_on_the_way_leaves_the_old_run(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "run").folder
    as_by_other_rules(folder)
    before, made = files(folder), record(folder)
    monkeypatch.setattr("harness.runs.runner.gather", stopped)
    with pytest.raises(KeyboardInterrupt):
        harness.run(suite, backends=BACKENDS, out=folder, rescore=True)
    assert (files(folder), record(folder)) == (before, made)
