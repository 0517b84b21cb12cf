"""Voices of programs on this machine: flite, espeak-ng and piper."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import MissingDependency, UnknownName, UsageError, one_line
from harness.records import Hertz, Seconds
from harness.suites.voices.protocol import Line, Unspeakable
from harness.words.languages import primary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "ß": "ss", "đ": "d", "ı": "i"})
_PROGRAM_TIMEOUT: Seconds = 120.0


@dataclass(frozen=True, slots=True)
class Flite:
    """A voice of flite. It leaves letters beyond ASCII out ("Tromsø" becomes "Troms"), so it is given plain ones."""

    voice: str

    @property
    def name(self) -> str:
        """`flite:VOICE`; of a voice file, only its name."""
        return f"flite:{self._shown}"

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Check that the program is installed and knows the voice; for an unknown one, flite silently takes another."""
        path = program("flite", self.name)
        if primary(language) != "en":
            raise UsageError(
                f"voice {self.name!r} speaks English only, and the suite is in {language!r}: use kokoro:jm_kumo, or espeak-ng "
                f"with a voice of that language"
            )
        if self.voice.endswith(".flitevox"):
            if not Path(self.voice).is_file():
                raise UsageError(f"voice {self.name!r}: there is no such file")
            return
        known = run_program([path, "-lv"], self.name).stdout.decode().partition(":")[2].split()
        if self.voice not in known:
            raise UnknownName("voice of flite", self.voice, known)

    def label(self, line: Line) -> str:
        """`flite VOICE: text in plain letters`."""
        return f"flite {self._shown}: {plain_letters(line.text)}"

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Synthesise into a temporary file and read it."""
        plain = plain_letters(line.text)
        if not re.search(r"[A-Za-z0-9]", plain):
            raise Unspeakable(f"{self.name}: no letter in {one_line(line.text)!r} that flite can read")
        return _synthesised_by(["flite", "-voice", self.voice, "-t", plain, "-o"], self.name)

    @property
    def _shown(self) -> str:
        return Path(self.voice).stem if self.voice.endswith(".flitevox") else self.voice


@dataclass(frozen=True, slots=True)
class EspeakNg:
    """A voice of espeak-ng; `speed` in words a minute."""

    voice: str
    speed: int = 175

    @property
    def name(self) -> str:
        """`espeak-ng:VOICE`, and the speed where it is not the usual one."""
        return f"espeak-ng:{self.voice}" + (f",speed={self.speed}" if self.speed != 175 else "")

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Check that the program is installed and knows the voice."""
        path = program("espeak-ng", self.name)
        tried = run_program([path, "-q", "-v", self.voice, "yes"], self.name)
        if tried.returncode:
            message = one_line(tried.stderr.decode("utf-8", "replace"))
            raise UsageError(f"voice {self.name!r}: espeak-ng says: {message} `espeak-ng --voices=en` lists them")

    def label(self, line: Line) -> str:
        """`espeak-ng VOICE SPEED: text`."""
        return f"espeak-ng {self.voice} {self.speed}: {line.plain}"

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Synthesise into a temporary file and read it."""
        command = ["espeak-ng", "-v", self.voice, "-s", str(self.speed), "--stdin", "-w"]
        return _synthesised_by(command, self.name, stdin=line.plain)


@dataclass(frozen=True, slots=True)
class Piper:
    """A voice of the user's own piper program: an .onnx file, with the .onnx.json that came with it beside it."""

    model: Path

    @property
    def name(self) -> str:
        """`piper:NAME`, without the file's folder and ending."""
        return f"piper:{self.model.stem}"

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Check that the program is installed and the voice's two files are there."""
        program("piper", self.name, "pipx install piper-tts")
        for path in (self.model, self.model.with_name(f"{self.model.name}.json")):
            if not path.is_file():
                raise UsageError(f"voice {self.name!r}: {path} is not there: a voice is VOICE.onnx and VOICE.onnx.json")

    def label(self, line: Line) -> str:
        """`piper VOICE DIGEST: text`, with the beginning of the SHA-256 of the voice file."""
        return f"piper {self.model.stem} {_digest(self.model)[:16]}: {line.plain}"

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Synthesise into a temporary file and read it. Piper's random variation is turned off."""
        command = ["piper", "--model", str(self.model), "--noise_scale", "0", "--noise_w", "0", "--output_file"]
        return _synthesised_by(command, self.name, stdin=line.plain)


def plain_letters(text: str) -> str:
    """`text` with accents dropped and other Latin letters spelled out, case kept: "Tromsø" -> "Tromso"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@cache
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def program(name: str, voice: str, install: str = "") -> str:
    """Return the path of a program that `voice` needs. Raises `MissingDependency` with the line that installs it."""
    path = shutil.which(name)
    if path is None:
        raise MissingDependency(f"voice {voice!r}", name, install or f"apt-get install {name}")
    return path


def _synthesised_by(command: list[str], name: str, stdin: str = "") -> tuple[NDArray[np.float32], Hertz]:
    """Return what a program writes into the file whose path is put behind `command`."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        ran = run_program([*command, str(wav)], name, stdin)
        if ran.returncode or not wav.is_file():
            message = one_line(ran.stderr.decode("utf-8", "replace")) or "nothing"
            raise Unspeakable(f"{name}: {command[0]} ended with code {ran.returncode}, and says {message}")
        return decoded(wav, f"{name}: what {command[0]} wrote")


def run_program(command: list[str], name: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, with `stdin` as its input. Raises `Unspeakable`, which begins with `name`."""
    try:
        return subprocess.run(  # noqa: S603 - a list, and no shell
            command, input=stdin.encode(), capture_output=True, check=False, timeout=_PROGRAM_TIMEOUT
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:  # a NUL in the text, a text too long
        raise Unspeakable(f"{name}: {command[0]} could not be run: {one_line(str(error))}") from error


def decoded(source: Path | io.BytesIO, what: str) -> tuple[NDArray[np.float32], Hertz]:
    """Return an audio file's samples, float32[n_samples], channels averaged, and their rate. Raises `Unspeakable`."""
    import soundfile

    try:
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise Unspeakable(f"{what} cannot be read as audio: {one_line(str(error))}") from error
    if not len(samples):
        raise Unspeakable(f"{what} holds no sound")
    return samples.mean(axis=1), int(rate)
