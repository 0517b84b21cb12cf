"""What a speech part is: recordings to rows of features for the classifier that interpreters of text use as well.

It learns nothing from labels, and nothing from one recording about another: weights of features, scaling and the classifier
are fitted on the training folds only (`classifier.py`). What a feature means may not depend on which recordings there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from harness.interpretation.protocol import PartSpec, parse_part
from harness.records import Clip
from harness.registry import Registry

if TYPE_CHECKING:
    from harness.interpretation.classifier import Rows


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording. `digest` tells its sound, condition included, from any other: what is worked out of it may be kept by it.

    `clip` reads it, with the condition applied; it raises `AudioError` for a recording that cannot be used.
    """

    utterance_id: str
    digest: str
    clip: Callable[[], Clip]


class SpeechFeatures(Protocol):
    """One configured speech part.

    Built as `Class(spec, language)`. Building is light: it checks the options and loads no model. A class may have
    `extra`, the extra that installs its `package`.
    """

    package: ClassVar[str | None]  # what has to be importable, or None
    name: str  # what it is called in tables

    def __init__(self, spec: PartSpec, language: str) -> None: ...

    def identity(self) -> Mapping[str, str]:
        """Everything that changes the rows: versions, digests of weights, options."""
        ...

    def rows(self, recordings: Sequence[Recording]) -> Rows:
        """Return a row of features per recording, in order: counts (sparse) or numbers (dense), n_recordings x n_features.

        A recording that cannot be used, or in which nothing is recognised, is a row of zeros.
        """
        ...


@runtime_checkable
class SpeechPhones(Protocol):
    """A speech part that writes down sounds, too: names are then looked up, and snippets searched for, by sound."""

    def phones(self, recordings: Sequence[Recording]) -> list[tuple[str, ...]]:
        """Return the phones of each recording in ARPAbet, without stress, in order; empty where nothing is recognised."""
        ...


SPEECH_PARTS: Registry[type[SpeechFeatures]] = Registry(
    "speech part",
    "harness.speech_parts",
    {
        "phones": "harness.interpretation.speech.phones:Phones",
        "whisper-encoder": "harness.interpretation.speech.whisper_encoder:WhisperEncoder",
    },
)


def build_speech_part(text: str, language: str) -> SpeechFeatures:
    """Return the speech part that a spec names. Raises `UnknownName`, and `UsageError` for its options."""
    spec = parse_part("speech part", text)
    return SPEECH_PARTS.get(spec.name)(spec, language)
