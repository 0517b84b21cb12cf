"""A suite's recordings as they sound under the conditions of a run, and what decides how they sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from harness.asr.conditions import Condition, choose_others, rng_for
from harness.audio.reading import checked_path, load, reading_version, recording_digest
from harness.errors import AudioError
from harness.records import Clip, Utterance

if TYPE_CHECKING:
    import numpy as np


@dataclass
class AudioSource:
    """Recordings by utterance and condition label. Every method raises `AudioError` for a recording that cannot be used."""

    root: Path
    utterances: Sequence[Utterance]
    conditions: Mapping[str, Condition]
    seed: int
    _digests: dict[str, str] = field(default_factory=dict)
    _versions: dict[str, str | None] = field(default_factory=dict)  # of the reading
    _notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def clip(self, utterance: Utterance, label: str) -> Clip:
        """Return the recording with the condition applied; the same in any process and order of work."""
        condition, rng = self.conditions[label], self._rng(utterance, label)
        others = [self._load(other) for other in self._others(utterance, condition, rng)]
        return condition.apply(self._load(utterance), rng, others)

    def digest(self, utterance: Utterance) -> str:
        """Return the SHA-256 of the recording's bytes."""
        audio = _audio(utterance)
        if audio not in self._digests:
            self._digests[audio] = recording_digest(self.root, audio, utterance_id=utterance.id)
        return self._digests[audio]

    def n_bytes(self, utterance: Utterance) -> float:
        """Return the size of the recording's file; without end where it cannot be known."""
        try:
            return (self.root / _audio(utterance)).stat().st_size
        except (AudioError, OSError):
            return inf

    def identity(self, utterance: Utterance, label: str) -> dict[str, str]:
        """Return all that decides what the condition does to this recording, seed and other recordings included where they do."""
        condition = self.conditions[label]
        decisive = dict(condition.identity())
        if version := self._reading(utterance):
            decisive["reading"] = version
        if condition.seeded:
            decisive |= {"seed": str(self.seed), "utterance": utterance.id}
        others = self._others(utterance, condition, self._rng(utterance, label))
        return decisive | {f"other.{index}": self.digest(other) for index, other in enumerate(others)}

    def notes(self, utterance: Utterance) -> tuple[str, ...]:
        """Return what was mended of the recording when it was read."""
        return self._notes.get(utterance.audio or "", ())

    def _reading(self, utterance: Utterance) -> str | None:
        audio = _audio(utterance)
        if audio not in self._versions:
            self._versions[audio] = reading_version(checked_path(self.root, audio))
        return self._versions[audio]

    def _rng(self, utterance: Utterance, label: str) -> np.random.Generator:
        return rng_for(self.seed, utterance.id, label)

    def _others(self, utterance: Utterance, condition: Condition, rng: np.random.Generator) -> tuple[Utterance, ...]:
        wanted = condition.needs_others
        return choose_others(utterance, self.utterances, wanted, rng) if wanted else ()

    def _load(self, utterance: Utterance) -> Clip:
        notes: list[str] = []
        clip = load(self.root, _audio(utterance), utterance_id=utterance.id, notes=notes)
        self._notes[_audio(utterance)] = tuple(notes)
        return clip


def _audio(utterance: Utterance) -> str:
    if utterance.audio is None:
        raise AudioError(f"utterance {utterance.id!r} names no recording, and a recogniser needs one")
    return utterance.audio
