"""A file's bytes to mono samples: by libsndfile in the parts that `containers` finds, else by PyAV."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.audio import pyav
from harness.audio.containers import Part, split
from harness.audio.not_audio import format_name, what_it_is
from harness.audio.signal import cancels, require_sound, scale_of
from harness.audio.wav import UNKNOWN_SIZE
from harness.errors import AudioError
from harness.records import Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

    Block = tuple[NDArray[np.float32], Hertz]  # float32[n_samples, n_channels], and its rate

_BLOCK_FRAMES = 65_536
_MP3_FRAME = 1152  # samples
_MALFORMED = 3  # SF_ERR_MALFORMED_FILE: the format is known
_UNKNOWN_FRAMES = 2**62  # as of a FLAC from a pipe
_CHUNK_SIZES = re.compile(r"^\s*(?:data|SSND|Data Size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)
_DECODES = 0.98  # of the samples in the frames of an MP3: a decoder leaves out some at its beginning and end


@dataclass(frozen=True, slots=True)
class Decoded:
    """Mono samples float32[n_samples] at `rate`, and `notes` on what was mended to get them."""

    samples: NDArray[np.float32]
    rate: Hertz
    notes: tuple[str, ...] = ()


class _UnknownFormat(Exception):
    """Libsndfile does not open the file."""


def decode(path: Path, relative: str, longest: Seconds) -> Decoded:
    """Return the sound of a file, its channels averaged.

    Raises `AudioError`, its message the end of a sentence on the file, for one that holds no sound, is cut short, or lasts
    longer than `longest`. `relative` is what the commands in messages call it.
    """
    mix = _Mix(longest)
    notes: tuple[str, ...] = ()
    try:
        if problem := what_it_is(path):  # first, for the decoder of MP3 prints what it makes of anything
            raise AudioError(problem)
        parts = split(path)
        notes = parts.notes
        try:
            for part in parts.parts:
                mix.take(_blocks(part, longest))
        except _UnknownFormat as error:
            mix, notes = _Mix(longest), ()
            mix.take(_other_blocks(path, relative, error))
    except OSError as error:
        raise AudioError(f"cannot be read: {error.strerror or error}") from error
    decoded = mix.result()
    return Decoded(decoded.samples, decoded.rate, (*notes, *decoded.notes))


def length(path: Path) -> Seconds | None:
    """Return how long a recording is, as its headers and the frames of an MP3 tell; `None` where only decoding would tell."""
    import soundfile

    seconds = 0.0
    try:
        for part in split(path).parts:
            with _opened(part.source) as file:
                n_frames = file.frames if part.n_frames is None else part.n_frames
                rate = file.samplerate
            if n_frames >= _UNKNOWN_FRAMES:
                return None
            seconds += n_frames / rate
    except (soundfile.SoundFileError, OSError):
        return None
    return seconds


class _Mix:
    """Blocks of any number of channels, brought to one: their mean, or the first where they cancel each other."""

    def __init__(self, longest: Seconds) -> None:
        self._longest = longest
        self._seconds = 0.0
        self._rate: Hertz | None = None
        self._means: list[NDArray[np.float32]] = []
        self._firsts: list[NDArray[np.float32]] = []  # the mean where there is one channel
        self._mean_power = self._channel_power = 0.0

    def take(self, blocks: Iterator[Block]) -> None:
        """Take in one part, at the rate of the first."""
        import numpy as np

        # Block by block: a long recording with many channels never lies in memory all at once.
        means, firsts = [], []
        rate = None
        for block, rate in blocks:
            self._seconds += len(block) / rate
            if self._seconds > self._longest:
                raise _too_long(self._seconds, self._longest)
            mean = block.mean(axis=1)
            if block.shape[1] > 1:
                self._mean_power += float(np.square(mean, dtype=np.float64).sum())
                self._channel_power += float(np.square(block, dtype=np.float64).sum()) / block.shape[1]
                firsts.append(block[:, 0].copy())
            means.append(mean)
        if rate is not None:
            self._means.append(self._at_one_rate(means, rate))
            self._firsts.append(self._at_one_rate(firsts, rate) if firsts else self._means[-1])
            self._rate = self._rate or rate

    def _at_one_rate(self, blocks: list[NDArray[np.float32]], rate: Hertz) -> NDArray[np.float32]:
        import numpy as np
        import soxr

        samples = np.concatenate(blocks)
        if self._rate in (None, rate):
            return samples
        return soxr.resample(samples, rate, self._rate, quality="HQ")  # type: ignore[no-any-return]

    def result(self) -> Decoded:
        """Return the sound on the scale of [-1, 1]. Raises `AudioError` for samples that hold none."""
        import numpy as np

        notes = []
        chosen = self._means
        if self._channel_power and cancels(self._mean_power, self._channel_power):
            chosen = self._firsts
            notes.append("its channels cancel each other: the first was used alone")
        samples = np.concatenate(chosen) if chosen else np.zeros(0, np.float32)
        rate = self._rate or 1
        require_sound(samples, rate)
        peak = float(np.abs(samples).max())
        scale = scale_of(peak)
        if scale not in (None, 1.0) and np.quantile(np.abs(samples), 0.999) <= 1.0:
            raise AudioError(f"has single samples up to {peak:g} among others on the scale of [-1, 1]: export it again")
        if scale is None:
            raise AudioError(
                f"has samples up to {peak:g}, where full scale is 1, and no scale of integers fits: export it again as "
                f"16-bit WAV"
            )
        if scale != 1.0:
            samples = samples / np.float32(scale)
            notes.append(f"its samples are on a scale of integers: they were divided by {scale:.0f}")
        return Decoded(samples, rate, tuple(notes))


def _blocks(part: Part, longest: Seconds) -> Iterator[Block]:
    """Yield what libsndfile reads of a part. Raises `_UnknownFormat`, and `AudioError` for what is not whole."""
    import soundfile

    if part.cut:
        raise _cut_short(part.cut)
    try:
        file = _opened(part.source)
    except soundfile.LibsndfileError as error:
        reason = error.error_string.strip().rstrip(".")
        if error.code == _MALFORMED:  # another decoder might read a part of it, and not say so
            raise AudioError(f"cannot be read as audio ({reason}): it may be cut short; copy it again") from error
        raise _UnknownFormat(reason) from error
    with file:
        promised = file.frames if part.n_frames is None else part.n_frames
        if promised < _UNKNOWN_FRAMES and promised / file.samplerate > longest:
            raise _too_long(promised / file.samplerate, longest)
        n_read = 0
        try:
            # `SoundFile.blocks` would pad a short read with whatever lies in memory.
            # Not past the stated end either: what stands behind it may be a tag.
            while len(block := file.read(min(_BLOCK_FRAMES, file.frames - n_read), dtype="float32", always_2d=True)):
                n_read += len(block)
                yield block, int(file.samplerate)
        except soundfile.LibsndfileError as error:
            reason = error.error_string.strip().rstrip(".")
            raise AudioError(
                f"cannot be read as audio ({reason}): it may be cut short or damaged; copy it again"
            ) from error
        if cut := _missing(file, part, n_read):
            raise _cut_short(cut)


def _opened(source: Path | BytesIO) -> soundfile.SoundFile:
    """Return the file for reading from its beginning to its end."""
    import soundfile

    class Straight(soundfile.SoundFile):
        """Does not seek in a FLAC without a stated length: that fails, after the last block."""

        def seekable(self) -> bool:
            # With a stated length, what is behind the last frame (an ID3v1 tag) must not be read.
            return bool(self.frames < _UNKNOWN_FRAMES and super().seekable())

    if isinstance(source, Path):
        # By its descriptor, for soundfile takes a name that ends in .raw for a file without a header.
        return Straight(os.open(source, os.O_RDONLY), closefd=True)
    return Straight(source)


def _missing(file: soundfile.SoundFile, part: Part, n_read: int) -> str | None:
    """Return why an opened and decoded part is known to have lost samples, or `None`."""
    if part.n_frames is not None:
        if n_read >= _DECODES * part.n_frames - 2 * _MP3_FRAME:
            return None
        return f"its frames hold {part.n_frames} samples, and {n_read} can be decoded"
    tolerated = 2 * _MP3_FRAME if file.subtype.startswith("MPEG_LAYER") else 0  # a guess there, from the bit rate
    if n_read + tolerated < file.frames < _UNKNOWN_FRAMES:
        return f"its header promises {file.frames} frames, and {n_read} can be read"
    for stated, present in _CHUNK_SIZES.findall(file.extra_info):
        # Less than one sample of each channel is no loss: sizes are off by a byte where a padding byte was counted.
        if int(stated) < UNKNOWN_SIZE and int(stated) - int(present) >= 2 * file.channels:
            return f"its header promises {stated} bytes of samples, and {present} are there"
    return None


def _other_blocks(path: Path, relative: str, error: _UnknownFormat) -> Iterator[Block]:
    """Yield what PyAV reads of a file that libsndfile does not open. Raises `AudioError` with what to do."""
    if pyav.is_installed():
        yield from pyav.blocks(path)
        return
    name = format_name(path)
    if name is None:
        raise AudioError(
            f"cannot be read as audio ({error}): expected a whole file in a format that libsndfile knows, such as WAV, FLAC, "
            f"Ogg or MP3"
        )
    target = PurePosixPath(relative).with_suffix(".16k.wav")
    command = shlex.join(["ffmpeg", "-i", relative, "-ac", "1", "-ar", "16000", str(target)])
    raise AudioError(f"is {name}: install PyAV (pip install av), or convert it: {command}")


def _cut_short(reason: str) -> AudioError:
    return AudioError(f"is cut short: {reason}. Copy it again from its source")


def _too_long(seconds: Seconds, longest: Seconds) -> AudioError:
    return AudioError(f"lasts {seconds:.1f} s, over the limit of {longest:g} s: split it")
