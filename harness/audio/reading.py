"""Reading recordings: any format and rate that libsndfile or PyAV knows, to mono float32 at one rate.

What is refused, each with its own message: a path that leaves the suite's folder, a file that is absent, empty, no file,
cut short or no audio, sound without a signal or under 0.1 s, samples that are no numbers, and recordings over the limit.

How a file that was cut short is noticed depends on the container. FLAC fails to decode. MP3 may state its number of frames,
and only a stated number is a promise. WAV, AIFF, AU, CAF and W64 state a size. Ogg (Vorbis, Opus) states no length: its
last page and the last packet on it must be whole (RFC 3533). MPEG-4, WebM and Windows Media state a duration. An MP3 without
such a header, an Ogg cut between two pages, AMR, and raw-like formats (NIST SPHERE, headerless) cut short are not noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from harness.audio.containers import left_to_libsndfile
from harness.audio.decoding import decode
from harness.errors import AudioError
from harness.records import Clip, Hertz, Seconds

READING_VERSION = "2"  # of what is not left to libsndfile alone: another number, and those are recognised anew
_LONGEST: Seconds = 600.0


def load(
    root: Path,
    relative: str,
    *,
    utterance_id: str,
    sample_rate: Hertz = 16_000,
    max_duration: Seconds = _LONGEST,
    notes: list[str] | None = None,
) -> Clip:
    """Return the recording at `root/relative` as mono float32[n_samples] in [-1, 1] at `sample_rate`.

    Channels are averaged; another rate is converted by soxr at high quality. `notes` receives what was mended. Raises
    `AudioError`, which names the utterance and the file as the suite names it, never a path of this machine.
    """
    import numpy as np
    import soxr

    try:
        path = checked_path(root, relative)
        decoded = decode(path, relative, max_duration)
    except AudioError as error:
        raise AudioError(f"{utterance_id}: {relative!r} {error}") from error
    if notes is not None:
        notes.extend(decoded.notes)
    samples = decoded.samples
    if decoded.rate != sample_rate:
        samples = soxr.resample(samples, decoded.rate, sample_rate, quality="HQ")
    # A float file may exceed full scale, and so may the ripple of a resampling filter.
    return Clip(utterance_id, np.clip(samples, -1.0, 1.0), sample_rate)


def recording_problem(path: Path, relative: str, longest: Seconds = _LONGEST) -> tuple[str | None, Sequence[str]]:
    """Return why a file cannot be used as a recording, from decoding all of it, and what is mended where it can.

    The problem is the end of a sentence on the file, the notes are sentences on it. `relative` is its name in commands.
    """
    if problem := _file_problem(path):
        return problem, ()
    try:
        return None, decode(path, relative, longest).notes
    except AudioError as error:
        return str(error), ()


def recording_digest(root: Path, relative: str, *, utterance_id: str) -> str:
    """SHA-256 of the recording's bytes, in hexadecimal. Raises `AudioError` for a path that `load` would refuse."""
    try:
        return file_digest(checked_path(root, relative))
    except AudioError as error:
        raise AudioError(f"{utterance_id}: {relative!r} {error}") from error


def reading_version(path: Path) -> str | None:
    """Return the version of the reading; `None` for a file that libsndfile reads by itself. Raises `OSError`."""
    return None if left_to_libsndfile(path) else READING_VERSION


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_path(root: Path, relative: str) -> Path:
    """Return `root/relative`. Raises `AudioError`, the end of a sentence, unless it is a file with bytes in `root`."""
    windows = PureWindowsPath(relative)  # its rules split at both kinds of slash
    if not relative or "\0" in relative or relative.startswith("/") or windows.anchor or ".." in windows.parts:
        raise AudioError("is no path inside the suite's folder: expected one such as audio/q1.flac, with no '..'")
    path = root / relative
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise AudioError("is a link that leaves the suite's folder: copy the recording into the folder")
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise AudioError(f"cannot be looked up: {getattr(error, 'strerror', None) or 'a loop of links'}") from error
    if problem := _file_problem(path):
        raise AudioError(problem)
    return path


def _file_problem(path: Path) -> str | None:
    """Return why there is nothing to open, as the end of a sentence."""
    try:
        if path.is_file():
            return None if path.stat().st_size else "is empty (0 bytes): copy or record it again"
        if path.is_dir():
            return "is a folder: expected a recording"
        if path.exists():
            return "is no file, but a pipe or a device: copy the sound into a file"
        if path.is_symlink():
            return "is a link to a file that does not exist: copy the recording there"
    except OSError as error:
        return f"cannot be looked up: {error.strerror}"
    return "does not exist: check the 'audio' field, and that the recordings were copied"
