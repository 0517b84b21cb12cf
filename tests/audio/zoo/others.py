"""What libsndfile does not read: MPEG-4, WebM, AMR, Windows Media and others, by PyAV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.audio.zoo.animals import CUT, Animal, cuts, edited, refused
from tests.audio.zoo.melody import melody
from tests.audio.zoo.writing import encode

_KINDS = (  # name, muxer, codec, rate, bit rate
    ("aac.m4a", "ipod", "aac", 16_000, 48_000),
    ("aac-44100.m4a", "ipod", "aac", 44_100, 64_000),
    ("aac.mp4", "mp4", "aac", 48_000, 64_000),
    ("aac.mov", "mov", "aac", 44_100, 64_000),
    ("alac.m4a", "ipod", "alac", 16_000, None),
    ("opus.mp4", "mp4", "libopus", 48_000, 32_000),
    ("aac.aac", "adts", "aac", 16_000, 48_000),
    ("amr.amr", "amr", "libopencore_amrnb", 8_000, 12_200),
    ("amr.3gp", "3gp", "libopencore_amrnb", 8_000, 12_200),
    ("aac.3gp", "3gp", "aac", 16_000, 48_000),
    ("opus.webm", "webm", "libopus", 48_000, 32_000),
    ("8-channels.mka", "matroska", "pcm_s16le", 16_000, None),
    ("opus.mka", "matroska", "libopus", 48_000, 32_000),
    ("flac.mka", "matroska", "flac", 16_000, None),
    ("pcm.mka", "matroska", "pcm_s16le", 16_000, None),
    ("mp3.mka", "matroska", "libmp3lame", 44_100, 64_000),
    ("wmav2.wma", "asf", "wmav2", 16_000, 64_000),
    ("ac3.ac3", "ac3", "ac3", 48_000, 96_000),
    ("wavpack.wv", "wv", "wavpack", 16_000, None),
    ("tta.tta", "tta", "tta", 16_000, None),
    ("mp3.wav", "wav", "libmp3lame", 44_100, 64_000),
    ("sowt.aiff", "aiff", "pcm_s16le", 16_000, None),
    ("aac.ts", "mpegts", "aac", 44_100, 64_000),
    ("aac.flv", "flv", "aac", 44_100, 64_000),
    ("g722.wav", "wav", "g722", 16_000, 64_000),
    ("wma.wav", "wav", "wmav2", 16_000, 64_000),
)
_MAY_LACK_A_HALF = ("ac3.ac3", "aac.ts")  # rows of frames: no length is stated


def animals() -> Iterator[Animal]:
    """Yield them all."""
    lossless = ("alac", "flac", "pcm_s16le", "wavpack", "tta")
    for name, muxer, codec, rate, bit_rate in _KINDS:
        animal = Animal(
            name,
            _encoded(muxer, codec, rate, bit_rate),
            rate=rate,
            lossless=codec in lossless,
            needs_pyav=True,
            agreement=60.0,
            seconds_off=0.2,
        )
        yield animal
        half = edited(animal, lambda content: content[: len(content) // 2])
        stem, _, suffix = name.rpartition(".")
        cut = f"{stem}-cut-50.{suffix}"
        if name in _MAY_LACK_A_HALF:
            yield Animal(
                cut, half, tuple(range(5)), rate=rate, part=True, needs_pyav=True, agreement=60.0, seconds_off=1.0
            )
        else:
            yield refused(cut, half, f"{CUT}|holds no s", needs_pyav=True)
            yield from cuts(animal, (0.9,), f"{CUT}|holds no s")
    yield _live("live.webm", "webm", "libopus", 48_000, {"live": "1"})
    yield _live("pipe.webm", "webm", "libopus", 48_000, {})
    fragmented = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
    yield _live("fragmented.mp4", "mp4", "aac", 44_100, fragmented)
    yield Animal("index-in-front.m4a", _index_in_front, rate=44_100, agreement=60.0, needs_pyav=True)
    stereo = lambda path: path.write_bytes(encode("ipod", "aac", melody(44_100, 2), 44_100)) and None  # noqa: E731
    yield Animal("stereo.m4a", stereo, rate=44_100, agreement=60.0, needs_pyav=True)
    misnamed = _encoded("ipod", "aac", 16_000, 48_000)
    yield Animal("m4a-named.wav", misnamed, agreement=60.0, needs_pyav=True)
    yield Animal("m4a-named.mp3", misnamed, agreement=60.0, needs_pyav=True)
    yield refused("picture-only.mp4", _video, "no sound", needs_pyav=True)


def _encoded(
    muxer: str, codec: str, rate: int, bit_rate: int | None, options: dict[str, str] | None = None
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        channels = 8 if path.name.startswith("8-channels") else 1
        path.write_bytes(encode(muxer, codec, melody(rate, channels), rate, bit_rate=bit_rate, muxer=options))

    return write


def _live(name: str, muxer: str, codec: str, rate: int, options: dict[str, str]) -> Animal:
    def write(path: Path) -> None:
        path.write_bytes(encode(muxer, codec, melody(rate), rate, bit_rate=48_000, muxer=options, seekable=False))

    return Animal(name, write, rate=rate, agreement=60.0, needs_pyav=True, seconds_off=0.2)


def _index_in_front(path: Path) -> None:
    """Write an MPEG-4 file whose index precedes the sound, as for the web."""
    sound = melody(44_100)
    path.write_bytes(encode("ipod", "aac", sound, 44_100, bit_rate=64_000, muxer={"moov_size": "20000"}))


def _video(path: Path) -> None:
    import av
    import numpy as np

    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(3):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
