"""Recordings on their way into a suite: whether they decode, and what they are called there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.files import safe_stem

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


def file_names(identities: Iterable[tuple[str, str]]) -> list[str]:
    """Return a name for each pair of an id and a file's ending, safe anywhere: ("a/b?", ".wav") -> "a_b_.wav".

    Two that would be the same, even without regard to case, are numbered: "A_b__2.wav".
    """
    names: dict[str, str] = {}  # by themselves in small letters
    for identity, ending in identities:
        stem = safe_stem(identity.removesuffix(ending), _LONGEST_NAME)
        name, number = f"{stem}{ending}", 2
        while name.lower() in names:
            name, number = f"{stem}_{number}{ending}", number + 1
        names[name.lower()] = name
    return list(names.values())
