"""A voice behind a server that speaks OpenAI's speech API."""

from __future__ import annotations

import io
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import NoResponse
from harness.http.address import api_key
from harness.records import Hertz, Seconds
from harness.suites.voices.programs import decoded
from harness.suites.voices.protocol import Line, Unspeakable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.http.server import Server

_SERVER_TIMEOUT: Seconds = 120.0
_SERVER_RETRIES = 4
_MAX_SPEECH_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class SpeechServer:
    """A voice of a server. A model's speech may change from day to day; recordings that are kept do not."""

    model: str
    voice: str
    url: str
    key_env: str | None = None
    _local: threading.local = field(default_factory=threading.local, compare=False, repr=False)

    @property
    def name(self) -> str:
        """`openai-api:MODEL:VOICE`."""
        return f"openai-api:{self.model}:{self.voice}"

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Check that the key, where one was named, is in the environment. Sends nothing."""
        self._key()

    def label(self, line: Line) -> str:
        """`openai-api MODEL VOICE: text`."""
        return f"openai-api {self.model} {self.voice}: {line.plain}"

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Ask for a WAV file and decode it."""
        request = {"model": self.model, "input": line.plain, "voice": self.voice, "response_format": "wav"}
        try:
            wav = self._server().ask(line.text, json=request)
        except NoResponse as error:
            raise Unspeakable(f"{self.name}: {error}") from error
        return decoded(io.BytesIO(wav), f"{self.name}: the server's answer")

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
