"""MP3 with and without a header that counts its frames, between tags, joined and cut; layer II."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from tests.audio.zoo.animals import ALL, Animal, cuts, edited, refused
from tests.audio.zoo.melody import N_NOTES, melody
from tests.audio.zoo.writing import encode

_PICTURE = np.random.default_rng(0).integers(0, 256, 60_000, dtype=np.uint8).tobytes()


def id3v2(version: int, body: bytes, flags: int = 0) -> bytes:
    """Return a tag of version 2.`version`, its size in seven bits to a byte."""
    size = len(body)
    return b"ID3" + bytes((version, 0, flags, size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + body


def frame_of_tag(name: bytes, content: bytes) -> bytes:
    """Return a frame for a tag of version 2.3."""
    return name + len(content).to_bytes(4, "big") + b"\0\0" + content


ID3V1 = b"TAG" + bytes(125)
APE = (
    b"APETAGEX"
    + (2_000).to_bytes(4, "little")
    + (48).to_bytes(4, "little")
    + (1).to_bytes(4, "little")
    + bytes.fromhex("000000a0")
    + bytes(8)
    + b"\x08\0\0\0\0\0\0\0Artist\0Somebody"[:16]
    + b"APETAGEX"
    + (2_000).to_bytes(4, "little")
    + (48).to_bytes(4, "little")
    + (1).to_bytes(4, "little")
    + bytes.fromhex("00000080")
    + bytes(8)
)


def animals() -> Iterator[Animal]:
    """Yield them all."""
    for counted in (True, False):
        kind = "info" if counted else "bare"
        for rate in (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000):
            yield _animal(f"{kind}-{rate}.mp3", rate, counted=counted)
        yield _animal(f"{kind}-stereo.mp3", 44_100, counted=counted, channels=2)
        yield _animal(f"{kind}-vbr.mp3", 44_100, counted=counted, vbr=True)
        for name, edit in _tagged().items():
            yield _animal(f"{kind}-{name}.mp3", 44_100, edit, counted=counted)
    yield _animal("named.wav", 44_100)
    yield from _wrong()
    yield from _joined()


@cache
def mp3(
    rate: int, *, counted: bool = True, channels: int = 1, vbr: bool = False, notes: range = range(N_NOTES)
) -> bytes:
    """Return frames of layer III, the first a header that counts the others or not. A VBR's bit rate is high at first."""
    sound = melody(rate, channels, notes).copy()
    options = {}
    if vbr:  # a rate that is high at first: no guess from the first frame is right
        size = rate // 2
        sound[:size] += np.random.default_rng(1).normal(0, 0.02, sound[:size].shape).astype(np.float32)
        options = {"flags": "+qscale", "global_quality": "472"}
    muxer = {"write_xing": str(int(counted)), "id3v2_version": "0"}
    bit_rate = None if vbr else 64_000 if rate > 24_000 else 32_000
    return encode("mp3", "libmp3lame", sound, rate, options=options, muxer=muxer, bit_rate=bit_rate)


def _animal(name: str, rate: int, edit: Callable[[bytes], bytes] = bytes, **kind: bool | int) -> Animal:
    def write(path: Path) -> None:
        path.write_bytes(edit(mp3(rate, **kind)))  # type: ignore[arg-type]

    return Animal(name, write, rate=rate, agreement=60.0, seconds_off=0.3 if rate < 16_000 else 0.16)


def _tagged() -> dict[str, Callable[[bytes], bytes]]:
    title = frame_of_tag(b"TIT2", b"\x03A melody")
    image = frame_of_tag(b"APIC", b"\0image/jpeg\0\x03\0" + _PICTURE)
    footer = b"3DI\x04\0\x10\0\0\0" + bytes((len(title),))
    return {
        "id3v2-3": lambda content: id3v2(3, title) + content,
        "id3v2-picture": lambda content: id3v2(3, title + image) + content,
        "id3v2-padding": lambda content: id3v2(3, title + bytes(20_000)) + content,
        "id3v2-footer": lambda content: id3v2(4, title, 0x10) + footer + content,
        "two-id3v2": lambda content: id3v2(3, title) + id3v2(4, title) + content,
        "id3v1": lambda content: content + ID3V1,
        "ape-and-id3v1": lambda content: content + APE + ID3V1,
        "zeros-in-front": lambda content: bytes(1_000) + content,
        "zeros-behind": lambda content: content + bytes(3_000),
    }


def _states(content: bytes, n_frames: Callable[[int], int]) -> bytes:
    """Change what the header says of the number of frames."""
    at = max(content.find(b"Info", 0, 200), content.find(b"Xing", 0, 200)) + 8
    stated = int.from_bytes(content[at : at + 4], "big")
    return content[:at] + n_frames(stated).to_bytes(4, "big") + content[at + 4 :]


def _wrong() -> Iterator[Animal]:
    """Yield what is cut, damaged, or states a wrong number."""
    whole, bare = _animal("whole.mp3", 44_100), _animal("bare.mp3", 44_100, counted=False)
    yield from cuts(whole)
    yield refused("states-twice.mp3", edited(whole, lambda content: _states(content, lambda stated: 2 * stated)))
    for name, wrong in {"none": lambda stated: 0, "half": lambda stated: stated // 2}.items():
        states = edited(whole, lambda content, wrong=wrong: _states(content, wrong))
        # By a number that is too small PyAV leaves samples out in the middle.
        yield Animal(f"states-{name}.mp3", states, rate=44_100, agreement=0.0 if name == "half" else 60.0)
    less = {"rate": 44_100, "part": True, "agreement": 60.0, "seconds_off": 0.3}
    half = edited(bare, lambda content: content[: len(content) // 2])
    yield Animal("bare-cut-50.mp3", half, ALL[:6], **less)  # type: ignore[arg-type]
    later = edited(bare, lambda content: content[len(content) // 2 :])
    less["agreement"] = 20.0  # the first frames stand on ones that are gone, and decoders make of them what they like
    yield Animal("begins-inside.mp3", later, ALL[6:], **less)  # type: ignore[arg-type]
    yield refused("frame-alone.mp3", edited(bare, lambda content: content[:300]), "too short|no samples|cannot be read")

    def hole(content: bytes) -> bytes:
        middle = len(content) // 2
        return content[:middle] + bytes(50) + content[middle + 50 :]

    # One frame of 26 ms goes: other decoders read on, and say nothing.
    yield Animal("damaged-inside.mp3", edited(bare, hole), rate=44_100, agreement=0.0, part=True)

    def layer_ii(path: Path) -> None:
        path.write_bytes(encode("mp2", "mp2", melody(16_000), 16_000))

    yield Animal("layer-ii.mp2", layer_ii, agreement=60.0, seconds_off=0.2)


def _joined() -> Iterator[Animal]:
    """Yield two recordings one behind the other, six notes in each."""
    tag = id3v2(3, frame_of_tag(b"TIT2", b"\x03Two"))
    for counted in (True, False):
        kind = "info" if counted else "bare"
        for second in (44_100, 24_000):
            for tagged in (False, True):

                def write(path: Path, second: int = second, counted: bool = counted, tagged: bool = tagged) -> None:
                    one, other = (
                        mp3(44_100, counted=counted, notes=range(6)),
                        mp3(second, counted=counted, notes=range(6, 12)),
                    )
                    path.write_bytes(tag + one + ID3V1 + tag + other if tagged else one + other)

                name = f"joined-{kind}-44100-{second}{'-tags' * tagged}.mp3"
                yield Animal(name, write, rate=44_100, agreement=0.0, seconds_off=0.35)
