"""What Whisper's encoder makes of a recording, before any word is decoded: `whisper-encoder`, or `whisper-encoder:MODEL`.

A model that was trained on much speech is read off by a small one (after Saxon et al., Interspeech 2021, of whose paper the
abstract alone is at hand: our reading). The states of all moments of the recording are pooled to their mean, standard
deviation, maximum and minimum; the classifier does the rest. What is pooled has no order, and names that the classifier was
not trained on cannot be read off.

Whisper decodes from 30 s of sound, mostly padding; here the encoder sees the recording alone, which takes a twentieth of the
time. `padded=true` gives it the 30 s, and pools the recording's own moments.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from harness.audio.packaged import PACKAGED
from harness.audio.weights import folder_digest
from harness.errors import MissingDependency, UsageError
from harness.interpretation.protocol import PartSpec, read_options
from harness.interpretation.speech.kept import Kept
from harness.interpretation.speech.protocol import Recording
from harness.records import Clip
from harness.words.languages import primary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes
DEFAULT_MODEL = "tiny.en"
_FRAMES_PER_STATE = 2  # of the log-mel spectrogram


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    padded: Annotated[
        bool,
        msgspec.Meta(description="Give the encoder 30 s of sound, as when it decodes; takes twenty times as long."),
    ] = False


class _Pooled(msgspec.Struct, frozen=True):
    """`states`: float32 in base64, little-endian: mean, standard deviation, maximum and minimum of each dimension."""

    states: str


class WhisperEncoder:
    """The encoder of a Whisper model in CTranslate2's layout as a speech part; rows are pooled states."""

    package: ClassVar[str | None] = "faster_whisper"
    extra: ClassVar[str | None] = "whisper-tiny"

    def __init__(self, spec: PartSpec, language: str) -> None:
        self.name = spec.label
        self._options = read_options("speech part", spec, _Options)
        model = spec.model or DEFAULT_MODEL
        self._folder = _model_folder(spec, model)
        self._versions = _versions(spec)
        if model.endswith(".en") and primary(language) != "en":
            raise UsageError(
                f"speech part {spec.label!r}: {model} knows English alone, and the suite is in {language!r}. "
                "Take whisper-encoder:base"
            )
        self._model: Any = None

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the weights, and the option."""
        return {
            "engine": "whisper encoder",
            "adapter": ADAPTER_VERSION,
            **self._versions,
            "model": folder_digest(self._folder),
            "padded": str(self._options.padded),
        }

    def rows(self, recordings: Sequence[Recording]) -> NDArray[np.float64]:
        """Return the pooled states of each recording, n_recordings x 4 n_dimensions; zeros where it cannot be read."""
        import numpy as np

        kept = Kept(_Pooled, self.identity()).of(recordings, self._pool)
        rows = [_decoded(one) if one is not None else None for one in kept]
        width = next((len(row) for row in rows if row is not None), 0)
        return np.array([np.zeros(width) if row is None else row for row in rows], np.float64).reshape(len(rows), width)

    def _pool(self, clip: Clip) -> _Pooled:
        import numpy as np

        states = np.concatenate([self._encode(piece) for piece in _pieces(clip.samples, clip.sample_rate)])
        pooled = np.concatenate([states.mean(0), states.std(0), states.max(0), states.min(0)])
        return _Pooled(base64.b64encode(pooled.astype("<f4").tobytes()).decode())

    def _encode(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the states of at most 30 s, n_states x n_dimensions."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim

        model = self._loaded()
        spectrogram = model.feature_extractor(samples)  # n_mels x n_frames
        n_states = max(spectrogram.shape[-1] // _FRAMES_PER_STATE, 1)
        whole = model.feature_extractor.nb_max_frames
        wanted = whole if self._options.padded else min(n_states * _FRAMES_PER_STATE, whole)
        states: NDArray[np.float64] = np.asarray(model.encode(pad_or_trim(spectrogram, wanted)))[0].astype(np.float64)
        return states[: min(n_states, len(states))]

    def _loaded(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(
                str(self._folder), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True
            )
        return self._model


def _model_folder(spec: PartSpec, model: str) -> Path:
    """Return the folder of a packaged model, its weights checked, or of one that is named by its path."""
    who = f"speech part {spec.label!r}"
    if (packaged := PACKAGED.get(model)) is not None:
        if not packaged.is_installed():
            raise MissingDependency(who, packaged.parts[0].distribution, _install(packaged.extra))
        return packaged.folder(who)
    folder = Path(model)
    if not (folder / "model.bin").is_file():
        known = ", ".join(PACKAGED)
        raise UsageError(f"{who}: {model!r} is no model: expected {known}, or a folder with a model.bin of CTranslate2")
    return folder.resolve()


def _versions(spec: PartSpec) -> dict[str, str]:
    versions = {}
    for package in ("faster-whisper", "ctranslate2"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError as error:
            raise MissingDependency(f"speech part {spec.label!r}", package, _install("whisper-tiny")) from error
    return versions


def _install(extra: str) -> str:
    return f"pip install 'spoken-qa-harness[{extra}]'"


def _pieces(samples: NDArray[np.float32], rate: int) -> list[NDArray[np.float32]]:
    """Return a recording in pieces of 30 s, the longest that the encoder takes."""
    return [samples[start : start + 30 * rate] for start in range(0, max(len(samples), 1), 30 * rate)]


def _decoded(pooled: _Pooled) -> NDArray[np.float32]:
    import numpy as np

    return np.frombuffer(base64.b64decode(pooled.states), "<f4")
