"""Any speech server that speaks OpenAI's transcription API: the hosted one, vLLM, servers around faster-whisper ...

`openai-api:MODEL,url=http://localhost:8000` sends each recording as a 16-bit WAV file to
`POST {url}/v1/audio/transcriptions` (https://platform.openai.com/docs/api-reference/audio/createTranscription). The key
comes from the environment when the first recording is sent, and is written nowhere. A server may replace the model
behind a name without notice; transcripts that are cached stay those of the model before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from harness.asr.exchange import NoTranscript, decode_answer, read_options, wav_bytes
from harness.asr.language import Language, decoding_language
from harness.asr.protocol import BackendContext, Capabilities, Measured
from harness.errors import NoResponse, UsageError
from harness.http.address import api_key, endpoint
from harness.http.quoting import description
from harness.records import BackendSpec, Clip, Failure, Seconds, Transcript, Word
from harness.words.transcripts.timed_words import finite, timed_word

if TYPE_CHECKING:
    from harness.http.server import Server

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of an answer changes
MAX_PROMPT_WORDS = 200  # whisper reads no more than the last 224 tokens of a prompt
_LONGEST_NAME = 40  # of what is billed: "input_tokens", "seconds"


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    url: Annotated[
        str | None,
        msgspec.Meta(
            description="Address of the server, with or without /v1. Unless set: OPENAI_BASE_URL of the environment."
        ),
    ] = None
    response_format: Annotated[
        Literal["json", "verbose_json"],
        msgspec.Meta(description="What is asked for: verbose_json has word times and confidences."),
    ] = "json"
    language: Language = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2, description="Sampling temperature that is sent.")] = 0.0
    timeout: Annotated[
        float, msgspec.Meta(gt=0, le=600, description="Seconds after which one request is given up.")
    ] = 120.0
    retries: Annotated[
        int, msgspec.Meta(ge=0, le=8, description="Requests more where the server is busy or out of reach.")
    ] = 3
    key_env: Annotated[
        str | None, msgspec.Meta(description="Environment variable that holds the key. Unless set: OPENAI_API_KEY.")
    ] = None


class _Segment(msgspec.Struct):
    """A stretch of speech. `avg_logprob` is the mean natural log probability of its tokens."""

    start: Any = None
    end: Any = None
    avg_logprob: Any = None


class _TimedWord(msgspec.Struct):
    """`probability` is given by servers around faster-whisper only."""

    word: str
    start: Any = None
    end: Any = None
    probability: Any = None


class _Answer(msgspec.Struct):
    """What is read of an answer; fields beside these are left alone."""

    text: str
    words: list[_TimedWord] | None = None
    segments: list[_Segment] | None = None
    usage: Any = None
    error: Any = None


class OpenAIApi:
    """A server as a backend. The phrases of a bias list are sent as the prompt, as many whole ones as fit in 200 words."""

    package: ClassVar[str | None] = "requests"
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=False, word_times=True, confidence=True, bias=True, batch=False, needs_audio=True, works_in="server"
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "openai-api:whisper-1,url=http://localhost:8000"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        if spec.model is None:
            raise UsageError(
                f"backend {spec.label!r}: expected openai-api:MODEL, with a model that the server knows, for example "
                f"openai-api:whisper-1"
            )
        self._model, self._options = spec.model, read_options(spec, _Options)
        self._who = f"backend {spec.label!r}"
        self._url = endpoint(self._who, self._options.url, "/v1/audio/transcriptions")
        self._language = decoding_language(self._options.language, context.language)
        self._bias = context.bias
        self._server: Server | None = None
        self.measured: list[Measured] = []  # of the latest call: the request that succeeded, and what the server bills
        self._key()

    @property
    def longest_call(self) -> Seconds:
        """The longest time until a recording is answered or given up, repetitions and waits included."""
        return self._connected().longest

    def identity(self) -> Mapping[str, str]:
        """Address, model, and the options that reach the server."""
        parts = {
            "engine": "openai-api",
            "adapter": ADAPTER_VERSION,
            "url": self._url,
            "model": self._model,
            "option.response_format": self._options.response_format,
            "option.temperature": str(self._options.temperature),
        }
        if self._language is not None:
            parts["option.language"] = self._language
        return parts

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases of a recording's bias list that are sent with it."""
        return _fitting(self._bias.phrases_for(utterance_id))

    def warm_up(self) -> None:
        """Read the key. Sends nothing: a server that is down for a moment costs single samples, not the run."""
        self._connected()

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip, asked one after the other."""
        self.measured = []
        return [self._transcribe(clip) for clip in clips]

    def _transcribe(self, clip: Clip) -> Transcript | Failure:
        self.measured.append(Measured())
        if len(clip.samples) == 0:
            return Transcript("")
        server = self._connected()
        try:
            recording = {"file": ("audio.wav", wav_bytes(clip), "audio/wav")}
            body = server.ask(clip.utterance_id, data=self._fields(clip.utterance_id), files=recording)
            answer = self._answer(body)
            self.measured[-1] = Measured(server.seconds, _usage(answer))
            return _transcript(answer)
        except (NoResponse, NoTranscript) as error:
            return Failure("recognise", error.type, str(error))

    def _answer(self, body: bytes) -> _Answer:
        answer = decode_answer(body, _Answer, f"POST {self._url}: status 200", "BadResponse")
        if answer.error and not answer.text.strip():  # no transcript of silence, whose words would count as deleted
            raise NoTranscript("BadResponse", f"POST {self._url}: status 200, and {description(body)}")
        return answer

    def _connected(self) -> Server:
        if self._server is None:
            from harness.http.server import Server

            self._server = Server(self._url, self._key(), self._options.timeout, self._options.retries)
        return self._server

    def _fields(self, utterance_id: str) -> list[tuple[str, str]]:
        options = self._options
        fields = [
            ("model", self._model),
            ("response_format", options.response_format),
            ("temperature", f"{options.temperature:g}"),
        ]
        if self._language is not None:
            fields.append(("language", self._language))
        if phrases := self.phrases_sent(utterance_id):
            fields.append(("prompt", ", ".join(phrases)))
        if options.response_format == "verbose_json":
            fields += [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")]
        return fields

    def _key(self) -> str | None:
        return api_key(self._who, self._options.key_env)


def _fitting(phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the first phrases whose words, added up, do not pass the limit."""
    kept: list[str] = []
    left = MAX_PROMPT_WORDS
    for phrase in phrases:
        left -= len(phrase.split())
        if left < 0:
            break
        kept.append(phrase)
    return tuple(kept)


def _usage(answer: _Answer) -> Mapping[str, float]:
    """Return the numbers of what is billed: tokens by kind, or seconds of audio; nothing where the server does not say."""
    if not isinstance(answer.usage, dict):
        return {}
    return {
        name: value
        for name, value in answer.usage.items()
        if isinstance(name, str) and name.isidentifier() and len(name) <= _LONGEST_NAME and _amount(value)
    }


def _amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _transcript(answer: _Answer) -> Transcript:
    segments = answer.segments or []
    return Transcript(answer.text.strip(), words=tuple(_word(word, segments) for word in answer.words or []))


def _word(given: _TimedWord, segments: Sequence[_Segment]) -> Word:
    """Return a word; its confidence is its own, or else its segment's: the geometric mean over the segment's tokens."""
    word = timed_word(given.word.strip(), given.start, given.end, given.probability)
    if given.probability is not None or word.start is None or word.end is None:
        return word
    middle = (word.start + word.end) / 2
    for segment in segments:
        start, end, mean = finite(segment.start), finite(segment.end), finite(segment.avg_logprob)
        if start is not None and end is not None and mean is not None and start <= middle <= end:
            return replace(word, confidence=math.exp(min(0.0, mean)))
    return word
