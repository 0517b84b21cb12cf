"""A run that the code of schema 1 left (`schema_one/run`, of the suite beside it): read under today's names, and taken up."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import harness
from harness.analysis.attribution import GROUPS, INSERTED, ONE_SIDED
from harness.cli import main
from harness.errors import RunError
from harness.runs.result import load_run
from harness.runs.storage.store import RunStore

HERE = Path(__file__).parent / "schema_one"
BACKENDS = ["replay:vendor", "replay:perfect"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE / "run", tmp_path / "run"))


def resume(folder: Path, *, rescore: bool = False) -> harness.RunResult:
    return harness.run(
        HERE / "suite", out=folder, backends=BACKENDS, retrievers=["bm25", "phonetic"], seed=7, rescore=rescore
    )


def old_summary() -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(gzip.decompress((HERE / "run" / "summary.json.gz").read_bytes()))
    return content


def old_samples() -> dict[str, Mapping[str, Any]]:
    files = sorted((HERE / "run" / "samples").iterdir())
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    return {sample["key"]: sample for sample in map(json.loads, lines)}


def test_samples_keep_their_values_under_the_new_names(old: Path) -> None:
    samples = RunStore(old).read_samples(BACKENDS)
    before = old_samples()
    assert set(samples) == set(before)
    assert samples["medawar.a|clean|replay:vendor"].rare_words[0].hypothesis == "mad dog or"
    assert samples["medawar.a|clean|replay:perfect"].rare_words[0].hypothesis is None
    n_counterfactuals = 0
    for key, sample in samples.items():
        assert [word.hypothesis for word in sample.rare_words] == [word["heard"] for word in before[key]["rare_words"]]
        for label, outcome in sample.retrieval.items():
            counterfactual, kept = outcome.counterfactual, before[key]["retrieval"][label]["counterfactual"]
            assert (counterfactual is None) == (kept is None)
            if counterfactual is not None:
                n_counterfactuals += 1
                assert counterfactual.from_hypothesis == kept["heard"] == outcome.hypothesis_metrics["hit@1"]
                assert counterfactual.from_reference == kept["typed"] == outcome.reference_metrics["hit@1"] == 1.0
    assert n_counterfactuals == 8  # two questions, two voices, two retrievers


def test_the_summary_keeps_its_figures_under_the_new_names(old: Path) -> None:
    summary, before = RunStore(old).read_summary(), old_summary()
    assert (before["schema_version"], summary.schema_version) == (1, 2)
    values = [row.value for row in summary.rows]
    assert values == [row["value"] for row in before["rows"]]
    value = {
        (row.backend, row.retriever, row.source, row.metric): row.value for row in summary.rows if row.group == "all"
    }
    assert value["replay:vendor", "bm25", "hypothesis", "hit@1"] == 0.5
    assert value["replay:vendor", "bm25", "reference", "hit@1"] == 1.0
    assert value["replay:vendor", "bm25", None, "retrieval_error_rate"] == 0.0
    assert value["replay:vendor", "bm25", None, "reader_error_rate"] == 0.25  # medawar's snippet is the second
    assert {row.source for row in summary.rows} == {None, "reference", "hypothesis"}

    medawar = next(word for word in summary.words if (word.word, word.retriever) == ("medawar", "bm25"))
    assert (medawar.n_reference, medawar.n_correct, medawar.recoverable) == (2, 0, 2)
    assert medawar.recognised_as == (("mad dog or", 2),)
    assert [row.lost for row in summary.attribution] == [row["answers_lost"] for row in before["attribution"]]
    assert sum(row.lost for row in summary.attribution if row.by == "class") == 4 + 2  # bm25, phonetic
    shares = [pair.harmed_reference.value for pair in summary.agreement]
    assert shares == [pair["harmed_typed"]["value"] for pair in before["agreement"]]
    assert {one.source for one in summary.retriever_comparisons} == {None, "reference", "hypothesis"}


def test_a_run_judged_anew_is_as_a_new_one_and_recognises_nothing(old: Path, tmp_path: Path) -> None:
    kept = RunStore(old).read_samples(BACKENDS)
    result, new = resume(old, rescore=True), resume(tmp_path / "new")
    assert sum(work.recognised + work.cached for work in result.record.work.values()) == 16  # of the first call alone
    assert json.loads((old / "run.json").read_bytes())["schema_version"] == 2
    samples = RunStore(old).read_samples(BACKENDS)
    assert {key: one.transcript for key, one in samples.items()} == {key: one.transcript for key, one in kept.items()}
    assert samples == RunStore(new.folder).read_samples(BACKENDS)
    assert load_run(old).summary == result.summary
    for name in ("samples/replay_vendor-bb49932c.jsonl", "samples/replay_perfect-7d83ef82.jsonl", "summary.json"):
        content = gzip.decompress((old / f"{name}.gz").read_bytes())
        assert b'"heard' not in content
        assert b'"typed' not in content
        assert b'"answers_lost_to' not in content
    timeless = [row for row in result.summary.rows if not row.metric.startswith(("real_time", "processor", "latency"))]
    assert timeless == [
        row for row in new.summary.rows if not row.metric.startswith(("real_time", "processor", "latency"))
    ]


def test_samples_of_both_schemas_may_stand_in_one_file(old: Path) -> None:
    """As a kill leaves them, between a resumed call's first sample and its last."""
    store = RunStore(old)
    kept = store.read_samples(BACKENDS)
    with store.appending() as appender:
        appender.append(kept["okapi.b|clean|replay:vendor"])
        appender.append(kept["medawar.a|clean|replay:vendor"])
    assert store.read_samples(BACKENDS) == kept


@pytest.mark.parametrize(
    "damage", [b'{"key": "x", "rare_words": 3, "heard": 1}', b'["heard", {"heard":1}]', b'{"heard":']
)
def test_a_broken_line_is_refused_by_its_number(old: Path, damage: bytes) -> None:
    path = old / "samples" / "replay_vendor-bb49932c.jsonl"
    path.write_bytes(damage + b"\n")
    with pytest.raises(RunError, match=r"replay_vendor-bb49932c\.jsonl:1: does not read"):
        RunStore(old).read_samples(BACKENDS)


@pytest.mark.parametrize(
    "damage", [b"[]", b"{}", b'{"schema_version": 1, "rows": [3]}', b'{"schema_version": 1, "rows": 3}']
)
def test_a_broken_summary_is_refused(old: Path, damage: bytes) -> None:
    (old / "summary.json").write_bytes(damage)
    with pytest.raises(RunError, match=r"summary\.json: does not read"):
        RunStore(old).read_summary()


def test_commands_say_that_it_is_read_unverified_and_nothing_of_a_new_one(old: Path, tmp_path: Path) -> None:
    out, told = (
        str(tmp_path / "report.md"),
        f"harness: {old} was written by a version without digests: it is read unverified\n",
    )
    for words in (
        ["report", str(old), "--out", out],
        ["report", str(old), "--explain"],
        ["compare", str(old), "--json"],
    ):
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, done.stderr) == (0, told), words
    resume(old, rescore=True)
    assert CliRunner().invoke(main, ["report", str(old), "--out", out]).stderr == ""


def test_a_record_that_is_lost_is_not_made_up_for_samples_without_digests(old: Path) -> None:
    content = (old / "run.json").read_bytes()
    (old / "run.json").write_bytes(content[:100])
    with pytest.raises(
        RunError, match=r"jsonl:1: does not read: the digest at its end is missing.*put the record back"
    ):
        resume(old)
    assert (old / "run.json").read_bytes() == content[:100]


def test_a_run_of_a_later_schema_is_refused(old: Path) -> None:
    record = json.loads((old / "run.json").read_bytes())
    (old / "run.json").write_text(json.dumps(record | {"schema_version": 3}))
    with pytest.raises(
        RunError, match=r"schema_version.* is 3, this version reads 1 and 2\. Run it again with `--out`"
    ):
        RunStore(old).read_run()


def test_groups_of_errors_have_the_names_of_today(old: Path) -> None:
    content = json.loads(gzip.decompress((old / "summary.json.gz").read_bytes()))
    content["attribution"][0].update(by="band", group="nothing said")
    content["attribution"][1].update(by="phone_distance", group="dropped or added")
    (old / "summary.json").write_text(json.dumps(content))
    rows = RunStore(old).read_summary().attribution
    assert [(row.by, row.group) for row in rows[:2]] == [("band", INSERTED), ("phone_distance", ONE_SIDED)]
    assert all(row.group in GROUPS[row.by] for row in rows)


def test_labels_are_nobody_s_vocabulary(old: Path) -> None:
    """A backend, retriever or group that is called as a field was is left alone."""
    content = json.loads(gzip.decompress((old / "summary.json.gz").read_bytes()))
    for row in content["rows"]:
        row.update(backend="transcript", retriever="typed", group="heard_as:transcript")
    (old / "summary.json").write_text(json.dumps(content))
    rows = RunStore(old).read_summary().rows
    assert {(row.backend, row.retriever, row.group) for row in rows} == {("transcript", "typed", "heard_as:transcript")}
