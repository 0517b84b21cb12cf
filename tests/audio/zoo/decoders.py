"""Other people's readings of a file: PyAV, sox and ffmpeg, each to mono samples at the file's rate."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.audio.zoo.melody import notes_in


@dataclass(frozen=True, slots=True)
class Reading:
    """What a decoder made of a file: mono samples float32[n_samples] at `rate`, or why it made nothing of it."""

    samples: np.ndarray
    rate: int
    problem: str = ""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def notes(self) -> tuple[int, ...]:
        return tuple(notes_in(self.samples, self.rate)) if len(self.samples) else ()

    def told(self) -> str:
        """Return a cell of the table."""
        if self.problem:
            return f"- {self.problem}"
        return f"{self.seconds:.3f} s, {len(self.notes)} notes"


def failed(problem: str) -> Reading:
    return Reading(np.zeros(0, np.float32), 1, problem)


def by_pyav(path: Path) -> Reading:
    """Read all of the first audio stream; the rate of its first frame is kept for all."""
    import av

    av.logging.set_level(av.logging.PANIC)
    blocks: list[np.ndarray] = []
    rate = 0
    plain = av.AudioResampler(format="flt")  # planar frames of 8 channels or more crash PyAV 18
    try:
        with path.open("rb") as file, av.open(file, metadata_errors="replace") as container:
            for frame in container.decode(container.streams.audio[0]):
                rate = rate or frame.sample_rate
                if frame.sample_rate != rate:
                    return failed(f"the rate changes to {frame.sample_rate}")
                blocks += [
                    out.to_ndarray().reshape(-1, out.layout.nb_channels).mean(axis=1) for out in plain.resample(frame)
                ]
    except (av.FFmpegError, ValueError, IndexError, EOFError, OSError) as error:
        return failed(str(getattr(error, "strerror", None) or error)[:60])
    return Reading(np.concatenate(blocks).astype(np.float32), rate) if blocks else failed("no frames")


def by_sox(path: Path) -> Reading:
    """Read by sox, which goes by the name's ending where a format has no magic number."""
    return _by_program(
        ["sox", "-V1", str(path), "-t", "f32", "-", "remix", "-"],
        ["sox", "--i", "-r", str(path)],
    )


def by_ffmpeg(path: Path) -> Reading:
    """Read by the program ffmpeg, whose version may be another than PyAV's."""
    probe = ["ffprobe", "-v", "quiet", "-select_streams", "a:0", "-show_entries", "stream=sample_rate"]
    decode = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", str(path), "-map", "0:a:0"]
    return _by_program([*decode, "-ac", "1", "-f", "f32le", "-"], [*probe, "-of", "csv=p=0", str(path)])


def _by_program(decode: list[str], rate: list[str]) -> Reading:
    if shutil.which(decode[0]) is None:
        return failed("not installed")
    try:
        told = subprocess.run(rate, check=False, capture_output=True, timeout=60).stdout.split()
        done = subprocess.run(decode, check=False, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return failed("does not end")
    if not told or not told[0].strip(b",").isdigit():
        return failed("cannot open it")
    if done.returncode or not done.stdout:
        return failed(f"exit status {done.returncode}")
    return Reading(np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], "<f4"), int(told[0].strip(b",")))


def difference(ours: np.ndarray, theirs: np.ndarray) -> tuple[int, float]:
    """Return by how many samples `ours` comes later, and how far below the sound the difference lies then, in dB.

    Nothing is counted but what both hold, less the edges, where a decoder begins with nothing before it.
    """
    from scipy import signal

    if not len(ours) or not len(theirs):
        return 0, float("-inf")
    correlation = signal.correlate(ours, theirs, method="fft")
    lag = int(signal.correlation_lags(len(ours), len(theirs))[np.argmax(correlation)])
    one, other = ours[max(0, lag) :], theirs[max(0, -lag) :]
    size = min(len(one), len(other))
    edge = size // 20
    one, other = one[edge : size - edge].astype(np.float64), other[edge : size - edge].astype(np.float64)
    power, off = np.mean(np.square(other)), np.mean(np.square(one - other))
    return lag, float(10 * np.log10(power / off)) if off else float("inf")
