"""Tables of a run: what they add up to is what summary.json says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import harness
from harness.analysis.summary import Row
from harness.errors import RunError, UnknownName
from harness.runs.result import RunResult
from harness.runs.storage.tidy_tables import TABLES, read_tables
from tests.conftest import WriteSuite


@pytest.fixture
def result(write_suite: WriteSuite, tmp_path: Path) -> RunResult:
    suite = write_suite()
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    return harness.run(suite, backends=["replay:vendor", "replay:perfect"], jobs=1, out=tmp_path / "run")


def rows(result: RunResult) -> dict[tuple[str, str, str | None], Row]:
    return {(r.backend, r.metric, r.source): r for r in result.summary.rows if r.group == "all"}


def test_words_of_samples_sum_to_the_error_rate(result: RunResult) -> None:
    samples = result.to_frame("samples")
    sums = samples.groupby("backend")[["words", "hits", "substitutions", "deletions", "insertions"]].sum()
    for backend, row in sums.iterrows():
        wer = (row.substitutions + row.deletions + row.insertions) / row.words
        assert wer == pytest.approx(rows(result)[str(backend), "wer", "hypothesis"].value)
    recalled = samples.groupby("backend")[["entities", "entities_recalled"]].sum()
    for backend, row in recalled.iterrows():
        found = rows(result)[str(backend), "entity_recall", "hypothesis"].value
        assert row.entities_recalled / row.entities == pytest.approx(found)
    failed = samples[samples.status == "error"]
    assert list(failed.key) == ["medawar.a|clean|replay:perfect"]
    assert failed.hypothesis.isna().all()
    assert list(failed.deletions) == list(failed.words)
    assert set(samples.speaker) == {"a", "b"}


def test_what_was_found_averages_to_the_retrieval_figures(result: RunResult) -> None:
    means = result.to_frame("retrieval").groupby(["backend", "source"])[["hit@1", "rr@10", "ndcg@10", "f1"]].mean()
    for (backend, source), row in means.iterrows():
        for metric, value in row.items():
            assert value == pytest.approx(rows(result)[backend, str(metric), source].value)


def test_frames_have_the_types_of_their_values(result: RunResult) -> None:
    frame = result.to_frame()
    assert len(frame) == len(result.summary.rows)
    assert str(frame.value.dtype) == str(frame.ci_low.dtype) == "float64"
    assert str(frame.n_planned.dtype) == "int64"
    assert str(result.to_frame("words").entity.dtype) == "bool"
    assert {len(result.to_frame(table)) for table in TABLES} == {
        len(table.rows) for table in read_tables(result.folder)
    }


def test_a_stored_run_is_the_one_that_was_handed_back(result: RunResult) -> None:
    assert harness.load_run(str(result.folder)) == result


def test_wrong_names_and_folders(result: RunResult, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'samples'"):
        result.to_frame("sample")
    with pytest.raises(RunError, match=r"no run\.json"):
        harness.load_run(tmp_path)


def test_pandas_is_loaded_when_a_frame_is_asked_for_and_not_before() -> None:
    import subprocess

    code = "import sys, harness.runs.result, harness.report.notebook; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
