"""Ogg: Vorbis, Opus, FLAC, with and without the mark at the end, chained, and with pages lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import soundfile

from tests.audio.zoo.animals import ALL, Animal, cuts, edited, refused
from tests.audio.zoo.melody import N_NOTES, melody
from tests.audio.zoo.writing import encode

_ENDS = 0x04
_VORBIS = (8_000, 16_000, 44_100, 48_000)


def animals() -> Iterator[Animal]:
    """Yield them all."""
    for rate in _VORBIS:
        yield _animal(f"vorbis-{rate}.ogg", "VORBIS", rate)
        yield _animal(f"vorbis-{rate}-no-end.ogg", "VORBIS", rate, unmarked)
    for rate in (8_000, 16_000, 24_000, 48_000):
        yield _animal(f"opus-{rate}.opus", "OPUS", rate)
        yield _animal(f"opus-{rate}-no-end.opus", "OPUS", rate, unmarked)
        yield _animal(f"opus-{rate}-broken-off.opus", "OPUS", rate, broken_off)
    yield _animal("vorbis-stereo.ogg", "VORBIS", 44_100, channels=2)
    yield _animal("opus-stereo.opus", "OPUS", 48_000, channels=2)
    for codec, rate in (("VORBIS", 16_000), ("OPUS", 16_000)):
        kind = codec.lower()
        yield from cuts(_animal(f"{kind}.ogg", codec, rate))
        yield from cuts(_animal(f"{kind}-no-end.ogg", codec, rate, unmarked))
        whole = _animal("whole.ogg", codec, rate)
        yield refused(f"{kind}-page-lost.ogg", edited(whole, lambda content: without(content, 3)))
        yield refused(f"{kind}-zeros-inside.ogg", edited(whole, _zeros))
        yield Animal(f"{kind}-junk-behind.ogg", edited(whole, lambda content: content + bytes(2_000)), agreement=5.0)
        yield Animal(
            f"{kind}-last-pages-lost.ogg",
            edited(whole, lambda content: b"".join(pages(content)[: -(len(pages(content)) // 3)])),
            ALL[:7],
            part=True,
            agreement=5.0,
        )
    yield from _chains()
    by_pyav = {"ogg-flac.oga": ("ogg", "flac", 16_000), "by-ffmpeg.opus": ("ogg", "libopus", 48_000)}
    for name, (container, codec, rate) in by_pyav.items():
        yield Animal(name, _encoded(container, codec, rate), rate=rate, lossless=codec == "flac")


def pages(content: bytes) -> list[bytes]:
    """Return the pages, by their segment tables."""
    found = []
    at = 0
    while content[at : at + 4] == b"OggS":
        n_segments = content[at + 26]
        end = at + 27 + n_segments + sum(content[at + 27 : at + 27 + n_segments])
        found.append(content[at:end])
        at = end
    return found


def checked(page: bytes) -> bytes:
    """Return the page with the checksum that it should have (RFC 3533: polynomial 0x04c11db7, no reflection)."""
    bare = page[:22] + bytes(4) + page[26:]
    remainder = 0
    for byte in bare:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1 ^ (0x04C11DB7 if remainder & 0x80000000 else 0)) & 0xFFFFFFFF
    return page[:22] + remainder.to_bytes(4, "little") + page[26:]


def unmarked(content: bytes) -> bytes:
    """Return the stream without the mark of its end, as recorders on phones leave it."""
    *others, last = pages(content)
    return b"".join(others) + checked(last[:5] + bytes((last[5] & ~_ENDS,)) + last[6:])


def broken_off(content: bytes) -> bytes:
    """Return Opus without the mark of its end and with all samples of its last packet counted."""
    *others, last = pages(unmarked(content))
    counted = (
        int.from_bytes(last[6:14], "little") + 168
    )  # so many are decoded of what libsndfile wrote, and not counted
    return b"".join(others) + checked(last[:6] + counted.to_bytes(8, "little") + last[14:])


def without(content: bytes, number: int) -> bytes:
    """Return the stream less one page."""
    return b"".join(page for at, page in enumerate(pages(content)) if at != number)


@cache
def _sound(codec: str, rate: int, channels: int = 1, notes: range = range(N_NOTES)) -> bytes:
    file = BytesIO()
    soundfile.write(file, melody(rate, channels, notes), rate, format="OGG", subtype=codec)
    return file.getvalue()


def _animal(name: str, codec: str, rate: int, edit: Callable[[bytes], bytes] = bytes, channels: int = 1) -> Animal:
    # PyAV decodes Opus at 48 kHz only, libsndfile at the rate that was encoded: they agree as far as filters do.
    agreement = 5.0 if codec == "OPUS" and rate != 48_000 else 40.0
    write = lambda path: path.write_bytes(edit(_sound(codec, rate, channels))) and None  # noqa: E731
    return Animal(name, write, rate=rate, agreement=agreement)


def _encoded(container: str, codec: str, rate: int) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(encode(container, codec, melody(rate), rate)) and None


def _zeros(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(6_000) + content[middle + 6_000 :]


def _chains() -> Iterator[Animal]:
    """Yield two recordings one behind the other, six notes in each."""
    for one, other in (
        (("VORBIS", 16_000), ("VORBIS", 16_000)),
        (("VORBIS", 16_000), ("VORBIS", 44_100)),
        (("VORBIS", 44_100), ("VORBIS", 16_000)),
        (("OPUS", 16_000), ("OPUS", 16_000)),
        (("OPUS", 48_000), ("VORBIS", 16_000)),
    ):

        def write(path: Path, one: tuple[str, int] = one, other: tuple[str, int] = other, end: bool = True) -> None:
            first = _sound(*one, notes=range(6))
            path.write_bytes((first if end else unmarked(first)) + _sound(*other, notes=range(6, 12)))

        name = f"chain-{one[0].lower()}-{one[1]}-{other[0].lower()}-{other[1]}"
        more = {"rate": one[1], "mended": "joined", "agreement": 0.0}
        yield Animal(f"{name}.ogg", write, **more)  # type: ignore[arg-type]
        yield Animal(f"{name}-no-end.ogg", lambda path, write=write: write(path, end=False), **more)  # type: ignore[arg-type,misc]
    whole = Animal("", write)
    yield refused("chain-second-cut.ogg", edited(whole, lambda content: content[: int(0.9 * len(content))]))
