"""Where the page finds each recording: beside it on the disk, or inside it."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from harness.report.html.untrusted import file_address
from harness.report.model import Report

AudioPlace = Literal["link", "embed", "none"]
AUDIO_PLACES: Final = ("link", "embed", "none")
EMBEDDED_BYTES: Final = (
    10_000_000  # of recordings inside one page; those of lost outcomes come first, the rest are linked
)
_TYPES: Final = {
    ".flac": "audio/flac", ".mp3": "audio/mpeg", ".oga": "audio/ogg", ".ogg": "audio/ogg", ".opus": "audio/ogg",
    ".wav": "audio/wav",
}  # fmt: skip


def addresses(report: Report, page: Path, place: AudioPlace) -> dict[str, str]:
    """Return by utterance id, the address of every recording that lies where the suite says."""
    if place == "none":
        return {}
    sources: dict[str, str] = {}
    left = EMBEDDED_BYTES if place == "embed" else 0
    for identity, path in _recordings(report):
        kind = _TYPES.get(path.suffix.lower())
        size = path.stat().st_size if left and kind else 0
        if 0 < size <= left:
            left -= size
            sources[identity] = f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"
        else:
            relative = os.path.relpath(path.resolve(), page.resolve().parent)
            sources[identity] = file_address(*Path(relative).parts)
    return sources


def _recordings(report: Report) -> Iterator[tuple[str, Path]]:
    """Yield utterance and file, those that lost an outcome somewhere first."""
    roots = {
        utterance.id: (run.suite_root, utterance.audio)
        for run in report.runs
        for utterance in run.evidence.utterances
        if run.suite_root is not None and utterance.audio
    }
    lost = {s.utterance_id: None for s in report.samples if any(o.fate == "lost" for o in s.retrieval.values())}
    for identity in (*lost, *(i for i in roots if i not in lost)):
        root, audio = roots.get(identity, (None, None))
        if root is None or audio is None:
            continue
        path = root / audio
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            yield identity, path
