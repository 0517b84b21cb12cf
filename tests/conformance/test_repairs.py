"""Repairs on speech that nobody here wrote, and on the transcripts of `standard` that are stored: their figures, from real runs."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import harness
from harness.analysis.mitigation.records import Judged, MitigationResult
from harness.suites.importers import import_suite

ROOT = Path(__file__).resolve().parents[2]
TINY = "faster-whisper:tiny.en"
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_espeak")]


def scoreboard(suite: Path, transcripts: str, out: Path, *mitigations: str) -> Mapping[str, Judged]:
    result = harness.run(suite, backends=[f"replay:{transcripts}"], answerer="none", mitigations=mitigations, out=out)
    study = harness.load_run(result.folder).stored.study("mitigation", MitigationResult)
    assert study is not None
    assert not study.failed
    return {one.label: one for one in study.scoreboards[0].judged}


def harms(judged: Judged) -> bool:
    """Whether some test, unadjusted, shows that hits from the reference text fall."""
    effect = judged.reference
    return effect is not None and effect.delta < 0 and effect.p_value is not None and effect.p_value < 0.05


def wins(judged: Judged) -> bool:
    effect = judged.hypothesis
    return effect.delta > 0 and effect.p_holm is not None and effect.p_holm < 0.05


def test_on_questions_read_aloud_by_people(outside_data: Path, tmp_path: Path) -> None:
    folder = outside_data / "noiseqa"
    import_suite(
        "squad",
        folder / "xquad-context-en-question-en.json",
        out=tmp_path / "noiseqa",
        transcripts={"natural": folder / "xquad-asr-natural.json"},
    )
    board = scoreboard(
        tmp_path / "noiseqa", "natural", tmp_path / "run", "hybrid", "characters", "blend", "phonetic-names", "spelling"
    )
    hybrid, blend = board["hybrid"], board["blend"]
    assert hybrid.hypothesis.n == 1190
    assert hybrid.hypothesis.before == pytest.approx(0.783, abs=0.005)
    assert hybrid.hypothesis.after == pytest.approx(0.842, abs=0.005)
    assert hybrid.reference is not None
    assert (hybrid.reference.before, hybrid.reference.after) == pytest.approx((0.925, 0.945), abs=0.005)
    assert board["characters"].hypothesis.after == pytest.approx(0.783 + (84 - 12) / 1190, abs=0.005)
    assert blend.hypothesis.after > hybrid.hypothesis.after
    assert all(wins(board[label]) and not harms(board[label]) for label in ("hybrid", "characters", "blend"))
    assert not wins(board["phonetic-names"])
    assert not wins(board["spelling"])


def stored_transcripts(folder: Path, backend: str) -> Path:
    """`standard` without its audio, and with what a backend of the reference run made of it as a transcript to be replayed."""
    suite = folder / "standard"
    shutil.copytree(ROOT / "fixtures" / "standard", suite, ignore=shutil.ignore_patterns("audio", "transcripts"))
    lines = (suite / "utterances.jsonl").read_text().splitlines()
    utterances = [{key: value for key, value in json.loads(line).items() if key != "audio"} for line in lines]
    (suite / "utterances.jsonl").write_text("".join(json.dumps(one) + "\n" for one in utterances))
    (suite / "transcripts").mkdir()
    with (suite / "transcripts" / "stored.jsonl").open("w") as file:
        for path in (ROOT / "results" / "reference" / "standard" / "samples").glob("*.jsonl.gz"):
            for line in gzip.decompress(path.read_bytes()).splitlines():
                sample = json.loads(line)
                if sample["backend"] == backend:
                    file.write(json.dumps({"utterance_id": sample["utterance_id"], **sample["transcript"]}) + "\n")
    return suite


def test_what_whisper_loses_sound_and_letters_bring_back_without_harm(tmp_path: Path) -> None:
    """The blend reaches more from speech than phonetic search, and more from the reference text than bm25 alone."""
    suite = stored_transcripts(tmp_path, TINY)
    board = scoreboard(suite, "stored", tmp_path / "run", "blend", "phonetic-names", "confidence", "replacements")
    by_sound = harness.run(
        suite, backends=["replay:stored"], retrievers=["phonetic"], answerer="none", out=tmp_path / "sound"
    )
    (phonetic,) = (
        row.value
        for row in by_sound.summary.rows
        if (row.metric, row.source, row.group) == ("hit@1", "hypothesis", "all")
    )
    blend = board["blend"]
    assert blend.hypothesis.n == 1000
    assert phonetic is not None
    assert blend.hypothesis.after > phonetic > blend.hypothesis.before
    assert blend.reference is not None
    assert blend.reference.delta > 0
    assert wins(blend)
    assert wins(board["phonetic-names"])
    assert not harms(board["phonetic-names"])
    assert not wins(board["confidence"])
    assert not wins(board["replacements"])
