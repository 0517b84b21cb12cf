"""Conditions in a run: they change the hypotheses, in the same way whatever the number of workers, and are cached apart."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.asr.conditions import build, parse_condition
from harness.errors import UnknownName, UsageError
from harness.runs.execution.audio_source import AudioSource
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite

BACKEND = "pocketsphinx,preset=fast"
CONDITIONS = ["clean", "white,snr_db=0", "babble,snr_db=5"]


def hypotheses(folder: Path) -> dict[str, str]:
    samples = RunStore(folder).read_samples(["pocketsphinx-fast"])
    return {key: sample.transcript.text if sample.transcript else "failed" for key, sample in samples.items()}


def test_noise_changes_hypotheses_and_is_the_same_for_any_number_of_workers(
    voiced_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []
    for jobs in (1, 2):
        monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / f"cache{jobs}"))
        folders.append(
            harness.run(
                voiced_demo, backends=[BACKEND], conditions=CONDITIONS, out=tmp_path / str(jobs), jobs=jobs
            ).folder
        )
    assert hypotheses(folders[0]) == hypotheses(folders[1])
    clean, noisy = (
        [text for key, text in hypotheses(folders[0]).items() if f"|{label}|" in key]
        for label in ("clean", "white 0 dB")
    )
    assert len(clean) == len(noisy) == 5
    assert all(a != b for a, b in zip(clean, noisy, strict=True))
    rows = harness.run(voiced_demo, backends=[BACKEND], conditions=CONDITIONS, out=folders[0]).summary.rows
    wer = {r.condition: r.value for r in rows if (r.metric, r.group) == ("wer", "all")}
    assert wer["clean"] < wer["white 0 dB"]


def test_what_decides_the_sound_is_in_the_cache_key(voiced_demo: Path) -> None:
    suite = load_suite(voiced_demo)
    specs = [parse_condition(text) for text in CONDITIONS]

    def source(seed: int) -> AudioSource:
        return AudioSource(suite.root, suite.utterances, {spec.label: build(spec) for spec in specs}, seed)

    first, _, last = suite.utterances[0], suite.utterances[1], suite.utterances[-1]
    assert source(1).identity(first, "clean") == source(2).identity(last, "clean") == {"condition": "clean"}
    assert source(1).identity(first, "white 0 dB") != source(2).identity(first, "white 0 dB")
    assert source(1).identity(first, "white 0 dB") != source(1).identity(last, "white 0 dB")
    companions = source(1).identity(first, "babble 5 dB")
    assert sum(key.startswith("other.") for key in companions) == 4
    assert (source(1).clip(first, "babble 5 dB").samples == source(1).clip(first, "babble 5 dB").samples).all()


def test_a_mistyped_condition_is_told_before_any_work(voiced_demo: Path, tmp_path: Path) -> None:
    for condition, error in (("babel", UnknownName), ("white,snr=3", UnknownName), ("white,snr_db=x", UsageError)):
        with pytest.raises(error):
            harness.run(voiced_demo, backends=[BACKEND], conditions=[condition], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_conditions_are_compared_within_each_backend(voiced_demo: Path, tmp_path: Path) -> None:
    folder = harness.run(voiced_demo, backends=[BACKEND], conditions=CONDITIONS, out=tmp_path / "run").folder
    found = harness.compare(folder, conditions=True, metrics=["wer"])
    assert [(c.a, c.b, c.metric) for c in found.comparisons] == [
        ("pocketsphinx-fast, clean", f"pocketsphinx-fast, {noisy}", "wer") for noisy in ("white 0 dB", "babble 5 dB")
    ]
    value = {figure.label: figure.value for figure in found.figures}
    for c in found.comparisons:
        assert c.delta == pytest.approx(value[c.b] - value[c.a], abs=1e-8)
    with pytest.raises(UsageError, match="compare --conditions"):
        harness.compare(folder)
    with pytest.raises(UsageError, match="Give one of the two"):
        harness.compare(folder, conditions=True, baseline="pocketsphinx-fast")
