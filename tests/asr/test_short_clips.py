"""A clip of ten milliseconds, or of one sample, gives a transcript that may be empty, or a failure that says why."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.records import BackendSpec, Clip, Failure, Transcript
from tests.asr.speech import build
from tests.asr.test_openai_api import serving
from tests.loopback import send

CLIPS = [
    Clip(f"{kind}-{size}", (level * np.random.default_rng(size).uniform(-1, 1, size)).astype(np.float32), 16_000)
    for size in (1, 160)
    for kind, level in (("loud", 1.0), ("quiet", 1e-4), ("silent", 0.0))
]


def check(results: list[Transcript | Failure]) -> None:
    assert len(results) == len(CLIPS)
    for clip, result in zip(CLIPS, results, strict=True):
        if isinstance(result, Failure):
            assert result.message.strip(), clip.utterance_id
        else:
            # Ten milliseconds hold no sentence.
            assert len(result.text.split()) <= 3, (clip.utterance_id, result.text)


def test_pocketsphinx() -> None:
    check(build("pocketsphinx").transcribe(CLIPS))


def test_faster_whisper(converted: Mapping[str, Path]) -> None:
    check(build(f"faster-whisper:{converted['faster-whisper']}").transcribe(CLIPS))


def test_a_command_gets_them_whole() -> None:
    source = "import sys, wave; print(wave.open(sys.argv[1]).getnframes())"
    run = f"{shlex.quote(sys.executable)} -S -c {shlex.quote(source)} {{audio}}"
    results = build(BackendSpec("command", "mine", options={"run": run})).transcribe(CLIPS)
    assert results == [Transcript(str(len(clip.samples))) for clip in CLIPS]


def test_a_server_gets_them_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    with serving(lambda handler, _: send(handler, {"text": ""})) as server:
        results = build(f"openai-api:m,url={server.url},timeout=20").transcribe(CLIPS)
    assert results == [Transcript("")] * len(CLIPS)
    sizes = {soundfile.info(BytesIO(received.audio)).frames for received in server.received}
    assert sizes == {len(clip.samples) for clip in CLIPS}
