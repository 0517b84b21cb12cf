"""OpenAI's Whisper in its own implementation: `whisper:tiny.en`, or `whisper:CHECKPOINT.pt` (package openai-whisper).

Weights that OpenAI publishes are fetched by name when the model is first loaded, and their digest is known before. At
temperature 0, which is the default, decoding is deterministic. Whisper's habit of trying again at higher temperatures
where a text repeats itself or is unlikely draws random words, so it is off unless `fallback=true`; the draws are then
seeded by the recording, and the same again in any worker.

On the same weights its text equals faster-whisper's, greedy and in float32. From a file, words are aligned with all heads of
the decoder's upper half: the heads chosen for a published model are known by its name only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from harness.asr.engines import (
    Beam,
    Fallback,
    InitialPrompt,
    Prompts,
    Temperature,
    Threads,
    WhisperWordTimes,
    clip_problem,
    engine_failure,
    fallback_temperatures,
    first_clip,
    recognised_word,
    require,
    seeded_torch,
)
from harness.asr.exchange import read_options
from harness.asr.language import Language, check_whisper_knows, whisper_language
from harness.asr.model_files import refuse_other_kind
from harness.asr.protocol import BackendContext, Capabilities, is_path
from harness.audio.weights import weights_digest
from harness.errors import UsageError, one_line
from harness.records import BackendSpec, Clip, Failure, Transcript

if TYPE_CHECKING:
    from whisper import Whisper as Model

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    device: Annotated[
        str, msgspec.Meta(pattern=r"^(cpu|cuda(:\d+)?)$", description="cpu, cuda or cuda:N; half precision on cuda.")
    ] = "cpu"
    beam: Beam = 5
    temperature: Temperature = 0.0
    fallback: Fallback = False
    language: Language = None
    initial_prompt: InitialPrompt = None
    word_timestamps: WhisperWordTimes = None
    threads: Threads = 1


class Whisper:
    """openai-whisper as a backend. The phrases of a bias list follow the initial prompt, as many whole ones as fit."""

    package: ClassVar[str | None] = "whisper"
    extra: ClassVar[str | None] = "whisper"
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=False, word_times=True, confidence=True, bias=True, batch=False, needs_audio=True, device=True
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "whisper:tiny.en,bias=entities"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        self._versions = require(spec, "whisper", "openai-whisper", "torch")
        self._spec, self._options = spec, read_options(spec, _Options)
        self._name, self._checkpoint = _checkpoint(spec)
        self._language = self._decoding_language(context.language)
        self._prompts = Prompts(spec, self._options.initial_prompt, context.bias, _token_counter)
        self._prompted = bool(context.bias or self._options.initial_prompt)
        self._model: Model | None = None

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the weights, and the options that change the output."""
        options = msgspec.structs.asdict(self._options)
        parts = {
            "engine": "whisper",
            "adapter": ADAPTER_VERSION,
            "version": self._versions["openai-whisper"],
            "torch": self._versions["torch"],
            "name": self._name,
            "model": weights_digest(self._checkpoint) if self._checkpoint else _published_digest(self._name),
            "device": self._options.device.partition(":")[0],
        }
        for name in ("beam", "temperature", "fallback", "threads"):
            parts[f"option.{name}"] = str(options[name])
        parts["option.language"] = str(self._language)
        parts["option.word_timestamps"] = str(self._word_times())
        return parts | self._prompts.identity()

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases of a recording's bias list that fit into the prompt."""
        return self._prompts.phrases(utterance_id)

    @property
    def notes(self) -> Sequence[str]:
        """What a reader of the run should know of these settings."""
        if not (self._prompted and self._word_times()):
            return ()
        return (
            "a bias list or prompt together with word_timestamps=true makes openai-whisper talk on in the silence after the "
            "last word: leave word_timestamps out, and it decodes without word times",
        )

    def warm_up(self) -> None:
        """Load the weights; fetch them first where a published model is not on this machine. Then recognise a second of noise."""
        if self._model is None:
            self.transcribe([first_clip()])

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip; no clip's result depends on another's."""
        model = self._loaded()
        return [self._transcribe(model, clip) for clip in clips]

    def _transcribe(self, model: Model, clip: Clip) -> Transcript | Failure:
        if problem := clip_problem(clip):
            return problem
        if len(clip.samples) == 0:
            return Transcript("")
        options = self._options
        settings: dict[str, Any] = {
            "temperature": (fallback_temperatures(options.temperature) if options.fallback else options.temperature),
            "beam_size": options.beam if options.beam > 1 else None,
            "language": self._language,
            "initial_prompt": self._prompts.text(clip.utterance_id),
            "word_timestamps": self._word_times(),
            "fp16": options.device != "cpu",
        }
        try:
            with seeded_torch(clip):
                answer = model.transcribe(clip.samples, **settings)
        except Exception as error:  # whatever an engine raises costs this clip only
            return engine_failure("whisper", error)
        words = [
            recognised_word(word["word"], word["start"], word["end"], word["probability"])
            for segment in answer["segments"]
            for word in segment.get("words", ())
        ]
        return Transcript(answer["text"].strip(), words=tuple(word for word in words if word))

    def _decoding_language(self, suite_language: str) -> str | None:
        """Return the code to decode in; a checkpoint of one's own tells only when it is loaded what it knows."""
        english_only = self._checkpoint is None and self._name.endswith(".en")
        language = whisper_language(self._spec, self._options.language, suite_language, english_only=english_only)
        if language not in (None, "en"):
            from whisper.tokenizer import LANGUAGES, TO_LANGUAGE_CODE

            check_whisper_knows(self._spec, language, {*LANGUAGES, *TO_LANGUAGE_CODE}, suite_language)
        return language

    def _word_times(self) -> bool:
        """Not beside a prompt unless asked for: the next window then begins at the last word's end, and the model, prompted
        again, fills the silence there. On six recordings the WER was 26 % with word times and 11 % without.
        """
        wanted = self._options.word_timestamps
        return not self._prompted if wanted is None else wanted

    def _loaded(self) -> Model:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _load(self) -> Model:
        import numba
        import torch
        import whisper
        from whisper.timing import dtw

        torch.set_num_threads(self._options.threads)
        numba.set_num_threads(min(self._options.threads, numba.get_num_threads()))  # words are aligned with it
        dtw(torch.zeros(2, 2))  # compiled at its first call, which is no recognition time
        try:
            with _one_download_at_a_time(self._name if self._checkpoint is None else None):
                model = whisper.load_model(str(self._checkpoint or self._name), device=self._options.device)
        except Exception as error:  # a file that is no checkpoint, no network, no such device: torch has many types
            raise UsageError(
                f"backend {self._spec.label!r}: {self._name} cannot be loaded on {self._options.device}: "
                f"{type(error).__name__}: {one_line(str(error))}. Expected a checkpoint of openai-whisper"
            ) from error
        if self._language not in (None, "en", "english") and not model.is_multilingual:
            raise UsageError(
                f"backend {self._spec.label!r}: {self._name} understands English only, and is to decode "
                f"{self._language!r}: use a multilingual checkpoint, such as whisper:base"
            )
        return model


def _checkpoint(spec: BackendSpec) -> tuple[str, Path | None]:
    """Return the model's name, and its file where one was given. Raises `UsageError` before anything is loaded."""
    model = spec.model
    if model is None:
        raise UsageError(
            f"backend {spec.label!r}: expected whisper:MODEL, with a published name or a checkpoint's path, for example "
            f"whisper:tiny.en"
        )
    if is_path(model):
        path = Path(model).expanduser()
        refuse_other_kind(spec, path)
        if not path.is_file():
            raise UsageError(f"backend {spec.label!r}: the checkpoint {model} is not there: expected a .pt file")
        return path.stem, path.resolve()
    import whisper  # for the names and digests of what is published

    names = whisper.available_models()
    if model not in names:
        close = get_close_matches(model, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(
            f"backend {spec.label!r}: {model!r} is no model that OpenAI publishes.{hint} Known: {', '.join(names)}; or the "
            f"path of a checkpoint"
        )
    return model, None


def _published_digest(name: str) -> str:
    """SHA-256 of published weights: it stands in their address, and openai-whisper loads no others by that name."""
    import whisper

    return str(whisper._MODELS[name].split("/")[-2])


@cache
def _token_counter() -> Callable[[str], int]:
    """Return a counter that takes the larger count of Whisper's two vocabularies: a file's own is known when it is loaded."""
    from whisper.tokenizer import get_tokenizer

    encodings = [get_tokenizer(multilingual, num_languages=99) for multilingual in (False, True)]
    return lambda text: max(len(encoding.encode(text)) for encoding in encodings)


@contextmanager
def _one_download_at_a_time(name: str | None) -> Iterator[None]:
    """Two workers that fetch one file would write into each other's: openai-whisper downloads in place."""
    if name is None:
        yield
        return
    import os

    from filelock import FileLock

    folder = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper"
    )  # where the package keeps them
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{name}.lock"):
        yield
