"""What recordings are called in a suite."""

from __future__ import annotations

from collections.abc import Iterable

from harness.files import safe_stem

_LONGEST_NAME = 100


def file_names(identities: Iterable[tuple[str, str]]) -> list[str]:
    """Return a name for each pair of an id and a file's ending, safe anywhere: ("a/b?", ".wav") -> "a_b_.wav".

    Two that would be the same, even without regard to case, are numbered: "A_b__2.wav".
    """
    names: dict[str, str] = {}  # by themselves in small letters
    for identity, ending in identities:
        stem = safe_stem(identity.removesuffix(ending), _LONGEST_NAME)
        name, number = f"{stem}{ending}", 2
        while name.lower() in names:
            name, number = f"{stem}_{number}{ending}", number + 1
        names[name.lower()] = name
    return list(names.values())
