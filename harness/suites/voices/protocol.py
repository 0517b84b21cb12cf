"""What a voice is, and the text that it is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from harness.errors import SampleFailure
from harness.records import Hertz

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Unspeakable(SampleFailure):
    """A voice could not read one text."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text to read: its language, and how single words of it are pronounced (see `harness.words.sounds.pronunciation_tags`)."""

    text: str
    language: str = "en"
    pronunciations: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """The text on one line, with single spaces."""
        return " ".join(self.text.split())


class Voice(Protocol):
    """Something that speaks. `name` is how it was asked for, and stands as the speaker of its recordings."""

    @property
    def name(self) -> str:
        """`ENGINE:NAME`."""
        ...

    def check(self, language: str, of_words: Collection[str] = ()) -> None:
        """Raise `MissingDependency` or `UsageError` where it cannot speak at all, or cannot read the suite's `language`, or one
        of those by whose rules single words are read, where it heeds them.
        """
        ...

    def label(self, line: Line) -> str:
        """Return what a recording's comment field holds: all that decides how it sounds, and the text as the voice gets it."""
        ...

    def say(self, line: Line) -> tuple[NDArray[np.float32], Hertz]:
        """Mono samples float32[n_samples] and their rate. Raises `Unspeakable`."""
        ...
