"""Encode sound by PyAV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from io import BytesIO
from typing import Any

import numpy as np


def encode(
    container: str,
    codec: str,
    sound: np.ndarray,
    rate: int,
    *,
    options: Mapping[str, str] | None = None,
    muxer: Mapping[str, str] | None = None,
    bit_rate: int | None = None,
    seekable: bool = True,
) -> bytes:
    """Return a file of one stream, as ffmpeg writes it; `seekable=False`: into a pipe, where no header is written again."""
    import av

    av.logging.set_level(av.logging.PANIC)
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[channels]
    file = BytesIO() if seekable else _Pipe()
    with av.open(file, "w", format=container, options=dict(muxer or {})) as output:
        stream = output.add_stream(codec, rate=rate, options=dict(options or {}), layout=layout)
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        packed = np.ascontiguousarray(sound.reshape(1, -1), dtype=np.float32)
        for frame in _frames(packed, layout, rate, stream):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def _frames(packed: np.ndarray, layout: str, rate: int, stream: Any) -> Iterator[Any]:
    """Yield the sound in the encoder's sample format and frames."""
    import av

    whole = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    whole.sample_rate = rate
    stream.codec_context.open()
    converter = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
    fifo = av.AudioFifo()
    for frame in converter.resample(whole):
        frame.pts = None
        fifo.write(frame)
    at, size = 0, stream.codec_context.frame_size or 1_024
    while (piece := fifo.read(size) or fifo.read()) is not None:
        piece.pts, piece.time_base = at, Fraction(1, rate)
        at += piece.samples
        yield piece


class _Pipe(BytesIO):
    """What a muxer cannot go back in."""

    seek = None  # type: ignore[assignment]

    def seekable(self) -> bool:
        """Return no."""
        return False
