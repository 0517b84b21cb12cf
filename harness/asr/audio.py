"""Reading recordings: any format and rate that libsndfile knows, to mono float32 at one rate.

What is refused, each with its own message: a path that leaves the suite's folder, a file that is absent, empty, cut
short or no audio, samples that are no numbers, no samples at all, and recordings over the limit.

How a file that was cut short is noticed depends on the container. FLAC fails to decode, and MP3 yields fewer frames than
its header states. WAV, AIFF, AU, CAF and W64 are shortened silently by libsndfile, whose log names both sizes. Ogg
(Vorbis, Opus) states no length: its last page must be whole and end the stream (RFC 3533). Raw-like formats (NIST
SPHERE, headerless) cut short are not noticed.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from harness.errors import AudioError
from harness.records import Clip, Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

_BLOCK_FRAMES = 65_536
_OGG_PAGE_BYTES = 65_307  # the longest page that RFC 3533 allows
_UNKNOWN_SIZE = 0x7FFF_0000  # writers into a pipe state a size from here up, since they cannot know it
_CHUNK_SIZES = re.compile(r"^\s*(?:data|SSND|Data Size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)


def load(
    root: Path,
    relative: str,
    *,
    utterance_id: str,
    sample_rate: Hertz = 16_000,
    max_duration: Seconds = 600.0,
) -> Clip:
    """Return the recording at `root/relative` as mono float32[n_samples] in [-1, 1] at `sample_rate`.

    Channels are averaged; another rate is converted by soxr at high quality. Raises `AudioError`, which names the
    utterance and the file as the suite names it, never a path of this machine.
    """
    import numpy as np
    import soxr

    problem = _path_problem(root, relative)
    if problem is None:
        samples, rate = _decode(root / relative, f"{utterance_id}: {relative!r}", max_duration)
        if rate != sample_rate:
            samples = soxr.resample(samples, rate, sample_rate, quality="HQ")
        if len(samples):
            # A float file may exceed full scale, and so may the ripple of a resampling filter.
            return Clip(utterance_id, np.clip(samples, -1.0, 1.0), sample_rate)
        problem = "holds no samples: record it again, or remove the utterance"
    raise AudioError(f"{utterance_id}: {relative!r} {problem}")


def recording_digest(root: Path, relative: str, *, utterance_id: str) -> str:
    """SHA-256 of the recording's bytes, in hexadecimal. Raises `AudioError` for a path that `load` would refuse."""
    if problem := _path_problem(root, relative):
        raise AudioError(f"{utterance_id}: {relative!r} {problem}")
    return file_digest(root / relative)


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _path_problem(root: Path, relative: str) -> str | None:
    """Return why `root/relative` may not or cannot be read; `None` if it is a file with bytes inside `root`."""
    windows = PureWindowsPath(relative)  # its rules split at both kinds of slash
    if not relative or "\0" in relative or relative.startswith("/") or windows.anchor or ".." in windows.parts:
        return "is no path inside the suite's folder: expected one such as audio/q1.flac, with no '..'"
    try:
        path = (root / relative).resolve()
        if not path.is_relative_to(root.resolve()):
            return "is a link that leaves the suite's folder: copy the recording into the folder"
        if not path.is_file():
            return "does not exist, or is no file: check the 'audio' field, and that the recordings were copied"
        if path.stat().st_size == 0:
            return "is empty (0 bytes): copy or record it again"
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        return f"cannot be looked up: {getattr(error, 'strerror', None) or 'a loop of links'}"
    return None


def _decode(path: Path, name: str, max_duration: Seconds) -> tuple[NDArray[np.float32], Hertz]:
    """Mono samples float32[n_frames] and their rate. `name` stands in messages."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            duration = file.frames / file.samplerate
            if duration > max_duration:
                raise AudioError(f"{name} lasts {duration:.1f} s, over the limit of {max_duration:g} s: split it")
            # Block by block: the channels of a long recording never lie in memory all at once. `SoundFile.blocks` would
            # pad a short read, as of an MP3 that was cut, with whatever lies in memory.
            blocks = []
            while len(block := file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
                blocks.append(block.mean(axis=1))
            samples = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
            cut = _cut_short(path, file, len(samples))
            rate = int(file.samplerate)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{name} cannot be read as audio ({error.error_string.strip()}): expected a whole file in a format that "
            f"libsndfile knows, such as WAV, FLAC, Ogg or MP3"
        ) from error
    except OSError as error:
        raise AudioError(f"{name} cannot be read: {error.strerror}") from error
    if cut:
        raise AudioError(f"{name} is cut short: {cut}. Copy it again from its source")
    if not np.isfinite(samples).all():
        raise AudioError(f"{name} holds samples that are no numbers (NaN or infinite): export it again")
    return samples, rate


def _cut_short(path: Path, file: soundfile.SoundFile, n_read: int) -> str | None:
    """Return why an opened and decoded file is known to have lost its end, or `None`."""
    if n_read < file.frames:
        return f"its header promises {file.frames} frames, and {n_read} can be read"
    if file.format == "OGG":
        return None if _ogg_ends(path) else "its last Ogg page is damaged, or is not marked as the end of the stream"
    for promised, present in _CHUNK_SIZES.findall(file.extra_info):
        if int(present) < int(promised) < _UNKNOWN_SIZE:
            return f"its header promises {promised} bytes of samples, and {present} are there"
    return None


def _ogg_ends(path: Path) -> bool:
    """Return whether the last page is whole and carries the end-of-stream flag (RFC 3533, section 6)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2 * _OGG_PAGE_BYTES))
        tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or not page.startswith(b"OggS"):
        return False
    n_segments = page[26]
    page_bytes = 27 + n_segments + sum(page[27 : 27 + n_segments])
    return bool(page[5] & 0x04) and len(page) >= page_bytes
