"""The sounds of a recording, written down by PocketSphinx without a lexicon: `phones`.

The decoder's model of phones (a trigram of them, inside the package) takes the place of its language model, so that nothing
stands between the sound and its transcript that knows words. What it writes is rough: see docs/research.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from harness.audio.pcm import pcm16
from harness.audio.weights import folder_digest
from harness.errors import UsageError
from harness.interpretation.protocol import PartSpec, read_options, refuse_model
from harness.interpretation.speech.kept import Kept
from harness.interpretation.speech.protocol import Recording
from harness.records import Clip
from harness.words.languages import primary
from harness.words.sounds.phones import PHONES, sound_class

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of the engine changes
LONGEST = 3  # of the runs of phones that are features
_BEAMS: Mapping[str, float] = {"beam": 1e-20, "pbeam": 1e-10}  # wider ones write the same phones, more slowly


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    lw: Annotated[float, msgspec.Meta(gt=0, le=100, description="Weight of the model of phones.")] = 2.0


class _Written(msgspec.Struct, frozen=True):
    phones: list[str]


class Phones:
    """PocketSphinx's phones as a speech part; rows count runs of phones, and of classes of phones."""

    package: ClassVar[str | None] = "pocketsphinx"

    def __init__(self, spec: PartSpec, language: str) -> None:
        self.name = spec.label
        refuse_model("speech part", spec)
        self._options = read_options("speech part", spec, _Options)
        if primary(language) != "en":
            raise UsageError(
                f"speech part {spec.label!r}: its model knows the sounds of English, and the suite is in {language!r}. "
                "Leave it out, or take whisper-encoder:base"
            )
        self._decoder: Any = None

    def identity(self) -> Mapping[str, str]:
        """Versions, the digest of the bundled models, and the search parameters."""
        from pocketsphinx import get_model_path

        return {
            "engine": "pocketsphinx allphone",
            "adapter": ADAPTER_VERSION,
            "version": version("pocketsphinx"),
            "model": folder_digest(Path(get_model_path("en-us"))),
            "lw": str(self._options.lw),
            **{name: str(value) for name, value in _BEAMS.items()},
        }

    def phones(self, recordings: Sequence[Recording]) -> list[tuple[str, ...]]:
        """Return the phones of each recording, without silences and noises."""
        written = Kept(_Written, self.identity()).of(recordings, self._write)
        return [tuple(one.phones) if one is not None else () for one in written]

    def rows(self, recordings: Sequence[Recording]) -> csr_matrix:
        """Return how often each run of phones occurs in each recording, n_recordings x n_features.

        A column is a run of up to `LONGEST` phones, or of classes and one more, whatever recordings there are.
        """
        return count_runs(self.phones(recordings), LONGEST)

    def _write(self, clip: Clip) -> _Written:
        if len(clip.samples) == 0:
            return _Written([])
        decoder = self._loaded()
        decoder.reinit_feat()  # forgets the noise level and the cepstral mean of the recording before
        decoder.start_utt()
        decoder.process_raw(pcm16(clip.samples).tobytes(), full_utt=True)
        decoder.end_utt()
        return _Written([segment.word for segment in decoder.seg() or () if segment.word in PHONES])

    def _loaded(self) -> Any:
        if self._decoder is None:
            from pocketsphinx import Decoder, get_model_path, set_loglevel

            set_loglevel("FATAL")
            model = get_model_path("en-us/en-us-phone.lm.bin")
            self._decoder = Decoder(
                lm=None, allphone=model, lw=self._options.lw, bestpath=False, loglevel="FATAL", **_BEAMS
            )
        return self._decoder


def count_runs(streams: Sequence[Sequence[str]], longest: int) -> csr_matrix:
    """Return how often each run of 1 to `longest` phones, and of as many classes and one more, occurs in each stream.

    Classes are those of phones that recognisers take for one another. n_streams x n_features; a column is one run.
    """
    from scipy.sparse import csr_matrix

    phone_number = {phone: number for number, phone in enumerate(sorted(PHONES))}
    names = sorted({sound_class(phone) for phone in PHONES})
    class_number = {name: number for number, name in enumerate(names)}
    n_columns = _n_runs(len(phone_number), longest)
    indptr, indices, counts = [0], list[int](), list[int]()
    for stream in streams:
        by_phone = _runs([phone_number[phone] for phone in stream], len(phone_number), longest)
        classes = [class_number[sound_class(phone)] for phone in stream]
        by_class = _runs(classes, len(class_number), longest + 1)
        row = Counter(by_phone) + Counter(n_columns + run for run in by_class)
        indices += sorted(row)
        counts += (row[column] for column in sorted(row))
        indptr.append(len(indices))
    width = n_columns + _n_runs(len(class_number), longest + 1)
    return csr_matrix((counts, indices, indptr), shape=(len(streams), width), dtype=float)


def _runs(numbers: Sequence[int], base: int, longest: int) -> list[int]:
    """Return the column of every run: those of one sound come first, then those of two ..."""
    columns = []
    for length in range(1, longest + 1):
        offset = _n_runs(base, length - 1)
        for start in range(len(numbers) - length + 1):
            run = 0
            for number in numbers[start : start + length]:
                run = run * base + number
            columns.append(offset + run)
    return columns


def _n_runs(base: int, longest: int) -> int:
    return sum(base**length for length in range(1, longest + 1))
