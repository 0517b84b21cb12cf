"""The sound in the zoo: twelve notes of a quarter of a second, told apart by their pitch whatever the codec did."""

from __future__ import annotations

from functools import cache

import numpy as np

N_NOTES = 12
NOTE_SECONDS = 0.25
SECONDS = N_NOTES * NOTE_SECONDS
_PITCHES = np.array([400 + 180 * ((5 * number) % N_NOTES) for number in range(N_NOTES)], dtype=float)
_NEAR = 70.0  # Hz
_HOP, _WINDOW = 0.025, 0.05  # seconds


@cache
def melody(rate: int = 16_000, channels: int = 1, notes: range = range(N_NOTES)) -> np.ndarray:
    """float32[n_samples] or float32[n_samples, channels] in [-0.6, 0.6]: the notes, a little noise, other channels softer."""
    at = np.arange(round(NOTE_SECONDS * rate)) / rate
    edges = np.minimum(1, np.minimum(at, NOTE_SECONDS - at) / 0.02)
    sound = np.concatenate([0.5 * edges * np.sin(2 * np.pi * _PITCHES[note] * at) for note in notes])
    sound += np.random.default_rng(rate).normal(0, 0.01, len(sound))
    if channels > 1:
        sound = np.stack([sound / (1 + channel) for channel in range(channels)], axis=1)
    sound = sound.astype(np.float32)
    sound.flags.writeable = False
    return sound


def notes_in(samples: np.ndarray, rate: int) -> list[int]:
    """Return the notes in their order, each at least three looks long."""
    size, hop = round(_WINDOW * rate), round(_HOP * rate)
    looks = [_note(samples[at : at + size], rate) for at in range(0, max(0, len(samples) - size + 1), hop)]
    notes: list[int] = []
    run = 0
    for before, look in zip([None, *looks], looks, strict=False):
        run = run + 1 if look == before else 1
        if look is not None and run == 3:
            notes.append(look)
    return notes


def _note(window: np.ndarray, rate: int) -> int | None:
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), 8_192 * max(1, rate // 16_000)))
    if np.sqrt(np.mean(np.square(window))) < 1e-4:
        return None
    pitch = np.argmax(spectrum) * rate / (2 * (len(spectrum) - 1))
    nearest = int(np.argmin(np.abs(_PITCHES - pitch)))
    return nearest if abs(_PITCHES[nearest] - pitch) <= _NEAR else None
