"""Sound that libsndfile does not read (M4A, WebM, AMR, Windows Media ...), by PyAV where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import AudioError
from harness.records import Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Containers of one file: playlists and device formats could open others, or a network address.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,amr,amrnb,amrwb,asf,aac,loas,ac3,eac3,wav,w64,ogg,flac,mp3,aiff,au,caf,wv,ape,"
    "tta,mpc,mpc8,gsm,avi,flv,mpegts,nistsphere,voc"
)
_STATE_DURATION = frozenset({"mov", "mp4", "matroska", "webm"})  # and "asf" in units of a block
_MISSING: Seconds = 0.1  # a stated duration is rounded, and counts the codec's delay


def is_installed() -> bool:
    """Return whether PyAV can be imported."""
    return find_spec("av") is not None


def blocks(path: Path) -> Iterator[tuple[NDArray[np.float32], Hertz]]:
    """Yield the sound of the first audio stream, float32[n_samples, n_channels], and its rate.

    Raises `AudioError`, its message the end of a sentence on the file, for a file that does not decode, has no sound, or
    holds less of it than it states.
    """
    import av

    av.logging.set_level(av.logging.PANIC)
    with path.open("rb") as file:
        try:
            options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"}
            with av.open(file, options=options, metadata_errors="replace") as container:
                if not container.streams.audio:
                    raise AudioError("holds no sound: there is no audio stream in it")
                yield from _decoded(container)
        except (av.FFmpegError, ValueError, EOFError) as error:
            raise AudioError(f"cannot be read as audio ({_reason(error)})") from error


def _decoded(container: Any) -> Iterator[tuple[NDArray[np.float32], Hertz]]:
    import av
    import numpy as np

    resampler = av.AudioResampler(format="flt")  # the sample format alone: rate and channels stay
    stream = container.streams.audio[0]
    seconds = 0.0
    for frame in container.decode(stream):
        for plain in resampler.resample(frame):
            seconds += plain.samples / plain.sample_rate
            # Packed, for PyAV reads past the end of the planes of eight and more channels.
            samples = plain.to_ndarray().reshape(-1, plain.layout.nb_channels)
            yield np.ascontiguousarray(samples, dtype=np.float32), plain.sample_rate
    stated = container.duration / 1e6 if container.duration else 0.0
    if _STATE_DURATION & set(container.format.name.split(",")) and seconds < stated - _MISSING:
        raise AudioError(
            f"is cut short: it states {stated:.1f} s of sound, and {seconds:.1f} s are there. Copy it again"
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().rstrip(".")
