"""What engines outside this process are given and give back: options checked, WAV out, transcripts in, all bounded.

Shared by the backends that ask another program, over a network or on this machine. What comes back is not
trusted: its size is limited, its types are checked, and only printable text of it reaches a message.
"""

from __future__ import annotations

import wave
from io import BytesIO
from typing import TypeVar

import msgspec

from harness.asr.protocol import CommonOptions
from harness.audio.pcm import pcm16
from harness.errors import RecognitionError
from harness.http.quoting import description
from harness.options import Options, checked_options
from harness.records import BackendSpec, Clip, Failure
from harness.words.transcripts.timed_words import decode_json

MAX_ANSWER_BYTES = 1_000_000  # ten minutes of speech with word times are about 150 kB


Answer = TypeVar("Answer", bound=msgspec.Struct)


class NoTranscript(RecognitionError):
    """An engine gave no usable answer. `type` names the kind of failure; it leaves a backend only as a `Failure`."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_

    def failure(self) -> Failure:
        """Return the same as a record."""
        return Failure("recognise", self.type, str(self))


def read_options(spec: BackendSpec, kind: type[Options]) -> Options:
    """Return the backend's options as a `kind`. Raises `UsageError`, which names the known options and repeats no value."""
    return checked_options(f"backend {spec.label!r}", spec.options, kind, CommonOptions.__struct_fields__)


def wav_bytes(clip: Clip) -> bytes:
    """Return the clip as a mono WAV file of 16-bit samples at its own rate."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.sample_rate)
        file.writeframes(pcm16(clip.samples).astype("<i2").tobytes())
    return buffer.getvalue()


def decode_answer(content: bytes, kind: type[Answer], source: str, type_: str) -> Answer:
    """Return the JSON document `content` as a `kind`. Raises `NoTranscript` of `type_`; `source` begins its message."""
    try:
        return decode_json(content, kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = str(error)
    except RecursionError:
        problem = "the JSON is nested too deeply"
    raise NoTranscript(
        type_,
        f"{source}: expected JSON with a field 'text' that holds the transcript: {problem}. It is {description(content)}",
    )
