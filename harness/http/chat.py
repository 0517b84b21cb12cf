"""Any server that speaks OpenAI's chat API: `POST {url}/v1/chat/completions`, at temperature 0, one reply a request.

https://platform.openai.com/docs/api-reference/chat/create; the hosted one, vLLM, llama.cpp, Ollama ... speak it. The key comes
from the environment and is written nowhere. A server may replace the model behind a name without notice.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from harness.errors import NoResponse
from harness.http.address import api_key, endpoint
from harness.http.quoting import description

if TYPE_CHECKING:
    from harness.http.server import Server

_MOST_TRIES: Final = 20  # braces at which a JSON object is looked for


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    error: Any = None


class _Completion(msgspec.Struct):
    """What is read of an answer; fields beside these are left alone."""

    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    error: Any = None

    @property
    def content(self) -> str | None:
        """The text of the reply, empty where the model declines to answer; `None` where there is an error in its place."""
        choice = self.choices[0]
        text = "" if choice.message.refusal else choice.message.content or ""
        return None if (self.error or choice.error) and not text.strip() else text


class ChatOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of every plug-in that asks a chat server."""

    url: Annotated[str | None, msgspec.Meta(description="the server; the environment's OPENAI_BASE_URL unless set")] = (
        None
    )
    max_tokens: Annotated[int, msgspec.Meta(description="of the reply", ge=16, le=8_192)] = 200
    timeout: Annotated[float, msgspec.Meta(description="seconds of one try", gt=0, le=600)] = 60.0
    retries: Annotated[int, msgspec.Meta(description="tries more", ge=0, le=8)] = 3
    workers: Annotated[int, msgspec.Meta(description="requests at a time", ge=1, le=32)] = 4
    key_env: Annotated[
        str | None, msgspec.Meta(description="the environment variable with the API key; OPENAI_API_KEY unless set")
    ] = None


class Chat:
    """One model on one server, for any number of threads: each has its own connection.

    `who` begins the message of a `UsageError`, raised for what is no address and for a key that is not there.
    """

    def __init__(self, who: str, model: str, options: ChatOptions) -> None:
        self.url: Final = endpoint(who, options.url, "/v1/chat/completions")
        self._who, self._model, self._options = who, model, options
        self._of_thread = threading.local()
        api_key(who, options.key_env)

    def connect(self) -> None:
        """Read the key. Sends nothing: a server that is down for a moment costs single replies, not the run."""
        self._server()

    def reply(self, system: str, user: str, *, seed: str) -> str:
        """Return the model's reply to one message, empty where it declines to answer. `seed` draws the waits between tries.

        Raises `NoResponse`.
        """
        request = {
            "model": self._model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": self._options.max_tokens,
        }
        return self._content(self._server().ask(seed, json=request))

    def _server(self) -> Server:
        """Return the connection of this thread."""
        from harness.http.server import Server

        if not hasattr(self._of_thread, "server"):
            key = api_key(self._who, self._options.key_env)
            self._of_thread.server = Server(self.url, key, self._options.timeout, self._options.retries)
        server: Server = self._of_thread.server
        return server

    def _content(self, body: bytes) -> str:
        try:
            content = msgspec.json.decode(body, type=_Completion).content
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problem = str(error)
        except RecursionError:
            problem = "the JSON is nested too deeply"
        else:
            if content is not None:
                return content
            problem = "there is no text"
        raise NoResponse(
            "BadResponse",
            f"POST {self.url}: status 200: expected JSON with choices[0].message.content: {problem}. It is {description(body)}",
        )


def first_object(content: str, field: str) -> dict[str, object] | None:
    """Return the first JSON object with a field of that name in a text that may have fences, thoughts or chatter around it."""
    decoder, place = json.JSONDecoder(), -1
    for _ in range(_MOST_TRIES):
        place = content.find("{", place + 1)
        if place < 0:
            return None
        try:
            value, _ = decoder.raw_decode(content, place)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and field in value:
            return value
    return None
