"""`harness.run` from end to end on recorded transcripts: figures, resuming, failures, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import harness
from harness.errors import IndexError_, RunError, SpecError, SuiteError, UnknownName, UsageError
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.source import word_analyser
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite
from tests.conftest import WriteSuite


def rows(folder: Path) -> dict[tuple[str, str, str | None, str], dict[str, float]]:
    summary = json.loads((folder / "summary.json").read_text())
    return {(r["backend"], r["metric"], r["source"], r["group"]): r for r in summary["rows"]}


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite()


def test_figures_of_a_run_are_those_counted_by_hand(suite: Path, tmp_path: Path) -> None:
    result = harness.run(suite, backends=["replay:vendor", "replay:perfect"], out=tmp_path / "run")
    found = rows(result.folder)
    # per voice: medawar -> mad dog or (1 substitution, 2 insertions); ljubljana -> the blue piano (the same)
    assert found["replay:vendor", "wer", "hypothesis", "all"]["value"] == pytest.approx(6 / 20)
    assert found["replay:vendor", "rare_wer", "hypothesis", "all"]["value"] == pytest.approx(2 / 3)
    assert found["replay:vendor", "entity_recall", "hypothesis", "all"]["value"] == pytest.approx(2 / 4)
    assert found["replay:vendor", "hit@1", "reference", "all"]["value"] == 1.0
    assert found["replay:vendor", "hit@1", "hypothesis", "all"]["value"] == 0.5
    assert found["replay:vendor", "lost", None, "all"]["value"] == 0.5
    assert found["replay:vendor", "one_repair_share", None, "all"]["value"] == 1.0
    assert found["replay:perfect", "wer", "hypothesis", "all"]["value"] == 0.0
    assert found["replay:perfect", "lost", None, "all"]["value"] == 0.0
    assert (result.exit_status, result.record.status, result.planned) == (0, "complete", 16)


def test_intervals_draw_questions_not_recordings(suite: Path, tmp_path: Path) -> None:
    one_voice = [json.loads(line) for line in (suite / "utterances.jsonl").read_text().splitlines()]
    both = rows(harness.run(suite, backends=["replay:vendor"], out=tmp_path / "both").folder)
    (suite / "utterances.jsonl").write_text("".join(json.dumps(u) + "\n" for u in one_voice if u["speaker"] == "a"))
    single = rows(harness.run(suite, backends=["replay:vendor"], out=tmp_path / "single").folder)
    key = ("replay:vendor", "hit@1", "hypothesis", "all")
    assert (both[key]["n_planned"], single[key]["n_planned"]) == (8, 4)
    # A second recording that fares as the first tells nothing new: the interval gets no narrower. For whole words it is equal.
    assert both[key]["ci_low"] <= single[key]["ci_low"] < single[key]["ci_high"] <= both[key]["ci_high"]
    key = ("replay:vendor", "wer", "hypothesis", "all")
    assert [both[key][k] for k in ("ci_low", "ci_high")] == [single[key][k] for k in ("ci_low", "ci_high")]


def test_samples_say_which_repair_brings_the_answer_back(suite: Path, tmp_path: Path) -> None:
    harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run")
    samples = RunStore(tmp_path / "run").read_samples(["replay:vendor"])
    sample = samples["medawar.a|clean|replay:vendor"]
    assert [(r.reference_start, r.reference_end, r.kind) for r in sample.error_regions] == [(3, 4, "split")]
    assert sample.retrieval["bm25"].restored_by == (0,)
    word = next(word for word in sample.rare_words if word.text == "medawar")
    assert (word.hypothesis, word.entity, word.band) == ("mad dog or", True, "(0,2)")


def test_the_same_call_again_changes_nothing(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder
    before = {p.name: p.read_bytes() for p in folder.rglob("*.json*") if p.name != "run.json"}
    seen: list[str] = []
    harness.run(suite, backends=["replay:vendor"], out=folder, progress=lambda done, planned, s: seen.append(s.key))
    assert not seen
    assert before == {p.name: p.read_bytes() for p in folder.rglob("*.json*") if p.name != "run.json"}


def test_a_torn_last_line_is_done_again(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder
    path = folder / "samples" / next(p.name for p in (folder / "samples").iterdir())
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    harness.run(suite, backends=["replay:vendor"], out=folder)
    assert path.read_bytes() == whole


def test_a_missing_transcript_costs_its_sample_only_and_keeps_its_place(suite: Path, tmp_path: Path) -> None:
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    result = harness.run(suite, backends=["replay:perfect"], out=tmp_path / "run")
    assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 1)
    hit = rows(result.folder)["replay:perfect", "hit@1", "hypothesis", "all"]
    assert (hit["value"], hit["n_planned"], hit["n_scored"], hit["n_error"]) == (7 / 8, 8, 7, 1)
    failed = RunStore(result.folder).read_samples(["replay:perfect"])["medawar.a|clean|replay:perfect"]
    assert failed.transcript is None
    assert failed.error is not None
    assert failed.error.stage == "recognise"


def test_failed_samples_are_left_out_when_the_spec_says_so(suite: Path, tmp_path: Path) -> None:
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\nmissing = "exclude"\n[[backend]]\nname = "replay"\nmodel = "perfect"\n')
    found = rows(harness.run(spec, out=tmp_path / "run").folder)
    assert found["replay:perfect", "hit@1", "hypothesis", "all"]["value"] == 1.0


def test_an_empty_transcript_is_no_error(suite: Path, tmp_path: Path) -> None:
    path = suite / "transcripts" / "perfect.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, "text": ""}) + "\n" for line in lines))
    result = harness.run(suite, backends=["replay:perfect"], out=tmp_path / "run")
    assert result.exit_status == 0
    assert rows(result.folder)["replay:perfect", "wer", "hypothesis", "all"]["value"] == 1.0


def test_a_folder_of_another_run_is_refused_and_kept(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder
    with pytest.raises(RunError, match=r"another spec.*--out"):
        harness.run(suite, backends=["replay:perfect"], out=folder)
    with (suite / "snippets.jsonl").open("a") as file:
        file.write(json.dumps({"id": "s7", "text": "More."}) + "\n")
    with pytest.raises(RunError, match="another suite"):
        harness.run(suite, backends=["replay:vendor"], out=folder)


def test_what_is_wrong_is_said_before_any_work(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'replay'"):
        harness.run(suite, backends=["reply:vendor"])
    with pytest.raises(UnknownName, match="unknown retriever 'bm52'"):
        harness.run(suite, retrievers=["bm52"])
    with pytest.raises(UnknownName, match="unknown condition"):
        harness.run(suite, conditions=["babel"])
    with pytest.raises(UsageError, match="--jobs"):
        harness.run(suite, backends=["replay:vendor"], jobs=0)
    with pytest.raises(SpecError, match="stands twice"):
        harness.run(suite, backends=["replay:vendor", "replay:vendor"])
    (suite / "utterances.jsonl").unlink()
    with pytest.raises(SuiteError, match="nothing to recognise"):
        harness.run(suite, backends=["replay:vendor"])
    assert not list(tmp_path.glob("results*"))


def test_run_records_what_it_was_made_of(suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=["replay:vendor"], out=tmp_path / "run").folder
    record = msgspec.json.decode((folder / "run.json").read_bytes())
    assert set(record["digests"]) == {"suite", "spec", "normaliser"}
    assert record["entity_sources"] == {"suite": 4}
    assert record["packages"]["harness"] == harness.__version__
    assert record["command"] == f"harness run {suite} --backend replay:vendor"
    assert len((folder / "plan.jsonl").read_text().splitlines()) == 8


def test_an_index_of_the_users_own_is_used_and_one_of_another_suite_is_refused(suite: Path, tmp_path: Path) -> None:
    ImpactIndex.build(load_suite(suite).snippets, word_analyser("en")).save(tmp_path / "own.index")
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n'
        f'[[retriever]]\nname = "bm25"\nindex = "{tmp_path / "own.index"}"\n'
    )
    assert harness.run(spec, out=tmp_path / "run").exit_status == 0
    with (suite / "snippets.jsonl").open("a") as file:
        file.write(json.dumps({"id": "s7", "text": "More."}) + "\n")
    with pytest.raises(IndexError_, match=r"own\.index.*built from other snippets.*harness index build"):
        harness.run(spec, out=tmp_path / "again")
    assert not (tmp_path / "again").exists()
