"""MP3 as it is: a row of frames, between tags, with or without a header that says how many.

Only a Xing, Info or VBRI header states a number of frames; without one libsndfile guesses it from the bit rate of the first
frame, and then gives too few samples or promises too many. So the frames are counted here, and a file without a right header
is handed on with one in front. Formats: ISO/IEC 11172-3 and 13818-3 (frames), the LAME project's description of the Info tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

_BIT_RATES = {  # kbit/s by index, layer III
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
}
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_STATES_FRAMES = 1  # the flag of an Info header


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: `at` and `size` in bytes, `samples` of each channel. `stated` where it is a header that counts the others."""

    at: int
    size: int
    samples: int
    sample_rate: int
    stated: int | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """The sound of one encoder: `source` for libsndfile, `samples` that it holds, and why it is known to be cut short."""

    source: BytesIO
    samples: int
    cut: str | None


def frames(content: bytes) -> Iterator[Frame]:
    """Yield the whole frames of layer III in order, past tags and past what is no frame."""
    at, synchronous = 0, False
    while (at := _next_start(content, at)) >= 0:
        frame = _frame(content, at)
        if frame is None or frame.at + frame.size > len(content):
            at, synchronous = at + 1, False
            continue
        follows = frame.at + frame.size
        # After anything else, one header alone may be chance: the next must be there too, or the end.
        if not synchronous and follows < len(content) and not _starts(content, follows):
            at += 1
            continue
        yield frame
        at, synchronous = follows, True


def streams(content: bytes) -> list[Stream]:
    """Return what lies one behind the other in a file, each as libsndfile reads it whole. Empty: no layer III in it."""
    runs: list[list[Frame]] = []
    for frame in frames(content):
        if not runs or frame.tag or frame.sample_rate != runs[-1][-1].sample_rate:
            runs.append([])
        runs[-1].append(frame)
    if not runs:
        return []
    ends = [run[0].at for run in runs[1:]] + [len(content)]
    return [_stream(content, run, end) for run, end in zip(runs, ends, strict=True)]


def _stream(content: bytes, run: list[Frame], end: int) -> Stream:
    header = run[0] if run[0].tag else None
    sound = run[1:] if header else run
    stated = header.stated if header else None
    last = run[-1].at + run[-1].size
    missing = (stated or 0) - len(sound)
    part_of_frame = _starts_frame(content, last, end)
    cut = None
    if missing > 1 or (missing == 1 and part_of_frame):
        cut = f"its {header.tag if header else ''} header promises {stated} frames, and {len(sound)} are there"
    samples = sum(frame.samples for frame in sound)
    whole = b"".join(content[frame.at : frame.at + frame.size] for frame in run)
    if header and stated == len(sound):
        return Stream(BytesIO(whole), samples, cut)
    bare = b"".join(content[frame.at : frame.at + frame.size] for frame in sound)
    return Stream(BytesIO(_info_header(content[run[0].at : run[0].at + 4], len(sound)) + bare), samples, cut)


def _starts_frame(content: bytes, at: int, end: int) -> bool:
    """Return whether a frame begins at `at` and does not end before `end`."""
    frame = _frame(content, at) if at + 4 <= end else None
    return frame is not None and at + frame.size > end


def _info_header(like: bytes, n_frames: int) -> bytes:
    """Return a frame in the manner of the header `like`, with an Info header that states `n_frames`."""
    mpeg_1 = (like[1] >> 3) & 3 == 3
    index = 9 if mpeg_1 else 12  # 128 or 112 kbit/s: room enough at any sample rate
    head = bytes((0xFF, like[1] | 0x01, (index << 4) | (like[2] & 0x0C), like[3]))
    frame = _frame(head, 0)
    assert frame is not None
    body = bytearray(frame.size)
    body[:4] = head
    at = 4 + _side_information(head)
    body[at : at + 12] = b"Info" + _STATES_FRAMES.to_bytes(4, "big") + n_frames.to_bytes(4, "big")
    return bytes(body)


def _next_start(content: bytes, at: int) -> int:
    """Return where the next frame may begin, past a tag that begins at `at`; -1 where none does."""
    if content[at : at + 3] == b"ID3" and len(content) >= at + 10:
        size = 0
        for byte in content[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if content[at + 5] & 0x10 else 0)
    elif content[at : at + 8] == b"APETAGEX" and len(content) >= at + 32 and content[at + 23] & 0x20:
        at += 32 + int.from_bytes(content[at + 12 : at + 16], "little")
    while at >= 0:
        at = content.find(b"\xff", at)
        if at < 0 or (at + 4 <= len(content) and content[at + 1] & 0xE0 == 0xE0):
            return at
        at += 1
    return -1


def _starts(content: bytes, at: int) -> bool:
    return _frame(content, at) is not None or content[at : at + 3] in (b"ID3", b"TAG") or content[at : at + 3] == b"APE"


def _side_information(head: bytes) -> int:
    mono = head[3] >> 6 == 3
    return (17 if mono else 32) if (head[1] >> 3) & 3 == 3 else (9 if mono else 17)


def _frame(content: bytes, at: int) -> Frame | None:
    """Return the frame of layer III whose header stands at `at`, if one does."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # sync, and layer III
        return None
    version, rate, index = (head[1] >> 3) & 3, (head[2] >> 2) & 3, head[2] >> 4
    if version == 1 or rate == 3 or index in (0, 15):
        return None
    samples = 1152 if version == 3 else 576
    sample_rate = _SAMPLE_RATES[version][rate]
    size = samples // 8 * _BIT_RATES[version == 3][index] * 1000 // sample_rate + ((head[2] >> 1) & 1)
    frame = Frame(at, size, samples, sample_rate)
    start = at + 4 + _side_information(head)
    tag = content[start : start + 4]
    if tag in (b"Xing", b"Info"):
        flags = int.from_bytes(content[start + 4 : start + 8], "big")
        stated = int.from_bytes(content[start + 8 : start + 12], "big") if flags & _STATES_FRAMES else None
        return Frame(at, size, samples, sample_rate, stated, tag.decode())
    if content[at + 36 : at + 40] == b"VBRI":
        return Frame(at, size, samples, sample_rate, int.from_bytes(content[at + 50 : at + 54], "big"), "VBRI")
    return frame
