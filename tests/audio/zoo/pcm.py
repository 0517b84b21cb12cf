"""Uncompressed and simply compressed sound: WAV and its relatives, AIFF, AU, CAF, FLAC, with headers right and wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from tests.audio.zoo.animals import ALL, Animal, cuts, edited, refused
from tests.audio.zoo.melody import melody

_WAV = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_ADPCM = ("IMA_ADPCM", "MS_ADPCM", "GSM610")
_OTHERS = (
    ("rf64", "RF64", "PCM_16"),
    ("w64", "W64", "PCM_16"),
    ("w64", "W64", "FLOAT"),
    ("aiff", "AIFF", "PCM_16"),
    ("aiff", "AIFF", "PCM_24"),
    ("aiff", "AIFF", "FLOAT"),
    ("aiff", "AIFF", "ULAW"),
    ("au", "AU", "PCM_16"),
    ("au", "AU", "ULAW"),
    ("au", "AU", "FLOAT"),
    ("caf", "CAF", "PCM_16"),
    ("caf", "CAF", "ALAC_16"),
    ("caf", "CAF", "FLOAT"),
    ("flac", "FLAC", "PCM_S8"),
    ("flac", "FLAC", "PCM_16"),
    ("flac", "FLAC", "PCM_24"),
    ("voc", "VOC", "PCM_16"),
    ("sph", "NIST", "PCM_16"),
    ("sf", "IRCAM", "PCM_16"),
)


def animals() -> Iterator[Animal]:
    """Yield them all."""
    for subtype in _WAV:
        yield plain(f"{subtype.lower()}.wav", "WAV", subtype)
    for subtype in _ADPCM:
        rate = 8_000 if subtype == "GSM610" else 16_000
        yield plain(f"{subtype.lower()}.wav", "WAV", subtype, rate=rate, agreement=25.0)
    yield plain("extensible-16.wav", "WAVEX", "PCM_16")
    yield plain("extensible-24.wav", "WAVEX", "PCM_24", channels=2)
    yield plain(
        "big-endian.wav", "WAV", "PCM_16", endian="BIG", agreement=0.0
    )  # PyAV takes its bytes the wrong way round
    for channels in (2, 6, 8):
        yield plain(f"{channels}-channels.wav", "WAV", "PCM_16", channels=channels)
    for rate in (8_000, 11_025, 44_100, 48_000, 96_000, 192_000):
        yield plain(f"{rate}-hz.wav", "WAV", "PCM_16", rate=rate)
    for suffix, container, subtype in _OTHERS:
        # PyAV leaves out the last packet of Apple Lossless in CAF; ffmpeg does not.
        yield plain(f"{subtype.lower()}.{suffix}", container, subtype, agreement=90.0 if subtype == "ALAC_16" else None)
    for suffix, container in (
        ("wav", "WAV"),
        ("aiff", "AIFF"),
        ("au", "AU"),
        ("caf", "CAF"),
        ("w64", "W64"),
        ("flac", "FLAC"),
    ):
        yield from cuts(plain(f"whole.{suffix}", container, "PCM_16"))
    yield from cuts(plain("whole.rf64", "RF64", "PCM_16"))
    yield from _headers()
    yield from _flac()


def plain(
    name: str,
    container: str,
    subtype: str,
    rate: int = 16_000,
    channels: int = 1,
    endian: str | None = None,
    agreement: float | None = None,
) -> Animal:
    """Return a file as libsndfile writes it."""

    def write(path: Path) -> None:
        soundfile.write(path, melody(rate, channels), rate, format=container, subtype=subtype, endian=endian)

    return Animal(name, write, rate=rate, lossless=agreement is None, agreement=agreement or 0.0)


def riff(*chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    """Return a WAV of these chunks, each padded to an even length."""
    body = b"WAVE" + b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def format_chunk(bits: int = 16, rate: int = 16_000, tag: int = 1) -> tuple[bytes, bytes]:
    """Return the `fmt ` chunk of one channel."""
    return b"fmt ", struct.pack("<HHIIHH", tag, 1, rate, rate * bits // 8, bits // 8, bits)


def samples_16() -> bytes:
    """Return the melody as 16-bit samples."""
    return bytes((melody() * 32_767).astype("<i2").tobytes())


def with_sizes(data: int | None = None, whole: int | None = None, by: int = 0) -> Callable[[bytes], bytes]:
    """Return an edit of the size that the `data` chunk states, to `data` or by some bytes, and of the RIFF's."""

    def edit(content: bytes) -> bytes:
        changed = bytearray(content)
        at = content.index(b"data") + 4
        stated = struct.unpack("<I", content[at : at + 4])[0] + by if data is None else data
        changed[at : at + 4] = struct.pack("<I", stated)
        if whole is not None:
            changed[4:8] = struct.pack("<I", whole)
        return bytes(changed)

    return edit


def _headers() -> Iterator[Animal]:
    """Yield WAV files with odd headers, whole and not."""
    whole = plain("whole.wav", "WAV", "PCM_16")
    unknown, sound = 0xFFFF_FFFF, samples_16()
    info = (b"LIST", b"INFOISFT\x0e\0\0\0Lavf60.16.100\0")
    picture = b"ID3\x03\0\0\0\0\x10\0" + bytes(2_048)
    same: dict[str, Callable[[bytes], bytes]] = {
        "data-0": with_sizes(0),
        "data-0-riff-0": with_sizes(0, 0),
        "data-0-riff-36": with_sizes(0, 36),
        "data-ffffffff": with_sizes(unknown, unknown),
        "data-7ffff000": with_sizes(0x7FFF_F000, 0x7FFF_F024),
        "data-80000000": with_sizes(0x8000_0000, 0x8000_0024),
        "data-one-more": with_sizes(by=1),
        "data-one-less": with_sizes(by=-1),
        "riff-0": with_sizes(whole=0),
        "riff-ffffffff": with_sizes(whole=unknown),
        "riff-too-small": with_sizes(whole=36),
        "riff-too-large": with_sizes(whole=10_000_000),
        "id3v1-behind": lambda content: content + b"TAG" + bytes(125),
        "zeros-behind": lambda content: content + bytes(512),
    }
    for name, edit in same.items():
        yield Animal(f"{name}.wav", edited(whole, edit), lossless=True)
    made = {
        "list-before": riff(format_chunk(), info, (b"data", sound)),
        "list-behind": riff(format_chunk(), (b"data", sound), info),
        "bext-before": riff((b"bext", bytes(602)), format_chunk(), (b"data", sound)),
        "junk-before": riff((b"JUNK", bytes(28)), format_chunk(), (b"data", sound)),
        "id3-chunk-before": riff((b"id3 ", picture), format_chunk(), (b"data", sound)),
        "padding-before": riff(format_chunk(), (b"PAD ", bytes(4_044)), (b"data", sound)),
        "odd-bytes": riff(format_chunk(), (b"data", sound + b"\x01")),
        "odd-bytes-no-padding": riff(format_chunk(), (b"data", sound + b"\x01"))[:-1],
        "odd-8-bit": riff(format_chunk(8), (b"data", _bits_8()[:-1])),
        "data-0-list-before": with_sizes(0, 0)(riff(format_chunk(), info, (b"data", sound))),
        "format-18-bytes": riff((b"fmt ", format_chunk()[1] + b"\0\0"), (b"data", sound)),
        "byte-rate-wrong": riff((b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 16_000, 2, 16)), (b"data", sound)),
        "id3v2-in-front": b"ID3\x04\0\0\0\0\x01\0" + bytes(128) + riff(format_chunk(), (b"data", sound)),
    }
    for name, content in made.items():
        yield Animal(f"{name}.wav", _bytes(content), lossless=True)
    half = with_sizes(len(sound) // 2, len(sound) // 2 + 36)
    yield Animal("states-half.wav", edited(whole, half), tuple(range(6)), mended="more follows", part=True)
    twice = riff(format_chunk(), (b"data", sound))
    yield Animal("two-joined.wav", _bytes(twice + twice), ALL + ALL, mended="joined", agreement=0.0)
    yield refused("header-only.wav", _bytes(riff(format_chunk(), (b"data", b""))), "holds no samples")
    yield refused("header-cut.wav", _bytes(riff(format_chunk(), (b"data", sound))[:30]))
    yield refused("no-header.wav", _bytes(sound), "cannot be read as audio")
    yield refused("no-header.raw", _bytes(sound), "cannot be read as audio")
    yield refused(
        "line-ends-changed.wav", edited(whole, lambda content: content.replace(b"\n", b"\r\n")[: len(content) - 99])
    )


def _bits_8() -> bytes:
    return bytes(np.round(melody() * 127 + 128).astype(np.uint8).tobytes())


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _flac() -> Iterator[Animal]:
    whole = plain("whole.flac", "FLAC", "PCM_16")

    def state(n_samples: int) -> Callable[[bytes], bytes]:
        def edit(content: bytes) -> bytes:
            # STREAMINFO behind "fLaC" and its block header: 36 bits from byte 13 on count the samples.
            changed = bytearray(content)
            changed[21] = (content[21] & 0xF0) | (n_samples >> 32)
            changed[22:26] = (n_samples & 0xFFFF_FFFF).to_bytes(4, "big")
            return bytes(changed)

        return edit

    def without_md5(content: bytes) -> bytes:
        return content[:26] + bytes(16) + content[42:]

    def picture(content: bytes) -> bytes:
        return content[:42] + b"\x06" + (40_000).to_bytes(3, "big") + bytes(40_000) + content[42:]

    def damaged(content: bytes) -> bytes:
        middle = len(content) // 2
        return content[:middle] + bytes(200) + content[middle + 200 :]

    for name, edit in {
        "from-a-pipe": lambda content: without_md5(state(0)(content)),
        "no-md5": without_md5,
        "picture": picture,
        "id3v2-in-front": lambda content: b"ID3\x03\0\0\0\0\x01\0" + bytes(128) + content,
        "id3v1-behind": lambda content: content + b"TAG" + bytes(125),
    }.items():
        yield Animal(f"{name}.flac", edited(whole, edit), lossless=True)
    yield refused("states-more.flac", edited(whole, state(96_000)))
    yield refused("damaged-inside.flac", edited(whole, damaged))
