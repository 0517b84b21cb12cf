"""The repair `characters`: by words and by runs of characters. The control of `hybrid`, which adds sound in their place."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from harness.mitigation.hybrid import Hybrid, HybridOptions


class CharactersOptions(HybridOptions, frozen=True, forbid_unknown_fields=True):
    """The options of `characters`."""

    beside: Annotated[str, msgspec.Meta(description="the retriever that is added, as on a command line")] = "characters"


class Characters(Hybrid):
    """Adds the scores of runs of characters to those of the run's own retriever."""

    option_type: ClassVar[type[HybridOptions]] = CharactersOptions
