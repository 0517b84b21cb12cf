"""A run on public data: 1,190 questions of XQuAD, read aloud by people and transcribed by a vendor (NoiseQA, Ravichander
et al., EACL 2021). The figures were first counted by other code, so they hold the whole pipeline to account.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.analysis.complexity.study import ComplexityStudy
from harness.report.markdown import page_lines
from harness.report.model import Report
from harness.report.sections.complexity_course import course_of
from harness.runs.storage.store import RunStore
from harness.suites.importers.squad import import_squad

Rows = dict[tuple[str, str | None], dict[str, float]]


@pytest.fixture(scope="module")
def folder(outside_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, root = outside_data / "noiseqa", tmp_path_factory.mktemp("noiseqa")
    gold, recognised = data / "xquad-context-en-question-en.json", data / "xquad-asr-natural.json"
    import_squad(gold, root / "suite", transcripts={"human": recognised})
    return harness.run(root / "suite", backends=["replay:human"], jobs=1, out=root / "run").folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> Rows:
    summary = json.loads((folder / "summary.json").read_text())
    return {(row["metric"], row["source"]): row for row in summary["rows"] if row["group"] == "all"}


def test_error_rates_and_what_they_cost(rows: Rows) -> None:
    assert 0.19 <= rows["wer", "hypothesis"]["value"] <= 0.23
    assert rows["hit@1", "reference"]["value"] == pytest.approx(0.92, abs=0.015)
    assert rows["hit@1", "hypothesis"]["value"] == pytest.approx(0.78, abs=0.015)
    assert 170 <= 1190 * rows["lost", None]["value"] <= 190


def test_one_repair_brings_nearly_all_back(rows: Rows) -> None:
    shares = [rows[name, None]["value"] for name in ("one_repair_share", "repair_2_share", "repair_3_share")]
    assert shares[0] == rows["one_repair_share", None]["value"] >= 0.95
    assert shares == sorted(shares)


def test_rare_entity_words_cost_more_than_their_share(rows: Rows) -> None:
    share, regions = rows["loss_share_rare", None], rows["region_share_rare", "hypothesis"]
    assert 0.0 < share["ci_low"] < share["value"] < share["ci_high"] < 1.0
    leverage = rows["leverage_rare", None]
    assert leverage["value"] == pytest.approx(share["value"] / regions["value"], abs=1e-6)
    assert 1.0 < leverage["ci_low"] < leverage["value"] < leverage["ci_high"]
    assert rows["inject_break_rate_rare", None]["ci_low"] > rows["inject_break_rate_other", None]["ci_high"]
    parts = [rows[f"loss_share_{name}", None]["value"] for name in ("rare", "rare_other", "content", "function")]
    assert sum(parts) == pytest.approx(1.0, abs=1e-6)


def test_the_loss_is_shared_out_exactly(folder: Path, rows: Rows) -> None:
    outcomes = [
        outcome
        for sample in RunStore(folder).read_samples(["replay:human"]).values()
        for outcome in sample.retrieval.values()
    ]
    lost = [outcome for outcome in outcomes if outcome.fate == "lost"]
    assert len(lost) == round(1190 * rows["lost", None]["value"])
    for outcome in outcomes:
        found = outcome.counterfactual
        if found is None:
            assert outcome.fate in ("kept", "never")
            continue
        assert found.from_hypothesis == outcome.hypothesis_metrics["hit@1"]
        assert found.from_reference == outcome.reference_metrics["hit@1"]
        assert sum(found.shapley) == pytest.approx(found.from_reference - found.from_hypothesis, abs=1e-9)


def test_answers_lost_to_retrieval_and_to_the_reader_and_the_same_without_a_reader(folder: Path, rows: Rows) -> None:
    """Where the snippets hold the answer, the reader may still fail: its reach says how often, whatever is misrecognised."""
    retrieval = [s.retrieval["bm25"] for s in RunStore(folder).read_samples(["replay:human"]).values()]
    shown = [each for each in retrieval if each.reference_metrics["answer_read"]]
    right = [each for each in shown if each.reference_metrics["exact_match"]]
    reach = rows["reach", "reference"]
    assert reach["n"] == len(shown) == pytest.approx(1180, abs=5)
    assert reach["value"] == pytest.approx(len(right) / len(shown), abs=1e-6)
    assert reach["ci_low"] < reach["value"] < reach["ci_high"]
    to_retrieval, to_reader = rows["retrieval_error_rate", None]["value"], rows["reader_error_rate", None]["value"]
    assert rows["answers_lost", None]["value"] == pytest.approx(to_retrieval + to_reader, abs=1e-6)
    for k, reference, lost in ((1, 1107, 175), (5, 1173, 110), (10, 1180, 88)):
        assert 1190 * rows[f"has_answer@{k}", "reference"]["value"] == pytest.approx(reference, abs=5)
        assert 1190 * rows[f"has_answer_lost@{k}", None]["value"] == pytest.approx(lost, abs=5)
        retained = rows[f"has_answer_retained@{k}", None]
        assert retained["value"] == pytest.approx(1 - lost / reference, abs=0.01)
        assert (
            rows[f"has_answer_any_notation@{k}", "reference"]["value"] >= rows[f"has_answer@{k}", "reference"]["value"]
        )
    page = harness.report(folder).read_text()
    assert ("answers cannot judge here" in page) == (reach["value"] < 0.5)


def test_without_rare_words_accuracy_rises_but_does_not_stay(folder: Path, tmp_path: Path) -> None:
    """What is lost does return, and the questions left are no easier: from the reference text accuracy does not rise."""
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'suite = "{folder.parent / "suite"}"\n[[backend]]\nname = "replay"\nmodel = "human"\n'
        '[complexity]\nmodel = "none"\ndraws = 10\n'
    )
    study = harness.run(spec, jobs=1, out=folder).stored.study("complexity", ComplexityStudy)
    assert study is not None
    assert (study.continuum.levels[0].questions, study.continuum.levels[-1].questions) == (1190, 100)
    reference, accuracy, loss = (series.course for series in study.continuum.series)
    assert (course_of(accuracy).kind, course_of(accuracy).direction) == ("goes", 1)
    assert course_of(accuracy).peak == 2, "after two batches"
    assert (course_of(loss).kind, course_of(loss).direction) == ("goes", -1)
    assert course_of(reference).kind == "within"
    assert (reference.values[-1] or 0.0) < (reference.values[0] or 0.0)
    text = "\n".join(page_lines(Report.read(folder)))
    assert "but the rise does not stay: from 464 questions left on it is within random removal" in text
