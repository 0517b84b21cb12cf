"""The committed reference run is of the suite that is shipped, and its report says what its summary says."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.runs.store import RunStore
from harness.suites.load import load_suite

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "results" / "reference" / "standard"


@pytest.fixture(scope="module")
def store() -> RunStore:
    return RunStore(REFERENCE)


def test_the_reference_run_is_of_the_shipped_suite_and_whole(store: RunStore) -> None:
    record = store.read_run()
    assert record.status == "complete"
    assert record.digests["suite"] == load_suite(ROOT / "fixtures" / "standard").digest
    assert len(store.read_plan()) == len(store.read_samples(record.backends)) == 3_000


def test_its_report_is_what_is_stored(store: RunStore, tmp_path: Path) -> None:
    written = harness.report(REFERENCE, out=tmp_path / "report.md")
    assert written.read_text() == (REFERENCE / "report.md").read_text()


def test_rare_words_are_heard_worse_and_a_bias_list_wins_them_back(store: RunStore) -> None:
    value = {(r.backend, r.metric, r.source): r for r in store.read_summary().rows if r.group == "all"}
    plain, biased = "pocketsphinx", "pocketsphinx+bias"
    rare, common = (value[plain, metric, "transcript"] for metric in ("rare_wer", "common_wer"))
    assert rare.ci_low is not None
    assert common.ci_high is not None
    assert rare.ci_low > 2 * common.ci_high
    for metric, source in (("entity_recall", "transcript"), ("hit@1", "transcript")):
        low, high = value[biased, metric, source].ci_low, value[plain, metric, source].ci_high
        assert low is not None
        assert high is not None
        assert low > high
