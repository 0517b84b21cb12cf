"""Whisper models on CTranslate2: `faster-whisper:FOLDER`, or `faster-whisper:NAME` (package faster-whisper).

A folder holds a converted model with its `tokenizer.json`. A name (`tiny.en`, `large-v3`, or a repository of the hub)
has to be on this machine already; nothing is downloaded. `tiny.en` and `base` come as packages (`audio/packaged.py`), and are
taken from there where those are installed. Decoding is at temperature 0 and deterministic, unless `fallback` is asked for:
CTranslate2's random numbers do not come again from the same seed, so two machines would recognise different words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from harness.asr.bias_list import NO_LIST
from harness.asr.engines import (
    SAMPLE_RATE,
    TEMPERATURE_LADDER,
    Prompts,
    Revision,
    Threads,
    WhisperWordTimes,
    clip_problem,
    engine_failure,
    file_token_counter,
    first_clip,
    model_folder,
    recognised_word,
    require,
)
from harness.asr.exchange import read_options
from harness.asr.language import Language, check_whisper_knows, whisper_language
from harness.asr.protocol import BackendContext, Capabilities, is_path
from harness.audio.packaged import PACKAGED
from harness.audio.weights import folder_digest, weights_digest
from harness.errors import RecognitionError, UsageError, one_line
from harness.records import BackendSpec, Clip, Failure, Transcript

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline, WhisperModel
    from faster_whisper.transcribe import Segment

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes
_MULTILINGUAL_VOCABULARY = 51_865  # tokens; models of English alone have one less
_WINDOW_SECONDS = 30  # what the batched pipeline takes in one piece

ComputeType = Literal[
    "default", "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16", "float32",
]  # fmt: skip


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    device: Annotated[Literal["cpu", "cuda"], msgspec.Meta(description="Where the model runs.")] = "cpu"
    compute_type: Annotated[
        ComputeType | None,
        msgspec.Meta(
            description="CTranslate2's type of number to compute with. Unless set: int8 on cpu, which takes half the time of "
            "float32; on cuda as the model is stored."
        ),
    ] = None
    beam: Annotated[
        int, msgspec.Meta(ge=1, le=100, description="Hypotheses kept in the search; 1 is greedy decoding.")
    ] = 5
    batched: Annotated[
        bool, msgspec.Meta(description="Decode the pieces of one recording together; from 30 s on this needs vad.")
    ] = False
    batch_size: Annotated[
        int, msgspec.Meta(ge=1, le=1024, description="How many pieces are decoded together with batched.")
    ] = 8
    vad: Annotated[bool, msgspec.Meta(description="Remove what is no speech first (Silero's detector).")] = False
    language: Language = None
    initial_prompt: Annotated[
        str | None, msgspec.Meta(description="Text that the model is told came before the recording.")
    ] = None
    bias_as: Annotated[
        Literal["hotwords", "prompt"],
        msgspec.Meta(
            description="How a bias list is given: as hotwords, repeated for every window of 30 s, or in the prompt of the "
            "first."
        ),
    ] = "hotwords"
    word_timestamps: WhisperWordTimes = None
    fallback: Annotated[
        bool,
        msgspec.Meta(
            description="Whisper's guards: where a text repeats itself (compression ratio over 2.4) or is unlikely (mean log "
            "probability under -1), draw again at higher temperatures. The draws cannot be repeated."
        ),
    ] = False
    revision: Revision = None
    threads: Threads = 1


class FasterWhisper:
    """faster-whisper as a backend."""

    package: ClassVar[str | None] = "faster_whisper"
    extra: ClassVar[str | None] = "faster-whisper"
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=False, word_times=True, confidence=True, bias=True, batch=False, needs_audio=True, device=True
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "faster-whisper:tiny.en,bias=entities"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        packaged = PACKAGED.get(spec.model or "")
        self._versions = require(
            spec, packaged.extra if packaged else "faster-whisper", "faster-whisper", "ctranslate2"
        )
        self._spec, self._options = spec, read_options(spec, _Options)
        self._folder = _folder(spec, self._options.revision)
        self._language = _language(spec, self._options.language, context.language, self._folder)
        # Hotwords are repeated for every window, apart from the prompt of the first.
        counter, self._biased = partial(file_token_counter, self._folder), bool(context.bias)
        prompted = self._options.bias_as == "prompt"
        self._prompts = Prompts(spec, self._options.initial_prompt, context.bias if prompted else NO_LIST, counter)
        self._hotwords = Prompts(spec, None, NO_LIST if prompted else context.bias, counter)
        self._engine: WhisperModel | BatchedInferencePipeline | None = None

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the model, and the options that change the output."""
        options = self._options
        parts = {
            "engine": "faster-whisper",
            "adapter": ADAPTER_VERSION,
            "version": self._versions["faster-whisper"],
            "ctranslate2": self._versions["ctranslate2"],
            "model": folder_digest(self._folder),
            "weights": weights_digest(self._folder / "model.bin"),
            "device": options.device,
            "option.compute_type": self._compute_type(),
            "option.word_timestamps": str(self._word_times()),
        }
        names = ["beam", "batched", "vad", "fallback", "threads"]
        if options.batched:
            names.append("batch_size")
        parts |= {f"option.{name}": str(getattr(options, name)) for name in names}
        parts["option.language"] = str(self._language)
        if self._biased:
            parts["option.bias_as"] = options.bias_as
        return parts | self._prompts.identity()

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases of a recording's bias list that fit into the hotwords, or into the prompt."""
        return self._hotwords.phrases(utterance_id) or self._prompts.phrases(utterance_id)

    @property
    def notes(self) -> Sequence[str]:
        """What a reader of the run should know of these settings."""
        notes = []
        if self._prompted() and self._word_times() and not self._options.batched:
            notes.append(
                "a bias list or prompt together with word_timestamps=true makes faster-whisper talk on in the silence after "
                "the last word: leave word_timestamps out, and it decodes without word times"
            )
        if self._options.fallback:
            notes.append(
                "with fallback=true words are drawn at random where the first try looks wrong, and CTranslate2 cannot repeat "
                "its draws. Transcripts are kept in the cache as others are, so this machine shows them again; another "
                "machine, or an emptied cache, may give other words"
            )
        return notes

    def warm_up(self) -> None:
        """Load the model. Then recognise a second of noise."""
        if self._engine is None:
            self.transcribe([first_clip()])

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip; no clip's result depends on another's."""
        engine = self._loaded()
        return [self._transcribe(engine, clip) for clip in clips]

    def _transcribe(self, engine: WhisperModel | BatchedInferencePipeline, clip: Clip) -> Transcript | Failure:
        options = self._options
        if problem := clip_problem(clip):
            return problem
        if len(clip.samples) == 0:
            return Transcript("")
        if options.batched and not options.vad and clip.duration >= _WINDOW_SECONDS:
            return Failure(
                "recognise",
                RecognitionError.__name__,
                f"faster-whisper: the recording lasts {clip.duration:.1f} s, and batched=true cuts at silences from "
                f"{_WINDOW_SECONDS} s on: add vad=true, or leave batched out",
            )
        try:
            segments, _ = engine.transcribe(clip.samples, **self._settings(clip.utterance_id))
            return _transcript(segments)
        except Exception as error:  # whatever an engine raises costs this clip only
            return engine_failure("faster-whisper", error)

    def _settings(self, utterance_id: str) -> dict[str, Any]:
        options = self._options
        settings: dict[str, Any] = {
            "beam_size": options.beam,
            "temperature": TEMPERATURE_LADDER if options.fallback else 0.0,
            "language": self._language,
            "initial_prompt": self._prompts.text(utterance_id),
            "hotwords": self._hotwords.text(utterance_id),
            "vad_filter": options.vad,
            "word_timestamps": self._word_times(),
        }
        return settings | ({"batch_size": options.batch_size} if options.batched else {})

    def _compute_type(self) -> str:
        return self._options.compute_type or ("int8" if self._options.device == "cpu" else "default")

    def _prompted(self) -> bool:
        return bool(self._biased or self._options.initial_prompt)

    def _word_times(self) -> bool:
        """Not beside a prompt unless asked for: the next window then begins at the last word's end, and the model, prompted
        again, fills the silence there (a WER of 844 % on 33 recordings). The batched pipeline does not move its windows.
        """
        wanted = self._options.word_timestamps
        return (self._options.batched or not self._prompted()) if wanted is None else wanted

    def _loaded(self) -> WhisperModel | BatchedInferencePipeline:
        if self._engine is None:
            self._engine = self._load()
        return self._engine

    def _load(self) -> WhisperModel | BatchedInferencePipeline:
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        options = self._options
        try:
            model = WhisperModel(
                str(self._folder),
                device=options.device,
                compute_type=self._compute_type(),
                cpu_threads=options.threads,
                local_files_only=True,
            )
        except Exception as error:  # CTranslate2 raises RuntimeError and ValueError, readers of JSON their own
            raise UsageError(
                f"backend {self._spec.label!r}: the model cannot be loaded on {options.device} as "
                f"{self._compute_type()}: {one_line(str(error))}"
            ) from error
        if model.feature_extractor.sampling_rate != SAMPLE_RATE:
            raise UsageError(f"backend {self._spec.label!r}: the model does not read {SAMPLE_RATE} samples a second")
        if self._language not in (None, *model.supported_languages):
            known = (
                "a code of Whisper's, such as de" if model.model.is_multilingual else "en, the only one of this model"
            )
            raise UsageError(f"backend {self._spec.label!r}: the language is {self._language!r}: expected {known}")
        return BatchedInferencePipeline(model) if options.batched else model


def _folder(spec: BackendSpec, revision: str | None) -> Path:
    """Return the model's folder, with all that decoding needs in it. Raises `UsageError`."""
    model = spec.model
    if model is None:
        raise UsageError(
            f"backend {spec.label!r}: expected faster-whisper:MODEL, with a converted model's folder or a name, for "
            f"example faster-whisper:tiny.en"
        )
    packaged = None if revision else PACKAGED.get(model)
    if packaged and packaged.is_installed():
        return packaged.folder(f"backend {spec.label!r}")
    repository = model
    if not is_path(model) and "/" not in model:
        from faster_whisper.utils import _MODELS

        if model not in _MODELS:
            close = get_close_matches(model, _MODELS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise UsageError(
                f"backend {spec.label!r}: {model!r} is no model that faster-whisper knows.{hint} Known: "
                f"{', '.join(_MODELS)}; or a folder, or a repository of the hub"
            )
        repository = _MODELS[model]
    folder = model_folder(spec, repository, revision, packaged.extra if packaged else None)
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise UsageError(
            f"backend {spec.label!r}: {model} has no {', '.join(missing)}: expected a model in CTranslate2's layout with "
            f"its tokenizer, as ct2-transformers-converter writes with --copy_files tokenizer.json "
            f"preprocessor_config.json"
        )
    return folder


def _language(spec: BackendSpec, option: str | None, suite_language: str, folder: Path) -> str | None:
    """Return the code to decode in. Raises `UsageError` for one that the model does not know."""
    language = whisper_language(spec, option, suite_language, english_only=not _is_multilingual(folder))
    if language not in (None, "en"):  # the package need not be imported for English
        from faster_whisper.tokenizer import _LANGUAGE_CODES

        check_whisper_knows(spec, language, _LANGUAGE_CODES, suite_language)
    return language


def _is_multilingual(folder: Path) -> bool:
    """Return whether a model knows other languages than English, by the size of its vocabulary, as CTranslate2 decides it."""
    try:
        if (listed := folder / "vocabulary.json").is_file():
            return len(msgspec.json.decode(listed.read_bytes(), type=list[str])) >= _MULTILINGUAL_VOCABULARY
        return len((folder / "vocabulary.txt").read_bytes().splitlines()) >= _MULTILINGUAL_VOCABULARY
    except (OSError, msgspec.MsgspecError):
        return True  # told when the model is loaded


def _transcript(segments: Iterable[Segment]) -> Transcript:
    """Segments come from a generator: the recognition happens here."""
    done = list(segments)
    words = [recognised_word(w.word, w.start, w.end, w.probability) for segment in done for w in segment.words or ()]
    return Transcript("".join(segment.text for segment in done).strip(), words=tuple(word for word in words if word))
