"""Labels and ids from outside as they may stand in file names and in the files of NIST's tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from urllib.parse import quote

import msgspec

from harness.files import safe_stem

_KEPT = "/:+@=,"  # beside letters, digits and `_.-~`: what neither trn nor TREC files give a meaning


def safe_id(identity: str) -> str:
    """The id without spaces, brackets and the like: `a (b)` -> `a%20%28b%29`. `urllib.parse.unquote` gives it back."""
    return quote(identity, safe=_KEPT)


def safe_ids(identities: Iterable[str]) -> dict[str, str]:
    """Every id with its safe form, which `unquote` turns back.

    sclite reads ids without regard to case: where two differ in nothing else, their capitals are written out as well.
    """
    safe_forms = {identity: safe_id(identity) for identity in identities}
    folded = Counter(safe.casefold() for safe in safe_forms.values())
    return {
        identity: safe if folded[safe.casefold()] == 1 else "".join(_without_capitals(identity))
        for identity, safe in safe_forms.items()
    }


def _without_capitals(identity: str) -> Iterable[str]:
    return (f"%{ord(c):02X}" if c.isascii() and c.isupper() else safe_id(c) for c in identity)


def file_stems(keys: Collection[tuple[str, ...]]) -> Mapping[tuple[str, ...], str]:
    """A stem of a file name for each tuple of labels: the labels with dots between, what is unsafe replaced by `_`.

    Where two would be the same, even without regard to case, each gets a digest of its labels.
    """
    plain = {key: safe_stem(".".join(label[:80] for label in key).lstrip(".-"), 250) for key in keys}
    folded = Counter(stem.casefold() for stem in plain.values())
    return {
        key: stem
        if stem and folded[stem.casefold()] == 1
        else f"{stem}-{sha256(msgspec.json.encode(key)).hexdigest()[:8]}"
        for key, stem in plain.items()
    }
