"""What can be wrong with samples although the file is whole: scale, channels, silence, length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import AudioError
from harness.records import Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHORTEST: Seconds = 0.1
_OVER_FULL_SCALE = 8.0  # a loud mix may exceed 1 by a little; eighteen decibels are another scale
_FEWEST_LEVELS = 200.0  # a peak under this may be full scale of 8 bits or a whisper of 16
_FULL_SCALES = (2.0**15, 2.0**23, 2.0**31)
_FAINTEST = 2.0**-16  # half the smallest step of 16 bits
_CANCELS = 1e-3  # of the channels' power is left in their mean: -30 dB


def scale_of(peak: float) -> float | None:
    """Return what samples of floats with this peak are to be divided by: 1 on the usual scale of [-1, 1].

    A peak as of integers of 16, 24 or 32 bits is divided by that full scale. `None`: no scale can be told from it.
    """
    if peak <= _OVER_FULL_SCALE:
        return 1.0
    return next((full for full in _FULL_SCALES if peak <= full), None) if peak >= _FEWEST_LEVELS else None


def cancels(mean_power: float, channel_power: float) -> bool:
    """Return whether the mean of the channels has lost nearly all of what the channels hold (mean squares)."""
    return mean_power < _CANCELS * channel_power


def require_sound(samples: NDArray[np.float32], rate: Hertz) -> None:
    """Raise `AudioError`, its message the end of a sentence on the file, for samples that hold nothing to recognise."""
    import numpy as np

    if not len(samples):
        raise AudioError("holds no samples: record it again, or remove the utterance")
    if not np.isfinite(samples).all():
        raise AudioError("holds samples that are no numbers (NaN or infinite): export it again")
    if samples.max() - samples.min() < _FAINTEST:
        level = "zero" if not samples.any() else f"{samples[0]:g}"
        raise AudioError(f"holds no sound: every sample is {level}. Record it again, or remove the utterance")
    if len(samples) / rate < SHORTEST:
        raise AudioError(
            f"lasts {len(samples) / rate:.3f} s, too short for a word: expected at least {SHORTEST:g} s. Record it again, "
            f"or remove the utterance"
        )
