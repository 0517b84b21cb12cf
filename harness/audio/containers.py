"""Where the sound of a file lies, and how much of it the file promises.

What libsndfile reads whole as it stands is left to it. MP3, Ogg, and WAV without a size are handed to it in parts that it
reads whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from harness.audio import mpeg, ogg, wav

_LONGEST_PADDING = 65_536  # zero bytes that broadcast recorders put before the first frame of an MP3
_LONGEST_FILE = 1_000_000_000  # bytes of MP3 or Ogg: days of speech, and they are read at once
_SUFFIXES = (
    (0, b"fLaC", "flac"),
    (0, b"RIFX", "wav"),
    (0, b"FORM", "aiff"),
    (0, b".snd", "au"),
    (0, b"caff", "caf"),
    (4, b"ftyp", "m4a"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
    (0, b"#!AMR", "amr"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of sound for libsndfile.

    `n_frames` is what its container counts, where libsndfile's count is a guess. `cut` says why the piece is known not to be
    whole.
    """

    source: Path | BytesIO
    n_frames: int | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a file in order, and `notes` on what is done about it."""

    parts: Sequence[Part]
    notes: tuple[str, ...] = ()


def split(path: Path) -> Parts:
    """Return the parts of a file, which may be no sound at all. Raises `OSError`."""
    kind = _kind(path)
    if kind == "mp3":
        return _mpeg_parts(path)
    if kind == "ogg":
        return _ogg_parts(path)
    if kind == "wav":
        return _wav_parts(path)
    return Parts((Part(path),))


def left_to_libsndfile(path: Path) -> bool:
    """Return whether the samples are what libsndfile makes of the file, with nothing done by this package. Raises `OSError`."""
    import soundfile

    parts = split(path).parts
    if len(parts) != 1 or parts[0].source is not path:
        return False
    try:
        with path.open("rb") as file:
            info = soundfile.info(file)
    except soundfile.SoundFileError:
        return False
    return info.channels == 1 and info.subtype not in ("FLOAT", "DOUBLE")


def suffix_of(path: Path) -> str:
    """Return the ending of a recording's name, by its first bytes; "audio" where they do not say. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(12)
    return _kind(path) or next(
        (suffix for at, magic, suffix in _SUFFIXES if head[at : at + len(magic)] == magic), "audio"
    )


def _kind(path: Path) -> str:
    """Return which of the containers handled here the file's first bytes tell of, if one."""
    with path.open("rb") as file:
        head = file.read(12)
        if not head.strip(b"\0"):
            head = file.read(_LONGEST_PADDING).lstrip(b"\0")
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    # 0xFFFx with layer III; ADTS (AAC) has layer 0.
    if head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return ""


def _mpeg_parts(path: Path) -> Parts:
    if path.stat().st_size > _LONGEST_FILE:
        return Parts((Part(path),))
    streams = mpeg.streams(path.read_bytes())
    if not streams:
        return Parts((Part(path),))
    return Parts([Part(stream.source, stream.samples, stream.cut) for stream in streams], _joined(len(streams)))


def _ogg_parts(path: Path) -> Parts:
    if path.stat().st_size > _LONGEST_FILE:
        return Parts((Part(path),))
    streams = ogg.streams(path.read_bytes())
    if not streams:
        return Parts((Part(path, cut="its Ogg pages are damaged"),))
    if len(streams) == 1 and streams[0].is_marked:
        return Parts((Part(path, cut=streams[0].cut),))
    return Parts([Part(stream.source, cut=stream.cut) for stream in streams], _joined(len(streams)))


def _wav_parts(path: Path) -> Parts:
    header = wav.look(path)
    if header is None:
        return Parts((Part(path),))
    if header.cut:
        return Parts((Part(path, cut=header.cut),))
    if joined := wav.joined(header):
        return Parts([Part(source) for source in joined], _joined(len(joined)))
    if header.lacks_size:
        return Parts((Part(header.with_size()),), ("its header states no size: all that follows it was read",))
    if header.has_more:
        return Parts((Part(path),), ("more follows than the samples that its header states, and was not read",))
    return Parts((Part(path),))


def _joined(n_parts: int) -> tuple[str, ...]:
    return ("several recordings are joined in it: they were read one after the other",) if n_parts > 1 else ()
