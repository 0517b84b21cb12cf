"""WAV as it is: recorders and pipes write the header before they know how many bytes of samples follow."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

UNKNOWN_SIZE = 0x7FFF_0000  # writers into a pipe state a size from here up, since they cannot know it
_LONGEST_HEADER = 10_000_000  # a picture may stand in front of the samples
_FEWEST_MISSING_BYTES = 16  # a byte or a few too many are no loss: some writers count a padding byte or half a sample
_FEWEST_STRAY_BYTES = 3_200  # 0.1 s of 16-bit sound at 16 kHz


@dataclass(frozen=True, slots=True)
class Wav:
    """A file of one or more recordings: where samples start, the size that their header states, and where they are to end.

    `stated` is `None` where the size says that it is not known, `next` where another recording begins, if one does.
    """

    path: Path
    file_size: int
    start: int
    stated: int | None
    next: int | None
    has_more: bool

    @property
    def cut(self) -> str | None:
        """Why the file is known to have lost its end, whatever its codec."""
        present = self.file_size - self.start
        if self.stated is None or present > self.stated - _FEWEST_MISSING_BYTES:
            return None
        return f"its header promises {self.stated} bytes of samples, and {present} are there"

    @property
    def lacks_size(self) -> bool:
        """Whether the header states no samples and something follows that is no chunk."""
        return self.stated == 0 and self.has_more

    def with_size(self) -> BytesIO:
        """Return the file with the size that its samples have. (libsndfile understands sizes that are too large itself.)"""
        content = bytearray(self.path.read_bytes())
        content[self.start - 4 : self.start] = struct.pack("<I", min(self.file_size - self.start, 0xFFFF_FFFF))
        content[4:8] = struct.pack("<I", min(self.file_size - 8, 0xFFFF_FFFF))
        return BytesIO(content)


def look(path: Path, begin: int = 0) -> Wav | None:
    """Return what the header at `begin` says; `None` where it names no samples. Raises `OSError`."""
    size, wide, at = path.stat().st_size, None, begin + 12
    with path.open("rb") as file:
        while at + 8 <= min(size, begin + _LONGEST_HEADER):
            name, stated = _chunk(file, at)
            if name == b"ds64":  # 64-bit sizes: EBU Tech 3306
                wide = int.from_bytes(file.read(16)[8:], "little")
            if name == b"data":
                known = stated if stated < UNKNOWN_SIZE else wide
                end = size if known is None else at + 8 + known + known % 2
                behind = _bytes(file, end, 12)
                joined = bool(known) and behind[:4] == b"RIFF" and behind[8:] == b"WAVE"
                stray = size - end >= (_FEWEST_STRAY_BYTES if known else 1) and not _are_chunks(file, end, size)
                return Wav(path, size, at + 8, known, end if joined else None, stray)
            at += 8 + stated + stated % 2
    return None


def joined(first: Wav) -> list[BytesIO]:
    """Return the files that lie one behind the other in this one; none where there is one alone."""
    starts, wav = [0], first
    while wav.next is not None:
        starts.append(wav.next)
        following = look(first.path, wav.next)
        if following is None:
            break
        wav = following
    content = first.path.read_bytes() if len(starts) > 1 else b""
    return [BytesIO(content[start:end]) for start, end in pairwise([*starts, first.file_size])] if content else []


def _bytes(file: BinaryIO, at: int, n_bytes: int) -> bytes:
    file.seek(at)
    return file.read(n_bytes)


def _chunk(file: BinaryIO, at: int) -> tuple[bytes, int]:
    """Return the name and the stated size of the chunk at `at`; the file then stands at its content."""
    name, stated = struct.unpack("<4sI", _bytes(file, at, 8))
    return name, stated


def _are_chunks(file: BinaryIO, at: int, size: int) -> bool:
    """Return whether nothing but whole chunks lies between `at` and the end; some writers leave out the last byte."""
    while at + 8 <= size:
        name, stated = _chunk(file, at)
        if not all(0x20 <= byte < 0x7F for byte in name):
            return False
        at += 8 + stated + stated % 2
    return at <= size + 1
