"""Recordings on their way into a suite: whether they decode, and what they are called there."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_BLOCK_FRAMES = 65_536
_LONGEST_NAME = 100


def recording_problem(path: Path) -> str | None:
    """Return why the file cannot be used as a recording, from decoding all of it; `None` if it can."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            n_read, finite = 0, True
            while len(block := file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
                n_read += len(block)
                finite = finite and bool(np.isfinite(block).all())
            n_promised = file.frames
    except soundfile.LibsndfileError as error:
        return f"cannot be read as audio: {error.error_string.strip()}"
    if n_read == 0:
        return "holds no sound"
    if n_read < n_promised:
        return f"is cut short: {n_promised} samples are promised, {n_read} are there"
    return None if finite else "holds samples that are no numbers"


def file_name(identity: str, ending: str, taken: Container[str] = ()) -> str:
    """A name for a file that is safe anywhere, made of an id: "a/b?" -> "a_b_.wav"; numbered if it is `taken`."""
    stem = _UNSAFE.sub("_", identity.removesuffix(ending)).lstrip(".")[:_LONGEST_NAME] or "_"
    name, number = f"{stem}{ending}", 2
    while name in taken:
        name, number = f"{stem}_{number}{ending}", number + 1
    return name
