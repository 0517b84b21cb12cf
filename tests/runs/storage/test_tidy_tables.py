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
from tests.conftest import QUESTIONS, WriteSuite


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
    sums = samples.groupby("backend")[["words", "correct", "substitutions", "deletions", "insertions"]].sum()
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


def test_outcomes_of_samples_average_to_the_figures_of_the_run(result: RunResult) -> None:
    samples = result.to_frame("samples")
    assert set(samples.retriever) == {"bm25"}
    assert set(samples.outcome) == {"hit@1"}
    for backend, of_backend in samples.groupby("backend"):
        for source in ("reference", "hypothesis"):
            expected = rows(result)[str(backend), "hit@1", source].value
            assert of_backend[f"outcome_from_{source}"].mean() == pytest.approx(expected)
        for fate in ("lost", "kept", "gained", "never"):
            assert (of_backend.fate == fate).mean() == pytest.approx(rows(result)[str(backend), fate, None].value)
    (failed,) = samples[samples.status == "error"].itertuples()
    assert (failed.outcome_from_reference, failed.outcome_from_hypothesis, failed.fate) == (1.0, 0.0, "lost")


@pytest.mark.parametrize(("outcome", "metric"), [("rr@10", "rr@10"), ("answer", "exact_match"), ("hit@5", "hit@5")])
def test_samples_have_the_outcome_that_the_run_judges_by_with_its_first_retriever(
    write_suite: WriteSuite, tmp_path: Path, outcome: str, metric: str
) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{write_suite()}"\noutcome = "{outcome}"\n')
    result = harness.run(
        spec, backends=["replay:vendor"], retrievers=["phonetic", "bm25"], jobs=1, out=tmp_path / "run"
    )
    samples, retrieval = (result.to_frame(table).set_index("key") for table in ("samples", "retrieval"))
    assert set(samples.outcome) == {outcome}
    for source in ("reference", "hypothesis"):
        first = retrieval[(retrieval.retriever == "phonetic") & (retrieval.source == source)]
        assert dict(samples[f"outcome_from_{source}"]) == dict(first[metric])
        assert dict(samples.fate) == dict(first.fate)


def test_samples_without_relevant_snippets_have_no_outcome(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite(questions=[{**question, "snippet_ids": None, "answers": None} for question in QUESTIONS])
    samples = harness.run(suite, backends=["replay:vendor"], jobs=1, out=tmp_path / "run").to_frame("samples")
    assert samples[["outcome_from_reference", "outcome_from_hypothesis", "fate"]].isna().all().all()


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


def test_every_column_is_documented(result: RunResult) -> None:
    text = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    documented = {
        cells[1].strip(" `"): {name for part in cells[3].split("`")[1::2] for name in part.split()}
        for cells in (line.split("|") for line in text.splitlines() if line.startswith("| `"))
    }
    for table in read_tables(result.folder):
        names = set(table.columns)
        if table.name == "retrieval":
            names -= {row.metric for row in result.summary.rows}
        assert names <= documented[table.name], table.name


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
