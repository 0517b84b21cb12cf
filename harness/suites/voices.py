"""Text to speech, for suites that have no recordings: flite, espeak-ng, or a server that speaks OpenAI's speech API.

flite:VOICE                           slt, rms, awb, kal16 ... (`flite -lv`), or the path of a .flitevox file
espeak-ng:VOICE[,speed=N]             en-us, en-gb-scotland, en-us+f3 ... (`espeak-ng --voices=en`); words a minute
openai-api:MODEL,voice=NAME[,url=...] `POST {url}/v1/audio/speech`; key and address as for the recogniser openai-api
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import threading
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from harness.errors import MissingDependency, NoResponse, SampleFailure, UnknownName, UsageError, one_line
from harness.http.address import api_key, endpoint
from harness.records import Hertz, Seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.http.server import Server

_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "ß": "ss", "đ": "d", "ı": "i"})
_PROGRAM_TIMEOUT: Seconds = 120.0
_SERVER_TIMEOUT: Seconds = 120.0
_SERVER_RETRIES = 4
_MAX_SPEECH_BYTES = 50_000_000
_ESPEAK_VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


class Unspeakable(SampleFailure):
    """A voice could not say one text."""


class Voice(Protocol):
    """Something that speaks. `name` is how it was asked for, and stands as the speaker of its recordings."""

    @property
    def name(self) -> str:
        """`ENGINE:NAME`."""
        ...

    def check(self) -> None:
        """Raises `MissingDependency` or `UsageError` where it cannot speak at all."""
        ...

    def label(self, text: str) -> str:
        """What a recording's comment field says: all that decides how it sounds, and the text as it is spoken."""
        ...

    def say(self, text: str) -> tuple[NDArray[np.float32], Hertz]:
        """Mono samples float32[n_samples] and their rate. Raises `Unspeakable`."""
        ...


@dataclass(frozen=True, slots=True)
class Flite:
    """A voice of flite. It leaves letters beyond ASCII out ("Tromsø" becomes "Troms"), so it is given plain ones."""

    voice: str

    @property
    def name(self) -> str:
        """`flite:VOICE`; of a voice file, only its name."""
        return f"flite:{self._shown}"

    def check(self) -> None:
        """The program is there, and knows the voice: of an unknown one, flite says nothing and takes another."""
        program = _program("flite", self.name)
        if self.voice.endswith(".flitevox"):
            if not Path(self.voice).is_file():
                raise UsageError(f"voice {self.name!r}: there is no such file")
            return
        known = _run([program, "-lv"], self.name).stdout.decode().partition(":")[2].split()
        if self.voice not in known:
            raise UnknownName("voice of flite", self.voice, known)

    def label(self, text: str) -> str:
        """`flite VOICE: text in plain letters`."""
        return f"flite {self._shown}: {plain_letters(text)}"

    def say(self, text: str) -> tuple[NDArray[np.float32], Hertz]:
        """Speaks into a file of its own and reads it."""
        plain = plain_letters(text)
        if not re.search(r"[A-Za-z0-9]", plain):
            raise Unspeakable(f"{self.name}: no letter in {one_line(text)!r} that flite can read")
        return _spoken_by(["flite", "-voice", self.voice, "-t", plain, "-o"], self.name)

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

    def check(self) -> None:
        """The program is there, and knows the voice."""
        program = _program("espeak-ng", self.name)
        tried = _run([program, "-q", "-v", self.voice, "yes"], self.name)
        if tried.returncode:
            said = one_line(tried.stderr.decode("utf-8", "replace"))
            raise UsageError(f"voice {self.name!r}: espeak-ng says: {said} `espeak-ng --voices=en` lists them")

    def label(self, text: str) -> str:
        """`espeak-ng VOICE SPEED: text`."""
        return f"espeak-ng {self.voice} {self.speed}: {' '.join(text.split())}"

    def say(self, text: str) -> tuple[NDArray[np.float32], Hertz]:
        """Speaks into a file of its own and reads it."""
        command = ["espeak-ng", "-v", self.voice, "-s", str(self.speed), "--stdin", "-w"]
        return _spoken_by(command, self.name, stdin=" ".join(text.split()))


@dataclass(frozen=True, slots=True)
class SpeechServer:
    """A voice of a server. What a model says may change from day to day; recordings that are kept do not."""

    model: str
    voice: str
    url: str
    key_env: str | None = None
    _local: threading.local = field(default_factory=threading.local, compare=False, repr=False)

    @property
    def name(self) -> str:
        """`openai-api:MODEL:VOICE`."""
        return f"openai-api:{self.model}:{self.voice}"

    def check(self) -> None:
        """The key, where one was named, is in the environment. Sends nothing."""
        self._key()

    def label(self, text: str) -> str:
        """`openai-api MODEL VOICE: text`."""
        return f"openai-api {self.model} {self.voice}: {' '.join(text.split())}"

    def say(self, text: str) -> tuple[NDArray[np.float32], Hertz]:
        """Asks for a WAV file and decodes it."""
        request = {"model": self.model, "input": " ".join(text.split()), "voice": self.voice, "response_format": "wav"}
        try:
            wav = self._server().ask(text, json=request)
        except NoResponse as error:
            raise Unspeakable(f"{self.name}: {error}") from error
        return _decoded(io.BytesIO(wav), f"{self.name}: the server's answer")

    def _server(self) -> Server:
        """One for each thread, as they keep connections."""
        if not hasattr(self._local, "server"):
            from harness.http.server import Server

            self._local.server = Server(
                self.url, self._key(), _SERVER_TIMEOUT, _SERVER_RETRIES, max_answer_bytes=_MAX_SPEECH_BYTES
            )
        server: Server = self._local.server
        return server

    def _key(self) -> str | None:
        return api_key(f"voice {self.name!r}", self.key_env)


def parse_voice(text: str) -> Voice:
    """The voice meant by `ENGINE:NAME[,option=value]...`. Raises `UsageError` for what means none; checks no more."""
    head, *parts = text.split(",")
    engine, _, name = head.strip().partition(":")
    options = dict(_option(part, text) for part in parts)
    found: Voice
    if engine == "flite" and name:
        found = Flite(name)
    elif engine == "espeak-ng" and _ESPEAK_VOICE.fullmatch(name):
        found = EspeakNg(name, _speed(options.pop("speed", "175"), text))
    elif engine == "openai-api" and name:
        if "voice" not in options:
            raise UsageError(f"voice {text!r}: a server has several voices: add voice=NAME")
        address = endpoint(f"voice {head!r}", options.pop("url", None), "/v1/audio/speech")
        found = SpeechServer(name, options.pop("voice"), address, options.pop("key_env", None))
    elif engine in ("flite", "espeak-ng", "openai-api"):
        raise UsageError(
            f"voice {text!r}: expected {engine}:NAME, such as flite:slt, espeak-ng:en-us, openai-api:tts-1"
        )
    else:
        raise UnknownName("speech engine", engine, ("flite", "espeak-ng", "openai-api"))
    if options:
        raise UsageError(f"voice {text!r}: {engine} has no option {next(iter(options))!r}")
    return found


def plain_letters(text: str) -> str:
    """`text` with accents dropped and other Latin letters spelled out, case kept: "Tromsø" -> "Tromso"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _option(part: str, text: str) -> tuple[str, str]:
    key, _, value = (piece.strip() for piece in part.partition("="))
    if not (key and value):
        raise UsageError(f"voice {text!r}: {part!r} is no option: expected option=value, such as speed=150")
    return key, value


def _speed(value: str, text: str) -> int:
    if not (value.isascii() and value.isdigit() and 80 <= int(value) <= 450):
        raise UsageError(f"voice {text!r}: speed is {value!r}; expected words a minute from 80 to 450")
    return int(value)


def _program(name: str, voice: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingDependency(f"voice {voice!r}", name, f"apt-get install {name}")
    return found


def _spoken_by(command: list[str], name: str, stdin: str = "") -> tuple[NDArray[np.float32], Hertz]:
    """What a program writes into the file whose path is put behind `command`."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        ran = _run([*command, str(wav)], name, stdin)
        if ran.returncode or not wav.is_file():
            said = one_line(ran.stderr.decode("utf-8", "replace")) or "nothing"
            raise Unspeakable(f"{name}: {command[0]} ended with code {ran.returncode}, and says {said}")
        return _decoded(wav, f"{name}: what {command[0]} wrote")


def _run(command: list[str], name: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a list, and no shell
            command, input=stdin.encode(), capture_output=True, check=False, timeout=_PROGRAM_TIMEOUT
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:  # a NUL in the text, a text too long
        raise Unspeakable(f"{name}: {command[0]} could not be run: {one_line(str(error))}") from error


def _decoded(source: Path | io.BytesIO, what: str) -> tuple[NDArray[np.float32], Hertz]:
    import soundfile

    try:
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise Unspeakable(f"{what} cannot be read as audio: {one_line(str(error))}") from error
    if not len(samples):
        raise Unspeakable(f"{what} holds no sound")
    return samples.mean(axis=1), int(rate)
