"""What the recognisers of a run were given, as files to listen to: `audio/<condition>/<utterance>.flac` of its folder."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from harness.asr.conditions import build
from harness.audio.pcm import pcm16
from harness.errors import AudioError, RunError
from harness.files import distinct_stem, remove_leftovers, write_atomically, writing
from harness.records import Clip
from harness.runs.execution.audio_source import AudioSource
from harness.runs.storage.stored_run import StoredRun
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SavedAudio:
    """`written` and `kept` count files; `failed` maps "utterance, condition" to why there is no audio."""

    folder: Path
    written: int
    kept: int
    failed: Mapping[str, str]


def save_audio(run_folder: Path) -> SavedAudio:
    """Write the audio of every planned sample of a run, after its condition, as 16-bit FLAC at 16 kHz.

    Conditions depend on seed, utterance and condition alone, so this is what went in, whether the transcript came from an
    engine or from the cache; reading a file gives the very 16-bit samples that pocketsphinx, servers and programs get.
    Files that are there are kept. Raises `RunError` for a folder that is no run, or whose suite has changed since.
    """
    run = StoredRun.read(run_folder)
    spec = run.spec
    suite = load_suite(find_suite(spec.suite))
    if suite.digest != run.record.digests["suite"]:
        raise RunError(f"the suite {spec.suite} has changed since this run", file=run_folder)
    conditions = {condition.label: build(condition) for condition in spec.conditions}
    source = AudioSource(suite.root, suite.utterances, conditions, spec.seed)
    utterances = {utterance.id: utterance for utterance in suite.utterances}
    folder, written, kept = run_folder / "audio", 0, 0
    failed: dict[str, str] = {}
    for place in folder.glob("*/"):
        remove_leftovers(place)
    for condition, identity in dict.fromkeys((sample.condition, sample.utterance_id) for sample in run.plan):
        target = folder / distinct_stem(condition) / f"{distinct_stem(identity)}.flac"
        if target.is_file():
            kept += 1
            continue
        try:
            _write(source.clip(utterances[identity], condition), target)
            written += 1
        except AudioError as error:
            failed[f"{identity}, {condition}"] = str(error)
    return SavedAudio(folder, written, kept, failed)


def _write(clip: Clip, target: Path) -> None:
    import soundfile

    encoded = BytesIO()  # libsndfile does not tell of a disk that is full
    soundfile.write(encoded, pcm16(clip.samples), clip.sample_rate, format="FLAC", subtype="PCM_16")
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, encoded.getvalue())
