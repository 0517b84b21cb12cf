"""Recordings for the tests of speech parts."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import numpy as np

from harness.errors import AudioError
from harness.interpretation.speech.protocol import Recording
from harness.records import Clip


def recording(clip: Clip) -> Recording:
    """One of these samples."""
    return Recording(clip.utterance_id, sha256(clip.samples.tobytes()).hexdigest(), lambda: clip)


def unreadable(name: str = "broken") -> Recording:
    """One whose file cannot be read."""
    return Recording(name, sha256(name.encode()).hexdigest(), raising(AudioError(f"{name}: is cut short")))


def raising(error: Exception) -> Callable[[], Clip]:
    """A clip that cannot be had."""

    def clip() -> Clip:
        raise error

    return clip


def samples(seconds: float, name: str = "x", value: float = 0.0) -> Clip:
    """Sound of one value."""
    return Clip(name, np.full(int(seconds * 16_000), value, np.float32), 16_000)
