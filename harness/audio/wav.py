"""WAV whose header does not say how many bytes of samples follow: recorders and pipes write the header first."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

UNKNOWN_SIZE = 0x7FFF_0000  # writers into a pipe state a size from here up, since they cannot know it
_LONGEST_HEADER = 10_000_000  # a picture may stand in front of the samples
_FEWEST_MISSING_BYTES = 16
_FEWEST_STRAY_BYTES = 3_200  # 0.1 s of 16-bit sound at 16 kHz


def with_stated_size(path: Path) -> BytesIO | None:
    """Return the file with the size that its samples have, where its `data` chunk states none; otherwise `None`.

    None are stated by 0, with something behind that is no chunk. (libsndfile understands sizes that are too large itself.)
    """
    size = path.stat().st_size
    for name, start, stated in _chunks(path, 0, size):
        if name == b"data":
            if stated == 0 and start < size and not _are_chunks(path, start, size):
                content = bytearray(path.read_bytes())
                content[start - 4 : start] = struct.pack("<I", min(size - start, 0xFFFF_FFFF))
                content[4:8] = struct.pack("<I", min(size - 8, 0xFFFF_FFFF))
                return BytesIO(content)
            return None
    return None


def joined(path: Path) -> list[BytesIO]:
    """Return the files that lie one behind the other in this one; none where there is one alone."""
    size = path.stat().st_size
    starts = [0]
    while (end := _end_of_samples(path, starts[-1], size)) is not None and _begins_wav(path, end):
        starts.append(end)
    if len(starts) == 1:
        return []
    content = path.read_bytes()
    return [BytesIO(content[start:end]) for start, end in pairwise([*starts, size])]


def cut_short(path: Path) -> str | None:
    """Return why a file is known to have lost its end, whatever its codec, or `None`. 64-bit sizes: EBU Tech 3306."""
    size, wide = path.stat().st_size, None
    for name, start, stated in _chunks(path, 0, size):
        if name == b"ds64":
            with path.open("rb") as file:
                file.seek(start + 8)
                wide = int.from_bytes(file.read(8), "little")
        if name == b"data":
            if stated >= UNKNOWN_SIZE and wide is None:
                return None
            promised = stated if wide is None or stated < UNKNOWN_SIZE else wide
            # A byte or a few too many are no loss: some writers count a padding byte or half a sample.
            if size - start <= promised - _FEWEST_MISSING_BYTES:
                return f"its header promises {promised} bytes of samples, and {size - start} are there"
    return None


def _end_of_samples(path: Path, begin: int, size: int) -> int | None:
    """Return where the samples of the file that begins at `begin` end, with their padding byte; `None` where nothing says."""
    for name, start, stated in _chunks(path, begin, size):
        if name == b"data":
            end = start + stated + stated % 2
            return end if 0 < stated < UNKNOWN_SIZE and end + 12 <= size else None
    return None


def _begins_wav(path: Path, at: int) -> bool:
    with path.open("rb") as file:
        file.seek(at)
        head = file.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"WAVE"


def has_more_than_it_states(path: Path) -> bool:
    """Return whether sound may follow behind the samples: bytes that are no chunk, and enough of them."""
    size = path.stat().st_size
    for name, start, stated in _chunks(path, 0, size):
        if name == b"data":
            end = start + stated + stated % 2
            return 0 < stated < UNKNOWN_SIZE and size - end >= _FEWEST_STRAY_BYTES and not _are_chunks(path, end, size)
    return False


def _chunks(path: Path, begin: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, where its content starts, and the size that it states, up to the samples."""
    with path.open("rb") as file:
        at = begin + 12
        while at + 8 <= min(size, begin + _LONGEST_HEADER):
            file.seek(at)
            name, stated = struct.unpack("<4sI", file.read(8))
            yield name, at + 8, stated
            if name == b"data":
                return
            at += 8 + stated + stated % 2


def _are_chunks(path: Path, at: int, size: int) -> bool:
    """Return whether nothing but whole chunks lies between `at` and the end; some writers leave out the last byte."""
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            name, stated = struct.unpack("<4sI", file.read(8))
            if not all(0x20 <= byte < 0x7F for byte in name):
                return False
            at += 8 + stated + stated % 2
    return at <= size + 1
