"""Repairs of a finished run: asked for by a spec or a flag, judged without recognising, stored as a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.analysis.mitigation.records import MitigationResult
from harness.errors import HarnessError, SpecError, UnknownName, UsageError
from harness.runs.result import RunResult
from tests.conftest import WriteSuite


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite()


def run(suite: Path, out: Path, *mitigations: str, **options: Any) -> RunResult:
    return harness.run(suite, backends=["replay:vendor"], mitigations=mitigations, out=out, jobs=1, **options)


def stored(result: RunResult) -> MitigationResult:
    study = harness.load_run(result.folder).stored.study("mitigation", MitigationResult)
    assert study is not None
    return study


def test_the_base_of_every_repair_is_what_the_samples_hold(suite: Path, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "run", "hybrid")
    study = stored(result)
    assert (study.outcome, study.retriever) == ("hit@1", "bm25")
    (judged,) = study.scoreboards[0].judged
    rows = {(row.metric, row.source): row for row in result.summary.rows if row.group == "all"}
    assert judged.hypothesis.before == pytest.approx(rows["hit@1", "hypothesis"].value)
    assert judged.reference is not None
    assert judged.hypothesis.n == result.planned
    assert judged.answers is not None
    assert judged.reference_answers is not None
    assert judged.answers.before == pytest.approx(rows["exact_match", "hypothesis"].value)
    assert judged.reference_answers.before == pytest.approx(rows["exact_match", "reference"].value)
    assert set(study.folds) == {
        sample.question_id for sample in harness.load_run(result.folder).stored.samples.values()
    }


def test_a_spec_and_a_flag_ask_for_the_same(suite: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n'
        '[[mitigation]]\nname = "hybrid"\nlabel = "both"\nweight = 2.0\n'
    )
    by_spec = harness.run(spec, out=tmp_path / "a", jobs=1)
    by_flag = run(suite, tmp_path / "b", "hybrid,label=both,weight=2.0")
    one, other = stored(by_spec), stored(by_flag)
    assert one.scoreboards == other.scoreboards
    assert one.identities["both"]["weight"] == 2.0
    assert "--mitigation hybrid,label=both,weight=2.0" in by_flag.record.command


def test_another_repair_recognises_nothing_and_keeps_every_sample(suite: Path, tmp_path: Path) -> None:
    first = run(suite, tmp_path / "run")
    before = [path.read_bytes() for path in sorted((first.folder / "samples").iterdir())]
    seen: list[object] = []
    again = run(suite, tmp_path / "run", "hybrid", progress=lambda *step: seen.append(step))
    assert seen == []
    assert [path.read_bytes() for path in sorted((again.folder / "samples").iterdir())] == before
    assert [one.label for one in stored(again).scoreboards[0].judged] == ["hybrid"]
    assert again.summary == first.summary


def test_any_number_of_workers_writes_the_same_but_for_times(suite: Path, tmp_path: Path) -> None:
    results = []
    for jobs in (1, 2):
        result = harness.run(
            suite, backends=["replay:vendor"], mitigations=["hybrid"], out=tmp_path / str(jobs), jobs=jobs
        )
        content = json.loads((result.folder / "studies" / "mitigation.json").read_text())["result"]
        assert set(content.pop("seconds")) == {"replay:vendor|clean|", "replay:vendor|clean|hybrid"}
        results.append(content)
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("mitigations", "error", "message"),
    [
        (["hybrit"], UnknownName, "Did you mean 'hybrid'"),
        (["hybrid,weigth=2"], UsageError, "Did you mean 'weight'"),
        (["hybrid,weight=-1"], UsageError, "weight"),
        (["hybrid", "hybrid,weight=2"], SpecError, "'hybrid' stands twice"),
    ],
)
def test_what_means_nothing_is_refused_before_any_work(
    suite: Path, tmp_path: Path, mitigations: list[str], error: type[HarnessError], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(suite, tmp_path / "run", *mitigations)
    assert not (tmp_path / "run").exists()


def test_a_repair_without_a_name_is_refused(suite: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\n[[mitigation]]\nweight = 2.0\n')
    with pytest.raises(SpecError, match=r"mitigation\[0\]\.name"):
        harness.run(spec, out=tmp_path / "run")


def test_a_suite_that_cannot_be_judged_says_so_and_keeps_the_run(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite(questions=[{"id": "q", "text": "who wrote Middlemarch"}], hypotheses={"q": "who wrote it"})
    (suite / "snippets.jsonl").unlink()
    result = run(suite, tmp_path / "run", "hybrid")
    assert any("[mitigation] was not made" in note and "no snippets" in note for note in result.record.notes)
    assert harness.load_run(result.folder).stored.study("mitigation", MitigationResult) is None


def test_a_repair_that_cannot_be_built_costs_itself_only(suite: Path, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "run", "replacements,file=absent.tsv", "hybrid")
    study = stored(result)
    assert [one.label for one in study.scoreboards[0].judged] == ["hybrid"]
    assert "absent.tsv" in study.failed["replacements"]
    assert result.record.status == "complete"


def test_a_table_of_a_repair_that_changed_is_judged_anew(suite: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.jsonl"
    one, other = (
        json.dumps({"hypothesis": hypothesis, "reference": reference})
        for hypothesis, reference in (("mad dog or", "medawar"), ("blue piano", "ljubljana"))
    )
    before = _with_table(suite, tmp_path, table, one)
    assert _with_table(suite, tmp_path, table, one) == before
    assert _with_table(suite, tmp_path, table, other) != before


def _with_table(suite: Path, tmp_path: Path, table: Path, rows: str) -> str:
    table.write_text(rows)
    result = run(suite, tmp_path / "run", f"replacements,file={table}")
    return str(json.loads((result.folder / "studies" / "mitigation.json").read_text())["options"])


def test_the_table_of_repairs_holds_every_effect(suite: Path, tmp_path: Path) -> None:
    result = run(suite, tmp_path / "run", "hybrid", "characters")
    frame = result.to_frame("mitigations")
    study = stored(result)
    alone = frame[frame.on_top_of.isna()]
    assert set(zip(alone.mitigation, alone.source.fillna(""), alone.metric, strict=True)) == {
        (label, source, metric)
        for label in ("hybrid", "characters")
        for source, metric in (
            ("hypothesis", "hit@1"), ("reference", "hit@1"), ("", "gap in hit@1"), ("hypothesis", "exact_match"),
            ("reference", "exact_match"),
        )
    }  # fmt: skip
    one = alone[(alone.mitigation == "hybrid") & (alone.source == "hypothesis") & (alone.metric == "hit@1")].iloc[0]
    effect = study.scoreboards[0].judged[0].hypothesis
    assert (one.fixed, one.broken, one.p_holm) == (effect.fixed, effect.broken, effect.p_holm)
    assert "mitigations.csv" in {path.name for path in harness.report(result.folder, format="csv").iterdir()}
    plain = run(suite, tmp_path / "plain")
    assert plain.to_frame("mitigations").empty
    assert "mitigations.csv" not in {path.name for path in harness.report(plain.folder, format="csv").iterdir()}
