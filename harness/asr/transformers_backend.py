"""Speech models of Hugging Face's transformers: `transformers:FOLDER`, or `transformers:OWNER/NAME`.

Any model of the pipeline "automatic-speech-recognition": Whisper, other encoder-decoders, and CTC models. What it gives
depends on the model, and its configuration is read, and nothing downloaded, before a run begins. At temperature 0, which
is the default, decoding is deterministic; above it words are drawn at random, seeded by the recording.

Whisper reads 30 seconds, so a shorter recording is filled up. transformers fills the *audio* with silence, whose log-mel is
the lowest there is in the recording; openai-whisper and faster-whisper fill the *log-mel* with 0, which is higher. On the same
weights the texts then differ for some recordings; with `padding=features` they are the same. Word times do not move the next
window here, as they do in the other two, so a bias list and word times go together.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from harness.asr.engines import (
    SAMPLE_RATE,
    Beam,
    Fallback,
    InitialPrompt,
    Prompts,
    Revision,
    Temperature,
    Threads,
    clip_problem,
    engine_failure,
    fallback_temperatures,
    file_token_counter,
    first_clip,
    model_folder,
    recognised_word,
    require,
    seeded_torch,
)
from harness.asr.exchange import read_options
from harness.asr.language import Language, check_whisper_knows, whisper_language
from harness.asr.protocol import BackendContext, Capabilities
from harness.audio.weights import folder_digest
from harness.errors import UsageError, one_line
from harness.records import Alternative, BackendSpec, Clip, Failure, Transcript

if TYPE_CHECKING:
    from transformers import Pipeline

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes
Kind = Literal["whisper", "seq2seq", "ctc"]
# The library's own: compression of token numbers, not of letters as in openai-whisper (2.4); the others are the same there.
_GUARDS = {"compression_ratio_threshold": 1.35, "logprob_threshold": -1.0, "no_speech_threshold": 0.6}


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    device: Annotated[
        str, msgspec.Meta(pattern=r"^(cpu|mps|cuda(:\d+)?)$", description="cpu, mps, cuda or cuda:N.")
    ] = "cpu"
    dtype: Annotated[
        Literal["float32", "float16", "bfloat16"], msgspec.Meta(description="Type of number to compute with.")
    ] = "float32"
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1024, description="Recordings decoded together.")] = 1
    beam: Beam = 5
    nbest: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=100,
            description="Alternatives given, at most beam; from a second search. Those that differ in times only count once.",
        ),
    ] = 0
    temperature: Temperature = 0.0
    fallback: Fallback = False
    padding: Annotated[
        Literal["audio", "features"],
        msgspec.Meta(
            description="How a recording is filled up to Whisper's 30 seconds: the audio with silence, as this library does, "
            "or the features with 0, as openai-whisper and faster-whisper do."
        ),
    ] = "audio"
    language: Language = None
    initial_prompt: InitialPrompt = None
    word_timestamps: Annotated[
        bool, msgspec.Meta(description="Times of words, and confidences where the engine has them.")
    ] = True
    revision: Revision = None
    threads: Threads = 1


class Transformers:
    """A speech model of transformers as a backend.

    The phrases of a bias list follow the initial prompt of a Whisper model, as many whole ones as fit.
    """

    package: ClassVar[str | None] = "transformers"
    extra: ClassVar[str | None] = "transformers"
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=True,
        word_times=True,
        confidence=False,
        bias=True,
        batch=True,
        needs_audio=True,
        device=True,
        note="N-best of models that generate text, with nbest=N; word times of Whisper and CTC models; bias list of Whisper",
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "transformers:openai/whisper-tiny.en"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        self._versions = require(spec, "transformers", "transformers", "torch")
        self._spec, self._options = spec, read_options(spec, _Options)
        if spec.model is None:
            raise UsageError(
                f"backend {spec.label!r}: expected transformers:MODEL, with a model's folder or its name on the hub, for "
                f"example transformers:openai/whisper-tiny.en"
            )
        self._folder = model_folder(spec, spec.model, self._options.revision)
        self._kind = _kind(spec, self._folder)
        _check(spec, self._options, self._kind, biased=bool(context.bias))
        self._language = _language(spec, self._options, self._kind, self._folder, context.language)
        counter = partial(file_token_counter, self._folder)
        self._prompts = Prompts(spec, self._options.initial_prompt, context.bias, counter)
        self._pipeline: Pipeline | None = None

    @property
    def batch_size(self) -> int:
        """How many clips one call takes at best."""
        return self._options.batch_size

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the model, and the options that change the output."""
        options = msgspec.structs.asdict(self._options)
        parts = {
            "engine": "transformers",
            "adapter": ADAPTER_VERSION,
            "version": self._versions["transformers"],
            "torch": self._versions["torch"],
            "model": folder_digest(self._folder),
            "device": self._options.device.partition(":")[0],
        }
        for name in (
            "dtype", "batch_size", "beam", "nbest", "temperature", "fallback", "padding", "word_timestamps", "threads",
        ):  # fmt: skip
            parts[f"option.{name}"] = str(options[name])
        parts["option.language"] = str(self._language)
        return parts | self._prompts.identity()

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases of a recording's bias list that fit into the prompt."""
        return self._prompts.phrases(utterance_id)

    def warm_up(self) -> None:
        """Load the model. Then recognise a second of noise."""
        if self._pipeline is None:
            self.transcribe([first_clip()])

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip, `batch_size` of one prompt decoded together; where that fails, one by one."""
        pipeline = self._loaded()
        results: list[Transcript | Failure | None] = [
            clip_problem(clip) or (None if len(clip.samples) else Transcript("")) for clip in clips
        ]
        waiting = (number for number, result in enumerate(results) if result is None)
        drawn = self._options.temperature > 0 or self._options.fallback  # seeded by one recording
        size = 1 if drawn else self._options.batch_size
        for _, same in groupby(waiting, key=lambda number: self._prompts.text(clips[number].utterance_id)):
            alike = list(same)
            for first in range(0, len(alike), size):
                batch = alike[first : first + size]
                for number, result in zip(batch, self._batch(pipeline, [clips[n] for n in batch]), strict=True):
                    results[number] = result
        return [result for result in results if result is not None]

    def _batch(self, pipeline: Pipeline, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        try:
            with seeded_torch(clips[0]), warnings.catch_warnings():
                warnings.filterwarnings(
                    "ignore", r"std\(\): degrees of freedom", UserWarning
                )  # times of a single token
                settings = self._settings(pipeline, self._prompts.text(clips[0].utterance_id))
                answers = pipeline([clip.samples for clip in clips], batch_size=len(clips), **settings)
            return [self._transcript(pipeline, clip, answer) for clip, answer in zip(clips, answers, strict=True)]
        except Exception as error:  # whatever an engine raises costs one clip only
            if len(clips) == 1:
                return [engine_failure("transformers", error)]
        return [result for clip in clips for result in self._batch(pipeline, [clip])]

    def _transcript(self, pipeline: Pipeline, clip: Clip, answer: Mapping[str, Any]) -> Transcript:
        chunks = answer.get("chunks", ()) if self._word_level(pipeline) else ()
        words = [recognised_word(chunk["text"], *chunk["timestamp"]) for chunk in chunks]
        return Transcript(
            answer["text"].strip(),
            nbest=self._alternatives(pipeline, clip) if self._options.nbest else (),
            words=tuple(word for word in words if word),
        )

    def _settings(self, pipeline: Pipeline, prompt: str | None) -> dict[str, Any]:
        """Return what the pipeline is called with."""
        settings: dict[str, Any] = {}
        if self._word_level(pipeline):
            settings["return_timestamps"] = "word"
        elif self._kind == "whisper" and hasattr(pipeline.model.generation_config, "no_timestamps_token_id"):
            settings["return_timestamps"] = True  # recordings over 30 s need them
        if self._kind != "ctc":
            settings["generate_kwargs"] = self._generation(pipeline, prompt)
        return settings

    def _word_level(self, pipeline: Pipeline) -> bool:
        if not self._options.word_timestamps:
            return False
        aligned = (
            getattr(pipeline.model.generation_config, "alignment_heads", None) if self._kind == "whisper" else None
        )
        return self._kind == "ctc" or bool(aligned)

    def _generation(self, pipeline: Pipeline, prompt: str | None) -> dict[str, Any]:
        options = self._options
        drawn = options.temperature > 0
        settings: dict[str, Any] = {"do_sample": drawn, "num_beams": 1 if drawn else options.beam}
        if options.fallback:
            settings |= {"temperature": fallback_temperatures(options.temperature), **_GUARDS}
        elif drawn:
            settings["temperature"] = options.temperature
        if self._kind == "whisper":
            # As openai-whisper: half the text context for the prompt, half for the text.
            settings["max_new_tokens"] = pipeline.model.config.max_target_positions // 2 - 4
            if self._language and getattr(pipeline.model.generation_config, "is_multilingual", True):
                settings["language"] = self._language
            if prompt:
                ids = pipeline.tokenizer.get_prompt_ids(prompt, return_tensors="pt")
                settings["prompt_ids"] = ids.to(pipeline.model.device)
        return settings

    def _alternatives(self, pipeline: Pipeline, clip: Clip) -> tuple[Alternative, ...]:
        """Return the distinct texts of the best beams, best first; none for what a Whisper model reads in several windows."""
        if self._kind == "whisper" and len(clip.samples) > pipeline.feature_extractor.n_samples:
            return ()
        best: dict[str, float] = {}
        settings = self._generation(pipeline, self._prompts.text(clip.utterance_id))
        for text, score in _generated_beams(pipeline, clip, self._kind, settings):
            best.setdefault(text.strip(), score)
        return tuple(Alternative(text, score) for text, score in best.items())[: self._options.nbest]

    def _loaded(self) -> Pipeline:
        if self._pipeline is None:
            self._pipeline = self._load()
        return self._pipeline

    def _load(self) -> Pipeline:
        import torch
        from transformers import pipeline
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        torch.set_num_threads(self._options.threads)
        try:
            padded = {"feature_extractor": zero_padding(self._folder)} if self._options.padding == "features" else {}
            loaded = pipeline(
                "automatic-speech-recognition", model=str(self._folder), device=self._options.device, **padded
            )
            loaded.model.to(getattr(torch, self._options.dtype))
        except Exception as error:  # a layout that is no speech model, no such device: the library has many types
            raise UsageError(
                f"backend {self._spec.label!r}: the model cannot be loaded on {self._options.device}: "
                f"{type(error).__name__}: {one_line(str(error))}. Expected one of the pipeline "
                f"automatic-speech-recognition"
            ) from error
        if loaded.feature_extractor.sampling_rate != SAMPLE_RATE:
            raise UsageError(f"backend {self._spec.label!r}: the model does not read {SAMPLE_RATE} samples a second")
        return loaded


def _kind(spec: BackendSpec, folder: Path) -> Kind:
    """Return what sort of model the folder holds, from its config.json. Raises `UsageError`."""
    try:
        config = msgspec.json.decode((folder / "config.json").read_bytes(), type=_ModelConfig)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"backend {spec.label!r}: {spec.model} has no config.json that can be read: expected a model in the layout of "
            f"transformers (save_pretrained)"
        ) from error
    if config.model_type == "whisper":
        return "whisper"
    return "ctc" if any(name.endswith("ForCTC") for name in config.architectures or ()) else "seq2seq"


class _ModelConfig(msgspec.Struct):
    """What is read of a model's config.json."""

    model_type: str = ""
    architectures: list[str] | None = None


class _GenerationConfig(msgspec.Struct):
    """What is read of a model's generation_config.json."""

    is_multilingual: bool = True


def _check(spec: BackendSpec, options: _Options, kind: Kind, *, biased: bool) -> None:
    """Raise `UsageError` for what this model cannot do, before any work."""
    where = f"backend {spec.label!r}"
    if kind != "whisper":
        wanted = {"a bias list": biased, "initial_prompt": options.initial_prompt, "language": options.language}
        wanted |= {"fallback": options.fallback, "padding": "padding" in spec.options}
        for what in (name for name, given in wanted.items() if given):
            raise UsageError(f"{where}: {what} needs a Whisper model; {spec.model} is none")
    if kind == "ctc":
        for name in ("beam", "nbest", "temperature"):
            if name in spec.options:
                raise UsageError(f"{where}: {name} has no effect in a CTC model, whose frames are decoded one by one")
    elif options.nbest > options.beam or (options.nbest and (options.temperature > 0 or options.fallback)):
        raise UsageError(
            f"{where}: nbest is {options.nbest}: expected at most the beam ({options.beam}), at temperature 0 without fallback"
        )


def _language(spec: BackendSpec, options: _Options, kind: Kind, folder: Path, suite_language: str) -> str | None:
    """Return the code that a Whisper model decodes in; other models have a language of their own. Raises `UsageError`."""
    if kind != "whisper":
        return None
    english_only = not _multilingual(folder)
    language = whisper_language(spec, options.language, suite_language, english_only=english_only)
    if language not in (None, "en"):
        from transformers.models.whisper.tokenization_whisper import LANGUAGES, TO_LANGUAGE_CODE

        check_whisper_knows(spec, language, {*LANGUAGES, *TO_LANGUAGE_CODE}, suite_language)
    return language


def _multilingual(folder: Path) -> bool:
    try:
        settings = (folder / "generation_config.json").read_bytes()
        return msgspec.json.decode(settings, type=_GenerationConfig).is_multilingual
    except (OSError, msgspec.MsgspecError):
        return True  # an old layout does not say; the library then does


def zero_padding(folder: Path) -> Any:
    """Return a Whisper model's feature extractor that fills recordings up with 0 in the log-mel; it takes one at a time."""
    from transformers import WhisperFeatureExtractor

    class ZeroPadding(WhisperFeatureExtractor):
        def __call__(self, raw_speech: Any, **settings: Any) -> Any:
            features = super().__call__(raw_speech, **settings)
            features["input_features"][..., len(raw_speech) // self.hop_length :] = 0
            return features

    return ZeroPadding.from_pretrained(folder)


def _generated_beams(pipeline: Pipeline, clip: Clip, kind: Kind, settings: dict[str, Any]) -> list[tuple[str, float]]:
    """Return all beams of one search with their scores (mean log probability of a token, natural logarithm).

    Whisper's own `generate` hands out its best beam only (it copies the recording where several are asked for), so the
    search is the general one below it, set up in the same way.
    """
    import torch
    from transformers import GenerationMixin, LogitsProcessorList, WhisperTimeStampLogitsProcessor

    model = pipeline.model
    inputs = _inputs(pipeline, clip)
    kept: dict[str, Any] = {name: settings[name] for name in ("num_beams", "max_new_tokens") if name in settings}
    if kind == "whisper":
        opening = _whisper_opening(model, inputs, settings)
        inputs["decoder_input_ids"] = torch.tensor([opening], device=model.device)
        kept["logits_processor"] = LogitsProcessorList(
            [WhisperTimeStampLogitsProcessor(model.generation_config, begin_index=len(opening))]
        )
    generated = GenerationMixin.generate(
        model,
        **inputs,
        **kept,
        num_return_sequences=kept["num_beams"],
        return_dict_in_generate=True,
        output_scores=True,
    )
    texts = pipeline.tokenizer.batch_decode(generated.sequences, skip_special_tokens=True)
    scores = generated.sequences_scores.tolist() if kept["num_beams"] > 1 else [None]
    return list(zip(texts, scores, strict=True))


def _whisper_opening(model: Any, inputs: Mapping[str, Any], settings: Mapping[str, Any]) -> list[int]:
    """Return the tokens that Whisper's text begins with: prompt, start, and for multilingual models language and task."""
    config = model.generation_config
    opening = [*settings.get("prompt_ids", ()), config.decoder_start_token_id]
    if getattr(config, "is_multilingual", False):
        language = settings.get("language")
        token = config.lang_to_id.get(f"<|{language}|>") if language else None
        opening.append(token or int(model.detect_language(input_features=inputs["input_features"])[0]))
        opening.append(config.task_to_id["transcribe"])
    return [int(token) for token in opening]


def _inputs(pipeline: Pipeline, clip: Clip) -> dict[str, Any]:
    """Return the clip as the model reads it."""
    features = pipeline.feature_extractor(
        clip.samples, sampling_rate=clip.sample_rate, return_tensors="pt", return_attention_mask=True
    )
    return dict(features.to(pipeline.model.device, pipeline.model.dtype))
