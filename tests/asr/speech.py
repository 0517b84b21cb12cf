"""Shared by the tests of backends: building one by name, a clip, and a suite with recordings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from harness.asr.bias_list import NO_LIST, BiasList
from harness.asr.protocol import BACKENDS, BackendContext, parse_backend
from harness.records import BackendSpec, Clip
from tests.conftest import WriteSuite


def build(given: str | BackendSpec, bias: tuple[str, ...] = (), language: str = "en"):
    spec = parse_backend(given) if isinstance(given, str) else given
    return BACKENDS.get(spec.name)(spec, BackendContext(Path(), language, shared(bias)))


def shared(phrases: tuple[str, ...]) -> BiasList:
    """A list of these phrases for every recording."""
    return BiasList("names", shared=phrases) if phrases else NO_LIST


class EachItsOwn(BiasList):
    """A list for each recording, as they are given here."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__("own")
        object.__setattr__(self, "own", phrases)

    def phrases_for(self, utterance_id: str) -> tuple[str, ...]:
        return self.own.get(utterance_id, ())


def noise(utterance_id: str = "u1", seconds: float = 0.1, seed: int = 0) -> Clip:
    samples = np.random.default_rng(seed).uniform(-1, 1, round(seconds * 16_000)).astype(np.float32)
    return Clip(utterance_id, samples, 16_000)


def voiced_suite(write_suite: WriteSuite) -> Path:
    """The small suite with a recording of noise, another one each, for every utterance."""
    root = write_suite()
    path = root / "utterances.jsonl"
    utterances = [json.loads(line) for line in path.read_text().splitlines()]
    for number, utterance in enumerate(utterances):
        utterance["audio"] = f"{number}.wav"
        soundfile.write(root / utterance["audio"], noise(seed=number).samples, 16_000, subtype="PCM_16")
    path.write_text("".join(json.dumps(utterance) + "\n" for utterance in utterances))
    return root
