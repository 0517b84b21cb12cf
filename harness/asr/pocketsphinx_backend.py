"""The embedded recogniser: PocketSphinx 5 with the US English model inside its wheel.

A real engine (PTM acoustic model, trigram language model of 72,000 words) that needs no download and no accelerator.
It reads 16 kHz speech, and gives N-best lists, word times and posteriors.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import accumulate, islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import msgspec

from harness.asr.biasing import bias_entries
from harness.asr.language import refuse_other_languages
from harness.asr.protocol import BackendContext, Capabilities, CommonOptions, Measured
from harness.audio.pcm import pcm16
from harness.audio.reading import file_digest
from harness.errors import RecognitionError, UsageError
from harness.options import checked_options
from harness.records import Alternative, BackendSpec, Clip, Failure, OptionValue, Partial, Seconds, Transcript, Word
from harness.words.sounds.pronunciation import pronunciation_identity
from harness.words.sounds.pronunciation_tags import Hint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pocketsphinx import Decoder, Segment

SAMPLE_RATE = 16_000
ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes
N_BEST = 10
DEFAULT_BIAS_WEIGHT = 10.0
_N_BEST_SEARCHED = 200  # many entries differ only in silences and pronunciations
_FRAMES_PER_SECOND = 100
_LOG_STEP = math.log(1.0001)  # the engine counts logarithms in whole steps of this base
# Under this unigram probability a listed word is boosted on its own: "rhone" is, the "port" of "Port Moresby" is not.
_RARE_PROBABILITY = 1e-5
_VARIANT = re.compile(r"\(\d+\)$")  # "read(2)": the second pronunciation of "read"

# "accurate" is the engine's own default. "fast" looks at one frame in two and at one Gaussian of each codebook, searches
# narrowly, and only once: about five times as fast, with nearly twice the errors on people's speech.
PRESETS: Mapping[str, Mapping[str, OptionValue]] = {
    "accurate": {},
    "fast": {"ds": 2, "topn": 1, "maxhmmpf": 1000, "maxwpf": 3, "pl_window": 10, "fwdflat": False},
}


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set: a preset, and the decoder's own search parameters under its names, as PocketSphinx documents them."""

    preset: Annotated[
        Literal["accurate", "fast"],
        msgspec.Meta(
            description="Search parameters: the engine's own, or five times as fast with nearly twice the errors."
        ),
    ] = "accurate"
    bias_weight: Annotated[
        float,
        msgspec.Meta(
            gt=0, le=1e12, description="How many times likelier a listed name is than a word of uniform probability."
        ),
    ] = DEFAULT_BIAS_WEIGHT
    beam: Annotated[
        float | None, msgspec.Meta(description="Beam of every frame in the first search; smaller is wider.")
    ] = None
    wbeam: Annotated[float | None, msgspec.Meta(description="Beam of word ends in the first search.")] = None
    pbeam: Annotated[float | None, msgspec.Meta(description="Beam of transitions between phones.")] = None
    lpbeam: Annotated[float | None, msgspec.Meta(description="Beam of the last phone of words.")] = None
    lponlybeam: Annotated[float | None, msgspec.Meta(description="Beam of the last phone of words of one phone.")] = (
        None
    )
    fwdflat: Annotated[
        bool | None, msgspec.Meta(description="Search a second time, over the words of the first search.")
    ] = None
    fwdflatbeam: Annotated[float | None, msgspec.Meta(description="Beam of every frame in the second search.")] = None
    fwdflatwbeam: Annotated[float | None, msgspec.Meta(description="Beam of word ends in the second search.")] = None
    maxhmmpf: Annotated[int | None, msgspec.Meta(description="Most active models in a frame; -1 for no bound.")] = None
    maxwpf: Annotated[int | None, msgspec.Meta(description="Most distinct word ends in a frame; -1 for no bound.")] = (
        None
    )
    lw: Annotated[float | None, msgspec.Meta(description="Weight of the language model in the first search.")] = None
    fwdflatlw: Annotated[
        float | None, msgspec.Meta(description="Weight of the language model in the second search.")
    ] = None
    bestpathlw: Annotated[
        float | None, msgspec.Meta(description="Weight of the language model in the search of the word lattice.")
    ] = None
    wip: Annotated[float | None, msgspec.Meta(description="Word insertion penalty: below 1, fewer words.")] = None
    nwpen: Annotated[float | None, msgspec.Meta(description="Penalty of a transition to a new word.")] = None
    pip: Annotated[float | None, msgspec.Meta(description="Phone insertion penalty.")] = None
    silprob: Annotated[float | None, msgspec.Meta(description="Probability of silence between words.")] = None
    fillprob: Annotated[float | None, msgspec.Meta(description="Probability of a noise between words.")] = None
    topn: Annotated[int | None, msgspec.Meta(description="Gaussians of each codebook that are scored.")] = None
    ds: Annotated[int | None, msgspec.Meta(description="One frame in so many is scored.")] = None
    pl_window: Annotated[int | None, msgspec.Meta(description="Frames that are looked ahead.")] = None

    def decoding(self) -> dict[str, OptionValue]:
        """Return the search parameters in force: those of the preset, and what was set beside it."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        del given["preset"], given["bias_weight"]
        return {**PRESETS[self.preset], **given}


class PocketSphinx:
    """PocketSphinx as a backend."""

    package: ClassVar[str | None] = "pocketsphinx"
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=True, word_times=True, confidence=True, bias=True, batch=False, needs_audio=True
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "pocketsphinx,preset=fast,bias=entities"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        if spec.model is not None:
            raise UsageError(
                f"backend {spec.label!r}: pocketsphinx has only its built-in US English model: write "
                f"'pocketsphinx' without ':{spec.model}'"
            )
        refuse_other_languages(
            spec,
            context.language,
            "pocketsphinx's built-in model",
            "a multilingual recogniser, such as faster-whisper:base",
        )
        options = checked_options(f"backend {spec.label!r}", spec.options, _Options, CommonOptions.__struct_fields__)
        self._options, self._bias_weight = options.decoding(), options.bias_weight
        self._bias = context.bias
        self._loaded: tuple[frozenset[str], _Recogniser] | None = None
        self._every: Seconds | None = None  # how much is read at a time; `None`: the whole recording at once
        self.measured: list[Measured] = []  # of the latest call: what it took to bring a bias list in, and partials

    def streaming(self, every: Seconds) -> Self:
        """Return the same recogniser reading `every` seconds of a recording at a time, with partial hypotheses."""
        other = copy(self)
        other._every, other._loaded, other.measured = every, None, []
        return other

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the bundled model, and the options in force."""
        parts = {
            "engine": "pocketsphinx",
            "adapter": ADAPTER_VERSION,
            "version": version("pocketsphinx"),
            "model": _model_digest(),
            **{f"option.{name}": str(value) for name, value in sorted(self._options.items())},
        }
        if n_frames := _frames_to_forget(self._options):
            parts["frames_to_forget"] = str(n_frames)
        if self._bias:
            parts |= {
                "bias_weight": str(self._bias_weight),
                "pronunciation": pronunciation_identity("en"),
            }
        if hints := self._bias.hints:
            told = "\n".join(f"{word}\t{language}\t{spelling}" for word, (language, spelling) in sorted(hints.items()))
            parts["languages_of_words"] = hashlib.sha256(told.encode()).hexdigest()[:16]
        if self._every is not None:
            parts["streaming"] = f"{self._every:g} s"
        return parts

    def warm_up(self) -> None:
        """Load the model, and the bias list into it where all recordings share one (about one second)."""
        self._recogniser(self._bias.shared)

    def phrases_sent(self, utterance_id: str) -> tuple[str, ...]:
        """Return all phrases of a recording's bias list, sorted: the decoder does not know their order."""
        return tuple(sorted(self._bias.phrases_for(utterance_id)))

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip; no clip's result depends on another's."""
        self.measured = []
        return [self._transcribe(clip) for clip in clips]

    def _transcribe(self, clip: Clip) -> Transcript | Failure:
        self.measured.append(Measured())
        partials: list[Partial] = []
        begun, ready = perf_counter(), self._loaded
        try:
            recogniser = self._recogniser(self._bias.phrases_for(clip.utterance_id))
            if self._loaded is not ready:
                self.measured[-1] = Measured(preparation=perf_counter() - begun)
            result = _transcribe(recogniser, clip, self._every, partials)
        except RuntimeError as error:  # what the engine's binding raises for all of its failures
            return Failure("recognise", RecognitionError.__name__, f"pocketsphinx: {error}")
        self.measured[-1] = replace(self.measured[-1], partials=tuple(partials))
        return result

    def _recogniser(self, phrases: Sequence[str]) -> _Recogniser:
        """Return the decoder for a bias list. Only the latest is kept: each holds a language model of 30 MB of its own."""
        wanted = frozenset(phrases)
        if self._loaded is None or self._loaded[0] != wanted:
            self._loaded = None
            self._loaded = wanted, _load(self._options, phrases, self._bias_weight, self._bias.hints)
        return self._loaded[1]


@dataclass(frozen=True)
class _Recogniser:
    """A loaded decoder, and the words that its compounds stand for."""

    decoder: Decoder
    compounds: Mapping[str, tuple[str, ...]]
    forgetting: bytes  # noise decoded between two clips: 16-bit samples, or nothing

    def parts(self, name: str) -> tuple[str, ...]:
        return self.compounds.get(name, (name,))

    def shown(self, text: str) -> str:
        """Return the decoder's words with compounds taken apart: "of bias_7" -> "of peter medawar"."""
        return " ".join(part for name in text.split() for part in self.parts(name))


def _load(
    options: Mapping[str, OptionValue], bias: Sequence[str], bias_weight: float, hints: Mapping[str, Hint]
) -> _Recogniser:
    from pocketsphinx import Decoder, NGramModel, get_model_path, set_loglevel

    set_loglevel("FATAL")
    # Posteriors and word lattices exist only with `bestpath`.
    settings: dict[str, Any] = {**options, "bestpath": True, "loglevel": "FATAL"}
    forgetting = _noise(_frames_to_forget(options))
    if not bias:
        return _Recogniser(Decoder(**settings), {}, forgetting)
    # Words are added while there is no search yet: its lexicon tree is then built once, and the decoder does not put
    # each of them into the language model a second time at a weight of its own.
    decoder = Decoder(lm=None, **settings)
    model = NGramModel(decoder.config, decoder.logmath, get_model_path("en-us/en-us.lm.bin"))
    rare = decoder.logmath.log(_RARE_PROBABILITY)
    entries = bias_entries(bias, decoder.lookup_word, lambda word: model.prob([word]) < rare, hints)
    for entry in entries:
        for number, phones in enumerate(entry.pronunciations, start=1):
            decoder.add_word(entry.name if number == 1 else f"{entry.name}({number})", phones, update=False)
        model.add_word(entry.name, bias_weight)
    decoder.add_lm("biased", model)
    decoder.activate_search("biased")
    return _Recogniser(decoder, {entry.name: entry.words for entry in entries}, forgetting)


def _frames_to_forget(options: Mapping[str, OptionValue]) -> int:
    """Return how many frames of the same noise are decoded before every clip, so that none depends on the one before.

    Where it looks at one frame in several only (`ds`), the engine scores the first ones by Gaussians that it chose in the
    clip before. It keeps those of the frames that it looks ahead (`pl_window`, 5 by default), and a few more.
    """
    return int(options.get("pl_window", 5)) + 10 if int(options.get("ds", 1)) > 1 else 0


def _noise(n_frames: int) -> bytes:
    import numpy as np

    samples = np.random.default_rng(0).normal(0.0, 0.01, n_frames * SAMPLE_RATE // _FRAMES_PER_SECOND)
    return pcm16(samples.astype(np.float32)).tobytes()


def _transcribe(
    recogniser: _Recogniser, clip: Clip, every: Seconds | None, partials: list[Partial]
) -> Transcript | Failure:
    """Return what is recognised; read `every` seconds at a time, what was recognised after each is added to `partials`."""
    if clip.sample_rate != SAMPLE_RATE:
        problem = f"the clip has {clip.sample_rate} samples a second: the model reads {SAMPLE_RATE}"
        return Failure("recognise", RecognitionError.__name__, problem)
    if len(clip.samples) == 0:
        return Transcript("")
    if recogniser.forgetting:
        _read_whole(recogniser.decoder, recogniser.forgetting)
    samples = pcm16(clip.samples)
    if every is None:
        _read_whole(recogniser.decoder, samples.tobytes())
    else:
        partials += _read_in_pieces(recogniser, samples, max(1, round(every * SAMPLE_RATE)))
    return _result(recogniser)


def _begin(decoder: Decoder) -> None:
    """Begin a clip, and forget the noise level and the cepstral mean of the one before.

    Without that the order of the clips would change scores and posteriors.
    """
    decoder.reinit_feat()
    decoder.start_utt()


def _read_whole(decoder: Decoder, samples: bytes) -> None:
    _begin(decoder)
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()


def _read_in_pieces(recogniser: _Recogniser, samples: NDArray[np.int16], n_piece: int) -> Iterator[Partial]:
    """Yield what the first search has recognised after each piece but the last, whose result is the transcript."""
    decoder = recogniser.decoder
    _begin(decoder)
    for end in range(n_piece, len(samples) + n_piece, n_piece):
        decoder.process_raw(samples[end - n_piece : end].tobytes(), full_utt=False)
        if end < len(samples):
            best = decoder.hyp()
            yield Partial(end / SAMPLE_RATE, recogniser.shown(best.hypstr) if best and best.hypstr else "")
    decoder.end_utt()


def _result(recogniser: _Recogniser) -> Transcript:
    decoder = recogniser.decoder
    best = decoder.hyp()
    if best is None or not best.hypstr:
        return Transcript("")
    return Transcript(
        text=recogniser.shown(best.hypstr),
        nbest=_alternatives(recogniser),
        words=tuple(word for segment in decoder.seg() for word in _words(recogniser, segment)),
    )


def _alternatives(recogniser: _Recogniser) -> tuple[Alternative, ...]:
    """Return the best `N_BEST` distinct texts, best first, each with its log likelihood ratio to the first (natural logarithm).

    Counted in the engine's integer steps, the ratio is the same to the last bit.
    """
    scores: dict[str, float] = {}
    for entry in islice(recogniser.decoder.nbest(), _N_BEST_SEARCHED):
        if entry is not None and entry.hypstr:
            scores.setdefault(recogniser.shown(entry.hypstr), entry.score)
        if len(scores) == N_BEST:
            break
    best = max(scores.values(), default=0.0)
    return tuple(Alternative(text, _log_ratio(score, best)) for text, score in scores.items())


def _log_ratio(score: float, best: float) -> float | None:
    if score <= 0 or best <= 0:
        return None  # underflow: the engine hands out likelihoods
    return round(round((math.log(score) - math.log(best)) / _LOG_STEP) * _LOG_STEP, 6)


def _words(recogniser: _Recogniser, segment: Segment) -> Iterator[Word]:
    """Yield the words of one segment; silences and noises give none. The parts of a compound share its time by length."""
    name = _VARIANT.sub("", segment.word)
    if name.startswith(("<", "[")):
        return
    parts = recogniser.parts(name)
    start, n_frames = segment.start_frame, segment.end_frame + 1 - segment.start_frame
    letters = list(accumulate(map(len, parts), initial=0))
    edges = [(start + n_frames * count / letters[-1]) / _FRAMES_PER_SECOND for count in letters]
    for part, begins, ends in zip(parts, edges[:-1], edges[1:], strict=True):
        yield Word(part, round(begins, 3), round(ends, 3), min(1.0, segment.prob))


@cache
def _model_digest() -> str:
    """SHA-256 over the names and bytes of the bundled model's files."""
    from pocketsphinx import get_model_path

    root = Path(get_model_path("en-us"))
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(root).as_posix()} {file_digest(path)}\n".encode())
    return digest.hexdigest()
