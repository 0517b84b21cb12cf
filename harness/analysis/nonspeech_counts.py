"""How much of a backend's transcripts was no speech, and was removed before they were judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.records import Sample


@dataclass(frozen=True, slots=True)
class NotSpeech:
    """Of one backend under one condition: transcripts, those of them that something was removed from, and what (by kind)."""

    backend: str
    condition: str
    n_transcripts: int
    n_affected: int
    removed: Mapping[str, int]


def count_nonspeech(samples: Iterable[Sample], backend: str, condition: str) -> Iterator[NotSpeech]:
    """Yield the counts of all samples together; nothing where nothing was removed."""
    transcribed = [sample for sample in samples if sample.transcript is not None]
    removed: Counter[str] = Counter()
    for sample in transcribed:
        removed.update(sample.not_speech)
    if removed:
        affected = sum(bool(sample.not_speech) for sample in transcribed)
        yield NotSpeech(backend, condition, len(transcribed), affected, dict(sorted(removed.items())))
