"""Effects of rooms, lines, codecs and settings on a recording: reverb, telephone, codec, speed, gain, silence, cut.

All keep the length and the times of words, but for `speed`, `silence` and `cut`, which say how they change them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from harness.asr.conditions import Effect, Option
from harness.records import Clip, Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROOM_VOLUME_M3 = 60.0  # a living room
DISTANCE_M = 1.0  # from talker to microphone
TELEPHONE_RATE: Hertz = 8_000
TELEPHONE_BAND: tuple[Hertz, Hertz] = (300, 3_400)
NEAR_SILENCE_RMS = 2.0**-15  # one step of 16 bits, -90 dB re full scale: digital zeros upset some recognisers
_OPUS_RATES: tuple[Hertz, ...] = (8_000, 12_000, 16_000, 24_000, 48_000)


def _clean(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float32]:
    return clip.samples


def impulse_response(rt60: Seconds, sample_rate: Hertz, rng: np.random.Generator) -> NDArray[np.float64]:
    """A synthetic room, float64[rt60 * sample_rate]: the direct path, 1.0 at time 0, and a decaying tail of noise.

    The tail falls by 60 dB in `rt60`. Its energy against that of the direct path is (distance / critical distance)
    squared, where the critical distance is 0.057 sqrt(V / rt60) (Kuttruff, Room Acoustics): for 60 m3 and 1 m, the
    tail is 4 dB above the direct path at 0.5 s and 7 dB at 1 s.
    """
    import numpy as np

    n_samples = max(2, round(rt60 * sample_rate))
    time = np.arange(n_samples) / sample_rate
    tail = rng.standard_normal(n_samples) * 10 ** (-3 * time / rt60)
    tail[0] = 0.0
    energy = DISTANCE_M**2 / (0.057**2 * ROOM_VOLUME_M3 / rt60)
    response: NDArray[np.float64] = tail * np.sqrt(energy / np.sum(tail**2))
    response[0] = 1.0
    return response


def _reverb(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Keep the direct path where it was, so that words keep their times; cut the tail after the last sample."""
    import numpy as np
    from scipy.signal import fftconvolve

    response = impulse_response(values["rt60"], clip.sample_rate, rng)
    reverberant: NDArray[np.float64] = fftconvolve(clip.samples.astype(np.float64), response)[: len(clip.samples)]
    return reverberant


def _telephone(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Return the clip over a fixed telephone line: 8 kHz, 300 to 3400 Hz at both ends, mu-law (ITU-T G.711) between them."""
    import soundfile

    line = _telephone_band(_resampled(clip.samples, clip.sample_rate, TELEPHONE_RATE))
    coded = BytesIO()
    soundfile.write(coded, line, TELEPHONE_RATE, format="WAV", subtype="ULAW")
    coded.seek(0)
    decoded, _ = soundfile.read(coded, dtype="float64")
    received = _resampled(_telephone_band(decoded), TELEPHONE_RATE, clip.sample_rate)
    return _fitted(received, len(clip.samples))


def _telephone_band(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Band-passed forwards and backwards, so without delay; 60 dB down from the edges outwards."""
    import numpy as np
    from scipy.signal import cheby2, sosfiltfilt

    sections = cheby2(10, 30, TELEPHONE_BAND, btype="bandpass", fs=TELEPHONE_RATE, output="sos")
    margin = TELEPHONE_RATE // 10  # the filter rings before and after; 0.1 s of nothing gives it space in any clip
    filtered: NDArray[np.float64] = sosfiltfilt(sections, np.pad(samples, margin), padtype=None)
    return filtered[margin:-margin]


def _codec(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Ogg Opus at `kbps`, there and back. libsndfile takes the codec's delay off again."""
    import soundfile

    rate = clip.sample_rate if clip.sample_rate in _OPUS_RATES else max(_OPUS_RATES)
    coded = BytesIO()
    # libsndfile maps 1.0 - level linearly onto 6 to 256 kbit/s for one channel (its ogg_opus.c).
    level = 1.0 - (values["kbps"] - 6.0) / 250.0
    samples = _resampled(clip.samples, clip.sample_rate, rate)
    soundfile.write(coded, samples, rate, format="OGG", subtype="OPUS", compression_level=level)
    coded.seek(0)
    decoded, _ = soundfile.read(coded, dtype="float64")
    return _fitted(_resampled(decoded, rate, clip.sample_rate), len(clip.samples))


def _speed(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Played `factor` times as fast: pitch rises by the factor, length and the times of words are divided by it."""
    faster = _resampled(clip.samples, clip.sample_rate * values["factor"], clip.sample_rate)
    return _fitted(faster, max(1, round(len(clip.samples) / values["factor"])))


def _gain(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Louder by `db`; what exceeds full scale is clipped, or, without `clip`, the gain goes no further than full scale."""
    louder: NDArray[np.float64] = clip.samples.astype("float64") * 10 ** (values["db"] / 20)
    return louder.clip(-1.0, 1.0) if values["clip"] else louder


def _silence(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float64]:
    """Begin with `seconds` of noise at -90 dB re full scale; words come that much later."""
    import numpy as np

    lead = rng.standard_normal(round(values["seconds"] * clip.sample_rate)) * NEAR_SILENCE_RMS
    return np.concatenate([lead, clip.samples])


def _cut(
    clip: Clip, values: Mapping[str, Any], rng: np.random.Generator, others: Sequence[Clip]
) -> NDArray[np.float32]:
    """End after `share` of the recording, in the middle of a word where that falls on one."""
    return clip.samples[: max(1, round(values["share"] * len(clip.samples)))]


def _resampled(samples: NDArray[np.floating], rate_in: float, rate_out: float) -> NDArray[np.float64]:
    import numpy as np
    import soxr

    wide = samples.astype(np.float64)
    return wide if rate_in == rate_out else np.asarray(soxr.resample(wide, rate_in, rate_out, quality="HQ"))


def _fitted(samples: NDArray[np.float64], n_samples: int) -> NDArray[np.float64]:
    """Cut, or continued with zeros, to `n_samples`: resampling there and back may miss by one or two."""
    import numpy as np

    return np.pad(samples[:n_samples], (0, max(0, n_samples - len(samples))))


CLEAN = Effect(_clean)
REVERB = Effect(_reverb, {"rt60": Option(0.5, "{:g} s", low=0.05, high=10.0)}, packages=("numpy", "scipy"), seeded=True)
TELEPHONE = Effect(_telephone, packages=("scipy", "soundfile", "soxr"))
CODEC = Effect(_codec, {"kbps": Option(12.0, "{:g} kbps", low=6.0, high=256.0)}, packages=("soundfile", "soxr"))
SPEED = Effect(_speed, {"factor": Option(1.1, "x{:g}", low=0.5, high=2.0)}, packages=("soxr",))
GAIN = Effect(
    _gain, {"db": Option(20.0, "{:+g} dB", low=-80.0, high=80.0), "clip": Option(default=True, label="unclipped")}
)
SILENCE = Effect(_silence, {"seconds": Option(1.0, "{:g} s", low=0.0, high=60.0)}, packages=("numpy",), seeded=True)
CUT = Effect(_cut, {"share": Option(0.5, "{:.0%}", low=0.01, high=1.0)})
