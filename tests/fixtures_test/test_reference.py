"""The committed reference run is of the suite that is shipped, and its report says what its summary says."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "results" / "reference"
REFERENCE = RUNS / "standard"
PLAIN, BIASED = "faster-whisper:tiny.en", "faster-whisper:tiny.en+own100"


@pytest.fixture(scope="module")
def store() -> RunStore:
    return RunStore(REFERENCE)


@pytest.mark.parametrize(("name", "samples"), [("standard", 4_000), ("spanish", 192)])
def test_the_reference_run_is_of_the_shipped_suite_and_whole(name: str, samples: int) -> None:
    store = RunStore(RUNS / name)
    record = store.read_run()
    assert record.status == "complete"
    assert record.digests["suite"] == load_suite(ROOT / "fixtures" / name).digest
    assert len(store.read_plan()) == len(store.read_samples(record.backends)) == samples


@pytest.mark.parametrize("name", ["standard", "spanish"])
def test_its_report_is_what_is_stored(name: str, tmp_path: Path) -> None:
    written = harness.report(RUNS / name, out=tmp_path / "report.md")
    assert written.read_text() == (RUNS / name / "report.md").read_text()


def test_a_recogniser_with_low_common_wer_loses_rare_words(store: RunStore) -> None:
    """On neural voices Whisper tiny.en gets fewer than 8 % of the common words wrong, and at least eight times as many of the
    rare ones.
    """
    value = {(r.backend, r.group, r.metric, r.source): r for r in store.read_summary().rows}
    rare, common = (value[PLAIN, "engine:kokoro", metric, "hypothesis"] for metric in ("rare_wer", "common_wer"))
    assert rare.value is not None
    assert common.value is not None
    assert common.value < 0.08
    assert rare.value > 8 * common.value


def test_a_bias_list_wins_names_back(store: RunStore) -> None:
    value = {(r.backend, r.metric, r.source): r for r in store.read_summary().rows if r.group == "all"}
    for metric in ("entity_recall", "hit@1"):
        low, high = value[BIASED, metric, "hypothesis"].ci_low, value[PLAIN, metric, "hypothesis"].ci_high
        assert low is not None
        assert high is not None
        assert low > high


def test_in_spanish_too_the_names_are_lost_and_the_common_words_are_not() -> None:
    """On neural voices Whisper base gets fewer than 12 % of the common Spanish words wrong, and three times as many rare ones."""
    rows = RunStore(RUNS / "spanish").read_summary().rows
    value = {(r.backend, r.metric): r.value for r in rows if r.group == "all" and r.source == "hypothesis"}
    common, rare = value["faster-whisper:base", "common_wer"], value["faster-whisper:base", "rare_wer"]
    assert common is not None
    assert rare is not None
    assert common < 0.12
    assert rare > 3 * common
