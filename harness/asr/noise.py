"""Noise added at a signal-to-noise ratio: white, pink and babble.

The ratio is that of the mean powers of speech and noise over the *active* part of the recording, so that a pause before
or after the question does not change how noisy the words are. `speech_activity` defines that part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.asr.conditions import Effect, Option
from harness.errors import ConditionError
from harness.records import Clip, Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME: Seconds = 0.02
HANGOVER: Seconds = 0.2  # ITU-T P.56: short gaps between words count as speech
MARGIN_DB = 15.9  # ITU-T P.56: activity begins this far below the active speech level
NOMINAL_LEVEL_DB = -26.0  # dB re full scale, the nominal active level of ITU-T recordings: the level given to silence
_PINK_FROM: Hertz = 20  # below hearing; otherwise 40 % of a question's pink noise would be inaudible power


def speech_activity(samples: NDArray[np.floating], sample_rate: Hertz) -> NDArray[np.bool_]:
    """Return which samples are speech, bool[n_samples], decided by frames of 20 ms.

    After the idea of ITU-T P.56, with frame powers in place of its envelope. A frame is as loud as the loudest of itself
    and the 0.2 s before it (P.56's hangover); the active frames are the largest set of loudest ones that all lie within
    15.9 dB of the set's mean power. Neither a click nor a long pause decides alone. In digital silence all are active.
    """
    import numpy as np

    starts = np.arange(0, len(samples), max(1, round(FRAME * sample_rate)))
    lengths = np.diff(starts, append=len(samples))
    power = np.add.reduceat(np.square(samples, dtype=np.float64), starts) / lengths
    before = np.pad(power, (round(HANGOVER / FRAME), 0))
    loudness = np.lib.stride_tricks.sliding_window_view(before, len(before) - len(power) + 1).max(axis=1)
    order = np.argsort(-loudness, kind="stable")
    mean_power = np.cumsum((power * lengths)[order]) / np.cumsum(lengths[order])  # of the loudest 1, 2, 3 ... frames
    within = loudness[order] >= mean_power * 10 ** (-MARGIN_DB / 10)
    return np.repeat(loudness >= loudness[order][within][-1], lengths)


def add_noise(clip: Clip, noise: NDArray[np.float64], snr_db: float) -> NDArray[np.float64]:
    """Samples float64[n_samples] with `noise`, of the same length, scaled to `snr_db` over the active part.

    To digital silence the noise is added as if there were speech at -26 dB re full scale. Raises `ConditionError` where
    the noise is silent.
    """
    import numpy as np

    speech = clip.samples.astype(np.float64)
    active = speech_activity(speech, clip.sample_rate)
    speech_power = np.mean(speech[active] ** 2) or 10 ** (NOMINAL_LEVEL_DB / 10)
    noise_power = np.mean(noise[active] ** 2)
    if not noise_power:
        raise ConditionError(
            f"{clip.utterance_id}: the noise is silent wherever there is speech; its level cannot be set"
        )
    mixed: NDArray[np.float64] = speech + noise * np.sqrt(speech_power / noise_power / 10 ** (snr_db / 10))
    return mixed


def _white(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    return add_noise(clip, rng.standard_normal(len(clip.samples)), values["snr_db"])


def _pink(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Power density 1/f from 20 Hz up: white noise shaped in the spectrum, with at least a second to shape."""
    import numpy as np

    n_samples = len(clip.samples)
    n_shaped = 1 << (max(n_samples, clip.sample_rate) - 1).bit_length()  # a power of two, for the FFT
    frequencies = np.fft.rfftfreq(n_shaped, 1 / clip.sample_rate)
    audible_part = frequencies >= _PINK_FROM
    shape = np.sqrt(np.divide(1.0, frequencies, out=np.zeros_like(frequencies), where=audible_part))
    shaped = np.fft.irfft(np.fft.rfft(rng.standard_normal(n_shaped)) * shape, n_shaped)
    return add_noise(clip, shaped[:n_samples], values["snr_db"])


def _babble(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Return the sum of `talkers` other clips at equal active levels, each looped from a random place to the clip's length.

    Where there are fewer clips than talkers, some are used twice, from different places.
    """
    import numpy as np

    audible = [other for other in others if np.any(other.samples)]
    if not audible:
        raise ConditionError(
            f"{clip.utterance_id}: no recording of another question to make babble of, or only silent ones: "
            f"add recordings to the suite, or use the condition 'pink'"
        )
    order = rng.permutation(len(audible))
    noise = np.zeros(len(clip.samples))
    for talker in range(values["talkers"]):
        other = audible[order[talker % len(audible)]]
        if other.sample_rate != clip.sample_rate:
            raise ValueError(f"{other.utterance_id} is at {other.sample_rate} Hz, the clip at {clip.sample_rate} Hz")
        voice = other.samples.astype(np.float64)
        level = np.sqrt(np.mean(voice[speech_activity(voice, other.sample_rate)] ** 2))
        start = rng.integers(len(voice))
        noise += np.take(voice, np.arange(start, start + len(noise)), mode="wrap") / level
    return add_noise(clip, noise, values["snr_db"])


_SNR = Option(10.0, "{:g} dB", low=-40.0, high=80.0)
WHITE = Effect(_white, {"snr_db": _SNR}, packages=("numpy",), seeded=True)
PINK = Effect(_pink, {"snr_db": _SNR}, packages=("numpy",), seeded=True)
BABBLE = Effect(
    _babble,
    {"snr_db": _SNR, "talkers": Option(4, "{} talkers", low=1, high=64)},
    packages=("numpy",),
    seeded=True,
    others="talkers",
)
