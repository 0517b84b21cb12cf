"""Whole files whose samples are wrong, and files that hold no sound."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from tests.audio.zoo.animals import Animal, refused
from tests.audio.zoo.melody import melody


def animals() -> Iterator[Animal]:
    """Yield them all."""
    yield from _samples()
    yield from _no_audio()


def _float(change: Callable[[np.ndarray], np.ndarray], rate: int = 16_000) -> Callable[[Path], None]:
    return lambda path: soundfile.write(path, change(melody(rate)), rate, subtype="FLOAT")


def _set(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(samples: np.ndarray) -> np.ndarray:
        return np.where(np.arange(len(samples)) == 1_000, value, samples)

    return change


def _samples() -> Iterator[Animal]:
    for peak in (21_000.0, 32_768.0, 300.0, 5_000_000.0, 1.2e9):
        scaled = _float(lambda samples, peak=peak: samples / np.abs(samples).max() * peak)
        yield Animal(f"float-peak-{peak:.0f}.wav", scaled, mended="integers", agreement=0.0)
    for peak in (1e12, 1e30, 50.0):
        yield refused(f"float-peak-{peak:g}.wav", _float(lambda samples, peak=peak: samples / 0.6 * peak), "full scale")
    yield Animal("float-peak-1.5.wav", _float(lambda samples: samples / np.abs(samples).max() * 1.5), agreement=0.0)
    for name, value in {"nan": np.nan, "inf": np.inf, "minus-inf": -np.inf}.items():
        yield refused(f"{name}.wav", _float(_set(value)), "no numbers")
    yield refused("one-sample-1e9.wav", _float(_set(1e9)), "full scale|numbers|scale")
    yield refused("zeros.wav", _float(np.zeros_like), "every sample is zero")
    yield refused("constant.wav", _float(lambda samples: np.full_like(samples, 0.25)), "every sample is 0.25")
    tiny = lambda samples: 0.25 + 1e-6 * np.sign(samples)  # noqa: E731
    yield refused("constant-nearly.wav", _float(tiny), "no sound|silent|zero")
    for milliseconds in (1, 10, 99):
        short = _float(lambda samples, size=milliseconds * 16: samples[:size])
        yield refused(f"{milliseconds}-ms.wav", short, "too short")
    cancels = {"mended": "cancel", "agreement": 0.0}
    for name, channels in {
        "opposite": lambda samples: np.stack([samples, -samples], axis=1),
        "opposite-nearly": lambda samples: np.stack([samples, -0.995 * samples], axis=1),
        "four-opposite": lambda samples: np.stack([samples, -samples, samples, -samples], axis=1),
    }.items():
        yield Animal(f"{name}.wav", _float(channels), **cancels)  # type: ignore[arg-type]
    one_side = _float(lambda samples: np.stack([np.zeros_like(samples), samples], axis=1))
    yield Animal("right-only.wav", one_side, lossless=True)


def _no_audio() -> Iterator[Animal]:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 96044\n"
    contents = {
        "lfs.wav": (pointer, "Git LFS pointer"),
        "page.wav": (b"<!DOCTYPE html><html><title>Sign in</title></html>", "web page"),
        "page.mp3": (b"\n  <html lang='en'><body>404</body></html>", "web page"),
        "error.wav": (b'{"error": "not found"}', "JSON"),
        "error.xml.flac": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
        "text.wav": (b"not audio at all, only words\n", "text"),
        "text-utf-16.wav": ("only words\n".encode("utf-16"), "text"),
        "picture.wav": (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        "document.wav": (b"%PDF-1.7\n" + bytes(200), "PDF"),
        "compressed.wav": (gzip.compress(bytes(5_000)), "gzip"),
        "zeros.mp3": (bytes(50_000), "zero"),
        "list.m3u8": (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
            "list|text",
        ),
        "list.mp3": (b"#EXTM3U\n#EXTINF:9,\nother.wav\n", "list|text"),
        "parts.wav": (b"ffconcat version 1.0\nfile other.wav\n", "text"),
        "page-list.wav": (b"<?xml version='1.0'?><MPD><Period/></MPD>", "XML"),
        "random.wav": (
            np.random.default_rng(0).integers(0, 256, 50_000, dtype=np.uint8).tobytes(),
            "cannot be read as audio",
        ),
        "random.mp3": (
            np.random.default_rng(1).integers(0, 256, 50_000, dtype=np.uint8).tobytes(),
            "cannot be read as audio",
        ),
        "empty.wav": (b"", "empty"),
        "one-byte.wav": (b"R", "text|cannot be read"),
        "head-only.wav": (b"RIFF", "text|cannot be read|cut short"),
    }
    for name, (content, refusal) in contents.items():
        yield refused(name, lambda path, content=content: path.write_bytes(content) and None, refusal)
    yield refused("archive.wav", _archive, "ZIP")
    yield refused("folder.wav", Path.mkdir, "folder")
    yield refused("pipe.wav", os.mkfifo, "no file|pipe")
    yield refused(
        "dangling.wav", lambda path: path.symlink_to(path.parent / "absent.wav"), "link to a file that does not exist"
    )
    yield refused("outside.wav", lambda path: path.symlink_to(_outside(path)), "link that leaves")
    yield refused("loop.wav", lambda path: path.symlink_to(path), "loop|link")
    yield Animal("inside.wav", lambda path: path.symlink_to(_beside(path)), lossless=True)


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.wav", bytes(100))


def _outside(path: Path) -> Path:
    return _written(path.parent.parent / "outside.wav")


def _beside(path: Path) -> Path:
    return _written(path.parent / "beside" / "other.wav")


def _written(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, melody(), 16_000, subtype="PCM_16")
    return path
