"""Voices by `ENGINE:NAME[,option=value]...`."""

from __future__ import annotations

import re
from pathlib import Path

from harness.errors import UnknownName, UsageError
from harness.http.address import endpoint
from harness.suites.voices.kokoro import Kokoro
from harness.suites.voices.programs import EspeakNg, Flite, Piper
from harness.suites.voices.protocol import Voice
from harness.suites.voices.server import SpeechServer

ENGINES = ("flite", "espeak-ng", "kokoro", "piper", "openai-api")
_ESPEAK_VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


def parse_voice(text: str) -> Voice:
    """Return the voice named by `ENGINE:NAME[,option=value]...`, unchecked. Raises `UsageError` where it names none."""
    head, *parts = text.split(",")
    engine, _, name = head.strip().partition(":")
    options = dict(_option(part, text) for part in parts)
    voice: Voice
    if engine == "flite" and name:
        voice = Flite(name)
    elif engine == "espeak-ng" and _ESPEAK_VOICE.fullmatch(name):
        voice = EspeakNg(name, _speed(options.pop("speed", "175"), text))
    elif engine == "kokoro" and name:
        voice = Kokoro(name, _pace(options.pop("speed", "1"), text))
    elif engine == "piper" and name.endswith(".onnx"):
        voice = Piper(Path(name).expanduser())
    elif engine == "openai-api" and name:
        if "voice" not in options:
            raise UsageError(f"voice {text!r}: a server has several voices: add voice=NAME")
        address = endpoint(f"voice {head!r}", options.pop("url", None), "/v1/audio/speech")
        voice = SpeechServer(name, options.pop("voice"), address, options.pop("key_env", None))
    elif engine in ENGINES:
        raise UsageError(
            f"voice {text!r}: expected {engine}:NAME, such as flite:slt, espeak-ng:en-us, kokoro:jm_kumo, "
            "piper:VOICE.onnx, openai-api:tts-1"
        )
    else:
        raise UnknownName("speech engine", engine, ENGINES)
    if options:
        raise UsageError(f"voice {text!r}: {engine} has no option {next(iter(options))!r}")
    return voice


def _option(part: str, text: str) -> tuple[str, str]:
    key, _, value = (piece.strip() for piece in part.partition("="))
    if not (key and value):
        raise UsageError(f"voice {text!r}: {part!r} is no option: expected option=value, such as speed=150")
    return key, value


def _speed(value: str, text: str) -> int:
    if not (value.isascii() and value.isdigit() and 80 <= int(value) <= 450):
        raise UsageError(f"voice {text!r}: speed is {value!r}; expected words a minute from 80 to 450")
    return int(value)


def _pace(value: str, text: str) -> float:
    if not (re.fullmatch(r"\d(\.\d+)?", value, re.ASCII) and 0.5 <= float(value) <= 2):
        raise UsageError(f"voice {text!r}: speed is {value!r}; expected a factor from 0.5 to 2, such as 0.9")
    return float(value)
