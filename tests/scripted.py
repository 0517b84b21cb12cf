"""A recogniser whose transcripts are written down beforehand, by condition: what it returns is known, and takes a known time.

`scripted:tiny` reads `scripts/tiny.json` of the suite: {condition: {utterance id: text}}. With a bias list it reads the
script `tiny+LIST`, where LIST is the list's name (`own10`, `entities`). Recordings are tones of one loudness (`recording`), so
the recogniser knows the condition from the audio alone: `clean`, or `quiet` where they were made softer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.asr.protocol import Capabilities, Measured
from harness.records import Clip, Failure, Transcript

SECONDS = 0.05  # for each recording
_RATE, _LOUD = 16_000, 0.3


class Scripted:
    package = None
    # A server's processor time is not measured, so no figure of a run depends on the machine.
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=True, batch=True, needs_audio=True, works_in="server"
    )
    batch_size = 100

    def __init__(self, spec, context) -> None:
        self._name = f"{spec.model}+{context.bias.name}" if context.bias else spec.model
        script = context.suite_root / "scripts" / f"{self._name}.json"
        self._texts: Mapping[str, Mapping[str, str]] = json.loads(script.read_text())

    def identity(self) -> dict[str, str]:
        return {"engine": "scripted", "script": self._name}

    def warm_up(self) -> None: ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        self.measured = [Measured(SECONDS) for _ in clips]
        return [Transcript(self._texts[_condition(clip)][clip.utterance_id]) for clip in clips]


class Unreachable:
    """Fails on every recording, as a server does that does not know the model."""

    package = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=False, works_in="server"
    )
    failure = Failure(
        "recognise",
        "Rejected",
        "POST http://127.0.0.1:8000/v1/audio/transcriptions: status 404, expected 200; the server says: no such model",
    )

    def __init__(self, spec, context) -> None: ...

    def identity(self) -> dict[str, str]:
        return {"engine": "unreachable"}

    def warm_up(self) -> None: ...

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        return [self.failure for _ in clips]


def write_script(suite: Path, name: str, texts: Mapping[str, Mapping[str, str]]) -> None:
    path = suite / "scripts" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(texts))


def recording(number: int) -> NDArray[np.float32]:
    """The recording of the utterance of that number: a tenth of a second and a little, so that no two are equal."""
    n_samples = _RATE // 10 + number
    return (2 * _LOUD * np.sin(2 * np.pi * 440 * np.arange(n_samples) / _RATE)).astype(np.float32)


def _condition(clip: Clip) -> str:
    return "clean" if float(np.abs(clip.samples).max()) > _LOUD else "quiet"
