"""Clips to try conditions on, and how they are measured."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy import signal

from harness.asr.conditions import Condition, build, parse_condition, rng_for
from harness.audio.reading import load
from harness.records import Clip

RATE = 16_000
DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


def clip_of(samples: np.ndarray, utterance_id: str = "u1", rate: int = RATE) -> Clip:
    return Clip(utterance_id, samples.astype(np.float32), rate)


def made(text: str) -> Condition:
    return build(parse_condition(text))


def processed(text: str, clip: Clip, others: tuple[Clip, ...] = (), seed: int = 7) -> Clip:
    condition = made(text)
    return condition.apply(clip, rng_for(seed, clip.utterance_id, condition.spec.label), others)


def decibels(ratio: float) -> float:
    return float(10 * np.log10(ratio))


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def lag(reference: np.ndarray, delayed: np.ndarray) -> int:
    """By how many samples `delayed` comes after `reference`, by cross-correlation."""
    correlation = signal.correlate(delayed, reference, method="fft")
    return int(signal.correlation_lags(len(delayed), len(reference))[np.argmax(np.abs(correlation))])


@cache
def question_clips() -> tuple[Clip, ...]:
    """Six recordings of the demo suite."""
    files = sorted((DEMO / "audio").glob("*.opus"))[::8][:6]
    assert len(files) == 6
    return tuple(load(DEMO, f"audio/{file.name}", utterance_id=file.stem) for file in files)
