"""Ogg (RFC 3533): pages, of one or more streams one behind the other, with or without a mark at the end.

libsndfile reads the first stream of a chain and says nothing of the others, so each is handed to it by itself. A stream need
not be marked as ended (phones leave the mark out), but its last page and the last packet on it must be whole, and no page
between may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

_HEADER_BYTES = 27
_BEGINS, _ENDS = 0x02, 0x04
_TAGS = (b"TAG", b"ID3", b"APETAGEX")  # some programs put them behind any file


@dataclass(slots=True)
class Stream:
    """Pages from the beginning of a stream to that of the next. `cut`: why it is known not to be whole."""

    pages: list[bytes] = field(default_factory=list)
    cut: str | None = None
    opened: bool = False  # a page came that begins no stream
    numbers: dict[bytes, int] = field(default_factory=dict)  # of the last page, by serial number

    @property
    def is_marked(self) -> bool:
        """Whether the last page says that the stream ends there."""
        return bool(self.pages[-1][5] & _ENDS)

    @property
    def source(self) -> BytesIO:
        """The stream as a file with a mark at its end: libsndfile refuses some Opus without."""
        last = self.pages[-1]
        return BytesIO(b"".join([*self.pages[:-1], last if self.is_marked else _marked(last)]))

    def add(self, page: bytes) -> None:
        """Take in the next page."""
        serial, number = page[14:18], int.from_bytes(page[18:22], "little")
        before = self.numbers.get(serial)
        if before is not None and number != before + 1:
            self.cut = self.cut or f"between its Ogg pages {before} and {number} some are missing"
        self.numbers[serial] = number
        self.opened = self.opened or not page[5] & _BEGINS
        self.pages.append(page)

    def close(self) -> None:
        """Look at the end, when nothing follows."""
        last = self.pages[-1]
        if last[26] and last[_HEADER_BYTES + last[26] - 1] == 255 and not last[5] & _ENDS:
            self.cut = self.cut or "the last packet on its last Ogg page goes on behind it"


def streams(content: bytes) -> list[Stream]:
    """Return the streams of a file in order. Several at once (sound beside pictures) count as one."""
    chain: list[Stream] = []
    for page in _pages(content):
        if page is None:
            if chain:
                chain[-1].cut = chain[-1].cut or "an Ogg page in it is damaged or ends too early"
        else:
            if not chain or (page[5] & _BEGINS and chain[-1].opened):
                chain.append(Stream())
            chain[-1].add(page)
    for stream in chain:
        stream.close()
    return chain


def _marked(page: bytes) -> bytes:
    """Return the page with the mark of a stream's end, and the checksum that goes with it (RFC 3533, section 6)."""
    changed = bytearray(page)
    changed[5] |= _ENDS
    changed[22:26] = bytes(4)
    checksum = 0
    for byte in changed:
        checksum = (checksum << 8) & 0xFFFF_FFFF ^ _CHECKSUMS[checksum >> 24 ^ byte]
    changed[22:26] = checksum.to_bytes(4, "little")
    return bytes(changed)


def _checksums() -> list[int]:
    table = []
    for value in range(256):
        checksum = value << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x04C1_1DB7 if checksum & 0x8000_0000 else 0)
        table.append(checksum & 0xFFFF_FFFF)
    return table


_CHECKSUMS = _checksums()


def _pages(content: bytes) -> Iterator[bytes | None]:
    """Yield the pages, and `None` where one is not whole or something else stands in its place."""
    at = content.find(b"OggS")
    while at >= 0:
        n_segments = content[at + 26] if at + _HEADER_BYTES <= len(content) else 0
        start = at + _HEADER_BYTES + n_segments
        end = start + sum(content[at + _HEADER_BYTES : start])
        whole = at + _HEADER_BYTES <= len(content) and start <= len(content) and end <= len(content)
        follows = content.find(b"OggS", at + 4)
        if not whole or (-1 < follows < end and content[end : end + 4] != b"OggS"):
            yield None
            at = follows
            continue
        yield content[at:end]
        at = follows = content.find(b"OggS", end)
        between = content[end : follows if follows >= 0 else None].strip(b"\0")
        if between and not between.startswith(_TAGS):
            yield None
