"""Shared by the tests of backends that load a model: the project's own Whisper checkpoint, in its three layouts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from harness.asr.audio import load
from harness.records import Clip
from tests.asr.sounds import DEMO

CHECKPOINT = DEMO.parent / "whisper" / "fixture-model.pt"


@pytest.fixture(scope="session")
def checkpoint() -> Path:
    """The project's Whisper checkpoint, in openai-whisper's own layout."""
    if not CHECKPOINT.is_file():
        pytest.skip("fixtures/whisper/fixture-model.pt is not there: train it with fixtures/whisper/train.py")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # openai-whisper leaves its vocabularies open, once in a process
        from whisper.tokenizer import get_encoding

        for name in ("gpt2", "multilingual"):
            get_encoding(name)
    return CHECKPOINT


@pytest.fixture(scope="session")
def converted(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The checkpoint's folders for `transformers` and `faster-whisper`; test processes side by side share them."""
    base = tmp_path_factory.getbasetemp()
    shared = (
        base.parent if base.name.startswith("popen-") else base
    )  # under pytest-xdist each process has its own below
    out = shared / "converted"
    folders = {name: out / name / checkpoint.stem for name in ("transformers", "faster-whisper")}
    with FileLock(shared / "converted.lock"):
        if not all(folder.is_dir() for folder in folders.values()):
            from fixtures.whisper.convert import convert

            convert(checkpoint, out)
    return folders


@pytest.fixture(scope="session")
def questions() -> list[Clip]:
    """Four spoken questions of the demo suite, one in each voice."""
    voices = ("awb", "kal16", "rms", "slt")
    files = [sorted((DEMO / "audio").glob(f"*.{voice}.opus"))[number] for number, voice in enumerate(voices)]
    return [load(DEMO, f"audio/{file.name}", utterance_id=file.stem) for file in files]


@pytest.fixture(scope="session")
def sounds(questions: list[Clip]) -> list[Clip]:
    """The questions, three seconds of silence, and one of loud noise."""
    hiss = np.random.default_rng(0).normal(0, 0.2, 16_000).astype(np.float32).clip(-1, 1)
    return [*questions, Clip("silence", np.zeros(48_000, np.float32), 16_000), Clip("noise", hiss, 16_000)]
